package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/ids"
	"wangge/domain/table/xlsx/xlsxtest"
	"wangge/handlers/web"
	"wangge/store/enginetest"
)

const (
	plainItem     = "MZ06-01" // of the starter catalogue
	sensitiveItem = "MZ01-01"
)

// told is what a platform says of a case at a time.
func told(state string, at time.Time, over object) object {
	return joined(object{"item": plainItem, "state": state, "changedAt": at.Format(time.RFC3339), "openedAt": morning.AddDate(0, 0, -4).Format(time.RFC3339), "community": niujia,
		"applicant": object{"name": "王秀英", "phone": "13800000009"}}, over)
}

// caseFile is a platform's file of one case.
const caseFile = "number,item,state,changed_at,opened_at,community\nF-1," + plainItem + ",办理中,2026-11-23 08:00,2026-11-20 08:00," + niujia + "\n"

var caseDraft = object{"item": plainItem, "community": niujia, "applicant": object{"name": "李明"}}

// prepareCases makes a platform of the integration account, and a case of it.
func (h *harness) prepareCases(t *testing.T) {
	t.Helper()
	h.must(t, 200, call{method: "PUT", url: "/v1/intake-systems/rnd", as: "admin", header: map[string]string{"If-Match": `"0"`}, // as it is told of one that is not there

		body: object{"title": "一网通办", "accounts": []string{h.people["integration"].id, h.people["other integration"].id}, "states": []object{{"word": "办理中", "state": "in_review"}}}})
	if h.walked == nil {
		h.walked = map[string]string{}
	}
	h.walked["{case}"] = h.must(t, 201, upserted("W-1", told("办理中", h.clock.read(), nil))).text("/current/id")
}

func upserted(number string, body object) call {
	return call{method: "PUT", url: "/v1/intake-cases/by-source/rnd/" + number, as: "integration", body: body}
}

// ours is a call of an address below a case that was just opened by hand.
func ours(method, path string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		id := h.must(t, 201, call{method: "POST", url: "/v1/intake-cases", as: "counter_worker", body: caseDraft}).text("/id")
		return call{method: method, url: "/v1/intake-cases/" + id + path, body: body}
	}
}

// below is a post below the platform's case.
func below(path string, body any) func(*testing.T, *harness, string) call {
	return func(_ *testing.T, h *harness, _ string) call {
		return call{method: "POST", url: "/v1/intake-cases/" + h.walked["{case}"] + path, body: body}
	}
}

