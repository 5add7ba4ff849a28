package handlers

import (
	"testing"
)

// The answers are rendered once and kept, but never longer than what they
// show: names, staff, and who may see them.
func TestCellAtFollows(t *testing.T) {
	oneEngine(t, func(t *testing.T, h *harness) {
		code := cellCode(niujia, 1)
		at := func(who string) *answer {
			t.Helper()
			a := h.must(t, 200, call{method: "GET", url: "/v1/cells/at?lon=120.621&lat=31.311&datum=wgs84", as: who})
			if again := h.must(t, 200, call{method: "GET", url: "/v1/cells/at?lon=120.6211&lat=31.3111&datum=wgs84", as: who}); string(again.body) != string(a.body) {
				t.Errorf("two points of a cell: %s and %s", a.body, again.body)
			}
			return a
		}
		lead, before := h.people["grid_lead"], at("outreach_worker")
		if before.text("/code") != code || before.text("/staff/0/account/id") != lead.id {
			t.Fatalf("%s", before.body)
		}
		h.must(t, 200, call{method: "PATCH", url: "/v1/accounts/" + lead.id, as: "street_manager", body: object{"name": "钱学文"}, header: map[string]string{"If-Match": "*"}})
		if name := at("outreach_worker").text("/staff/0/account/name"); name != "钱学文" || before.text("/staff/0/account/name") == name {
			t.Errorf("renamed, the lead is still %q", name)
		}
		if a := at("resident"); a.at("/staff") != nil {
			t.Errorf("a resident is shown %s", a.body)
		}
		h.must(t, 200, call{method: "PUT", url: "/v1/cells/" + code + "/staff", as: "community_manager", body: object{"staff": []object{}, "covers": []object{}}, header: map[string]string{"If-Match": "*"}})
		if err := h.Areas.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a := at("outreach_worker"); len(a.items("/staff")) != 0 || a.at("/version") == before.at("/version") {
			t.Errorf("unstaffed, it answers %s", a.body)
		}
	})
}
