package handlers

import (
	"strings"
	"testing"
	"time"

	"wangge/domain/ids"
)

// away is a cover of somebody by somebody, for an hour of its own within the year.
func away(h *harness, absent, standIn string) object {
	from := h.clock.read().Add(48*time.Hour + time.Duration(h.entries())*time.Hour)
	return object{"absent": h.people[absent].id, "standIn": h.people[standIn].id, "from": from.Format(time.RFC3339), "until": from.Add(time.Hour).Format(time.RFC3339), "why": "leave"}
}

func arrange(absent, standIn string) func(*testing.T, *harness, string) call {
	return func(_ *testing.T, h *harness, _ string) call {
		return call{method: "POST", url: "/v1/covers", body: away(h, absent, standIn)}
	}
}

// theCover is a call of a cover of the reviewer's, made for it.
func theCover(method string, body any) func(*testing.T, *harness, string) call {
	return func(t *testing.T, h *harness, _ string) call {
		made := h.must(t, 201, arrange("reviewer", "grid_lead")(t, h, "").by("street_manager"))
		return matched(call{method: method, url: "/v1/covers/" + made.text("/id"), body: body})
	}
}

// walkCovers is the part of the walk on who stands in for whom.
var walkCovers = []walked{
	//                                      nobody resident integr. handler outreach counter lead community dispatch street admin
	{"GET /v1/covers",
		"401 403 403 none none none none none none none none", "401 403 403 none none none none none none none none", get("/v1/covers?at=2020-01-01T00:00:00Z")},
	{"POST /v1/covers",
		"401 403 403 403 403 403 403 201 403 201 201", "401 403 403 403 403 403 403 422 403 422 422", arrange("reviewer", "dispatcher")},
	{"GET /v1/covers/:id",
		"401 403 403 404 404 404 200 200 200 200 200", "401 403 403 404 404 404 404 404 404 404 404", theCover("GET", nil)},
	{"GET /v1/streets/:street/duty/:month",
		"401 403 403 200 200 200 200 200 200 200 200", "401 403 403 200 200 200 200 200 200 200 200", onDuty("GET", "2030-01")},
	{"PUT /v1/streets/:street/duty/:month",
		"401 403 403 403 403 403 403 403 403 200 200", "401 403 403 403 403 403 403 403 403 404 404", onDuty("PUT", "2030-01")},
	{"PATCH /v1/covers/:id",
		"401 403 403 403 403 403 403 200 403 200 200", "401 403 403 403 403 403 403 404 403 404 404", theCover("PATCH", object{"why": "training"})},
}

// onDuty is the roster of a month in which a lead of the street is on duty.
func onDuty(method, month string) func(*testing.T, *harness, string) call {
	return func(_ *testing.T, h *harness, _ string) call {
		c := call{method: method, url: "/v1/streets/" + pingjiang + "/duty/" + month}
		if method != "GET" {
			c.body = object{"shifts": []object{{"account": h.people["grid_lead"].id, "from": month + "-02T18:00:00+08:00", "until": month + "-03T08:00:00+08:00"}}}
		}
		return matched(c)
	}
}

var crashesCovers = []crash{
	{"PUT /v1/streets/:street/duty/:month", func(t *testing.T, h *harness) call { return onDuty("PUT", "2030-02")(t, h, "").by("street_manager") }},
	{"POST /v1/covers", func(t *testing.T, h *harness) call {
		return arrange("reviewer", "grid_lead")(t, h, "").by("community_manager")
	}},
	{"PATCH /v1/covers/:id", func(t *testing.T, h *harness) call {
		return theCover("PATCH", object{"why": "other"})(t, h, "").by("street_manager")
	}},
}