// walkCases is the part of the walk on intake cases: one of a platform in Niujia, and those opened there.
var walkCases = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/intake-systems", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", get("/v1/intake-systems")},
	{"GET /v1/intake-systems/:system", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", get("/v1/intake-systems/rnd")},
	{"PUT /v1/intake-systems/:system", "401 403 403 403 403 403 403 403 403 403 200", "401 403 403 403 403 403 403 403 403 403 403", func(*testing.T, *harness, string) call {
		return matched(call{method: "PUT", url: "/v1/intake-systems/other", body: object{"title": "另一平台", "accounts": []string{}, "states": []object{}}})
	}},
	{"GET /v1/intake-cases", "401 403 403 403 none 200 none 200 403 200 200", "401 403 403 403 none none none none 403 none none", get("/v1/intake-cases?area=" + niujia)},
	{"POST /v1/intake-cases", "401 403 403 403 422 201 422 201 403 201 201", "401 403 403 403 422 422 422 422 403 422 422", same("POST", "/v1/intake-cases", caseDraft)},
	{"GET /v1/intake-cases/counts", "401 403 403 403 200 200 200 200 403 200 200", "401 403 403 403 200 200 200 200 403 200 200", get("/v1/intake-cases/counts?by=state")},
	{"GET /v1/intake-cases/day", "401 403 403 403 200 200 200 200 403 200 200", "401 403 403 403 200 200 200 200 403 200 200", get("/v1/intake-cases/day")},
	{"POST /v1/intake-cases/import", "401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 200 403 200 200", func(*testing.T, *harness, string) call {
		return call{method: "POST", url: "/v1/intake-cases/import?system=rnd&dryRun=true", body: caseFile, header: map[string]string{"Content-Type": web.CSV}}
	}},
	{"PUT /v1/intake-cases/by-source/:system/:number", "401 403 201 403 403 403 403 403 403 403 403", "401 403 422 403 403 403 403 403 403 403 403",
		func(_ *testing.T, h *harness, _ string) call {
			return call{method: "PUT", url: "/v1/intake-cases/by-source/rnd/W-1", body: told("办理中", h.clock.read(), nil)}
		}},
	{"GET /v1/intake-cases/:id", "401 403 200 403 404 200 404 200 403 200 200", "401 403 404 403 404 404 404 404 403 404 404", theirs("GET", "/v1/intake-cases/{case}", nil)},
	{"PATCH /v1/intake-cases/:id", "401 403 403 403 404 200 404 200 403 200 200", "401 403 403 403 404 404 404 404 403 404 404", theirs("PATCH", "/v1/intake-cases/{case}", object{"standIn": nil})},
	{"POST /v1/intake-cases/:id/transitions", "401 403 403 403 404 200 404 403 403 403 403", "401 403 403 403 404 404 404 404 403 404 404", ours("POST", "/transitions", object{"action": "accept"})},
	{"POST /v1/intake-cases/:id/trips", "401 403 403 403 404 200 404 403 403 403 403", "401 403 403 403 404 404 404 404 403 404 404", below("/trips", object{"on": "2026-11-20"})},
	{"POST /v1/intake-cases/:id/materials", "401 403 403 403 404 200 404 403 403 403 403", "401 403 403 403 404 404 404 404 403 404 404", below("/materials", object{"name": "户口簿"})},
	{"GET /v1/intake-cases/:id/timeline", "401 403 200 403 404 200 404 200 403 200 200", "401 403 404 403 404 404 404 404 403 404 404", theirs("GET", "/v1/intake-cases/{case}/timeline", nil)},
	{"POST /v1/intake-cases/:id/reveal", "401 403 403 403 404 200 404 200 403 200 200", "401 403 403 403 404 404 404 404 403 404 404",
		below("/reveal", object{"fields": []string{"phone"}, "reason": "通知补正"})},
	{"POST /v1/intake-cases/:id/reveal-matter", "401 403 403 403 404 200 404 200 403 200 200", "401 403 403 403 404 404 404 404 403 404 404",
		below("/reveal-matter", object{"reason": "通知补正"})},
}

