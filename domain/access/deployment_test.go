package access

import "testing"

// Who keeps postings of a community, who of its street, and who reads the figures of both.
func TestDeploymentRules(t *testing.T) {
	street := Place{City: "ci", County: "co", Street: "s"}
	community, other := Place{City: "ci", County: "co", Street: "s", Community: "m"}, Place{City: "ci", County: "co", Street: "o", Community: "x"}
	with := func(r Role, l Level, id string) Actor { return Actor{Account: "a", Grants: []Grant{{r, l, id, ""}}} }
	for _, c := range []struct {
		name                    string
		actor                   Actor
		at                      Place
		keeps, reads, has, sees bool // there; and anywhere
	}{
		{"nobody", Actor{}, community, false, false, false, false},
		{"resident", Actor{Account: "a", Grants: []Grant{{Role: Resident}}}, community, false, false, false, false},
		{"machine", with(Integration, Street, "s"), community, false, false, false, false},
		{"counter worker", with(CounterWorker, Community, "m"), community, false, false, false, false},
		{"outreach worker", with(OutreachWorker, Cell, "c"), community, false, false, false, false},
		{"grid lead", with(GridLead, Community, "m"), community, false, false, false, false},
		{"community manager", with(CommunityManager, Community, "m"), community, true, true, true, true},
		{"community manager of the street's", with(CommunityManager, Community, "m"), street, false, false, true, true},
		{"community manager elsewhere", with(CommunityManager, Community, "m"), other, false, false, true, true},
		{"dispatcher", with(Dispatcher, Street, "s"), community, false, true, false, true},
		{"dispatcher elsewhere", with(Dispatcher, Street, "s"), other, false, false, false, true},
		{"street manager", with(StreetManager, Street, "s"), community, true, true, true, true},
		{"street manager of all of it", with(StreetManager, Street, "s"), street, true, true, true, true},
		{"street manager elsewhere", with(StreetManager, Street, "s"), other, false, false, true, true},
		{"admin", Actor{Account: "a", Grants: []Grant{{Role: Admin}}}, other, true, true, true, true},
		{"the program", Program, other, true, true, true, true},
	} {
		if MayKeepPosting(c.actor, c.at) != c.keeps || MayReadDeployment(c.actor, c.at) != c.reads || KeepsPostings(c.actor) != c.has || ReadsDeployment(c.actor) != c.sees {
			t.Errorf("%s: keeps %v, reads %v; anywhere %v, %v", c.name, MayKeepPosting(c.actor, c.at), MayReadDeployment(c.actor, c.at), KeepsPostings(c.actor), ReadsDeployment(c.actor))
		}
		if c.keeps != (len(PostingScopes(c.actor)) > 0) && c.at != other && c.at != street {
			t.Errorf("%s: lists %v", c.name, PostingScopes(c.actor))
		}
	}
}
