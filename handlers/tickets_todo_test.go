package handlers

import "testing"

// What waits for somebody is listed and counted, and what they may not see is in neither.
func TestTicketsToDo(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		first, second := h.report(t, "resident", inside(niujia, 1), "noise").ID, h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.report(t, "resident", inside(jinshi, 1), "noise")
		h.move(t, 200, second, "grid_lead", object{"action": "accept"})
		counts := func(who string) *answer {
			t.Helper()
			return h.must(t, 200, call{method: "GET", url: "/v1/tickets/counts?by=todo", as: who})
		}
		list := func(who, todo string) []any {
			t.Helper()
			return h.must(t, 200, call{method: "GET", url: "/v1/tickets?limit=1&todo=" + todo, as: who}).items("/items")
		}
		if a := counts("grid_lead"); a.at("/counts/to_accept") != 1.0 || a.at("/counts/dispatch") != 1.0 || a.at("/total") != 2.0 {
			t.Errorf("the lead: %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets?todo=to_accept", as: "grid_lead"}); a.text("/items/0/id") != first || a.at("/next") != nil {
			t.Errorf("to accept: %s", a.body)
		}
		h.move(t, 200, second, "grid_lead", object{"action": "dispatch", "assignee": organisationOf(h, pingjiang)})
		if a := counts("handler"); a.at("/counts/do") != 1.0 || a.at("/total") != 1.0 || len(list("handler", "do")) != 1 {
			t.Errorf("the handler: %s", a.body)
		}
		for _, who := range []string{"resident", "counter_worker", "outreach_worker"} {
			if a := counts(who); a.at("/total") != 0.0 {
				t.Errorf("%s: %s", who, a.body)
			}
		}
		h.must(t, 400, call{method: "GET", url: "/v1/tickets?todo=sleep", as: "grid_lead"})
		for _, other := range []string{"state=closed", "parent=" + first, "into=" + first, "backlog=true", "escalated=true", "returned=true", "offered=true"} {
			h.must(t, 400, call{method: "GET", url: "/v1/tickets?todo=do&" + other, as: "grid_lead"})
			h.must(t, 400, call{method: "GET", url: "/v1/tickets/counts?by=todo&" + other, as: "grid_lead"})
		}
		h.must(t, 422, call{method: "GET", url: "/v1/tickets?todo=do&sort=dueAt", as: "grid_lead"})
	})
}
