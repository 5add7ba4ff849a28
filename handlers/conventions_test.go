package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/handlers/web"
)

// draft is a report that the contract takes, with these fields over it; nil takes one away.
func draft(at orb.Point, over object) object {
	d := object{"category": "parking", "title": "消防通道被堵", "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}}
	for k, v := range over {
		d[k] = v
		if v == nil {
			delete(d, k)
		}
	}
	return d
}

func TestRefusals(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := inside(niujia, 1)
		post := func(body any) call { return call{method: "POST", url: "/v1/tickets", as: "resident", body: body} }
		deep := strings.Repeat("[", 1<<20)
		h.play(t, []scenario{
			{name: "no such path", call: call{method: "GET", url: "/v1/nothing"}, status: 404, code: "not_found"},
			{name: "no such path with a slash too many", call: call{method: "GET", url: "/v1/tickets/", as: "resident"}, status: 404, code: "not_found"},
			{name: "a path in capitals", call: call{method: "GET", url: "/V1/tickets", as: "resident"}, status: 404, code: "not_found"},
			{name: "a method the path does not take", call: call{method: "DELETE", url: "/v1/tickets", as: "resident"}, status: 405, code: "method_not_allowed",
				headers: map[string]string{"Allow": "GET, HEAD, POST"}},
			{name: "another, that only posts", call: call{method: "GET", url: "/v1/codes"}, status: 405, code: "method_not_allowed", headers: map[string]string{"Allow": "POST"}},
			{name: "a body too large for the route", call: post(`{"title":"` + strings.Repeat("a", 70<<10) + `"}`), status: 413, code: "too_large"},
			{name: "a body too large to be held", call: post(`{"title":"` + strings.Repeat("a", 2<<20) + `"}`), status: 413, code: "too_large"},
			{name: "a body that is no JSON", call: call{method: "POST", url: "/v1/tickets", as: "resident", body: "x", header: map[string]string{"Content-Type": "text/plain"}},
				status: 415, code: "unsupported_media_type"},
			{name: "a body of no type", call: call{method: "POST", url: "/v1/tickets", as: "resident", body: "{}", header: map[string]string{"Content-Type": ""}},
				status: 415, code: "unsupported_media_type"},
			{name: "a patch that is plain JSON", call: call{method: "PATCH", url: "/v1/me", as: "resident", body: "{}", header: map[string]string{"Content-Type": web.JSON}},
				status: 415, code: "unsupported_media_type"},
			{name: "a body where there is none", call: call{method: "GET", url: "/v1/me", as: "resident", body: "{}"}, status: 400, code: "unexpected_body"},
			{name: "broken JSON", call: post(`{"title":`), status: 400, code: "malformed"},
			{name: "two values", call: post(`{} {}`), status: 400, code: "malformed"},
			{name: "no value", call: post(``), status: 400, code: "malformed"},
			{name: "one megabyte of nesting", call: call{method: "POST", url: "/v1/cells/import", as: "street_manager", body: deep}, status: 422},
			{name: "nesting within the size of a report", call: post(deep[:60<<10]), status: 400, code: "malformed"},
			{name: "no object", call: post(`[]`), status: 422, code: "invalid", pointers: []string{""}},
			{name: "unknown fields", call: post(draft(home, object{"colour": 1, "position": object{"lon": 1, "lat": 2, "datum": "wgs84", "alt": 3}, "a/b~c": 1})),
				status: 422, code: "invalid", pointers: []string{"/a~1b~0c", "/colour", "/position/alt"}},
			{name: "a field in other letters", call: post(draft(home, object{"Title": "x"})), status: 422, code: "invalid", pointers: []string{"/Title"}},
			{name: "wrong types", call: post(`{"title":1,"photos":["a",2],"anonymous":"yes","position":{"lon":"1","lat":2,"datum":"wgs84"}}`),
				status: 422, code: "invalid", pointers: []string{"/anonymous", "/category", "/photos/1", "/position/lon", "/title"}},
			{name: "everything missing", call: post(`{}`), status: 422, code: "invalid", pointers: []string{"/category", "/position", "/title"}},
			{name: "everything but the position missing", call: post(draft(home, object{"title": nil, "category": nil})), status: 422, code: "invalid", pointers: []string{"/category", "/title"}},
			{name: "an id, a position and a title that are wrong", call: post(draft(home, object{"id": "x", "title": strings.Repeat("长", 101), "position": object{"lon": 31.3, "lat": 120.6, "datum": "wgs84"}})),
				status: 422, code: "invalid", pointers: []string{"/id", "/position", "/title"}},
			{name: "a role that is none", call: call{method: "GET", url: "/v1/accounts?role=boss", as: "admin"}, status: 400, pointers: []string{"?role"}},
			{name: "a field twice", call: post(`{"title":"a","position":{"lon":1,"lat":2,"datum":"wgs84","lat":3},"title":"b","category":"noise"}`),
				status: 422, code: "invalid", pointers: []string{"/position/lat", "/title"}},
			{name: "texts that are none", call: post("{\"title\":\"a\\u0000\",\"description\":\"a\\nb\",\"address\":\"a\xff\",\"position\":{\"lon\":1,\"lat\":2,\"datum\":\"\\ud800\"},\"category\":\"\u3000\u200b\"}"),
				status: 422, code: "invalid", pointers: []string{"/address", "/category", "/position/datum", "/title"}},
			{name: "another charset", call: call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(home, nil), header: map[string]string{"Content-Type": "application/json; charset=gbk"}},
				status: 415, code: "unsupported_charset"},
			{name: "a parameter that is no text", call: call{method: "GET", url: "/v1/tickets?q=%ff&cell=a%00b&area=%E3%80%80", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"?q", "?cell", "?area"}},
			{name: "a parameter of no text at all", call: call{method: "GET", url: "/v1/tickets?%ff=1", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"?\ufffd"}},
			{name: "an address that is no text", call: call{method: "GET", url: "/v1/areas/32%000508", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"{code}"}},
			{name: "an address with a broken letter", call: call{method: "GET", url: "/v1/tickets/%ff/timeline", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"{id}"}},
			{name: "an unknown datum", call: post(draft(home, object{"position": object{"lon": 120.6, "lat": 31.3, "datum": "mars"}})),
				status: 422, code: "invalid", pointers: []string{"/position/datum"}},
			{name: "no datum", call: post(draft(home, object{"position": object{"lon": 120.6, "lat": 31.3}})), status: 422, code: "invalid", pointers: []string{"/position/datum"}},
			{name: "latitude first", call: post(draft(orb.Point{31.3, 120.6}, nil)), status: 422, code: "invalid", pointers: []string{"/position"}},
			{name: "an id that is none", call: post(draft(home, object{"id": "seven"})), status: 422, code: "invalid", pointers: []string{"/id"}},
			{name: "far away from every street", call: post(draft(orb.Point{116.4, 39.9}, nil)), status: 422, code: "invalid", pointers: []string{"/position"}},
			{name: "an unknown parameter", call: call{method: "GET", url: "/v1/tickets?colour=red&state=reported&size=2", as: "resident"},
				status: 400, code: "bad_parameter", pointers: []string{"?colour", "?size"}},
			{name: "a parameter twice", call: call{method: "GET", url: "/v1/tickets?limit=2&limit=3", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"?limit"}},
			{name: "a parameter where there are none", call: call{method: "GET", url: "/healthz?now=1"}, status: 400, code: "bad_parameter", pointers: []string{"?now"}},
			{name: "limit 0", call: call{method: "GET", url: "/v1/tickets?limit=0", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"?limit"}},
			{name: "limit 501", call: call{method: "GET", url: "/v1/tickets?limit=501", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"?limit"}},
			{name: "limit in words", call: call{method: "GET", url: "/v1/areas?limit=many", as: "resident"}, status: 400, code: "bad_parameter", pointers: []string{"?limit"}},
			{name: "limit 500", call: call{method: "GET", url: "/v1/tickets?limit=500", as: "resident"}, status: 200},
			{name: "a cursor of nothing", call: call{method: "GET", url: "/v1/tickets?cursor=nonsense", as: "resident"}, status: 400, code: "bad_cursor"},
			{name: "a cursor of nothing, of areas", call: call{method: "GET", url: "/v1/areas?cursor=nonsense", as: "resident"}, status: 400, code: "bad_cursor"},
			{name: "an unknown state", call: call{method: "GET", url: "/v1/tickets?state=reported,lost", as: "resident"}, status: 400, pointers: []string{"?state"}},
			{name: "an unknown area", call: call{method: "GET", url: "/v1/tickets?area=320509", as: "dispatcher"}, status: 400, code: "bad_parameter", pointers: []string{"?area"}},
			{name: "a box inside out", call: call{method: "GET", url: "/v1/tickets?bbox=121,31,120,32", as: "dispatcher"}, status: 400, pointers: []string{"?bbox"}},
			{name: "a box of not-a-number", call: call{method: "GET", url: "/v1/tickets?bbox=NaN,31,120,32", as: "dispatcher"}, status: 400, pointers: []string{"?bbox"}},
			{name: "a date without a time", call: call{method: "GET", url: "/v1/tickets?from=2026-01-01", as: "dispatcher"}, status: 400, pointers: []string{"?from"}},
			{name: "a flag that is none", call: call{method: "GET", url: "/v1/tickets?mine=yes", as: "dispatcher"}, status: 400, pointers: []string{"?mine"}},
			{name: "an order that there is not", call: call{method: "GET", url: "/v1/tickets?sort=-title", as: "dispatcher"}, status: 400, pointers: []string{"?sort"}},
			{name: "an order of what lies in a box", call: call{method: "GET", url: "/v1/tickets?sort=-dueAt&bbox=120.6,31.3,120.7,31.4", as: "dispatcher"}, status: 422, code: "not_sortable"},
			{name: "an order of what is found by text", call: call{method: "GET", url: "/v1/tickets?sort=dueAt&q=漏水", as: "resident"}, status: 422, code: "not_sortable"},
			{name: "an order of households", call: call{method: "GET", url: "/v1/households?sort=dueAt", as: "community_manager"}, status: 400, pointers: []string{"?sort"}},
			{name: "an id that cannot be", call: call{method: "GET", url: "/v1/tickets/none", as: "admin"}, status: 404, code: "not_found"},
			{name: "a patch without If-Match", call: call{method: "PATCH", url: "/v1/me", as: "resident", body: object{"language": "en"}}, status: 428, code: "precondition_required"},
			{name: "a patch of another version", call: call{method: "PATCH", url: "/v1/me", as: "resident", body: object{"language": "en"}, header: map[string]string{"If-Match": `"99"`}},
				status: 412, code: "version_mismatch"},
			{name: "an If-Match that is no version", call: call{method: "PATCH", url: "/v1/me", as: "resident", body: object{"language": "en"}, header: map[string]string{"If-Match": `W/"1"`}},
				status: 412, code: "version_mismatch"},
			{name: "a key too long", call: call{method: "POST", url: "/v1/tickets", as: "resident", body: draft(home, nil), header: map[string]string{"Idempotency-Key": strings.Repeat("k", 201)}},
				status: 400, code: "malformed"},
			{name: "in English", call: call{method: "GET", url: "/v1/nothing", header: map[string]string{"Accept-Language": "en-GB,en;q=0.9"}}, status: 404,
				fields: object{"/detail": "there is no such path"}},
			{name: "in Chinese unless asked", call: call{method: "GET", url: "/v1/nothing"}, status: 404, fields: object{"/detail": "没有此路径"}},
			{name: "in Chinese for who reads German", call: call{method: "GET", url: "/v1/nothing", header: map[string]string{"Accept-Language": "de"}}, status: 404,
				fields: object{"/detail": "没有此路径"}},
		})
	})
}