// While somebody is away their stand-in does what is open with them, in their
// scope; the journal names both, and neither closes what the other did.
func TestAStandInDoesTheWorkOfTheAbsent(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		lead, worker := "grid_lead", "outreach_worker"
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		one := "/v1/tickets/" + id
		h.move(t, 200, id, lead, object{"action": "accept"})
		h.move(t, 200, id, lead, object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people[worker].id}})
		h.must(t, 404, call{method: "GET", url: one, as: "reviewer"})

		now := h.clock.read()
		tag := h.must(t, 200, call{method: "GET", url: "/v1/me", as: "reviewer"}).header.Get("ETag")
		body := object{"id": ids.New(), "absent": h.people[worker].id, "standIn": h.people["reviewer"].id, "until": now.Add(48 * time.Hour).Format(time.RFC3339), "why": "sick"}
		h.must(t, 403, call{method: "POST", url: "/v1/covers", as: lead, body: body})
		made := h.must(t, 201, call{method: "POST", url: "/v1/covers", as: "community_manager", body: body})
		h.must(t, 201, call{method: "POST", url: "/v1/covers", as: "community_manager", body: body}) // sent again
		if made.at("/running") != true || made.text("/why") != "sick" {
			t.Errorf("made: %s", made.body)
		}
		h.must(t, 422, call{method: "POST", url: "/v1/covers", as: "community_manager", body: joined(body, object{"id": ids.New()})})
		if seen := h.must(t, 200, call{method: "GET", url: "/v1/covers/" + made.text("/id"), as: "dispatcher"}); seen.at("/why") != nil {
			t.Errorf("a dispatcher is told why: %s", seen.body)
		}

		h.clock.move(time.Second) // who somebody is may be known from half a second ago
		for who, want := range map[string]int{"reviewer": 1, worker: 0, "resident": 0} {
			me := h.must(t, 200, call{method: "GET", url: "/v1/me", as: who, header: map[string]string{"If-None-Match": tag}})
			if got := me.items("/standsFor"); len(got) != want || want > 0 && (me.text("/standsFor/0/id") != h.people[worker].id || me.text("/standsFor/0/until") != made.text("/until")) {
				t.Errorf("%s stands in for %v", who, got)
			}
		}
		home := h.home(t, niujia, 1, "0905", "empty_nest_elder")
		h.must(t, 201, call{method: "POST", url: "/v1/households/" + home + "/members", as: "reviewer", body: object{"name": "新人"}})
		named := false
		for partition := range h.Store.Heads() {
			for _, e := range must(h.Store.Journal(t.Context(), partition, 0, 1000))(t) {
				named = named || e.Doc == home && e.Actor == h.people["reviewer"].id && e.Dims["for"] == h.people[worker].id
			}
		}
		if !named {
			t.Error("the journal does not name both of who kept a household")
		}
		h.move(t, 200, id, "reviewer", object{"action": "start"})
		h.move(t, 200, id, "reviewer", object{"action": "resolve", "outcome": "fixed"})
		steps := h.must(t, 200, call{method: "GET", url: one + "/timeline", as: "street_manager"})
		for i, step := range steps.items("/items") {
			whose, _ := step.(object)["for"].(object)
			through := step.(object)["action"] == "start" || step.(object)["action"] == "resolve"
			if through != (whose["id"] == h.people[worker].id) || through != strings.HasPrefix(step.(object)["text"].(string), "代") {
				t.Errorf("step %d: %v", i, step)
			}
		}
		mine := h.must(t, 200, call{method: "GET", url: "/v1/tickets?mine=true&state=resolved", as: "reviewer"})
		if len(mine.items("/items")) != 1 {
			t.Errorf("the stand-in's own list: %s", mine.body)
		}

		h.must(t, 200, matched(call{method: "PATCH", url: "/v1/covers/" + made.text("/id"), as: "community_manager", body: object{"until": now.Format(time.RFC3339)}}))
		h.clock.move(time.Second)
		h.must(t, 404, call{method: "GET", url: one, as: "reviewer"}) // it is back with whose it is
		h.must(t, 200, call{method: "GET", url: one, as: worker})
		h.must(t, 409, matched(call{method: "PATCH", url: "/v1/covers/" + made.text("/id"), as: "community_manager", body: object{"until": now.Add(time.Hour).Format(time.RFC3339)}}))
	})
}
