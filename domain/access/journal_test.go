package access

import "testing"

func TestJournal(t *testing.T) {
	street := Place{City: "c", County: "n", Street: "s"}
	community := Place{City: "c", County: "n", Street: "s", Community: "m", Cell: "x"}
	other := Place{City: "c", County: "n", Street: "o", Community: "p"}
	at := func(r Role, l Level, id string) Actor {
		return Actor{Account: "a", Grants: []Grant{{Role: r, Level: l, Area: id}}}
	}
	for _, row := range []struct {
		name               string
		actor              Actor
		place              Place
		reads, whole, some bool
	}{
		{"a street's manager of the street", at(StreetManager, Street, "s"), street, true, true, true},
		{"and of a community there", at(StreetManager, Street, "s"), community, true, true, true},
		{"but of no other street", at(StreetManager, Street, "s"), other, true, false, false},
		{"nor of the city", at(StreetManager, Street, "s"), Place{}, true, false, false},
		{"a county's manager of its streets", at(StreetManager, County, "n"), other, true, true, true},
		{"a community's manager of the community", at(CommunityManager, Community, "m"), community, true, false, true},
		{"but not of the street", at(CommunityManager, Community, "m"), street, true, false, false},
		{"nor of another community", at(CommunityManager, Community, "m"), other, true, false, false},
		{"who manages the platform of the city", Actor{Account: "a", Grants: []Grant{{Role: Admin}}}, Place{}, true, true, true},
		{"and of every street", Actor{Account: "a", Grants: []Grant{{Role: Admin}}}, other, true, true, true},
		{"who leads a cell", at(GridLead, Cell, "x"), community, false, false, false},
		{"a dispatcher", at(Dispatcher, Street, "s"), street, false, false, false},
		{"a counter", at(CounterWorker, Community, "m"), community, false, false, false},
		{"another system", at(Integration, Street, "s"), street, false, false, false},
		{"a resident", at(Resident, "", ""), community, false, false, false},
		{"the program", Actor{System: true}, street, false, false, false},
		{"nobody", Actor{}, street, false, false, false},
	} {
		if r, w, s := ReadsJournal(row.actor), MayReadWholeJournal(row.actor, row.place), MayReadJournal(row.actor, row.place); r != row.reads || w != row.whole || s != row.some {
			t.Errorf("%s: reads %v, the whole %v, some %v", row.name, r, w, s)
		}
	}
}
