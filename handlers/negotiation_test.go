package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// What a client may ask of every route by headers.

func TestPostInPlaceOfPatch(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		post := func(url string, header map[string]string) call {
			all := map[string]string{"X-HTTP-Method-Override": "PATCH", "Content-Type": web.MergePatch}
			for k, v := range header {
				all[k] = v
			}
			return call{method: "POST", url: url, as: "resident", body: object{"language": "en"}, header: all}
		}
		h.play(t, []scenario{
			{name: "without If-Match", call: post("/v1/me", nil), status: 428, code: "precondition_required"},
			{name: "of another version", call: post("/v1/me", map[string]string{"If-Match": `"99"`}), status: 412, code: "version_mismatch"},
			{name: "as plain JSON", call: post("/v1/me", map[string]string{"If-Match": "*", "Content-Type": web.JSON}), status: 415, code: "unsupported_media_type"},
			{name: "where there is no PATCH", call: post("/v1/areas", nil), status: 405, code: "method_not_allowed", headers: map[string]string{"Allow": "GET, HEAD"}},
			{name: "in place of DELETE", call: post("/v1/me", map[string]string{"X-HTTP-Method-Override": "DELETE"}), status: 400, code: "malformed"},
			{name: "in small letters", call: post("/v1/me", map[string]string{"X-HTTP-Method-Override": "patch"}), status: 400, code: "malformed"},
			{name: "on a PUT", call: call{method: "PUT", url: "/v1/me", as: "resident", body: object{}, header: map[string]string{"X-HTTP-Method-Override": "PATCH"}}, status: 400, code: "malformed"},
			{name: "on a GET it means nothing", call: call{method: "GET", url: "/v1/me", as: "resident", header: map[string]string{"X-HTTP-Method-Override": "PATCH"}},
				status: 200, fields: object{"/language": "zh-CN"}},
		})
		// The contract has no POST there: what comes of it, the PATCH shows.
		req := h.request(t, post("/v1/me", map[string]string{"If-Match": "*"}))
		if resp := must(h.App().Test(req, -1))(t); resp.StatusCode != 200 {
			t.Errorf("%d", resp.StatusCode)
		}
		if got := h.must(t, 200, call{method: "GET", url: "/v1/me", as: "resident"}); got.text("/language") != "en" {
			t.Errorf("after it: %s", got.body)
		}
	})
}

func TestBrowsersOfAllowedOrigins(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	closed := h.must(t, 200, call{method: "GET", url: "/healthz", header: map[string]string{"Origin": "https://app.example.org"}})
	if closed.header.Get("Access-Control-Allow-Origin") != "" || closed.header.Get("Vary") != "" {
		t.Errorf("no origins: %v", closed.header)
	}
	h.with(t, func(d *Deps) { d.Origins = web.Origins{"https://app.example.org", "http://localhost:5173"} })
	for _, c := range []struct{ url, origin, allowed string }{
		{"/healthz", "https://app.example.org", "https://app.example.org"},
		{"/v1/me", "http://localhost:5173", "http://localhost:5173"}, // 401, which the page may read
		{"/nope", "https://app.example.org", "https://app.example.org"},
		{"/healthz", "https://app.example.org:8443", ""},
		{"/healthz", "https://evil.example.org", ""},
		{"/healthz", "null", ""},
		{"/healthz", "", ""},
	} {
		a := h.do(t, call{method: "GET", url: c.url, header: map[string]string{"Origin": c.origin}})
		if got := a.header.Get("Access-Control-Allow-Origin"); got != c.allowed || !strings.Contains(a.header.Get("Vary"), "Origin") || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s from %s: %v", c.url, c.origin, a.header)
		}
		exposed := strings.Split(a.header.Get("Access-Control-Expose-Headers"), ", ")
		for _, name := range []string{"ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id", "Idempotent-Replayed", "Content-Datum"} {
			if slices.ContainsFunc(exposed, func(e string) bool { return strings.EqualFold(e, name) }) != (c.allowed != "") {
				t.Errorf("%s from %s: exposes %q", c.url, c.origin, exposed)
			}
		}
	}
	ask := func(url, origin string) call {
		return call{method: "OPTIONS", url: url, header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,if-match"}}
	}
	for _, url := range []string{"/v1/me", "/v1/accounts/0193e9a4-7a54-7d2c-8d0e-0d5a3e7a9f01", "/tiles/cells.json", "/ogc/"} {
		resp := must(h.App().Test(h.request(t, ask(url, "https://app.example.org")), -1))(t)
		if resp.StatusCode != 204 || resp.Header.Get("Access-Control-Allow-Origin") != "https://app.example.org" || !strings.Contains(resp.Header.Get("Access-Control-Allow-Methods"), "GET") ||
			!strings.Contains(resp.Header.Get("Access-Control-Allow-Headers"), "If-Match") || !strings.Contains(resp.Header.Get("Access-Control-Allow-Headers"), "Authorization") {
			t.Errorf("%s: %d %v", url, resp.StatusCode, resp.Header)
		}
		resp = must(h.App().Test(h.request(t, ask(url, "https://evil.example.org")), -1))(t)
		if resp.Header.Get("Access-Control-Allow-Origin") != "" || resp.Header.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("%s from elsewhere: %v", url, resp.Header)
		}
	}
	h.must(t, 404, ask("/nope", "https://app.example.org"))
	if got := must(web.ParseOrigins([]string{"https://app.example.org", "http://localhost:5173", "http://[::1]:5173", "capacitor://localhost"}))(t); len(got) != 4 {
		t.Errorf("%q", got)
	}
	for _, wrong := range []string{"*", "null", "https://*.example.org", "https://app.example.org/", "https://App.example.org", "app.example.org", "https://app.example.org/app",
		"https://app.example.org:443", "http://app.example.org:80", "https://user@app.example.org", "https://app.example.org?", "https://app.example.org:", "https://", ""} {
		if _, err := web.ParseOrigins([]string{wrong}); err == nil {
			t.Errorf("origin %q is taken", wrong)
		}
	}
}

