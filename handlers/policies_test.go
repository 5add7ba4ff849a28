package handlers

import (
	"testing"
	"time"
)

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
		second := draft(200, first.header.Get("ETag"), object{"categories": []object{dogs}, "conditions": []object{general}, "steps": []object{{"code": "accept", "roles": []string{"dispatcher"}}}})
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
		if held.text("/id") != "1/3205.0/"+pingjiang+".1" || held.text("/content/categories/9/origin") != "street" || held.text("/content/categories/0/origin") != "built_in" {
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
