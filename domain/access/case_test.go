package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestCaseRules is the policy on intake cases as a table, like TestRules.
func TestCaseRules(t *testing.T) {
	in := func(cell, community, street, outside string) map[string]string {
		return map[string]string{"cell": cell, "community": community, "street": street, "triage": street, "outside": outside}
	}
	shown := func(want CaseShown, c Case) func(Actor, Place) bool {
		return func(a Actor, p Place) bool {
			c.Place = p
			return CaseView(a, c) == want
		}
	}
	linked := func(want CaseShown, c Case) func(Actor, Place) bool {
		return func(a Actor, p Place) bool {
			c.Place = p
			return LinkedCaseView(a, c) == want
		}
	}
	mine := func(set func(*Case, string), rule func(Actor, Case) bool) func(Actor, Place) bool {
		return func(a Actor, p Place) bool {
			c := Case{Place: p, Worker: "y", StandIn: "y", OpenedBy: "y", Sensitive: true}
			set(&c, a.Account)
			return rule(a, c)
		}
	}
	matter := func(view func(Actor, Case) CaseShown, sensitive bool) func(Actor, Place) bool {
		return func(a Actor, p Place) bool {
			c := Case{Place: p, Sensitive: sensitive}
			return MayRevealMatter(a, c, view(a, c))
		}
	}
	whole := func(a Actor, c Case) bool { return CaseView(a, c) == CaseWhole }
	worker, standIn, opener := func(c *Case, who string) { c.Worker = who }, func(c *Case, who string) { c.StandIn = who }, func(c *Case, who string) { c.OpenedBy = who }
	managers := in("community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")
	counters := in("counter_worker", "counter_worker", "", "")
	both := in("counter_worker community_manager street_manager admin", "counter_worker community_manager street_manager admin", "street_manager admin", "admin")
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"have a part in them", func(a Actor, _ Place) bool { return ListsCases(a) }, same("outreach_worker counter_worker grid_lead community_manager street_manager admin")},
		{"see whole", shown(CaseWhole, Case{}), both},
		{"see as linked", shown(CaseLinked, Case{}), same("")},
		{"see whole what is sensitive", shown(CaseWhole, Case{Sensitive: true}), counters},
		{"see as linked what is sensitive", shown(CaseLinked, Case{Sensitive: true}), managers},
		{"see as linked what hangs on a ticket they see", linked(CaseLinked, Case{}), in("outreach_worker grid_lead dispatcher", "outreach_worker grid_lead dispatcher",
			"outreach_worker grid_lead community_manager dispatcher", "outreach_worker grid_lead community_manager dispatcher street_manager")},
		{"see as linked what is sensitive and hangs on a ticket they see", linked(CaseLinked, Case{Sensitive: true}), same("outreach_worker grid_lead community_manager dispatcher street_manager admin")},
		{"see whole what hangs on a ticket they see", linked(CaseWhole, Case{}), both},
		{"see whole what is with them", mine(worker, whole), same("counter_worker")},
		{"see whole what they stand in for", mine(standIn, whole), same("counter_worker")},
		{"see whole what they opened or sent", mine(opener, whole), in("integration outreach_worker counter_worker grid_lead community_manager street_manager admin",
			"integration outreach_worker counter_worker grid_lead community_manager street_manager admin", "integration outreach_worker counter_worker grid_lead community_manager street_manager admin",
			"outreach_worker counter_worker grid_lead community_manager street_manager admin")},
		{"send", MayUpsertCases, in("integration", "integration", "integration", "")},
		{"fetch photos of materials for its platform", func(a Actor, p Place) bool { return MayFetchMaterials(a, Case{Place: p}, true) }, in("integration", "integration", "integration", "")},
		{"fetch photos of materials of another platform", func(a Actor, p Place) bool {
			return MayFetchMaterials(a, Case{Place: p, OpenedBy: a.Account, ToldBy: a.Account}, false)
		}, same("")},
		{"send at all", func(a Actor, _ Place) bool { return UpsertsCases(a) }, same("integration")},
		{"say what platforms' words mean", func(a Actor, _ Place) bool { return ManagesCaseSystems(a) }, same("admin")},
		{"import", MayImportCases, managers},
		{"import at all", func(a Actor, _ Place) bool { return ImportsCases(a) }, same("community_manager street_manager admin")},
		{"open", MayOpenCase, in("outreach_worker counter_worker grid_lead community_manager street_manager admin", "counter_worker community_manager street_manager admin", "street_manager admin", "admin")},
		{"open at all", func(a Actor, _ Place) bool { return OpensCases(a) }, same("outreach_worker counter_worker grid_lead community_manager street_manager admin")},
		{"take a step", func(a Actor, p Place) bool { return MayTakeCase(a, Case{Place: p, OpenedBy: a.Account}) }, counters},
		{"take a step of what is with them", mine(worker, MayTakeCase), same("counter_worker")},
		{"take a step of what they stand in for", mine(standIn, MayTakeCase), same("counter_worker")},
		{"say who sees it through", func(a Actor, p Place) bool { return MayStaffCase(a, Case{Place: p, Sensitive: true}) }, both},
		{"take on what is sensitive", func(a Actor, p Place) bool { return MayTakeOnCase(a, Case{Place: p, Sensitive: true}) }, counters},
		{"take on", func(a Actor, p Place) bool { return MayTakeOnCase(a, Case{Place: p}) }, both},
		{"reveal", func(a Actor, p Place) bool { return MayRevealCase(a, Case{Place: p}) }, both},
		{"reveal what is sensitive", func(a Actor, p Place) bool { return MayRevealCase(a, Case{Place: p, Sensitive: true}) }, counters},
		{"reveal what it is about", matter(CaseView, false), both},
		{"reveal what one is about that is sensitive", matter(CaseView, true), both},
		{"reveal what it is about that hangs on a ticket they see", matter(LinkedCaseView, false), both},
		{"reveal what is sensitive and hangs on a ticket they see", matter(LinkedCaseView, true), in("outreach_worker counter_worker grid_lead community_manager street_manager admin",
			"outreach_worker counter_worker grid_lead community_manager street_manager admin", "outreach_worker grid_lead community_manager street_manager admin", "outreach_worker grid_lead community_manager street_manager admin")},
		{"link", func(a Actor, p Place) bool { return MayLinkCase(a, Case{Place: p}) }, both},
		{"link what is sensitive", func(a Actor, p Place) bool { return MayLinkCase(a, Case{Place: p, Sensitive: true}) }, counters},
		{"link what they opened", mine(opener, MayLinkCase), same("outreach_worker counter_worker grid_lead community_manager street_manager admin")},
		{"link a ticket", func(a Actor, p Place) bool {
			return MayLinkTicket(a, Ticket{Place: p, Assignee: Assignee{Organisation, "org"}})
		},
			in("outreach_worker grid_lead community_manager dispatcher street_manager admin", "community_manager dispatcher street_manager admin", "dispatcher street_manager admin", "admin")},
		{"link a ticket that they sent", func(a Actor, p Place) bool { return MayLinkTicket(a, Ticket{Place: p, ReportedBy: a.Account}) },
			in("outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin", "counter_worker community_manager dispatcher street_manager admin", "counter_worker dispatcher street_manager admin", "counter_worker admin")},
		{"link a visit", func(a Actor, p Place) bool { return MayLinkVisit(a, Visit{Place: p}) },
			in("outreach_worker grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
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
	if MayUpsertCases(Program, here) || MayOpenCase(Program, here) || MayTakeCase(Program, Case{}) || MayRevealMatter(Program, Case{}, CaseWhole) || CaseView(Program, Case{Sensitive: true}) != CaseWhole {
		t.Error("the program stands otherwise")
	}
}

func TestCaseScopes(t *testing.T) {
	both := Actor{Account: "x", Grants: []Grant{{Dispatcher, Street, "s", ""}, {OutreachWorker, Cell, "c", ""}, {CommunityManager, Community, "m", ""}, {CounterWorker, Community, "n", ""}}}
	if got := fmt.Sprint(CaseScopes(both, true), CaseScopes(both, false), CaseScopes(holder(Admin), true), CaseScopes(holder(Admin), false)); got != "[{community n}] [{community m} {community n}] [] [{ }]" {
		t.Errorf("%s", got)
	}
}
