package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// The clocks of a ticket are told to who works on it; who reported it is told
// what was promised. A list has none.
func TestClocksAreShown(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		kinds := func(a *answer) (out string) {
			for i := range a.items("/clocks") {
				at := fmt.Sprintf("/clocks/%d", i)
				out += a.text(at+"/kind") + " "
				if a.at(at+"/endedAs") != nil {
					out += a.text(at+"/endedAs") + " "
				}
			}
			return strings.TrimSpace(out)
		}
		for _, step := range []struct {
			who    string
			action object
			want   string
			judged any
		}{
			{"grid_lead", object{"action": "accept", "condition": "general"}, "accept met promise dispatch", nil},
			{"grid_lead", object{"action": "dispatch", "assignee": object{"kind": "person", "id": h.people["outreach_worker"].id}}, "accept met promise dispatch met handle", "pendingOnTime"},
			{"outreach_worker", object{"action": "start"}, "accept met promise dispatch met handle", "pendingOnTime"},
			{"outreach_worker", object{"action": "resolve", "outcome": "fixed"}, "accept met promise dispatch met handle verify", "pendingOnTime"},
			{"grid_lead", object{"action": "close", "verification": "phone"}, "accept met promise met dispatch met handle met verify met", "onTime"},
		} {
			a := h.move(t, 200, id, step.who, step.action)
			if got := kinds(a); got != step.want || a.at("/judgement") != step.judged || a.at("/judgementWithoutExtensions") != step.judged {
				t.Errorf("%v: %s, judged %v", step.action["action"], got, a.at("/judgement"))
			}
			own := h.see(t, id, "resident")
			if len(own.items("/clocks")) != 1 || own.text("/clocks/0/kind") != "promise" || own.at("/judgement") != nil {
				t.Errorf("%v: who reported it reads %s", step.action["action"], own.body)
			}
			if step.action["action"] == "resolve" {
				for pointer, want := range map[string]any{"/clocks/3/dueAt": nil, "/clocks/3/segments/0/standsFor": "resolved", "/clocks/3/round": 1.0, "/clocks/4/remaining/seconds": nil, "/clocks/4/remaining/workingDays": 1.0, "/clocks/3/remaining": nil} {
					if got := a.at(pointer); got != want {
						t.Errorf("%s is %v, want %v", pointer, got, want)
					}
				}
			}
		}
		list := h.must(t, 200, call{method: "GET", url: "/v1/tickets", as: "grid_lead"})
		if list.text("/items/0/id") == "" || list.at("/items/0/clocks") != nil {
			t.Errorf("listed with clocks: %s", list.body)
		}
	})
}
