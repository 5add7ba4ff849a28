package handlers

import (
	"encoding/json"
	"fmt"
	"testing"

	"wangge/domain/ids"
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
		for _, id := range []string{stop, ids.New()} { // whoever has no part in the household
			h.must(t, 404, call{method: "POST", url: "/v1/stops", as: "other outreach_worker", body: object{"id": id, "household": home, "channel": "phone", "adHoc": true}})
		}
		for name, id := range map[string]string{
			"household": home, "visit": visit, "stop": stop, "account": h.people["grid_lead"].id, "organisation": h.organisations[pingjiang],
			"session": h.people["outreach_worker"].session, "nothing": ids.New(),
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

func titled(body object, title string) object {
	body["title"] = title
	return body
}

// An id that is in use answers one and the same problem, whatever has it:
// another thing of the caller's own, somebody else's, or one out of their sight.
func TestAnIDInUseTellsNothing(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		ticket := h.must(t, 201, call{method: "POST", url: "/v1/tickets", as: "resident", body: parked(ids.New())}).text("/id")
		texts := map[string]bool{}
		for name, c := range map[string]struct {
			url   string
			by    []string // who makes the first, and who chooses its id afterwards
			first object
			then  object
		}{
			"ticket": {"/v1/tickets", []string{"resident", "resident", "grid_lead", "other grid_lead"},
				draft(inside(niujia, 1), object{"title": "甲"}), draft(inside(niujia, 1), object{"title": "乙"})},
			"comment":      {"/v1/tickets/" + ticket + "/comments", []string{"resident", "resident", "grid_lead"}, object{"text": "甲"}, object{"text": "乙"}},
			"account":      {"/v1/accounts", []string{"street_manager", "street_manager", "admin"}, newWorker(nil), newWorker(object{"name": "李四"})},
			"organisation": {"/v1/organisations", []string{"dispatcher", "dispatcher", "admin"}, object{"name": "甲", "kind": "power", "street": pingjiang}, object{"name": "乙", "kind": "power", "street": pingjiang}},
			"plan":         {"/v1/visit-plans", []string{"community_manager", "community_manager", "street_manager"}, elderPlan(niujia, nil), titled(elderPlan(niujia, nil), "别的计划")},
		} {
			id := ids.New()
			with := func(body object) object {
				out := object{"id": id}
				for k, v := range body {
					out[k] = v
				}
				return out
			}
			h.must(t, 201, call{method: "POST", url: c.url, as: c.by[0], body: with(c.first)})
			for _, who := range c.by[1:] {
				a := h.must(t, 409, call{method: "POST", url: c.url, as: who, body: with(c.then)})
				var problem object
				if err := json.Unmarshal(a.body, &problem); err != nil {
					t.Fatal(err)
				}
				delete(problem, "requestId")
				text := string(must(json.Marshal(problem))(t))
				if texts[text] = true; problem["code"] != "duplicate" || len(texts) > 1 {
					t.Errorf("%s by %s: %s", name, who, text)
				}
			}
		}
	})
}
