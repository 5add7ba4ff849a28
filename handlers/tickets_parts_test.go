package handlers

import (
	"testing"
	"time"
)

// A helper takes their own part, which who works on the ticket and its reporter see.
func TestHelpersPartsOnTheWire(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		id := h.report(t, "resident", inside(niujia, 1), "noise").ID
		worker, org := object{"kind": "person", "id": h.people["outreach_worker"].id}, organisationOf(h, pingjiang)
		h.move(t, 200, id, "grid_lead", object{"action": "accept"})
		h.move(t, 200, id, "grid_lead", object{"action": "dispatch", "assignee": worker, "helpers": []object{org}})
		if a := h.see(t, id, "handler"); a.text("/helpers/0/part") != "waiting" || a.at("/helpers/0/since") == nil {
			t.Errorf("dispatched: %s", a.body)
		}
		h.clock.move(time.Hour)
		h.move(t, 403, id, "handler", object{"action": "start"})
		h.move(t, 403, id, "outreach_worker", object{"action": "help_start"})
		h.move(t, 200, id, "handler", object{"action": "help_start"})
		if a := h.move(t, 409, id, "handler", object{"action": "help_start"}); a.text("/code") != "wrong_part" || len(a.items("/allowed")) != 2 {
			t.Errorf("twice: %s", a.body)
		}
		h.move(t, 200, id, "handler", object{"action": "help_done", "note": "设备已检修"})
		for who, note := range map[string]any{"grid_lead": "设备已检修", "resident": nil} {
			if a := h.see(t, id, who); a.text("/helpers/0/part") != "done" || a.text("/helpers/0/name") != "平江物业" {
				t.Errorf("%s sees %s", who, a.body)
			}
			a := h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: who})
			if at := "/items/4"; a.text(at+"/action") != "help_done" || a.text(at+"/helper/name") != "平江物业" || a.at(at+"/note") != note || (a.at(at+"/actor") == nil) != (note == nil) {
				t.Errorf("%s reads %s", who, a.body)
			}
		}
		if a := h.move(t, 422, id, "grid_lead", object{"action": "help_release", "reason": "够了", "helper": worker}); a.pointers()[0] != "/helper" {
			t.Errorf("who does not help: %s", a.body)
		}
		if a := h.move(t, 200, id, "grid_lead", object{"action": "help_release", "reason": "够了", "helper": org}); len(a.items("/helpers")) != 0 {
			t.Errorf("released: %s", a.body)
		}
		h.must(t, 404, call{method: "GET", url: "/v1/tickets/" + id, as: "handler"})
	})
}
