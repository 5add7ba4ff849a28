package access

import (
	"fmt"
	"strings"
	"testing"
)

// TestHouseholdRules is the policy on households as a table, like TestRules.
func TestHouseholdRules(t *testing.T) {
	in := func(cell, community, street, outside string) map[string]string {
		return map[string]string{"cell": cell, "community": community, "street": street, "triage": street, "outside": outside}
	}
	keeps := in("outreach_worker grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")
	above := func(from Place) func(Actor, Place) bool {
		return func(a Actor, p Place) bool { return MayMoveHousehold(a, from, p) }
	}
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"have a part in them", func(a Actor, _ Place) bool { return ListsHouseholds(a) }, same("outreach_worker grid_lead community_manager dispatcher street_manager admin")},
		{"read", MayReadHousehold, in("outreach_worker grid_lead community_manager dispatcher street_manager admin",
			"community_manager dispatcher street_manager admin", "dispatcher street_manager admin", "admin")},
		{"keep", MayKeepHousehold, keeps},
		{"reveal", MayRevealPeople, keeps},
		{"search by what is revealed", func(a Actor, _ Place) bool { return RevealsPeople(a) }, same("outreach_worker grid_lead community_manager street_manager admin")},
		{"find one person", MayFind, same("counter_worker")},
		{"find one person of another city", func(a Actor, p Place) bool {
			p.City = "other"
			return MayFind(a, p)
		}, same("")},
		{"join", MayJoinHouseholds, in("grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"decide that it moved away", func(a Actor, p Place) bool { return MayDecideAway(a, p, "y") }, in("grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"decide what they found", func(a Actor, p Place) bool { return a.Account != "" && MayDecideAway(a, p, a.Account) }, same("")},
		{"import", MayImportHouseholds, in("community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"import at all", func(a Actor, _ Place) bool { return ImportsHouseholds(a) }, same("community_manager street_manager admin")},
		{"define tags", MayDefineTags, in("street_manager admin", "street_manager admin", "street_manager admin", "admin")},
		{"move from the cell", above(here), in("outreach_worker grid_lead community_manager street_manager admin", "outreach_worker grid_lead community_manager street_manager admin",
			"outreach_worker grid_lead community_manager street_manager admin", "community_manager street_manager admin")},
		{"move from another street", above(elsewhere), same("admin")},
	} {
		for at, p := range places {
			want := strings.Fields(rule.pass[at])
			for _, r := range Roles {
				may := strings.Contains(" "+strings.Join(want, " ")+" ", " "+string(r)+" ")
				if got := rule.rule(holder(r), p); got != may {
					t.Errorf("%s, %s, at %s: %v, want %v", rule.name, r, at, got, may)
				}
			}
			if rule.rule(Actor{}, p) {
				t.Errorf("%s, not signed in, at %s: passes", rule.name, at)
			}
		}
	}
	if former := (Actor{Account: "x", Posting: holder(CounterWorker).Posting}); FindsPeople(former) || FindsPeople(Program) || !FindsPeople(holder(CounterWorker)) {
		t.Error("who is at no counter finds people")
	}
	if MayRevealPeople(Actor{System: true}, here) || RevealsPeople(Actor{System: true}) {
		t.Error("the program reveals")
	}
}

func same(roles string) map[string]string {
	return map[string]string{"cell": roles, "community": roles, "street": roles, "triage": roles, "outside": roles}
}

func TestHouseholdScopes(t *testing.T) {
	both := Actor{Account: "x", Grants: []Grant{{Dispatcher, Street, "s", ""}, {OutreachWorker, Cell, "c", ""}, {CommunityManager, Community, "m", ""}, {Handler, "", "", ""}}}
	for name, c := range map[string]struct {
		got  []Scope
		want string
	}{
		"read": {HouseholdScopes(both), "[{street s} {community m} {cell c}]"}, "keep": {KeptScopes(both), "[{community m} {cell c}]"},
		"import": {ImportScopes(both), "[{community m}]"}, "everything": {HouseholdScopes(holder(Admin)), "[{ }]"}, "nothing": {HouseholdScopes(holder(CounterWorker)), "[]"},
	} {
		if got := fmt.Sprint(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
