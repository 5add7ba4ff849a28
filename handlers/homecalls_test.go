package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
	"wangge/domain/visit"
)

// asked is a home call at a door of the first cell of Niujia.
func asked(room string, more object) object {
	at := inside(niujia, 1)
	return joined(object{"item": plainItem, "date": "2026-11-25", "slot": "morning", "address": object{"estate": "大儒巷", "building": "9", "room": room},
		"position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}}, more)
}

// prepareHomeCalls books one for the walk.
func (h *harness) prepareHomeCalls(t *testing.T) {
	t.Helper()
	h.walked["{request}"] = h.booked(t, "resident", asked("walk", nil)).text("/id")
	h.walked["{called}"] = visit.RequestID(h.walked["{request}"])
}

func (h *harness) booked(t *testing.T, who string, body object) *answer {
	t.Helper()
	return h.must(t, 201, call{method: "POST", url: "/v1/me/requests", as: who, body: body})
}

// callFor is a booking for the walk's household that is refused for its day, by who may book there at all.
var callFor = object{"item": plainItem, "date": "2026-11-01", "slot": "morning", "phone": "13800000077"}

// walkHomeCalls is the part of the walk that is about home calls.
var walkHomeCalls = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/me/requests",
		"401 200 403 none none none none none none none none", "401 none 403 none none none none none none none none", get("/v1/me/requests")},
	{"GET /v1/me/requests/:id",
		"401 200 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404", theirs("GET", "/v1/me/requests/{request}", nil)},
	{"GET /v1/me/requests/slots", // for who has proved a phone
		"401 200 403 403 403 403 403 403 403 403 403", "401 200 403 403 403 403 403 403 403 403 403",
		get(fmt.Sprintf("/v1/me/requests/slots?item=%s&lon=%v&lat=%v", plainItem, inside(niujia, 1)[0], inside(niujia, 1)[1]))},
	{"POST /v1/me/requests",
		"401 422 403 403 403 403 403 403 403 403 403", "401 422 403 403 403 403 403 403 403 403 403", same("POST", "/v1/me/requests", asked("1", object{"date": "2026-11-01"}))},
	{"POST /v1/me/requests/:id/transitions",
		"401 422 403 404 404 404 404 404 404 404 404", "401 404 403 404 404 404 404 404 404 404 404",
		unmatched(theirs("POST", "/v1/me/requests/{request}/transitions", object{"action": "move", "date": "2026-11-01", "slot": "morning"}))},
	{"POST /v1/visits/:id/reveal-caller",
		"401 403 403 403 200 403 200 200 403 200 200", "401 403 403 403 404 403 404 404 403 404 404", func(t *testing.T, h *harness, _ string) call {
			return call{method: "POST", url: "/v1/visits/" + h.walked["{called}"] + "/reveal-caller", body: object{"reason": "上门前联系"}}
		}},
	{"GET /v1/households/:id/requests/slots",
		"401 403 403 403 200 404 200 200 403 200 200", "401 403 403 403 404 404 404 404 403 404 404", theirs("GET", "/v1/households/{home}/requests/slots?item="+plainItem, nil)},
	{"POST /v1/households/:id/requests",
		"401 403 403 403 422 404 422 422 403 422 422", "401 403 403 403 404 404 404 404 403 404 404", unmatched(theirs("POST", "/v1/households/{home}/requests", callFor))},
}

// crashesHomeCalls are the routes of home calls that take a key.
var crashesHomeCalls = []crash{
	{"POST /v1/me/requests", to("neighbour", "POST", "/v1/me/requests", asked("crash", object{"date": "2026-11-26"}))},
	{"POST /v1/me/requests/:id/transitions", to("resident", "POST", "/v1/me/requests/{request}/transitions", object{"action": "move", "date": "2026-11-27", "slot": "afternoon"})},
	{"POST /v1/households/:id/requests", to("outreach_worker", "POST", "/v1/households/{home}/requests", joined(callFor, object{"date": "2026-11-27"}))},
}