// A platform's word over HTTP: applied once, in order, and from there people go on.
func TestCasesOverHTTP(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		first := h.must(t, 201, upserted("A-1", told("received", morning, nil)))
		id := first.text("/current/id")
		if first.header.Get("Location") != "/v1/intake-cases/"+id || first.at("/applied") != true || first.text("/current/whole/applicant/phone") != "138****0009" {
			t.Errorf("first: %s", first.body)
		}
		h.clock.move(time.Hour)
		h.must(t, 200, upserted("A-1", told("转省厅", morning.Add(time.Minute), nil)))
		again := h.must(t, 200, upserted("A-1", told("received", morning, nil)))
		if again.at("/applied") != false || again.text("/current/state") != "other" || again.text("/current/whole/sourceState") != "转省厅" {
			t.Errorf("the older: %s", again.body)
		}
		earlier := object{"openedAt": morning.AddDate(0, 0, -9).Format(time.RFC3339)}
		h.play(t, []scenario{
			{name: "the same time, another content", call: upserted("A-1", told("done", morning.Add(time.Minute), nil)), status: 409, code: "same_version"},
			{name: "from the future", call: upserted("A-2", told("done", h.clock.read().Add(6*time.Minute), nil)), status: 422, code: "invalid", pointers: []string{"/changedAt"}},
			{name: "an unknown item", call: upserted("A-2", told("done", morning, object{"item": "X-1"})), status: 422, code: "invalid", pointers: []string{"/item"}},
			{name: "a platform that nobody knows", call: call{method: "PUT", url: "/v1/intake-cases/by-source/unknown/A-1", as: "integration", body: told("done", morning, nil)}, status: 403},
			{name: "a number of the path that needs encoding", call: upserted("%E8%8B%8F%2f12%E5%8F%B7", told("received", morning, earlier)), status: 201, fields: object{"/current/number": "苏/12号"}},
			{name: "encoded otherwise", call: upserted("%e8%8b%8f%2F%312%E5%8F%B7", told("done", morning.Add(time.Minute), earlier)), status: 200, fields: object{"/current/state": "done"}},
			{name: "by the number that needs encoding", call: call{method: "GET", url: "/v1/intake-cases?system=rnd&number=%E8%8B%8F%2F12%E5%8F%B7", as: "counter_worker"}, status: 200, fields: object{"/items/0/number": "苏/12号"}},
			{name: "a number of the path that is no text", call: call{method: "PUT", url: "/v1/intake-cases/by-source/rnd/%00", as: "integration", body: told("done", morning, nil)}, status: 400},
			{name: "by hand", call: call{method: "POST", url: "/v1/intake-cases/" + id + "/transitions", as: "counter_worker", body: object{"action": "finish"}}, status: 409, code: "platform_decides"},
			{name: "by its number", call: call{method: "GET", url: "/v1/intake-cases?system=rnd&number=A-1", as: "counter_worker"}, status: 200, fields: object{"/items/0/id": id}},
			{name: "by a number nobody has", call: call{method: "GET", url: "/v1/intake-cases?system=rnd&number=A-9", as: "counter_worker"}, status: 200, fields: object{"/next": nil}},
			{name: "by a number of no system", call: call{method: "GET", url: "/v1/intake-cases?number=A-1", as: "counter_worker"}, status: 400, pointers: []string{"?system"}},
			{name: "not mapped", call: call{method: "GET", url: "/v1/intake-cases?unmapped=true", as: "counter_worker"}, status: 200, fields: object{"/items/0/id": id}},
			{name: "words nobody mapped", call: call{method: "GET", url: "/v1/intake-cases/counts?unmapped=true&by=word", as: "admin"}, status: 200, fields: object{"/counts/转省厅": 1.0, "/total": 1.0}},
			{name: "a photo that nobody uploaded", call: call{method: "POST", url: "/v1/intake-cases/" + id + "/materials", as: "counter_worker", body: object{"name": "身份证", "photos": []string{id}}}, status: 422, pointers: []string{"/photos/0"}},
		})
		body, media := upload(t, "file", []byte("MZ\x90\x00\x03\x00\x00\x00This program cannot be run in DOS mode."))
		if a := h.do(t, call{method: "POST", url: "/v1/photos", as: "counter_worker", body: body, header: map[string]string{"Content-Type": media}}); a.status != 422 {
			t.Errorf("a photo that is a program: %d %s", a.status, a.body)
		}
		photo := h.photo(t, "counter_worker")
		with := h.must(t, 200, call{method: "POST", url: "/v1/intake-cases/" + id + "/materials", as: "counter_worker", body: object{"name": "身份证", "photos": []string{photo}}})
		if with.text("/whole/materials/0/photos/0") != photo {
			t.Errorf("the material: %s", with.body)
		}
		h.must(t, 200, call{method: "GET", url: "/v1/photos/" + photo, as: "community_manager"})
		h.must(t, 404, call{method: "GET", url: "/v1/photos/" + photo, as: "outreach_worker"})
		h.must(t, 200, call{method: "POST", url: "/v1/intake-cases/" + id + "/trips", as: "counter_worker", body: object{"on": "2026-11-23", "inVain": true, "reason": "停电"}})
		day := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/day?date=2026-11-19", as: "counter_worker"})
		if len(day.items("/came")) != 2 || len(day.items("/waiting")) != 0 {
			t.Errorf("the day: %s", day.body)
		}
	})
}

// Of a sensitive item managers learn that it is there and how it stands.
func TestSensitiveCaseOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		id := h.must(t, 201, upserted("S-1", told("accepted", morning, object{"item": sensitiveItem}))).text("/current/id")
		whole := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + id, as: "counter_worker"})
		if whole.text("/number") != "S-1" || whole.at("/whole") == nil {
			t.Errorf("at the counter: %s", whole.body)
		}
		for _, who := range []string{"community_manager", "street_manager", "admin"} {
			brief := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + id, as: who})
			if brief.at("/whole") != nil || brief.at("/number") != nil || brief.at("/item") != nil || brief.at("/promisedOn") != nil || brief.text("/state") != "accepted" || brief.at("/sensitive") != true {
				t.Errorf("%s: %s", who, brief.body)
			}
			for _, list := range []string{"/v1/intake-cases?item=" + sensitiveItem, "/v1/intake-cases?q=最低生活保障"} {
				if found := h.must(t, 200, call{method: "GET", url: list, as: who}); len(found.items("/items")) > 0 {
					t.Errorf("%s by %s: %s", who, list, found.body)
				}
			}
			h.must(t, 403, call{method: "GET", url: "/v1/intake-cases/" + id + "/timeline", as: who})
			h.must(t, 403, call{method: "POST", url: "/v1/intake-cases/" + id + "/reveal", as: who, body: object{"fields": []string{"name"}, "reason": "想知道"}})
		}
	})
}

