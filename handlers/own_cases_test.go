package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/ids"
)

// ofResident is what the platform tells of a case of the resident's, at a time.
func (h *harness) ofResident(state string, over object) object {
	return told(state, h.clock.read(), joined(object{"applicant": object{"name": "王秀英", "phone": h.people["resident"].phone}}, over))
}

// ownCase is a case of the resident's by their phone, with a photo that they attached: made once.
func (h *harness) ownCase(t *testing.T) string {
	t.Helper()
	if h.walked["{own}"] == "" {
		id := h.must(t, 201, upserted("O-1", h.ofResident("needs_material", object{"missing": []string{"户口簿"}}))).text("/current/id")
		photo := h.photo(t, "resident")
		with := h.must(t, 200, attach(id, "resident", object{"name": "户口簿", "photos": []string{photo}}))
		h.walked["{own}"], h.walked["{material}"], h.walked["{own photo}"] = id, with.text("/materials/0/id"), photo
	}
	return h.walked["{own}"]
}

func attach(id, who string, body object) call {
	return call{method: "POST", url: "/v1/me/cases/" + id + "/materials", as: who, body: body}
}

// ofOwn is a call of an address below the resident's own case.
func ofOwn(method, url string, body func(*testing.T, *harness, string) any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, who string) call {
		h.ownCase(t)
		c := theirs(method, url, nil)(t, h, who)
		if c.header = nil; body != nil {
			c.body = body(t, h, who)
		}
		return c
	}
}

// walkOwnCases is the part of the walk on residents' own cases: the resident has one in Niujia.
var walkOwnCases = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/me/cases", "401 200 403 none none none none none none none none", "401 none 403 none none none none none none none none", ofOwn("GET", "/v1/me/cases", nil)},
	{"GET /v1/me/cases/:id", "401 200 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404", ofOwn("GET", "/v1/me/cases/{own}", nil)},
	{"POST /v1/me/cases/:id/materials", "401 200 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404",
		ofOwn("POST", "/v1/me/cases/{own}/materials", func(t *testing.T, h *harness, who string) any {
			if h.people[who] == nil || strings.HasSuffix(who, "integration") {
				who = "resident"
			}
			return object{"name": "身份证", "photos": []string{h.photo(t, who)}}
		})},
	{"GET /v1/intake-cases/:id/materials/:material/photos/:photo", "401 403 200 403 403 403 403 403 403 403 403", "401 403 404 403 403 403 403 403 403 403 403",
		ofOwn("GET", "/v1/intake-cases/{own}/materials/{material}/photos/{own photo}", nil)},
}

// crashesOwnCases is the part of the crash table on residents' own cases.
var crashesOwnCases = []crash{
	{"POST /v1/me/cases/:id/materials", func(t *testing.T, h *harness) call {
		return attach(h.ownCase(t), "resident", object{"name": "身份证", "photos": []string{h.photo(t, "resident")}})
	}},
}

