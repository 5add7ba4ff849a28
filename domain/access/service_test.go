package access

import (
	"slices"
	"strings"
	"testing"
)

// TestServiceRules is the policy on service items and qualifications as a table, like TestRules.
func TestServiceRules(t *testing.T) {
	in := func(cell, community, street, outside string) map[string]string {
		return map[string]string{"cell": cell, "community": community, "street": street, "triage": street, "outside": outside}
	}
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"decide service items", func(a Actor, _ Place) bool { return MaySetServiceItems(a) }, same("admin")},
		{"train", func(a Actor, _ Place) bool { return MayTrain(a) }, same("street_manager admin")},
		{"qualify somebody who works there", func(a Actor, p Place) bool { return MayQualify(a, []Place{p}) },
			in("street_manager admin", "street_manager admin", "street_manager admin", "admin")},
		{"qualify somebody who works there too", func(a Actor, p Place) bool { return MayQualify(a, []Place{{Street: "elsewhere"}, p}) },
			in("street_manager admin", "street_manager admin", "street_manager admin", "admin")},
		{"qualify somebody without a place", func(a Actor, _ Place) bool { return MayQualify(a, nil) }, same("admin")},
	} {
		for at, p := range places {
			for _, r := range Roles {
				want := slices.Contains(strings.Fields(rule.pass[at]), string(r))
				if got := rule.rule(holder(r), p); got != want {
					t.Errorf("%s, %s, at %s: %v, want %v", rule.name, r, at, got, want)
				}
			}
			if rule.rule(Actor{}, p) || !rule.rule(Program, p) {
				t.Errorf("%s, at %s: nobody passes, or the program does not", rule.name, at)
			}
		}
	}
	if one := (Actor{Account: "x", Grants: []Grant{{Admin, Street, "s", ""}}}); MaySetServiceItems(one) {
		t.Error("an admin of one street decides the city's items")
	}
}
