package ticket

import (
	"slices"
	"testing"

	"wangge/domain/access"
	"wangge/domain/policy"
)

// In strict mode who files, and verifies, a ticket is another than who
// dispatches it, also where one of them stands in for the other; without it anybody may.
func TestStrictModeKeepsStepsApart(t *testing.T) {
	strict := *usual
	strict.Limits = slices.Clone(usual.Limits)
	i := slices.IndexFunc(strict.Limits, func(l policy.Limit) bool { return l.Code == policy.Strict })
	strict.Limits[i].Value = 1
	who := map[string]access.Actor{"lead": relations["lead"], "dispatcher": relations["dispatcher"], "assignee": {Account: "somebody", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "cell"}}}}
	who["stand-in"] = access.Actor{Account: "stand-in", StandsFor: []string{"lead"}, Grants: who["lead"].Grants}
	who["other"] = access.Actor{Account: "other", Grants: who["lead"].Grants}
	for name, c := range map[string]struct {
		policy *policy.Policy
		steps  [][3]string
	}{
		"strict": {&strict, [][3]string{{"lead", "accept", "accepted"}, {"lead", "dispatch", "x"}, {"stand-in", "dispatch", "x"}, {"dispatcher", "dispatch", "dispatched"}, {"assignee", "start", "in_progress"}, {"assignee", "resolve", "resolved"},
			{"dispatcher", "rework", "x"}, {"stand-in", "rework", "in_progress"}, {"assignee", "resolve", "resolved"}, {"dispatcher", "close", "x"}, {"lead", "close", "closed"}}},
		"the stand-in commands": {&strict, [][3]string{{"other", "accept", "accepted"}, {"stand-in", "dispatch", "dispatched"}, {"assignee", "start", "in_progress"}, {"assignee", "resolve", "resolved"}, {"lead", "close", "x"}, {"other", "close", "closed"}}},
		"not strict":            {usual, [][3]string{{"lead", "accept", "accepted"}, {"lead", "dispatch", "dispatched"}, {"assignee", "start", "in_progress"}, {"assignee", "resolve", "resolved"}, {"lead", "rework", "in_progress"}, {"assignee", "resolve", "resolved"}, {"lead", "close", "closed"}}},
	} {
		ticket := in(Reported)
		for _, s := range c.steps {
			if got, err := actUnder(c.policy, ticket, who[s[0]], complete(Action(s[1])), noon); got != s[2] {
				t.Fatalf("%s: %s by %s: %s (%v), want %s", name, s[1], s[0], got, err, s[2])
			}
		}
	}
	parent := in(Accepted)
	parent.Filed = []string{who["lead"].Account}
	for by, want := range map[string]string{"lead": "x", "stand-in": "x", "dispatcher": "x", "other": "dispatched"} { // the dispatcher splits, and so files the parts
		part := parent.child(Child{Category: parent.Category, Title: "x"}, "", occasion{actor: who["dispatcher"], now: noon, policy: &strict})
		if got, err := actUnder(&strict, part, who[by], complete(Dispatch), noon); got != want {
			t.Errorf("a part dispatched by %s: %s (%v), want %s", by, got, err, want)
		}
	}
}
