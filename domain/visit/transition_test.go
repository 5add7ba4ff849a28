package visit

import (
	"slices"
	"strings"
	"testing"

	"wangge/domain/access"
)

// The lifecycle as a table: for every action, from which states and by whom.
func TestTransitions(t *testing.T) {
	place := access.Place{Street: "s", Community: "m", Cell: "c"}
	held := func(r access.Role, l access.Level, id string) access.Actor {
		return access.Actor{Account: string(r), Grants: []access.Grant{{Role: r, Level: l, Area: id}}}
	}
	actors := map[string]access.Actor{
		"worker": held(access.OutreachWorker, access.Cell, "c"), "lead": held(access.GridLead, access.Cell, "c"), "manager": held(access.StreetManager, access.Street, "s"),
		"assignee": {Account: "a", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "elsewhere"}}}, "program": access.Program,
		"there":    {Account: "b", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "elsewhere"}}},
		"stranger": held(access.OutreachWorker, access.Cell, "elsewhere"), "dispatcher": held(access.Dispatcher, access.Street, "s"), "nobody": {},
	}
	for action, want := range map[Action]string{
		CheckIn: "planned: assignee lead worker", Complete: "checked_in: there", Abandon: "checked_in: lead manager there", Reschedule: "planned: assignee lead manager worker",
		Reassign: "planned: lead manager", Miss: "planned: assignee lead manager worker", Cancel: "planned: lead manager program",
		Review: "completed: lead manager", Restore: "cancelled: program", Follow: "planned: program", Escalate: "planned: program", Make: "",
	} {
		got := map[string][]string{}
		for who, a := range actors {
			for _, st := range States {
				v := &Visit{Place: place, Assignee: "a", By: "b", State: st}
				_, err := v.decide(action, a)
				if allowed := slices.Contains(v.Allowed(a), string(action)); allowed != (err == nil) {
					t.Errorf("%s by %s when %s: %v, and allowed is %v", action, who, st, err, allowed)
				}
				if err == nil {
					got[string(st)] = append(got[string(st)], who)
				}
			}
		}
		var said []string
		for st, who := range got {
			slices.Sort(who)
			said = append(said, st+": "+strings.Join(who, " "))
		}
		if s := strings.Join(said, "; "); s != want {
			t.Errorf("%s: %s, want %s", action, s, want)
		}
	}
}
