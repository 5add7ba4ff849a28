package handlers

import (
	"encoding/json"
	"strings"
	"testing"

	"wangge/domain/ids"
)

// Rules that would never end, never begin or mean nothing are refused at their place.
func TestHostileRules(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		for _, rule := range []string{
			"", "FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=10", "FREQ=HOURLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=100000", "FREQ=DAILY;COUNT=3;UNTIL=20270101",
			"FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY;COUNT=-1", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
			"FREQ=DAILY;UNTIL=99999999", "FREQ=DAILY;UNTIL=20200101", "FREQ=DAILY;BYSETPOS=1", "FREQ=YEARLY;BYYEARDAY=1", "FREQ=DAILY;BYHOUR=9", "RRULE:FREQ=DAILY", "freq=daily",
			"FREQ=DAILY\nDTSTART:20260101", "FREQ=MONTHLY;BYDAY=5FR;BYMONTHDAY=1", "FREQ=DAILY;" + strings.Repeat("BYMONTH=1;", 5000),
		} {
			plan := elderPlan(pingjiang, object{"rules": []object{{"rrule": rule}}})
			a := h.do(t, call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: plan})
			if a.status != 422 || a.text("/errors/0/pointer") != "/terms/rules/0/rrule" || a.text("/errors/0/detail") == "" || len(a.items("/errors")) != 1 {
				t.Errorf("%.60q: %d %s", rule, a.status, a.body)
			}
		}
		h.play(t, []scenario{
			{name: "two rules of a level", call: call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: elderPlan(pingjiang, object{"rules": []object{{"rrule": "FREQ=DAILY"}, {"rrule": "FREQ=WEEKLY"}}})}, status: 422, pointers: []string{"/terms/rules/1/level"}},
			{name: "a tag and a list", call: call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: elderPlan(pingjiang, object{"households": []string{ids.New()}})}, status: 422, pointers: []string{"/terms/tag"}},
			{name: "nobody of the team", call: call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: elderPlan(pingjiang, object{"team": []string{ids.New(), h.people["resident"].id}})}, status: 422, pointers: []string{"/terms/team/0", "/terms/team/1"}},
			{name: "a form of nowhere", call: call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: elderPlan(pingjiang, object{"form": ids.New()})}, status: 422, pointers: []string{"/terms/form"}},
			{name: "a ladder downwards", call: call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: elderPlan(pingjiang, object{"ladder": []object{{"to": "grid_lead", "days": 3}, {"to": "worker", "days": 1}}})}, status: 422, pointers: []string{"/terms/ladder/1/to"}},
			{name: "yesterday", call: call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: joined(elderPlan(pingjiang, nil), object{"from": "2026-11-22"})}, status: 422, pointers: []string{"/from"}},
			{name: "another's community", call: call{method: "POST", url: "/v1/visit-plans", as: "community_manager", body: elderPlan(chayuan, nil)}, status: 422, pointers: []string{"/area"}},
		})
	})
}

// Months that lack the day are never left out in silence: a day that nobody wrote
// down is refused, with the rule that works; of one written out they are shown.
func TestShortMonths(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		from := func(rule string) object {
			return joined(elderPlan(pingjiang, object{"rules": []object{{"rrule": rule}}}), object{"from": "2027-01-31"})
		}
		a := h.must(t, 422, call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: from("FREQ=MONTHLY")})
		rule := "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"
		if a.text("/errors/0/pointer") != "/terms/rules/0/rrule" || !strings.Contains(a.text("/errors/0/detail"), rule) {
			t.Errorf("refused as %s", a.body)
		}
		for rule, want := range map[string]string{rule: `[]`, "FREQ=MONTHLY;BYMONTHDAY=31": `["2027-02","2027-04","2027-06","2027-09","2027-11"]`} {
			plan := h.must(t, 201, call{method: "POST", url: "/v1/visit-plans", as: "street_manager", body: from(rule)})
			if got := string(must(json.Marshal(plan.at("/terms/0/rules/0/skips")))(t)); got != want {
				t.Errorf("%s skips %s, want %s", rule, got, want)
			}
		}
	})
}

// A plan through its life, and what becomes of its visits.
func TestPlanLife(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		home := h.home(t, niujia, 1, "101", "empty_nest_elder")
		body := elderPlan(niujia, object{"rules": []object{{"rrule": "FREQ=WEEKLY;BYDAY=MO"}}, "windowDays": 2})
		body["id"] = ids.New()
		plan := h.must(t, 201, call{method: "POST", url: "/v1/visit-plans", as: "community_manager", body: body}).text("/id")
		h.must(t, 201, call{method: "POST", url: "/v1/visit-plans", as: "community_manager", body: body}) // sent again
		move := func(status int, action string) *answer {
			t.Helper()
			return h.must(t, status, call{method: "POST", url: "/v1/visit-plans/" + plan + "/transitions", as: "community_manager", body: object{"action": action}})
		}
		states := func() (out string) {
			t.Helper()
			h.schedule(t)
			for _, s := range []string{"planned", "cancelled"} {
				list := h.must(t, 200, call{method: "GET", url: "/v1/visits?household=" + home + "&state=" + s, as: "grid_lead"})
				out += strings.Repeat(s[:1], len(list.items("/items")))
				if s == "cancelled" && len(list.items("/items")) > 0 {
					out += " " + list.text("/items/0/cause/code")
				}
			}
			return out
		}
		if a := move(409, "pause"); a.text("/allowed/0") != "activate" {
			t.Errorf("of a draft: %s", a.body)
		}
		for _, step := range []struct{ action, visits string }{{"activate", "pppppp"}, {"pause", "pccccc plan_paused"}, {"activate", "pppppp"}} {
			move(200, step.action)
			if got := states(); got != step.visits {
				t.Errorf("%s: %s, want %s", step.action, got, step.visits)
			}
		}
		terms := body["terms"].(object)
		change := call{method: "PUT", url: "/v1/visit-plans/" + plan + "/terms", as: "community_manager", body: object{"from": "2026-12-01", "terms": joined(terms, object{"rules": []object{{"rrule": "FREQ=MONTHLY;BYMONTHDAY=15"}}})}, header: map[string]string{"If-Match": "*"}}
		changed := h.must(t, 200, change)
		if len(changed.items("/terms")) != 2 || changed.at("/terms/0/inForce") != true || changed.text("/terms/1/rules/0/next/0") != "2026-12-15" || changed.text("/terms/0/rules/0/next/1") != "2026-11-30" {
			t.Errorf("changed: %s", changed.body)
		}
		if got := states(); got != "pppcccc plan_changed" {
			t.Errorf("changed: %s", got)
		}
		change.header = map[string]string{"If-Match": `"1"`}
		h.must(t, 412, change)
		move(200, "end")
		if got := states(); got != "pcccccc plan_changed" && got != "pcccccc plan_ended" {
			t.Errorf("ended: %s", got)
		}
		move(409, "activate")
	})
}
