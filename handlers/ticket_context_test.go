package handlers

import (
	"testing"
	"time"
)

// Who handles a ticket sees what the same phone and the same place brought
// forward before, and nothing of what they may not see.
func TestReporterContext(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		at := inside(niujia, 1)
		behalf := func(more object) object {
			return draft(at, joined(object{"category": "noise", "onBehalfOf": object{"name": "王小明", "phone": "13900001111"}}, more))
		}
		report := func(who string, body object) string {
			t.Helper()
			h.clock.move(time.Second)
			return h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: who, body: body}).text("/id")
		}
		first := report("outreach_worker", behalf(nil))
		other := report("outreach_worker", behalf(object{"category": "parking"}))
		h.report(t, "resident", inside(jinshi, 1), "noise")
		report("counter_worker", draft(inside(jinshi, 1), object{"category": "noise", "onBehalfOf": object{"name": "王小明", "phone": "13900001111"}})) // in another street
		h.clock.move(time.Second)
		near := h.report(t, "resident", at, "noise").ID
		hidden := report("other resident", draft(at, object{"category": "noise", "anonymous": true}))
		last := report("outreach_worker", behalf(nil))
		url := "/v1/tickets/" + last + "/reporter-context"
		a := h.must(t, 200, call{method: "GET", url: url, as: "grid_lead"})
		for pointer, want := range (object{
			"/caller/tickets": 2.0, "/caller/repeats": 1.0, "/caller/states/reported": 2.0, "/caller/last/0/id": other, "/caller/last/0/repeat": false, "/caller/last/1/id": first, "/caller/last/1/repeat": true, "/caller/last/1/metres": 0.0,
			"/household": nil, "/near/radiusM": 50.0, "/near/items/0/id": hidden, "/near/items/1/id": near, "/near/more": false, "/group/tickets": 4.0, "/group/reporters": 3.0,
		}) {
			if a.at(pointer) != want {
				t.Errorf("%s is %v, want %v", pointer, a.at(pointer), want)
			}
		}
		if t.Failed() {
			t.Logf("%s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + hidden + "/reporter-context", as: "grid_lead"}); a.at("/caller") != nil || len(a.items("/near/items")) != 4 {
			t.Errorf("of an anonymous report: %s", a.body)
		}
		if a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + near + "/reporter-context", as: "grid_lead"}); a.at("/caller/tickets") != 0.0 {
			t.Errorf("what lies elsewhere is counted: %s", a.body)
		}
		h.must(t, 404, call{method: "GET", url: url, as: "other grid_lead"})
		h.must(t, 403, call{method: "GET", url: url, as: "resident"})
	})
}