// What a resident reads of a case of their own, a platform's and one of the counter.
func TestOwnCases(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		station := h.must(t, 200, call{method: "GET", url: "/v1/stations?area=" + niujia, as: "resident"}).text("/items/0/id")
		asked := h.must(t, 201, upserted("O-1", h.ofResident("needs_material", object{"item": sensitiveItem, "missing": []string{"户口簿", "残疾证"}, "station": station,
			"trips": []object{{"on": "2026-11-20", "inVain": true, "reason": "停电"}}}))).text("/current/id")
		h.clock.move(time.Hour)
		ours := h.must(t, 201, call{method: "POST", url: "/v1/intake-cases", as: "other counter_worker", body: object{"item": plainItem, "community": jinshi,
			"applicant": object{"name": "王秀英", "phone": h.people["resident"].phone}}})
		h.must(t, 200, call{method: "POST", url: "/v1/intake-cases/" + ours.text("/id") + "/transitions", as: "other counter_worker", body: object{"action": "withdraw", "reason": "不办了", "note": "内部备注"}})
		h.must(t, 201, upserted("O-2", told("received", h.clock.read(), nil)))

		list := h.must(t, 200, call{method: "GET", url: "/v1/me/cases", as: "resident"})
		if len(list.items("/items")) != 2 || list.text("/items/0/id") != ours.text("/id") || list.text("/items/1/id") != asked || list.at("/phoneProved") != true {
			t.Errorf("the list: %s", list.body)
		}
		for _, secret := range []string{"内部备注", "停电", "王秀英", h.people["resident"].phone, "other.counter"} {
			if strings.Contains(string(list.body), secret) {
				t.Errorf("it tells %q: %s", secret, list.body)
			}
		}
		h.play(t, []scenario{
			{name: "a platform's, sensitive", call: call{method: "GET", url: "/v1/me/cases/" + asked, as: "resident", header: map[string]string{"Accept-Language": "en"}}, status: 200, fields: object{
				"/number": "O-1", "/decidedBy/system": "rnd", "/decidedBy/title": "一网通办", "/item/code": sensitiveItem, "/state": "needs_material", "/stateText": "needs material", "/standsStill": true,
				"/next": "hand in what is listed, by photo or at the station; until then the promise stands still", "/missing/0": "户口簿", "/missing/1": "残疾证", "/mayAttach": true,
				"/station/id": station, "/station/hours/openOnHolidays": false, "/localNumber": nil}},
			{name: "of a counter", call: call{method: "GET", url: "/v1/me/cases/" + ours.text("/id"), as: "resident"}, status: 200, fields: object{
				"/number": ours.text("/number"), "/localNumber": ours.text("/number"), "/decidedBy/system": "local", "/decidedBy/title": nil, "/state": "withdrawn", "/stateText": "已撤回", "/reason": "不办了", "/mayAttach": false, "/station": nil}},
			{name: "open ones", call: call{method: "GET", url: "/v1/me/cases?open=true", as: "resident"}, status: 200, fields: object{"/items/0/id": asked, "/items/1": nil}},
			{name: "those that are over", call: call{method: "GET", url: "/v1/me/cases?open=false", as: "resident"}, status: 200, fields: object{"/items/0/id": ours.text("/id"), "/items/1": nil}},
			{name: "neither", call: call{method: "GET", url: "/v1/me/cases?open=maybe", as: "resident"}, status: 400},
			{name: "what there is not", call: call{method: "GET", url: "/v1/me/cases/" + ids.New(), as: "resident"}, status: 404},
		})
		first := h.must(t, 200, call{method: "GET", url: "/v1/me/cases?limit=1", as: "resident"})
		second := h.must(t, 200, call{method: "GET", url: "/v1/me/cases?limit=1&cursor=" + url.QueryEscape(first.text("/next")), as: "resident"})
		if first.text("/items/0/id") != ours.text("/id") || second.text("/items/0/id") != asked || second.at("/next") != nil {
			t.Errorf("pages: %s, %s", first.body, second.body)
		}
	})
}

// Whose case it is not learns nothing of it: another resident, one of the same
// household, a phone that is not proved or was changed, staff beside their work.
func TestOwnCasesOfNobodyElse(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		id := h.ownCase(t)
		gone := func(t *testing.T, who string) {
			t.Helper()
			photo := h.photo(t, who)
			for _, c := range []func(string) call{
				func(id string) call { return call{method: "GET", url: "/v1/me/cases/" + id, as: who} },
				func(id string) call { return attach(id, who, object{"name": "户口簿", "photos": []string{photo}}) },
				func(id string) call {
					return attach(id, who, object{"id": h.walked["{material}"], "name": "户口簿", "photos": []string{h.walked["{own photo}"]}})
				},
			} {
				there, not := h.must(t, 404, c(id)), h.must(t, 404, c(ids.New()))
				if a, b := requestIDs.ReplaceAllString(string(there.body), ""), requestIDs.ReplaceAllString(string(not.body), ""); a != b {
					t.Errorf("%s: %s, and of what there is not %s", who, a, b)
				}
			}
			if list := h.must(t, 200, call{method: "GET", url: "/v1/me/cases", as: who}); len(list.items("/items")) != 0 {
				t.Errorf("%s lists %s", who, list.body)
			}
			h.must(t, 404, call{method: "GET", url: "/v1/photos/" + h.walked["{own photo}"], as: who})
		}
		for _, who := range []string{"other resident", "neighbour", "outreach_worker", "handler", "admin"} {
			if who != "admin" { // who sees all that is not sensitive
				gone(t, who)
				continue
			}
			h.must(t, 404, call{method: "GET", url: "/v1/me/cases/" + id, as: who})
		}
		h.must(t, 200, call{method: "GET", url: "/v1/photos/" + h.walked["{own photo}"], as: "resident"})
		h.must(t, 200, call{method: "GET", url: "/v1/photos/" + h.walked["{own photo}"], as: "counter_worker"})

		// The same phone, noted by a manager and never proved: signed in by a password.
		resident := h.people["resident"]
		number := "13811112222"
		h.must(t, 200, matched(call{method: "PATCH", url: "/v1/accounts/" + resident.id, as: "admin", body: object{"phone": number, "username": "resident.one", "password": password}}))
		h.people["resident"].epoch += 2 // which ended all its sessions
		h.people["resident"].session, h.people["resident"].phone = "", ""
		gone(t, "resident")
		if list := h.must(t, 200, call{method: "GET", url: "/v1/me/cases", as: "resident"}); list.at("/phoneProved") != false {
			t.Errorf("proved by nobody: %s", list.body)
		}
		// Its owner proves it again; who had the other number before sees nothing of that one's.
		h.clock.move(2 * time.Minute)
		h.must(t, 202, call{method: "POST", url: "/v1/codes", body: object{"phone": "13800000001"}})
		back := h.must(t, 200, matched(call{method: "PATCH", url: "/v1/me", as: "resident", body: object{"phone": "13800000001", "code": h.codes.sent["13800000001"]}}))
		if list := h.must(t, 200, call{method: "GET", url: "/v1/me/cases", as: "resident"}); list.text("/items/0/id") != id || list.at("/phoneProved") != true {
			t.Errorf("proved again (%s): %s", back.body, list.body)
		}
	})
}

