package handlers

import (
	"fmt"
	"testing"
	"time"
)

// trades is a catalogue as the trade writes it.
const trades = "大类代码,大类名称,小类代码,小类名称,处置单位,主管部门,立案条件,结案条件,处置时限\n02,公共设施,0201,井盖,,,井盖缺失或破损,井盖复位完好,2紧急工作时\n,,,,,,井盖有异响,异响消除,2工作日\n"

// A street writes a draft, is told what hinders it, puts it in force from a
// day on, and tickets are reported and taken on by it from then on.
func TestPolicyOfAStreet(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *harness) {
		at := "/v1/policies/" + pingjiang
		name := object{"zh-CN": "犬只扰民", "en": "Dogs"}
		dogs := object{"code": "dogs", "name": name, "days": 4}
		general := object{"category": "dogs", "code": "general", "name": name, "urgency": "normal", "default": true}
		draft := func(want int, match string, body object) *answer {
			return h.must(t, want, call{method: "PUT", url: at + "/draft", as: "street_manager", body: body, header: map[string]string{"If-Match": match}})
		}
		h.must(t, 404, call{method: "GET", url: at + "/draft", as: "street_manager"})
		first := draft(200, `"0"`, object{"categories": []object{dogs}, "steps": []object{{"code": "close", "roles": []string{}}}})
		found := map[string]bool{}
		for _, f := range first.items("/findings") {
			found[f.(object)["code"].(string)] = true
		}
		if !found["no_default"] || !found["step_without_role"] || len(found) != 2 {
			t.Errorf("found %v", found)
		}
		draft(412, `"0"`, object{}) // another's draft is not overwritten
		publish := call{method: "POST", url: at + "/publish", as: "street_manager", body: object{"from": "2026-11-24", "why": "会议决定"}, header: map[string]string{"If-Match": first.header.Get("ETag")}}
		if refused := h.must(t, 422, publish); len(refused.items("/errors")) != 2 {
			t.Errorf("refused: %s", refused.body)
		}
		accepted := func(roles ...string) object {
			return object{"categories": []object{dogs}, "conditions": []object{general}, "steps": []object{{"code": "accept", "roles": roles}}}
		}
		few := h.must(t, 200, call{method: "POST", url: at + "/check", as: "street_manager", body: accepted("dispatcher")})
		if few.text("/findings/0/code") != "step_without_people" || few.text("/findings/0/people/step") != "accept" || few.at("/findings/0/people/least") != 1.0 || few.at("/findings/0/people/needed") != 3.0 || len(few.items("/warnings")) != 0 {
			t.Errorf("left to one dispatcher: %s", few.body)
		}
		second := draft(200, first.header.Get("ETag"), accepted("dispatcher", "street_manager", "admin"))
		if len(second.items("/findings")) != 0 {
			t.Errorf("findings: %s", second.body)
		}
		publish.header["If-Match"] = second.header.Get("ETag")
		one := h.must(t, 200, publish)
		if two := h.must(t, 200, publish); string(two.body) != string(one.body) || one.at("/number") != 1.0 || one.text("/from") != "2026-11-23T16:00:00.000Z" {
			t.Errorf("%s, then %s", one.body, two.body)
		}
		h.must(t, 409, call{method: "POST", url: at + "/publish", as: "street_manager", body: object{"from": "2026-11-25", "why": "另一个"}})

		report := call{method: "POST", url: "/v1/tickets", as: "resident", body: draftOf(t, "dogs")}
		h.must(t, 422, report) // not yet
		early := h.report(t, "resident", inside(niujia, 1), "noise").ID
		h.clock.move(24 * time.Hour)
		late := h.must(t, 201, report)
		if late.text("/category") != "dogs" {
			t.Errorf("%s", late.body)
		}
		accept := func(as string) call {
			return call{method: "POST", url: "/v1/tickets/" + early + "/transitions", as: as, body: object{"action": "accept"}}
		}
		h.must(t, 403, accept("grid_lead"))
		h.must(t, 200, accept("dispatcher"))

		for url, want := range map[string]int{"/v1/categories": 9, "/v1/categories?area=" + pingjiang: 10, "/v1/categories?area=" + niujia: 10} {
			if got := h.must(t, 200, call{method: "GET", url: url}).items("/items"); len(got) != want {
				t.Errorf("%s: %d categories", url, len(got))
			}
		}
		h.must(t, 400, call{method: "GET", url: "/v1/categories?area=999999999"})
		held := h.must(t, 200, call{method: "GET", url: at, as: "grid_lead"})
		if held.text("/id") != "3/3205.0/"+pingjiang+".1" || held.text("/content/categories/9/origin") != "street" || held.text("/content/categories/0/origin") != "built_in" {
			t.Errorf("%s", held.body)
		}
		before := h.must(t, 200, call{method: "GET", url: at + "?at=2026-11-23T12:00:00Z", as: "grid_lead"})
		if len(before.items("/content/categories")) != 9 || len(before.items("/ahead")) != 1 {
			t.Errorf("%s", before.body)
		}
		if all := h.must(t, 200, call{method: "GET", url: at + "/versions", as: "grid_lead"}).items("/items"); len(all) != 1 {
			t.Errorf("%d versions", len(all))
		}
	})
}