// What a sensitive case is about the grid's side is told for a purpose: counted,
// on the journal, and by a link from what they see all of.
func TestMatterRevealed(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareDoors(t)
		h.prepareCases(t)
		open := func(item string) string {
			return h.must(t, 201, call{method: "POST", url: "/v1/intake-cases", as: "counter_worker", body: object{"item": item, "community": niujia, "applicant": object{"name": "王秀英", "phone": "13800000009"}}}).text("/id")
		}
		secret, plain := open(sensitiveItem), open(plainItem)
		ticket := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "counter_worker", body: draft(inside(niujia, 1), nil)}).text("/id")
		join := func(as, url, kind, thing, other string) string {
			return url + "/links/" + h.must(t, 201, call{method: "POST", url: url + "/links", as: as, body: tie(kind, thing, other)}).text("/id")
		}
		byTicket := join("counter_worker", "/v1/tickets/"+ticket, "follow_up", "intake-case", secret)
		visit := h.walked["{visit}"]
		h.add(t, h.Server, "both", account.NewAccount{Grants: append(grant(access.CounterWorker, pingjiang), grant(access.CommunityManager, niujia)...)})
		h.counter(t, h.Server, h.Store, "both", pingjiang, niujia)
		byVisit := join("both", "/v1/visits/"+visit, "follow_up", "intake-case", secret)
		plainByTicket := join("counter_worker", "/v1/tickets/"+ticket, "follow_up", "intake-case", plain)

		reveal := func(status int, as, url string, body object) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: url, as: as, body: body})
		}
		why := object{"reason": "走访前了解情况"}
		for _, who := range []string{"outreach_worker", "grid_lead", "community_manager", "street_manager", "admin", "counter_worker"} {
			for _, url := range []string{byTicket + "/reveal", byVisit + "/reveal", "/v1/intake-cases/" + secret + "/reveal-matter"} {
				switch {
				case url == byVisit+"/reveal" && who == "counter_worker":
					reveal(403, who, url, why)
				case strings.HasSuffix(url, "matter") && (who == "outreach_worker" || who == "grid_lead"):
					reveal(404, who, url, why)
				default:
					a := reveal(200, who, url, why)
					if a.text("/item/code") != sensitiveItem || !strings.Contains(a.text("/number"), "-j") || a.text("/applicant/phone") != "138****0009" || strings.Contains(string(a.body), "13800000009") {
						t.Errorf("%s at %s: %s", who, url, a.body)
					}
				}
			}
		}
		// What is not sensitive shows its number and item anyway, and no more.
		reveal(403, "grid_lead", plainByTicket+"/reveal", why)
		reveal(403, "dispatcher", byTicket+"/reveal", why)
		reveal(403, "handler", byTicket+"/reveal", why)
		for _, who := range []string{"other outreach_worker", "other grid_lead", "other community_manager", "other counter_worker", "other street_manager"} {
			reveal(404, who, byTicket+"/reveal", why)
			reveal(404, who, "/v1/intake-cases/"+secret+"/reveal-matter", why)
		}
		reveal(422, "grid_lead", byTicket+"/reveal", object{"reason": " 看 "})
		reveal(404, "grid_lead", "/v1/tickets/"+ticket+"/links/"+ids.New()+"/reveal", why)
		timeline := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + secret + "/timeline?limit=500", as: "counter_worker"})
		if n := strings.Count(string(timeline.body), `"走访前了解情况"`); n != 15 {
			t.Errorf("%d reveals on the timeline: %s", n, timeline.body)
		}
		h.must(t, 204, call{method: "DELETE", url: byTicket + "?reason=x", as: "counter_worker"})
		reveal(404, "grid_lead", byTicket+"/reveal", why)

		// One budget with all other reveals, for what there is and what there is not.
		h.Cases.Reveals.PerHour = 7
		for range 10 {
			h.do(t, call{method: "POST", url: "/v1/tickets/" + ticket + "/links/" + ids.New() + "/reveal", as: "outreach_worker", body: why})
		}
		if a := reveal(429, "outreach_worker", byVisit+"/reveal", why); a.header.Get("Retry-After") == "" {
			t.Errorf("%v", a.header)
		}
		reveal(429, "outreach_worker", "/v1/tickets/"+ticket+"/reveal", object{"fields": []string{"phone"}, "reason": "回访核实"})
	})
}