// A number that may have come to somebody else since shows them nothing of who had it before.
func TestOwnCasesOfAPassedNumber(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		signIn := func(phone string) (token string) {
			h.must(t, 202, call{method: "POST", url: "/v1/codes", body: object{"phone": phone}})
			return h.must(t, 201, call{method: "POST", url: "/v1/sessions", body: object{"phone": phone, "code": h.codes.sent[phone]}}).text("/accessToken")
		}
		lists := func(phone string) int {
			return len(h.must(t, 200, call{method: "GET", url: "/v1/me/cases", header: map[string]string{"Authorization": "Bearer " + signIn(phone)}}).items("/items"))
		}
		of := func(number, phone string, daysAgo int) {
			h.must(t, 201, upserted(number, told("in_review", h.clock.read(), object{"applicant": object{"phone": phone}, "openedAt": h.clock.read().AddDate(0, 0, -daysAgo).Format(time.RFC3339)})))
		}
		of("P-1", "13955550001", 89)
		of("P-2", "13955550001", 91)
		if n := lists("13955550001"); n != 1 {
			t.Errorf("somebody new is shown %d cases of a number, of which one may be of who had it before", n)
		}
		h.clock.move(80 * 24 * time.Hour)
		if n := lists("13955550001"); n != 1 {
			t.Errorf("proved again within the time: %d cases", n)
		}
		h.clock.move(200 * 24 * time.Hour)
		if n := lists("13955550001"); n != 0 {
			t.Errorf("who has the number by now is shown %d cases", n)
		}
	})
}

