package handlers

import (
	"fmt"
	"testing"
)

// Phones choose ids. One that something else has already is free, tells
// nothing of it, and leads to none of its history.
func TestAnIDThatIsInUseElsewhere(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		h.active(t, "community_manager", elderPlan(niujia, nil))
		visit := h.visitAt(t, "outreach_worker", home)
		stop := h.must(t, 201, call{method: "POST", url: "/v1/stops", as: "outreach_worker", body: object{"household": home, "channel": "phone", "adHoc": true}}).text("/id")
		h.must(t, 200, call{method: "POST", url: "/v1/stops/" + stop + "/complete", as: "outreach_worker", body: object{"result": "met"}})
		for _, id := range []string{stop, newID()} { // whoever has no part in the household
			h.must(t, 404, call{method: "POST", url: "/v1/stops", as: "other outreach_worker", body: object{"id": id, "household": home, "channel": "phone", "adHoc": true}})
		}
		for name, id := range map[string]string{
			"household": home, "visit": visit, "stop": stop, "account": h.people["grid_lead"].id, "organisation": h.organisations[pingjiang],
			"session": h.people["outreach_worker"].session, "nothing": newID(),
		} {
			at := inside(niujia, 1)
			report := object{"id": id, "category": "noise", "title": "深夜噪声", "position": object{"lon": at[0], "lat": at[1], "datum": "wgs84"}}
			h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: report})
			comment := object{"id": id, "text": "急"}
			h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "resident", body: comment})
			h.must(t, 201, call{method: "POST", url: "/v1/tickets/" + id + "/comments", as: "resident", body: comment})
			for _, who := range []string{"resident", "grid_lead"} {
				var told []any
				for _, e := range h.must(t, 200, call{method: "GET", url: "/v1/tickets/" + id + "/timeline", as: who}).items("/items") {
					told = append(told, e.(object)["action"])
				}
				if got := fmt.Sprint(told); got != "[report comment]" {
					t.Errorf("of a %s, %s reads %s", name, who, got)
				}
			}
		}
	})
}