// A resident books; the worker has it on their day with what to collect, and
// what they collect is the case's; then there is nothing left to change.
func TestHomeCall(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		free := func(slot int) any {
			at := inside(niujia, 1)
			return h.must(t, 200, call{method: "GET", url: fmt.Sprintf("/v1/me/requests/slots?item=%s&lon=%v&lat=%v&from=2026-11-25&to=2026-11-25", plainItem, at[0], at[1]), as: "resident"}).at(fmt.Sprintf("/items/%d/free", slot))
		}
		if free(0) != 2.0 {
			t.Fatalf("%v free", free(0))
		}
		booked := h.booked(t, "resident", asked("301", object{"note": "行动不便"}))
		if free(0) != 1.0 || booked.at("/household") != nil || booked.text("/state") != "booked" || booked.text("/materials/0/code") == "" || booked.text("/case/state") != "received" || booked.text("/allowed/0") != "move" {
			t.Errorf("%v %s", free(0), booked.body)
		}
		if line := h.journalOf(t, "street_manager", "thing=home-call"); line.text("/items/0/thing/id") != booked.text("/id") || line.at("/items/0/thing/path") != nil { // which nobody but the resident may read
			t.Errorf("the street's journal: %s", line.body)
		}
		// Whose phone and name it is, the answer does not say; nor whether somebody is on record there.
		same := h.booked(t, "other resident", asked("301", object{"slot": "afternoon"}))
		for _, key := range []string{"/household", "/address", "/state"} {
			if fmt.Sprint(same.at(key)) != fmt.Sprint(booked.at(key)) {
				t.Errorf("%s: %v, %v", key, same.at(key), booked.at(key))
			}
		}
		called := call{method: "POST", url: "/v1/visits/" + visit.RequestID(booked.text("/id")) + "/reveal-caller", as: "outreach_worker", body: object{"reason": "上门前联系"}}
		if a := h.must(t, 200, called); a.text("/phone") != h.people["resident"].phone {
			t.Errorf("%s", a.body)
		}
		h.clock.move(49 * time.Hour) // Wednesday, ten o'clock
		day := h.must(t, 200, call{method: "GET", url: "/v1/me/route", as: "outreach_worker"})
		v := day.text("/stops/0/visits/0/id")
		if got := day.text("/stops/0/visits/0/homeCall/item/code") + " " + day.text("/stops/0/visits/0/homeCall/note"); got != plainItem+" 行动不便" && got != plainItem+" " {
			t.Errorf("%s", day.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/visits/" + v, as: "outreach_worker"}); a.text("/cause/code") != "home_call" || a.at("/plan") != nil {
			t.Errorf("%s", a.body)
		}
		stop := h.must(t, 201, call{method: "POST", url: "/v1/visits/" + v + "/check-in", as: "outreach_worker", body: door(niujia, 1, 5)}).text("/id")
		sheet := h.must(t, 200, call{method: "GET", url: "/v1/stops/" + stop + "/sheet", as: "outreach_worker"})
		if len(sheet.items("/homeCalls")) != 2 {
			t.Fatalf("%s", sheet.body)
		}
		h.must(t, 409, call{method: "POST", url: "/v1/me/requests/" + booked.text("/id") + "/transitions", as: "resident", body: object{"action": "cancel"}})
		done := func(body object) call {
			return call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: body}
		}
		given := func(visit string) []object {
			return []object{{"visit": visit, "name": "居民身份证", "photos": []string{h.photo(t, "outreach_worker")}}}
		}
		for _, wrong := range []object{{"result": "met", "materials": given("")}, {"result": "met", "materials": given(ids.New())}, {"result": "no_answer", "materials": given(v)}} {
			if a := h.do(t, done(wrong)); a.status != 422 || !strings.HasPrefix(a.text("/errors/0/pointer"), "/materials") {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		h.clock.move(10 * time.Minute)
		whose, by := booked, "resident"
		if v != visit.RequestID(booked.text("/id")) {
			whose, by = same, "other resident"
		}
		own := object{"id": ids.New(), "name": "户口簿", "photos": []string{h.photo(t, by)}}
		h.must(t, 200, attach(whose.text("/case/id"), by, own))
		h.must(t, 409, done(object{"result": "met", "materials": []object{joined(given(v)[0], object{"id": own["id"]})}}))
		h.must(t, 200, done(object{"result": "met", "materials": given(v)}))
		var seen []string
		for i, who := range []string{"resident", "other resident"} {
			r := h.must(t, 200, call{method: "GET", url: "/v1/me/requests/" + []*answer{booked, same}[i].text("/id"), as: who})
			c := h.must(t, 200, call{method: "GET", url: "/v1/intake-cases/" + r.text("/case/id"), as: "counter_worker"})
			seen = append(seen, fmt.Sprint(r.text("/state"), " ", r.text("/result"), " ", c.text("/whole/homeCall/call/state"), " ", len(c.items("/whole/materials"))))
			if len(r.items("/allowed")) != 0 || r.at("/changeableUntil") != nil {
				t.Errorf("%s", r.body)
			}
		}
		slices.Sort(seen)
		if want := []string{"done met done 0", "done met done 2"}; !slices.Equal(seen, want) {
			t.Errorf("%q", seen)
		}
	})
}

// What a home call is about, where that is sensitive, only who makes it learns.
func TestSensitiveHomeCall(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		r := h.booked(t, "resident", asked("301", object{"item": sensitiveItem, "note": "残疾"}))
		list := func(who string) *answer {
			return h.must(t, 200, call{method: "GET", url: "/v1/visits?from=2026-11-24T16:00:00Z", as: who})
		}
		if a := list("outreach_worker"); a.text("/items/0/homeCall/item/code") != sensitiveItem || a.text("/items/0/homeCall/case") != r.text("/case/id") {
			t.Errorf("%s", a.body)
		}
		reveal := func(who string) call {
			return call{method: "POST", url: "/v1/visits/" + visit.RequestID(r.text("/id")) + "/reveal-caller", as: who, body: object{"reason": "上门前联系"}}
		}
		h.must(t, 200, reveal("outreach_worker"))
		for _, who := range []string{"grid_lead", "community_manager", "street_manager", "admin"} {
			h.must(t, 403, reveal(who))
			a := list(who)
			if a.at("/items/0/homeCall/item") != nil || a.at("/items/0/homeCall/case") != nil || a.text("/items/0/homeCall/note") != "" || len(a.items("/items/0/homeCall/materials")) != 0 || a.text("/items/0/homeCall/slot/slot") != "morning" {
				t.Errorf("%s: %s", who, a.body)
			}
		}
	})
}