// longTicket is a report whose answer is worth compressing.
func longTicket(t *testing.T, h *harness) (url string) {
	t.Helper()
	made := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(inside(niujia, 1), object{"description": strings.Repeat("消防通道长期被占，", 60)})})
	return "/v1/tickets/" + made.text("/id")
}

func TestLargeJSONIsCompressed(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		ticket := longTicket(t, h)
		read := func(header map[string]string) call {
			return call{method: "GET", url: ticket, as: "grid_lead", header: header}
		}
		plain := h.must(t, 200, read(nil))
		zip := h.must(t, 200, read(map[string]string{"Accept-Encoding": "br, gzip;q=0.8"}))
		if plain.header.Get("Content-Encoding") != "" || zip.header.Get("Content-Encoding") != "gzip" || string(plain.body) != string(zip.body) {
			t.Errorf("plain %v, compressed %v", plain.header, zip.header)
		}
		for _, a := range []*answer{plain, zip} {
			if !strings.Contains(a.header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("Vary %q", a.header.Get("Vary"))
			}
		}
		if zip.header.Get("ETag") != strings.TrimSuffix(plain.header.Get("ETag"), `"`)+`-gzip"` {
			t.Errorf("entity tags %s and %s", plain.header.Get("ETag"), zip.header.Get("ETag"))
		}
		if no := h.must(t, 200, read(map[string]string{"Accept-Encoding": "gzip;q=0"})); no.header.Get("Content-Encoding") != "" {
			t.Errorf("for who refuses it: %v", no.header)
		}
		for _, tag := range []string{plain.header.Get("ETag"), zip.header.Get("ETag"), "W/" + zip.header.Get("ETag")} {
			h.must(t, 304, read(map[string]string{"If-None-Match": tag, "Accept-Encoding": "gzip"}))
		}
		if head := h.must(t, 200, call{method: "HEAD", url: ticket, as: "grid_lead", header: map[string]string{"Accept-Encoding": "gzip"}}); head.header.Get("ETag") != zip.header.Get("ETag") {
			t.Errorf("HEAD: %v", head.header)
		}
		h.must(t, 200, call{method: "POST", url: ticket + "/transitions", as: "grid_lead", body: object{"action": "accept"}, header: map[string]string{"If-Match": zip.header.Get("ETag")}})

		for _, c := range []call{
			{method: "GET", url: "/healthz"}, // short
			{method: "POST", url: "/v1/sessions", body: object{"username": "dispatcher", "password": password}}, // tokens
		} {
			c.header = map[string]string{"Accept-Encoding": "gzip"}
			if a := h.do(t, c); a.header.Get("Content-Encoding") != "" {
				t.Errorf("%s: %v", c.url, a.header)
			}
		}
		failed := h.must(t, 422, call{method: "POST", url: "/v1/tickets", as: "resident", body: `{"` + strings.Repeat("x", 2000) + `":1}`, header: map[string]string{"Accept-Encoding": "gzip"}})
		if failed.header.Get("Content-Encoding") != "" { // problems repeat what was sent
			t.Errorf("a problem: %v", failed.header)
		}
	})
}

