package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
)

// Wherever a body names a person or an organisation, one who does not work
// there is refused as one that is not there at all: in the same words.
func TestForeignPeople(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		plan := h.active(t, "community_manager", elderPlan(niujia, object{"team": []string{h.people["outreach_worker"].id}}))
		visit := h.visitAt(t, "outreach_worker", home)
		ticket := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.move(t, 200, ticket, "grid_lead", object{"action": "accept"})
		cell := "/v1/cells/" + cellCode(niujia, 1) + "/staff"
		lead := object{"account": h.people["grid_lead"].id, "role": access.GridLead}
		until := morning.Add(24 * time.Hour).Format(time.RFC3339)
		terms := func(team ...string) object {
			return object{"tag": "empty_nest_elder", "rules": []object{{"rrule": "FREQ=MONTHLY"}}, "windowDays": 7, "ladder": []object{}, "team": team}
		}
		for name, c := range map[string]struct {
			call
			organisation bool
			body         func(id string) object
		}{
			"a plan's team":        {call: call{method: "POST", url: "/v1/visit-plans", as: "community_manager"}, body: func(id string) object { return elderPlan(niujia, object{"team": []string{id}}) }},
			"a street plan's team": {call: call{method: "POST", url: "/v1/visit-plans", as: "street_manager"}, body: func(id string) object { return elderPlan(pingjiang, object{"team": []string{id}}) }},
			"a plan's next team": {call: call{method: "PUT", url: "/v1/visit-plans/" + plan + "/terms", as: "community_manager"}, body: func(id string) object {
				return object{"from": "2026-12-01", "terms": terms(h.people["outreach_worker"].id, id)}
			}},
			"whom a visit is given to": {call: call{method: "POST", url: "/v1/visits/" + visit + "/reassign", as: "grid_lead"}, body: func(id string) object { return object{"reason": "x", "assignee": id} }},
			"whom a ticket is dispatched": {call: call{method: "POST", url: "/v1/tickets/" + ticket + "/transitions", as: "grid_lead"}, body: func(id string) object {
				return object{"action": "dispatch", "assignee": object{"kind": "person", "id": id}}
			}},
			"what organisation": {call: call{method: "POST", url: "/v1/tickets/" + ticket + "/transitions", as: "grid_lead"}, organisation: true, body: func(id string) object {
				return object{"action": "dispatch", "assignee": object{"kind": "organisation", "id": id}}
			}},
			"who helps": {call: call{method: "POST", url: "/v1/tickets/" + ticket + "/transitions", as: "grid_lead"}, body: func(id string) object {
				return object{"action": "dispatch", "assignee": organisationOf(h, pingjiang), "helpers": []object{{"kind": "person", "id": id}}}
			}},
			"who is posted": {call: call{method: "PUT", url: cell, as: "street_manager"}, body: func(id string) object {
				return object{"posts": []object{lead, {"account": id, "role": access.OutreachWorker}}, "covers": []object{}}
			}},
			"who stands in": {call: call{method: "PUT", url: cell, as: "street_manager"}, body: func(id string) object {
				return object{"posts": []object{lead}, "covers": []object{{"account": id, "for": lead["account"], "until": until}}}
			}},
			"whom somebody handles for": {call: call{method: "POST", url: "/v1/accounts", as: "street_manager"}, organisation: true, body: func(id string) object {
				return object{"username": "new.handler", "name": "处置", "password": password, "organisation": id, "grants": []object{{"role": access.Handler}}}
			}},
		} {
			known := map[string]string{"unknown": ids.New(), "foreign": h.people["other outreach_worker"].id, "resident": h.people["resident"].id}
			if c.organisation {
				known = map[string]string{"unknown": ids.New(), "foreign": h.organisations[canglang]}
			}
			said := map[string]string{}
			for who, id := range known {
				ask := c.call
				ask.body = c.body(id)
				if ask.method == "PUT" {
					ask.header = map[string]string{"If-Match": "*"}
				}
				a := h.must(t, 422, ask)
				said[who] = strings.ReplaceAll(fmt.Sprint(a.at("/code"), a.at("/detail"), a.at("/errors")), id, "…")
			}
			for who, words := range said {
				if words != said["unknown"] {
					t.Errorf("%s, %s: %s; unknown: %s", name, who, words, said["unknown"])
				}
			}
		}
	})
}

// Who works in another street now has no visits here any more.
func TestVisitsLeaveWhoLeft(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home, other := h.home(t, niujia, 1, "101", "empty_nest_elder"), h.home(t, niujia, 1, "102", "empty_nest_elder")
		h.active(t, "community_manager", elderPlan(niujia, object{"team": []string{h.people["outreach_worker"].id}}))
		h.must(t, 200, call{method: "POST", url: "/v1/visits/" + h.visitAt(t, "grid_lead", other) + "/reassign", as: "grid_lead", body: object{"assignee": h.people["outreach_worker"].id, "reason": "熟悉"}})
		h.moveAway(t)
		h.schedule(t)
		for _, at := range []string{home, other} {
			if a := h.must(t, 200, call{method: "GET", url: "/v1/visits/" + h.visitAt(t, "grid_lead", at), as: "grid_lead"}); a.at("/assignee") != nil || a.text("/state") != "planned" {
				t.Errorf("with %v, %s", a.at("/assignee"), a.text("/state"))
			}
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/visits", as: "outreach_worker"}); len(a.items("/items")) != 0 {
			t.Errorf("who left has %s", a.body)
		}
	})
}