// A missing paper comes by photo: once, bounded, and who sees the case through
// is told once; the case stays as its platform has it.
func TestMaterialsByPhoto(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		id := h.must(t, 201, upserted("O-1", h.ofResident("needs_material", object{"missing": []string{"户口簿"}}))).text("/current/id")
		h.must(t, 200, matched(call{method: "PATCH", url: "/v1/intake-cases/" + id, as: "counter_worker", body: object{"worker": h.people["counter_worker"].id}}))
		photo, spare, foreign := h.photo(t, "resident"), h.photo(t, "resident"), h.photo(t, "counter_worker")
		body := object{"id": ids.New(), "name": " 户口簿 ", "photos": []string{photo}}
		done := h.must(t, 200, attach(id, "resident", body))
		if done.text("/state") != "needs_material" || done.text("/missing/0") != "户口簿" || done.text("/materials/0/name") != "户口簿" || done.text("/materials/0/photos/0") != photo || done.at("/materials/0/own") != true {
			t.Errorf("attached: %s", done.body)
		}
		entries := h.entries()
		h.clock.move(time.Minute)
		if again := h.must(t, 200, attach(id, "resident", body)); string(again.body) != string(done.body) || h.entries() != entries {
			t.Errorf("again: %s", again.body)
		}
		todos := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?open=true", as: "counter_worker"})
		if len(todos.items("/items")) != 1 || todos.text("/items/0/kind") != "case_material" || todos.text("/items/0/about/id") != id {
			t.Errorf("told: %s", todos.body)
		}
		whole := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + id, as: "counter_worker"})
		if whole.at("/whole/materials/0/fromResident") != true || whole.text("/whole/materials/0/photos/0") != photo || whole.text("/state") != "needs_material" {
			t.Errorf("at the counter: %s", whole.body)
		}
		many := func(n int) (out []string) {
			for range n {
				out = append(out, ids.New())
			}
			return out
		}
		h.play(t, []scenario{
			{name: "the same id, another name", call: attach(id, "resident", joined(body, object{"name": "身份证"})), status: 409, code: "duplicate"},
			{name: "no photo", call: attach(id, "resident", object{"name": "身份证", "photos": []string{}}), status: 422, pointers: []string{"/photos"}},
			{name: "without a name", call: attach(id, "resident", object{"name": " ", "photos": []string{spare}}), status: 422, pointers: []string{"/name"}},
			{name: "a name too long, and too many photos", call: attach(id, "resident", object{"name": strings.Repeat("长", 201), "photos": many(10)}), status: 422, pointers: []string{"/name", "/photos"}},
			{name: "a photo of somebody else", call: attach(id, "resident", object{"name": "身份证", "photos": []string{spare, foreign}}), status: 422, pointers: []string{"/photos/1"}},
			{name: "a photo that is in use", call: attach(id, "resident", object{"name": "身份证", "photos": []string{photo}}), status: 422, pointers: []string{"/photos/0"}},
			{name: "no such photo", call: attach(id, "resident", object{"name": "身份证", "photos": []string{ids.New()}}), status: 422, pointers: []string{"/photos/0"}},
			{name: "no id", call: attach(id, "resident", object{"id": "x", "name": "身份证", "photos": []string{spare}}), status: 422, pointers: []string{"/id"}},
		})
		h.must(t, 200, attach(id, "resident", object{"name": "身份证", "photos": []string{spare}}))
		for n := range 18 {
			h.must(t, 200, attach(id, "resident", object{"name": fmt.Sprintf("附件%d", n), "photos": []string{h.photo(t, "resident")}}))
		}
		h.must(t, 422, attach(id, "resident", object{"name": "再一份", "photos": []string{h.photo(t, "resident")}}))
		h.must(t, 200, call{method: "POST", url: "/v1/intake-cases/" + id + "/materials", as: "counter_worker", body: object{"name": "原件"}}) // there is room for its counter
		seen := h.must(t, 200, call{method: "GET", url: "/v1/me/cases/" + id, as: "resident"})
		if last := len(seen.items("/materials")) - 1; last != 20 || seen.at(fmt.Sprintf("/materials/%d/own", last)) != false {
			t.Errorf("with what the counter noted: %s", seen.body)
		}
		h.must(t, 200, upserted("O-1", h.ofResident("done", nil)))
		h.play(t, []scenario{
			{name: "over", call: attach(id, "resident", object{"name": "身份证", "photos": []string{h.photo(t, "resident")}}), status: 409, code: "wrong_state"},
			{name: "sent again after it was over", call: attach(id, "resident", body), status: 200},
		})
		if todos := h.must(t, 200, call{method: "GET", url: "/v1/me/todo?open=true", as: "counter_worker"}); len(todos.items("/items")) != 0 {
			t.Errorf("still to do after it was over: %s", todos.body)
		}
	})
}

// In every open state a material may come, in no other.
func TestMaterialsInEveryState(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		for state, want := range map[string]int{"received": 200, "accepted": 200, "in_review": 200, "needs_material": 200, "转省厅": 200,
			"not_accepted": 409, "done": 409, "refused": 409, "withdrawn": 409, "collected": 409} {
			id := h.must(t, 201, upserted("S-"+ids.New(), h.ofResident(state, nil))).text("/current/id")
			a := h.do(t, attach(id, "resident", object{"name": "户口簿", "photos": []string{h.photo(t, "resident")}}))
			if a.status != want {
				t.Errorf("%s: %d %s", state, a.status, a.body)
			}
			if seen := h.must(t, 200, call{method: "GET", url: "/v1/me/cases/" + id, as: "resident"}); seen.at("/mayAttach") != (want == 200) {
				t.Errorf("%s: %s", state, seen.body)
			}
		}
	})
}