// The node dies when an upsert was just committed: said again, it has one effect.
func TestUpsertAfterACrash(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		m := &mortal{Engine: p.Open(t)}
		h := newHarness(t, m)
		h.prepareCases(t)
		for _, said := range []object{told("received", morning.Add(-time.Hour), nil), told("done", morning, nil)} {
			m.armed.Store(true)
			h.do(t, upserted("C-1", said))
			if !m.dead.Load() {
				t.Fatal("nothing was written")
			}
			m.revive(t, h)
			done := h.entries()
			again := h.do(t, upserted("C-1", said))
			if again.status > 201 || again.at("/applied") != true || again.text("/current/state") != said["state"] || h.entries() != done {
				t.Errorf("again: %d, %s, %d entries, then %d", again.status, again.body, done, h.entries())
			}
		}
	})
}

// A platform's file comes in once, also as a workbook by a mapping of its
// headings; one that has macros or unpacks to far more than it is does not.
func TestCaseImportOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		send := func(status int, body any, media string) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/intake-cases/import?system=rnd&columns=" + url.QueryEscape("流水号=number"), as: "street_manager", body: body, header: map[string]string{"Content-Type": media}})
		}
		csv := strings.Replace(caseFile, "number", "流水号", 1)
		if first, again := send(200, csv, web.CSV), send(200, csv, web.CSV); first.at("/added") != 1.0 || again.at("/added") != 0.0 || again.at("/unchanged") != 1.0 {
			t.Errorf("%s, then %s", first.body, again.body)
		}
		row := ""
		for i, text := range []string{"F-2", plainItem, "done", "2026-11-23 08:30", "2026-11-20 08:00", niujia} {
			row += `<c r="` + string(rune('A'+i)) + `3" t="str"><v>` + text + `</v></c>`
		}
		book := xlsxtest.Book{Rows: xlsxtest.Header("流水号", "item", "state", "changed_at", "opened_at", "community") + `<row r="3">` + row + `</row>`}
		if a := send(200, book.File(t), web.XLSX); a.at("/added") != 1.0 || a.text("/encoding") != "XLSX" {
			t.Errorf("the workbook: %s", a.body)
		}
		book.Parts = map[string]string{"xl/vbaProject.bin": "x"}
		send(422, book.File(t), web.XLSX)
		book.Parts = map[string]string{"xl/sharedStrings.xml": "<sst><si><t>" + strings.Repeat("0", 8<<20) + "</t></si></sst>"} // a bomb: 8 KB of file
		send(422, book.File(t), web.XLSX)
		h.must(t, 404, call{method: "POST", url: "/v1/intake-cases/import?system=unknown", as: "street_manager", body: csv, header: map[string]string{"Content-Type": web.CSV}})
		h.must(t, 400, call{method: "POST", url: "/v1/intake-cases/import", as: "street_manager", body: csv, header: map[string]string{"Content-Type": web.CSV}})
	})
}

// A case is opened for a household or by an address in place of a community.
func TestCaseByAddressOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "301")
		post := func(who string, over object) call {
			return call{method: "POST", url: "/v1/intake-cases", as: who, body: joined(object{"item": plainItem}, over)}
		}
		made := h.must(t, 201, post("outreach_worker", object{"household": home}))
		if made.text("/whole/household") != home || made.text("/whole/place/community/code") != niujia || made.text("/whole/address") == "" {
			t.Errorf("of a household: %s", made.body)
		}
		address := made.text("/whole/address")
		by := h.must(t, 201, post("grid_lead", object{"address": address})) // who may know of the household
		if by.text("/whole/place/community/code") != niujia || by.at("/whole/household") != nil {
			t.Errorf("by an address: %s", by.body)
		}
		h.play(t, []scenario{
			{name: "neither", call: post("counter_worker", nil), status: 422, pointers: []string{"/community"}},
			{name: "an address that nobody knows", call: post("counter_worker", object{"address": "不知何处路99号"}), status: 422, pointers: []string{"/community"}},
			{name: "a household that there is not", call: post("outreach_worker", object{"household": made.text("/id")}), status: 422, pointers: []string{"/household"}},
			{name: "a household of others", call: post("other outreach_worker", object{"household": home}), status: 422, pointers: []string{"/household"}},
			{name: "an address of another community", call: post("counter_worker", object{"address": address, "community": jinshi}), status: 422, pointers: []string{"/community"}},
		})
	})
}