func TestHeaders(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		seen := map[string]bool{}
		for _, c := range []call{{method: "GET", url: "/healthz"}, {method: "GET", url: "/v1/me"}, {method: "GET", url: "/nothing"}, {method: "POST", url: "/v1/codes", body: "{"}} {
			c.header = map[string]string{"X-Request-Id": "chosen by the client"}
			a := h.do(t, c)
			id := a.header.Get("X-Request-Id")
			if id == "" || id == "chosen by the client" || seen[id] {
				t.Errorf("%s: request id %q", c.url, id)
			}
			seen[id] = true
			if a.status >= 400 && a.text("/requestId") != id {
				t.Errorf("%s: the problem names another request: %s", c.url, a.body)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: headers %v", c.url, a.header)
			}
		}
		a := h.must(t, 200, call{method: "GET", url: "/v1/me", as: "resident"})
		tag := a.header.Get("ETag")
		if want := fmt.Sprintf(`"%v"`, a.at("/version")); tag != want {
			t.Errorf("ETag %s of version %s", tag, want)
		}
		if head := h.must(t, 200, call{method: "HEAD", url: "/v1/me", as: "resident"}); len(head.body) > 0 || head.header.Get("ETag") != tag {
			t.Errorf("HEAD: %q, %v", head.body, head.header)
		}
		same := h.must(t, 304, call{method: "GET", url: "/v1/me", as: "resident", header: map[string]string{"If-None-Match": tag}})
		if same.header.Get("ETag") != tag {
			t.Errorf("304 with ETag %q", same.header.Get("ETag"))
		}
		changed := h.must(t, 200, call{method: "PATCH", url: "/v1/me", as: "resident", body: object{"name": "陈晓"}, header: map[string]string{"If-Match": tag}})
		h.must(t, 412, call{method: "PATCH", url: "/v1/me", as: "resident", body: object{"name": "陈晓东"}, header: map[string]string{"If-Match": tag}})
		h.must(t, 200, call{method: "GET", url: "/v1/me", as: "resident", header: map[string]string{"If-None-Match": tag}})
		if changed.header.Get("ETag") == tag {
			t.Error("a change left the ETag as it was")
		}
		a = h.must(t, 405, call{method: "PUT", url: "/v1/me"})
		if allow := a.header.Get("Allow"); !strings.Contains(allow, http.MethodPatch) {
			t.Errorf("Allow: %q", allow)
		}
	})
}

