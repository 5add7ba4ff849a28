package access

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHomeCallRules is the policy on home calls as a table, like TestRules.
func TestHomeCallRules(t *testing.T) {
	in := func(cell, community, street, outside string) map[string]string {
		return map[string]string{"cell": cell, "community": community, "street": street, "triage": street, "outside": outside}
	}
	everybody := same("resident handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin integration")
	item := func(of func(Actor, Place) Visit) func(Actor, Place) bool {
		return func(a Actor, p Place) bool { return SeesHomeCallItem(a, of(a, p), true) }
	}
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"book for oneself without a phone", func(a Actor, _ Place) bool { return BooksHomeCalls(a) }, same("")},
		{"book for oneself", func(a Actor, _ Place) bool {
			if a.Account != "" {
				a.Phone = "p"
			}
			return BooksHomeCalls(a)
		}, everybody},
		{"book for somebody", MayBookHomeCallFor, in("outreach_worker counter_worker grid_lead community_manager street_manager admin", "counter_worker community_manager street_manager admin", "street_manager admin", "admin")},
		{"see what a sensitive one is about that is theirs", item(func(a Actor, p Place) Visit { return Visit{Place: p, Assignee: a.Account} }), everybody},
		{"see what a sensitive one is about at whose door they are", item(func(a Actor, p Place) Visit { return Visit{Place: p, Assignee: "y", By: a.Account} }), everybody},
		{"see what a sensitive one is about that is another's", item(func(_ Actor, p Place) Visit { return Visit{Place: p, Assignee: "y"} }), same("")},
		{"reveal the phone", func(a Actor, p Place) bool { return MayRevealCaller(a, Visit{Place: p, Assignee: "y"}, false) },
			in("outreach_worker grid_lead community_manager street_manager admin", "community_manager street_manager admin", "street_manager admin", "admin")},
		{"reveal the phone of a sensitive one", func(a Actor, p Place) bool { return MayRevealCaller(a, Visit{Place: p, Assignee: "y"}, true) }, same("")},
		{"see what a sensitive one is about that is nobody's", item(func(_ Actor, p Place) Visit { return Visit{Place: p} }), in("outreach_worker grid_lead", "", "", "")},
	} {
		for at, p := range places {
			for _, r := range Roles {
				want := slices.Contains(strings.Fields(rule.pass[at]), string(r))
				if got := rule.rule(holder(r), p); got != want {
					t.Errorf("%s, %s, at %s: %v, want %v", rule.name, r, at, got, want)
				}
			}
		}
	}
	day := func(n int) time.Time { return time.Date(2026, 11, n, 8, 0, 0, 0, time.UTC) }
	a := Actor{Account: "a", Phone: "p", PhoneSince: day(10), Since: day(5)}
	for name, x := range map[string]struct {
		h    HomeCall
		want bool
	}{
		"of their phone": {HomeCall{Phone: "p", BookedAt: day(11)}, true}, "before the phone was theirs": {HomeCall{Phone: "p", BookedAt: day(9)}, false},
		"by their account": {HomeCall{Account: "a", Phone: "q", BookedAt: day(9)}, true}, "another's": {HomeCall{Account: "b", Phone: "q", BookedAt: day(11)}, false},
	} {
		if OwnsHomeCall(a, x.h) != x.want {
			t.Errorf("own one %s: %v", name, !x.want)
		}
	}
	if BooksHomeCalls(Program) || BooksHomeCalls(Actor{}) || MayBookHomeCallFor(Program, here) {
		t.Error("the program stands otherwise")
	}
}