// A platform fetches what came for a case of its own: each time is on the
// journal and counted; by any other way it is not there.
func TestPlatformFetchesAMaterial(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		id := h.ownCase(t)
		h.add(t, h.Server, "stranger integration", account.NewAccount{Machine: true, Grants: grant(access.Integration, pingjiang)})
		h.add(t, h.Server, "third integration", account.NewAccount{Machine: true, Grants: grant(access.Integration, pingjiang)})
		h.must(t, 200, call{method: "PUT", url: "/v1/intake-systems/rnd", as: "admin", header: map[string]string{"If-Match": "*"},
			body: object{"title": "一网通办", "accounts": []string{h.people["integration"].id, h.people["other integration"].id, h.people["third integration"].id}, "states": []object{}}})
		fetch := func(who string, parts ...string) call {
			return call{method: "GET", url: fmt.Sprintf("/v1/intake-cases/%s/materials/%s/photos/%s", parts[0], parts[1], parts[2]), as: who}
		}
		material, photo := h.walked["{material}"], h.walked["{own photo}"]
		before := h.entries()
		got := h.must(t, 200, fetch("integration", id, material, photo))
		if got.header.Get("Content-Type") != "image/jpeg" || len(got.body) < 100 || got.header.Get("Cache-Control") != "no-store" || h.entries() != before+1 {
			t.Errorf("fetched %d bytes as %v, %d entries", len(got.body), got.header, h.entries()-before)
		}
		h.must(t, 200, fetch("third integration", id, material, photo)) // which sent nothing of it, and speaks for the platform
		ours := h.must(t, 201, call{method: "POST", url: "/v1/intake-cases", as: "counter_worker", body: joined(caseDraft, object{"applicant": object{"phone": h.people["resident"].phone}})}).text("/id")
		other := h.photo(t, "resident")
		theirs := h.must(t, 200, attach(ours, "resident", object{"name": "户口簿", "photos": []string{other}})).text("/materials/0/id")
		h.play(t, []scenario{
			{name: "of another area", call: fetch("other integration", id, material, photo), status: 404},
			{name: "who does not speak for it", call: fetch("stranger integration", id, material, photo), status: 404},
			{name: "of a case of the counter", call: fetch("integration", ours, theirs, other), status: 404},
			{name: "a photo of another case", call: fetch("integration", id, material, other), status: 404},
			{name: "a photo of another material", call: fetch("integration", id, theirs, photo), status: 404},
			{name: "of another case", call: fetch("integration", ours, material, photo), status: 404},
			{name: "nothing", call: fetch("integration", ids.New(), material, photo), status: 404},
			{name: "by the way of people", call: call{method: "GET", url: "/v1/photos/" + photo, as: "integration"}, status: 403},
			{name: "by its resident", call: fetch("resident", id, material, photo), status: 403},
		})
		timeline := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + id + "/timeline", as: "counter_worker"})
		if n := strings.Count(string(timeline.body), `"action":"fetch"`); n != 2 {
			t.Errorf("%d fetches on the timeline: %s", n, timeline.body)
		}
		h.must(t, 200, call{method: "PUT", url: "/v1/intake-systems/rnd", as: "admin", header: map[string]string{"If-Match": "*"}, body: object{"title": "一网通办", "accounts": []string{}, "states": []object{}}})
		h.must(t, 404, fetch("integration", id, material, photo)) // who does not speak for it any more
	})
}

// How many photos a platform's program fetches in an hour is bounded.
func TestFetchesAreLimited(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		h.prepareCases(t)
		h.Cases.Reveals.FetchesPerHour = 2
		h.ownCase(t)
		fetch := ofOwn("GET", "/v1/intake-cases/{own}/materials/{material}/photos/{own photo}", nil)(t, h, "").by("integration")
		h.must(t, 200, fetch)
		h.must(t, 200, fetch)
		if entries, a := h.entries(), h.do(t, fetch); a.status != 429 || a.header.Get("Retry-After") == "" || h.entries() != entries {
			t.Errorf("the third: %d %s", a.status, a.body)
		}
		h.clock.move(time.Hour)
		h.must(t, 200, fetch)
	})
}
