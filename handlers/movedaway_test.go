package handlers

import (
	"fmt"
	"testing"
	"time"
)

// A household that was found to have moved away waits for a lead, and its
// visits with it: refused, they go on; confirmed, they are over.
func TestMovedAwayOverHTTP(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home, next := h.home(t, niujia, 1, "101", "empty_nest_elder"), h.home(t, niujia, 1, "102", "empty_nest_elder")
		h.active(t, "community_manager", elderPlan(niujia, object{"rules": []object{{"rrule": "FREQ=WEEKLY;BYDAY=MO,WE,FR"}}, "windowDays": 2}))
		states := func(home string) string {
			t.Helper()
			h.schedule(t)
			n := map[string]int{}
			for _, v := range h.must(t, 200, call{method: "GET", url: "/v1/visits?limit=100&household=" + home, as: "grid_lead"}).items("/items") {
				state := fmt.Sprint(v.(object)["state"])
				if cause, ok := v.(object)["cause"].(object); ok && state == "cancelled" {
					state += " " + fmt.Sprint(cause["code"])
				}
				n[state]++
			}
			return fmt.Sprint(n)
		}
		waiting := func(as string) int {
			t.Helper()
			return len(h.must(t, 200, call{method: "GET", url: "/v1/households?movedAway=true", as: as}).items("/items"))
		}
		planned := states(home)
		if waiting("grid_lead") != 0 || planned != states(next) {
			t.Fatalf("before: %d wait, visits %s", waiting("grid_lead"), planned)
		}
		stop := h.knock(t, "outreach_worker", home, "moved_away").text("/id")
		see := call{method: "GET", url: "/v1/households/" + home, as: "grid_lead"}
		decide := func(as string, confirmed any) call {
			return call{method: "POST", url: "/v1/households/" + home + "/moved-away", as: as, body: object{"confirmed": confirmed}}
		}
		h.play(t, []scenario{
			{name: "it waits", call: see, status: 200, fields: object{"/movedAway/state": "waiting", "/movedAway/stop": stop, "/movedAway/decidedAt": nil, "/occupancy": "own"}},
			{name: "who found so", call: decide("outreach_worker", true), status: 403},
			{name: "another's", call: decide("other grid_lead", true), status: 404},
			{name: "neither", call: call{method: "POST", url: "/v1/households/" + home + "/moved-away", as: "grid_lead", body: object{}}, status: 422, pointers: []string{"/confirmed"}},
			{name: "nothing waits there", call: call{method: "POST", url: "/v1/households/" + next + "/moved-away", as: "grid_lead", body: object{"confirmed": true}}, status: 409, code: "wrong_state"},
		})
		if waiting("grid_lead") != 1 || waiting("street_manager") != 1 || waiting("other grid_lead") != 0 {
			t.Error("it is not listed where it should be")
		}
		held := states(home)
		if a := h.must(t, 200, call{method: "GET", url: "/v1/visits?state=planned&household=" + home, as: "grid_lead"}); len(a.items("/items")) != 0 || states(next) != planned {
			t.Errorf("on hold: %s, next door: %s", held, states(next))
		}

		h.play(t, []scenario{
			{name: "it is there still", call: decide("grid_lead", false), status: 200, fields: object{"/movedAway/state": "refused", "/occupancy": "own"}},
			{name: "said again", call: decide("grid_lead", false), status: 200, fields: object{"/movedAway/state": "refused"}},
			{name: "said otherwise", call: decide("grid_lead", true), status: 409, code: "wrong_state"},
		})
		if after := states(home); waiting("grid_lead") != 0 || after == held || len(h.must(t, 200, call{method: "GET", url: "/v1/visits?state=planned&household=" + home, as: "grid_lead"}).items("/items")) == 0 {
			t.Errorf("gone on: %s", after)
		}

		h.clock.move(time.Hour)
		h.knock(t, "outreach_worker", home, "moved_away")
		h.play(t, []scenario{
			{name: "it is gone", call: decide("community_manager", true), status: 200, fields: object{"/movedAway/state": "confirmed", "/occupancy": "vacant"}},
			{name: "gone again", call: decide("community_manager", true), status: 200, fields: object{"/movedAway/state": "confirmed"}},
		})
		h.clock.move(7 * 24 * time.Hour)
		gone := states(home)
		if a := h.must(t, 200, call{method: "GET", url: "/v1/visits?state=planned&household=" + home, as: "grid_lead"}); len(a.items("/items")) != 0 || waiting("grid_lead") != 0 {
			t.Errorf("gone: %s", gone)
		}
		h.must(t, 200, call{method: "PATCH", url: "/v1/households/" + home, as: "grid_lead", header: map[string]string{"If-Match": "*"}, body: object{"occupancy": "rent"}})
		h.schedule(t)
		if a := h.must(t, 200, call{method: "GET", url: "/v1/visits?state=planned&household=" + home, as: "grid_lead"}); len(a.items("/items")) == 0 {
			t.Error("somebody lives there, and nobody visits")
		}
	})
}
