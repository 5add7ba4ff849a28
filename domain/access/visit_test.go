package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestVisitRules is the policy on visits as a table, like TestRules.
func TestVisitRules(t *testing.T) {
	in := func(cell, community, street, outside string) map[string]string {
		return map[string]string{"cell": cell, "community": community, "street": street, "triage": street, "outside": outside}
	}
	stands := func(r VisitRelation) func(Actor, Place) bool {
		return func(a Actor, p Place) bool { return a.HasVisitRelation(r, Visit{Place: p, Assignee: "y", By: "y"}) }
	}
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"have a part in them", func(a Actor, _ Place) bool { return ListsVisits(a) }, same("outreach_worker grid_lead community_manager street_manager admin")},
		{"see", func(a Actor, p Place) bool { return MaySeeVisit(a, Visit{Place: p}) }, in("outreach_worker grid_lead community_manager street_manager admin",
			"community_manager street_manager admin", "street_manager admin", "admin")},
		{"see how many are due", SeesVisitsDue, in("outreach_worker grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"see their own stop", func(a Actor, p Place) bool { return a.Account != "" && MaySeeStop(a, Visit{Place: p, By: a.Account}) }, same("outreach_worker grid_lead community_manager street_manager admin")},
		{"see another's stop", func(a Actor, p Place) bool { return MaySeeStop(a, Visit{Place: p, By: "y"}) }, in("outreach_worker grid_lead community_manager street_manager admin",
			"community_manager street_manager admin", "street_manager admin", "admin")},
		{"visit", stands(VisitorOf), in("outreach_worker grid_lead", "", "", "")},
		{"knock", MayVisit, in("outreach_worker grid_lead", "", "", "")},
		{"lead", stands(VisitLeadOf), in("grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"review", stands(VisitReviewer), in("grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"review their own", func(a Actor, p Place) bool { return a.HasVisitRelation(VisitReviewer, Visit{Place: p, By: a.Account}) }, same("")},
		{"end another's stop", stands(VisitAtDoor), same("")},
		{"end their own", func(a Actor, p Place) bool {
			return a.Account != "" && a.HasVisitRelation(VisitAtDoor, Visit{Place: p, By: a.Account})
		}, same("outreach_worker grid_lead community_manager street_manager admin")},
		{"call at their stop's door", func(a Actor, p Place) bool { return a.Account != "" && MayCallAt(a, Visit{Place: p, By: a.Account}) }, same("outreach_worker grid_lead community_manager street_manager admin")},
		{"call at another's door", func(a Actor, p Place) bool { return MayCallAt(a, Visit{Place: p, Assignee: "y", By: "y"}) }, same("")},
		{"be the clock", stands(VisitClock), same("")},
		{"plan", MayPlan, in("community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"plan at all", func(a Actor, _ Place) bool { return Plans(a) }, same("community_manager street_manager admin")},
		{"set the policy", MaySetVisitPolicy, in("street_manager admin", "street_manager admin", "street_manager admin", "admin")},
		{"make forms", MayMakeForms, in("street_manager admin", "street_manager admin", "street_manager admin", "admin")},
		{"read forms", func(a Actor, _ Place) bool { return MayReadForms(a) }, same("outreach_worker grid_lead community_manager street_manager admin")},
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

// An assigned visit is seen and done wherever it is, by who visits at all.
func TestAssignedVisits(t *testing.T) {
	for _, r := range Roles {
		a := holder(r)
		v := Visit{Place: elsewhere, Assignee: a.Account}
		want := slices.Contains([]Role{OutreachWorker, GridLead, CommunityManager, StreetManager, Admin}, r)
		if see, visit := MaySeeVisit(a, v), a.HasVisitRelation(VisitorOf, v); see != want || visit != want {
			t.Errorf("%s: sees %v, visits %v, want %v", r, see, visit, want)
		}
		if MayCallAt(a, v) != want {
			t.Errorf("%s: may call %v, want %v", r, !want, want)
		}
		if a.HasVisitRelation(VisitLeadOf, v) != (r == Admin) {
			t.Errorf("%s leads what is assigned to them", r)
		}
	}
	program := Actor{System: true}
	if program.HasVisitRelation(VisitorOf, Visit{}) || program.HasVisitRelation(VisitLeadOf, Visit{}) || !program.HasVisitRelation(VisitClock, Visit{}) || !MaySeeVisit(program, Visit{}) {
		t.Error("the program stands otherwise")
	}
}

func TestVisitScopes(t *testing.T) {
	both := Actor{Account: "x", Grants: []Grant{{Dispatcher, Street, "s", ""}, {OutreachWorker, Cell, "c", ""}, {CommunityManager, Community, "m", ""}}}
	if got := fmt.Sprint(VisitScopes(both), PlanScopes(both)); got != "[{community m} {cell c}] [{community m}]" {
		t.Errorf("%s", got)
	}
}
