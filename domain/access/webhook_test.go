package access

import (
	"slices"
	"strings"
	"testing"
)

// TestWebhookRules is the policy on receivers and on what they hear as a table, like TestRules.
func TestWebhookRules(t *testing.T) {
	in := func(inside, outside string) map[string]string {
		return map[string]string{"cell": inside, "community": inside, "street": inside, "triage": inside, "outside": outside}
	}
	hears := func(want CaseShown, own, sensitive bool) func(Actor, Place) bool {
		return func(a Actor, p Place) bool { return HearsCase(a, Case{Place: p, Sensitive: sensitive}, own) == want }
	}
	for _, rule := range []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"manage", func(a Actor, _ Place) bool { return ManagesWebhooks(a) }, same("admin")},
		{"have a part in them", func(a Actor, _ Place) bool { return HasWebhooks(a) }, same("integration admin")},
		{"read their own", func(a Actor, _ Place) bool { return MayReadWebhook(a, a.Account) }, same("integration admin")},
		{"read another's", func(a Actor, _ Place) bool { return MayReadWebhook(a, "another") }, same("admin")},
		{"hear all of a case", hears(CaseWhole, false, false), in("integration", "")},
		{"hear all of a sensitive case", hears(CaseWhole, false, true), in("", "")},
		{"hear how a sensitive case stands", hears(CaseLinked, false, true), in("integration", "")},
		{"hear all of their own", hears(CaseWhole, true, true), in("integration", "")},
		{"hear of a ticket", func(a Actor, p Place) bool { return HearsTicket(a, Ticket{Place: p}, false) }, in("integration", "")},
		{"hear of a ticket linked to a case they hear of", func(a Actor, p Place) bool { return HearsTicket(a, Ticket{Place: p}, true) }, same("integration")},
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
	if ManagesWebhooks(Program) || HasWebhooks(Program) || HearsCase(Program, Case{}, true) != CaseHidden || HearsTicket(Program, Ticket{}, true) {
		t.Error("the program has none")
	}
}