func TestAcceptDatum(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		ticket := longTicket(t, h)
		read := func(url string, header map[string]string) call {
			return call{method: "GET", url: url, as: "grid_lead", header: header}
		}
		gcj := map[string]string{"Accept-Datum": "gcj02"}
		for _, c := range []struct {
			url, header, datum, tag string
		}{
			{ticket, "", "wgs84", `"1"`},
			{ticket, "wgs84", "wgs84", `"1"`},
			{ticket, "gcj02", "gcj02", `"1-gcj02"`},
			{ticket + "?datum=bd09", "gcj02", "bd09", `"1"`}, // another address
			{ticket + "?datum=gcj02", "", "gcj02", `"1"`},
		} {
			a := h.must(t, 200, read(c.url, map[string]string{"Accept-Datum": c.header}))
			if a.text("/position/datum") != c.datum || a.header.Get("Content-Datum") != c.datum || a.header.Get("ETag") != c.tag || !strings.Contains(a.header.Get("Vary"), "Accept-Datum") {
				t.Errorf("%s with %q: %s, %v", c.url, c.header, a.text("/position/datum"), a.header)
			}
		}
		inQuery, inHeader := h.must(t, 200, read(ticket+"?datum=gcj02", nil)), h.must(t, 200, read(ticket, gcj))
		if string(inQuery.body) != string(inHeader.body) {
			t.Errorf("%s\nby the header: %s", inQuery.body, inHeader.body)
		}
		h.must(t, 304, read(ticket, map[string]string{"Accept-Datum": "gcj02", "If-None-Match": `"1-gcj02"`}))
		h.must(t, 304, read(ticket, map[string]string{"Accept-Datum": "gcj02", "Accept-Encoding": "gzip", "If-None-Match": `"1-gcj02-gzip"`}))
		h.must(t, 200, read(ticket, map[string]string{"Accept-Datum": "gcj02", "If-None-Match": `"1"`}))
		h.must(t, 200, read(ticket, map[string]string{"If-None-Match": `"1-gcj02"`}))
		if a := h.must(t, 400, read(ticket, map[string]string{"Accept-Datum": "mars"})); a.text("/code") != "bad_parameter" || !slices.Equal(a.pointers(), []string{"Accept-Datum"}) {
			t.Errorf("an unknown one: %s", a.body)
		}
		h.must(t, 200, read("/v1/me", map[string]string{"Accept-Datum": "mars"})) // which has no positions
		h.must(t, 200, call{method: "POST", url: ticket + "/transitions", as: "grid_lead", body: object{"action": "accept"},
			header: map[string]string{"If-Match": `"1-gcj02"`, "Accept-Datum": "gcj02"}})

		// A cell of a phone's map is asked for and drawn in it.
		at := h.must(t, 200, read("/v1/cells/at?lon=120.6291537&lat=31.3090863&datum=gcj02", nil))
		if same := h.must(t, 200, read("/v1/cells/at?lon=120.6291537&lat=31.3090863", gcj)); string(same.body) != string(at.body) || same.header.Get("Content-Datum") != "gcj02" {
			t.Errorf("%s\nby the header: %s", at.body, same.body)
		}
		staffed := call{method: "PUT", url: "/v1/cells/" + cellCode(niujia, 1) + "/staff", as: "street_manager", body: object{"staff": []object{}, "covers": []object{}},
			header: map[string]string{"If-Match": "*", "Accept-Datum": "gcj02"}}
		if a, drawn := h.must(t, 200, staffed), h.must(t, 200, read("/v1/cells/"+cellCode(niujia, 1), gcj)); string(a.body) != string(drawn.body) {
			t.Errorf("after a change: %s\n%s", a.body, drawn.body)
		}
		// The header does not say what a file is in.
		where := cellCorner(niujia, 9)
		h.must(t, 200, call{method: "POST", url: "/v1/cells/import", as: "admin", body: collection(square(cellCode(niujia, 9), "第9网格", "basic", where, cellEdge)), header: gcj})
		a := h.must(t, 200, call{method: "GET", url: "/v1/cells/" + cellCode(niujia, 9), as: "admin", header: map[string]string{"Accept": web.GeoJSON}})
		if want := fmt.Sprintf("[%.6g,%.6g]", where[0], where[1]); !strings.Contains(string(a.body), want) {
			t.Errorf("imported with the header: %s, want %s in it", a.body, want)
		}
	})
}

