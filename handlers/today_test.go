package handlers

import (
	"slices"
	"testing"
	"time"
)

// What waits for a worker is in one answer, by when it is due, each thing once
// and none that they may not see.
func TestToday(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "601", "empty_nest_elder")
		h.active(t, "street_manager", elderPlan(pingjiang, nil))
		h.clock.move(time.Minute)
		h.schedule(t)
		visit := h.visitAt(t, "admin", home)
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.report(t, "resident", inside(jinshi, 1), "noise")
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}})
		asked := h.asked(t, "outreach_worker", "ticket", id)
		kinds := func(who string) (out []string) {
			t.Helper()
			a := h.must(t, 200, call{method: "GET", url: "/v1/me/today", as: who})
			last, timeless := "", false
			for i := range a.items("/items") {
				at := "/items/" + string(rune('0'+i))
				due, _ := a.at(at + "/dueAt").(string)
				if due != "" && (timeless || due < last) {
					t.Errorf("%s: %s comes after %q: %s", who, due, last, a.body)
				}
				last, timeless = due, due == ""
				out = append(out, a.text(at+"/kind")+" "+a.text(at+"/id"))
			}
			slices.Sort(out)
			return out
		}
		if got := kinds("outreach_worker"); !slices.Equal(got, []string{"ticket " + id, "todo " + asked, "visit " + visit}) {
			t.Errorf("the worker: %v", got)
		}
		if got := kinds("resident"); got != nil {
			t.Errorf("the resident: %v", got)
		}
		h.clock.move(20 * 24 * time.Hour)
		if a := h.must(t, 200, call{method: "GET", url: "/v1/me/today", as: "grid_lead"}); len(a.items("/items")) == 0 || a.text("/items/0/id") != id && a.text("/items/1/id") != id || a.at("/items/0/overdue") != true {
			t.Errorf("what is overdue where the lead leads: %s", a.body)
		}
	})
}