func TestPagesFollowEachOther(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		for range 7 {
			h.report(t, "resident", inside(niujia, 1), "parking")
		}
		h.clock.move(time.Second)
		h.report(t, "resident", inside(niujia, 1), "parking")
		for _, list := range []string{"/v1/tickets?", "/v1/tickets?mine=true&state=reported&", "/v1/tickets?bbox=120.6,31.3,120.7,31.4&", "/v1/areas?", "/v1/cells?area=" + pingjiang + "&", "/v1/accounts?area=" + pingjiang + "&"} {
			as := "dispatcher"
			whole := h.must(t, 200, call{method: "GET", url: list + "limit=500", as: as})
			if whole.at("/next") != nil || whole.header.Get("Link") != "" {
				t.Errorf("%s: the only page has a next one", list)
			}
			var got []any
			for url := list + "limit=3"; url != ""; {
				page := h.must(t, 200, call{method: "GET", url: url, as: as})
				got = append(got, page.items("/items")...)
				link := page.header.Get("Link")
				if (page.at("/next") == nil) != (link == "") {
					t.Fatalf("%s: next %v, Link %q", url, page.at("/next"), link)
				}
				url = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
			}
			if fmt.Sprint(got) != fmt.Sprint(whole.items("/items")) {
				t.Errorf("%s: the pages have %d items in another order or number than the %d of the whole", list, len(got), len(whole.items("/items")))
			}
		}
		page := h.must(t, 200, call{method: "GET", url: "/v1/tickets?limit=3", as: "dispatcher"})
		foreign := call{method: "GET", url: "/v1/cells/" + cellCode(niujia, 1) + "/boundaries?cursor=" + page.text("/next"), as: "dispatcher"}
		if a := h.must(t, 400, foreign); a.text("/code") != "bad_cursor" {
			t.Errorf("a cursor of another list: %s", a.body)
		}
	})
}