func TestIfMatchTakesLists(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		patch := func(tags string) call {
			return call{method: "PATCH", url: "/v1/me", as: "resident", body: object{"language": "en"}, header: map[string]string{"If-Match": tags}}
		}
		version := h.must(t, 200, call{method: "GET", url: "/v1/me", as: "resident"}).at("/version").(float64)
		tag := func(n float64) string { return fmt.Sprintf(`"%v"`, n) }
		now, later := tag(version), tag(version+1)
		h.play(t, []scenario{
			{name: "none of them", call: patch(`"98", "99"`), status: 412, code: "version_mismatch"},
			{name: "none of them ours", call: patch(`"abc", "1-mars", "01", "", "1-gzip-gzip"`), status: 412},
			{name: "a weak one", call: patch("W/" + now), status: 412},
			{name: "weak ones", call: patch("W/" + now + `, "99", W/` + now), status: 412},
			{name: "what is not there", call: patch(`"0"`), status: 412},
			{name: "too many", call: patch(strings.TrimSuffix(strings.Repeat(now+",", 21), ",")), status: 400, code: "malformed"},
		})
		h.must(t, 200, patch(`"99" , `+now+`,"0"`))
		h.must(t, 200, patch(later+", W/"+now+`, "99"`))
		lines := h.request(t, patch(`"99"`))
		lines.Header.Add("If-Match", tag(version+2))
		if resp := must(h.App().Test(lines, -1))(t); resp.StatusCode != 200 {
			t.Errorf("two lines: %d", resp.StatusCode)
		}
		// A POST that states versions and has a key makes its ids once.
		ticket := longTicket(t, h)
		move := call{method: "POST", url: ticket + "/transitions", as: "grid_lead", body: object{"action": "accept"}, header: map[string]string{"If-Match": `"7", "1"`, "Idempotency-Key": "lists"}}
		h.must(t, 200, move)
		if again := h.must(t, 200, move); again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("again: %v", again.header)
		}
	})
}

// TestPutsThatCreate: what is not there yet has a tag that a PUT states, and then it must still not be there.
func TestPutsThatCreate(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		tag := object{"street": pingjiang, "name": object{"zh-CN": "独居", "en": "Lives alone"}}
		for _, c := range []struct {
			name, read, put string
			status          int // before it is put
			body            func() any
		}{
			{"a policy", "/v1/visit-policies/" + pingjiang, "/v1/visit-policies/" + pingjiang, 200, func() any {
				p := h.must(t, 200, call{method: "GET", url: "/v1/visit-policies/" + pingjiang, as: "street_manager"}).tree.(object)
				return object{"thresholds": p["thresholds"], "reviewAt": p["reviewAt"], "weekLimit": p["weekLimit"], "welfareTags": p["welfareTags"]}
			}},
			{"a tag", "/v1/tags/lives_alone?street=" + pingjiang, "/v1/tags/lives_alone", 404, func() any { return tag }},
		} {
			t.Run(c.name, func(t *testing.T) {
				read := call{method: "GET", url: c.read, as: "street_manager"}
				none := h.must(t, c.status, read).header.Get("ETag")
				if none != `"0"` {
					t.Fatalf("before it is there: %q", none)
				}
				put := func(tags string) call {
					return call{method: "PUT", url: c.put, as: "street_manager", body: c.body(), header: map[string]string{"If-Match": tags}}
				}
				h.must(t, 412, put(`"1"`))
				first := h.must(t, 200, put(none))
				h.must(t, 412, put(none))
				tag := h.must(t, 200, read).header.Get("ETag")
				if tag == none || first.header.Get("ETag") != tag {
					t.Errorf("entity tags %s and %s", first.header.Get("ETag"), tag)
				}
				h.must(t, 304, call{method: "GET", url: c.read, as: "street_manager", header: map[string]string{"If-None-Match": tag}})
				h.must(t, 200, put(`"0", `+tag))
				h.must(t, 200, put("*"))
			})
		}
		if built := h.must(t, 200, call{method: "GET", url: "/v1/tags/empty_nest_elder?street=" + pingjiang, as: "street_manager"}); built.header.Get("ETag") != "" || built.at("/builtIn") != true {
			t.Errorf("a built-in tag: %v %s", built.header, built.body)
		}
	})
}