func draftOf(t *testing.T, category string) object {
	t.Helper()
	return draft(inside(niujia, 1), object{"category": category})
}

// A catalogue in two levels with clocks, what is ticked at closing and office
// hours is put in force, shown to everybody, and can be written again as it was answered.
func TestPolicyOfClocks(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		at := "/v1/policies/" + pingjiang
		name := object{"zh-CN": "犬只", "en": "Dogs"}
		term := func(n int, unit string) object { return object{"count": n, "unit": unit} }
		span := object{"from": "08:30", "until": "17:00"}
		body := object{
			"groups":     []object{{"code": "animals", "name": name}},
			"categories": []object{{"code": "dogs", "name": name, "parent": "animals", "days": 4, "photos": 1, "assignee": h.organisations[pingjiang]}},
			"conditions": []object{{"category": "dogs", "code": "general", "name": name, "urgency": "normal", "default": true, "afterPhoto": true,
				"terms":   []object{{"clock": "handle", "count": 2, "unit": "working_day"}},
				"closing": []object{{"code": "caught", "name": object{"zh-CN": "犬只已收容", "en": "the dog is kept"}}},
				"roles":   []object{{"step": "close", "roles": []string{"dispatcher", "street_manager", "admin"}}}}},
			"clocks": []object{{"code": "accept", "term": term(30, "minute"), "warn": term(10, "minute"), "warnTo": []string{"lead"}, "levels": []object{{"to": []string{"dispatcher"}}, {"after": term(2, "working_hour"), "to": []string{"street_manager", "county"}}}}},
			"hours":  []object{{"code": "office", "weekly": []object{{"days": []int{1, 2, 3, 4, 5}, "spans": []object{span}}}, "workingDays": "office_hours"}},
		}
		put := func(body any, match string) *answer {
			return h.must(t, 200, call{method: "PUT", url: at + "/draft", as: "street_manager", body: body, header: map[string]string{"If-Match": match}})
		}
		first := put(body, `"0"`)
		again := put(first.at("/content"), first.header.Get("ETag"))
		if len(again.items("/findings")) != 0 || fmt.Sprint(first.at("/content")) != fmt.Sprint(again.at("/content")) || again.at("/content/clocks/0/levels/1/after/count") != 2.0 {
			t.Errorf("%s\n%s", first.body, again.body)
		}
		h.must(t, 200, call{method: "POST", url: at + "/publish", as: "street_manager", body: object{"from": "2026-11-23", "why": "会议决定"}, header: map[string]string{"If-Match": again.header.Get("ETag")}})
		held := h.must(t, 200, call{method: "GET", url: at, as: "grid_lead"})
		if held.text("/content/hours/0/entry/workingDays") != "office_hours" || held.text("/content/hours/0/origin") != "street" || held.text("/content/clocks/0/entry/levels/1/to/1") != "county" {
			t.Errorf("%s", held.body)
		}
		shown := h.must(t, 200, call{method: "GET", url: "/v1/categories?area=" + niujia}).at("/items/9").(object)
		condition := shown["conditions"].([]any)[0].(object)
		if shown["group"].(object)["name"] != "犬只" || shown["photos"] != 1.0 || fmt.Sprint(condition["closing"]) != "[map[code:caught name:犬只已收容]]" ||
			fmt.Sprint(condition["terms"].([]any)[2]) != "map[clock:handle count:2 unit:working_day]" || condition["afterPhoto"] != true ||
			condition["assignee"].(object)["id"] != h.organisations[pingjiang] || condition["department"] != nil {
			t.Errorf("%v", shown)
		}
	})
}
