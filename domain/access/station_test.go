package access

import (
	"slices"
	"strings"
	"testing"
)

// TestStationRules is the policy on stations as a table, like TestRules: of a
// station in the street that serves its first community.
func TestStationRules(t *testing.T) {
	station := func(p Place, more ...string) Station {
		s := Station{Place: Place{City: p.City, County: p.County, Street: p.Street}, Directors: []string{"x"}, Staff: append([]string{"x", "y"}, more...), Posted: []string{"x", "y"}}
		if p.Community != "" {
			s.Communities = []Place{{City: p.City, County: p.County, Street: p.Street, Community: p.Community}}
		}
		return s
	}
	managers := map[string]string{"cell": "street_manager admin", "community": "street_manager admin", "street": "street_manager admin", "triage": "street_manager admin", "outside": "admin"}
	everywhere := func(roles string) map[string]string {
		return map[string]string{"cell": roles, "community": roles, "street": roles, "triage": roles, "outside": roles}
	}
	keepsOwn := map[string]string{}
	for at, roles := range managers {
		keepsOwn[at] = "counter_worker " + roles
	}
	var roles []string
	for _, r := range Roles {
		roles = append(roles, string(r))
	}
	anybody := everywhere(strings.Join(roles, " ")) // who may enter their absence is asked before
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"run it", func(a Actor, p Place) bool { return MayRunStation(a, station(p)) }, managers},
		{"keep it", func(a Actor, p Place) bool { return MayKeepStation(a, station(p)) }, managers},
		{"keep it, on its staff", func(a Actor, p Place) bool { return MayKeepStation(a, station(p, a.Account)) }, managers},
		{"keep it, as its director", func(a Actor, p Place) bool {
			s := station(p)
			s.Directors = append(s.Directors, a.Account)
			return MayKeepStation(a, s)
		}, keepsOwn},
		{"enter another's absence, on its staff", func(a Actor, p Place) bool { return MayEnterAbsence(a, station(p, a.Account), "y") }, managers},
		{"enter their own, on its staff", func(a Actor, p Place) bool { return MayEnterAbsence(a, station(p, a.Account), a.Account) }, keepsOwn},
		{"enter their own, elsewhere", func(a Actor, p Place) bool { return MayEnterAbsence(a, station(p), a.Account) }, managers},
		{"choose somebody of it to stand in, on its staff", func(a Actor, p Place) bool { return a.Account != "" && MayChooseStandIn(a, station(p, a.Account), "y") }, anybody},
		{"choose somebody else to stand in, on its staff", func(a Actor, p Place) bool { return MayChooseStandIn(a, station(p, a.Account), "z") }, managers},
		{"read it", func(a Actor, p Place) bool { return MayReadStation(a, station(p)) }, map[string]string{
			"cell":      "counter_worker grid_lead community_manager dispatcher street_manager admin",
			"community": "counter_worker grid_lead community_manager dispatcher street_manager admin",
			"street":    "counter_worker grid_lead dispatcher street_manager admin", "triage": "counter_worker grid_lead dispatcher street_manager admin", "outside": "admin"}},
		{"read it, on its staff", func(a Actor, p Place) bool { return a.Account != "" && MayReadStation(a, station(p, a.Account)) },
			everywhere("handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin")},
	} {
		for at, p := range places {
			for _, r := range Roles {
				want := slices.Contains(strings.Fields(rule.pass[at]), string(r))
				if got := rule.rule(holder(r), p); got != want {
					t.Errorf("%s, %s, at %s: %v, want %v", rule.name, r, at, got, want)
				}
			}
			if rule.rule(Actor{}, p) {
				t.Errorf("%s, not signed in, at %s: passes", rule.name, at)
			}
		}
	}
}
