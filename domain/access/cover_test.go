package access

import (
	"slices"
	"strings"
	"testing"
)

// Of three people, ann stands in for ben now; cat has nothing to do with them.
var (
	ann = Actor{Account: "ann", StandsFor: []string{"ben"}, Grants: []Grant{{OutreachWorker, Cell, "cell2", ""}, {GridLead, Cell, "cell", "ben"}}}
	ben = Actor{Account: "ben", StandIns: []string{"ann"}, Grants: []Grant{{GridLead, Cell, "cell", ""}}}
	cat = Actor{Account: "cat", Grants: []Grant{{GridLead, Cell, "cell", ""}}}
)

// In every exclusion the absent and their stand-in are one person, whichever
// of them did it and whichever acts now; others are not concerned.
func TestAbsentAndStandInAreOnePerson(t *testing.T) {
	lead := func(a Actor) Actor { // who may lead there anyway
		a.Grants = append(slices.Clone(a.Grants), Grant{CommunityManager, Community, "community", ""})
		return a
	}
	rules := map[string]func(a Actor, did string) bool{
		"verify what they handled":       func(a Actor, did string) bool { return MayVerify(a, Ticket{Handled: []string{"x", did}}) },
		"verify what they have":          func(a Actor, did string) bool { return MayVerify(a, Ticket{Assignee: Assignee{Person, did}}) },
		"verify what they help with":     func(a Actor, did string) bool { return MayVerify(a, Ticket{Helpers: []Assignee{{Person, did}}}) },
		"review a visit they made":       func(a Actor, did string) bool { return a.HasVisitRelation(VisitReviewer, Visit{Place: here, By: did}) },
		"confirm that a household moved": func(a Actor, did string) bool { return MayDecideAway(a, here, did) },
		"see a rectification of their work": func(a Actor, did string) bool {
			return MaySeeRectification(a, Rectification{Place: here, Rated: []string{did}})
		},
		"call back on what they put right": func(a Actor, did string) bool { return MayCallBack(a, Rectification{Place: here, Rectifier: did}) },
		"end what they put right": func(a Actor, did string) bool {
			return MayEndRectification(a, Rectification{Place: here, Rectifier: did})
		},
		"read what is said of their work": func(a Actor, did string) bool {
			return SeesRatingWords(a, Rated{Place: here, Whole: true, Staff: []string{did}})
		},
		"rate their work": func(a Actor, did string) bool {
			return MayRate(a, Rated{Owners: OwnerKeys(a), Staff: []string{did}})
		},
	}
	for name, may := range rules {
		for _, c := range []struct {
			actor Actor
			did   string
			want  bool
		}{
			{ann, "ann", false}, {ann, "ben", false}, {ann, "cat", true},
			{ben, "ben", false}, {ben, "ann", false}, {ben, "cat", true},
			{cat, "cat", false}, {cat, "ann", true}, {cat, "ben", true}, {cat, "", true},
		} {
			if got := may(lead(c.actor), c.did); got != c.want {
				t.Errorf("may %s, %s of what %q did: %v", name, c.actor.Account, c.did, got)
			}
		}
	}
}

// In strict mode who commands a ticket neither files nor verifies it, and the other way round.
func TestStrictlyApart(t *testing.T) {
	filed, sent := Ticket{Filed: []string{"ben"}}, Ticket{Dispatchers: []string{"x", "ben"}}
	for step, want := range map[string][2]bool{ // of what was filed, of what was dispatched
		"dispatch": {false, true}, "accept": {true, false}, "reject": {true, false}, "reply": {true, false}, "rework": {true, false}, "close": {true, false},
		"correct": {true, true}, "suspend": {true, true}, "reopen": {true, true},
	} {
		for _, who := range []Actor{ben, ann} {
			if got := [2]bool{KeepsApart(who, filed, step), KeepsApart(who, sent, step)}; got != want {
				t.Errorf("%s, %s: %v, want %v", who.Account, step, got, want)
			}
		}
		if !KeepsApart(cat, filed, step) || !KeepsApart(cat, sent, step) || !KeepsApart(Program, sent, step) {
			t.Errorf("%s: others may not", step)
		}
	}
}

// What climbed to a level is for who leads there or above, and for nobody below or elsewhere.
func TestWhoTakesWhatClimbed(t *testing.T) {
	county := Actor{Account: "x", Grants: []Grant{{StreetManager, County, "county", ""}}}
	everywhere := map[Level]string{Community: "community_manager dispatcher street_manager admin county", Street: "dispatcher street_manager admin county", County: "admin county", City: "admin", Cell: ""}
	for level, want := range everywhere {
		for _, r := range Roles {
			if got := holder(r).TakesClimbed(here, level); got != slices.Contains(strings.Fields(want), string(r)) {
				t.Errorf("%s, at the %s: %v", r, level, got)
			}
			if r != Admin && holder(r).TakesClimbed(elsewhere, level) {
				t.Errorf("%s takes what climbed in another street", r)
			}
		}
		if got := county.TakesClimbed(here, level); got != strings.HasSuffix(want, "county") {
			t.Errorf("the county, at the %s: %v", level, got)
		}
	}
	if Program.TakesClimbed(here, Street) {
		t.Error("the program takes it")
	}
}

// What is with the absent is with their stand-in too, and not the other way
// round; what is their own as residents stays theirs.
func TestWhatFollowsAStandIn(t *testing.T) {
	staff := func(a Actor, r Role) Actor {
		a.Grants = append(slices.Clone(a.Grants), Grant{r, Community, "community9", ""})
		return a
	}
	rules := map[string]func(a Actor, whose string) bool{
		"ticket": func(a Actor, whose string) bool {
			return a.HasRelation(HelperOf, Ticket{Place: elsewhere, Helpers: []Assignee{{Person, whose}}})
		},
		"sight of it": func(a Actor, whose string) bool {
			return TicketView(a, Ticket{Place: elsewhere, Assignee: Assignee{Person, whose}}) == Whole
		},
		"visit": func(a Actor, whose string) bool { return MaySeeVisit(a, Visit{Place: elsewhere, Assignee: whose}) },
		"case": func(a Actor, whose string) bool {
			return CaseView(staff(a, CounterWorker), Case{Place: here, Worker: whose}) == CaseWhole
		},
		"rectification": func(a Actor, whose string) bool {
			return MayRectify(a, Rectification{Place: elsewhere, Responsible: whose})
		},
		"station": func(a Actor, whose string) bool {
			return MayKeepStation(staff(a, CounterWorker), Station{Directors: []string{whose}})
		},
	}
	for name, has := range rules {
		for _, c := range []struct {
			actor Actor
			whose string
			want  bool
		}{{ann, "ann", true}, {ann, "ben", true}, {ben, "ben", true}, {ben, "ann", false}, {cat, "ben", false}, {Actor{}, "", false}, {ann, "", false}} {
			if got := has(c.actor, c.whose); got != c.want {
				t.Errorf("%s of %q, %s: %v", name, c.whose, c.actor.Account, got)
			}
		}
	}
	if ann.HasRelation(Reporter, Ticket{Reporter: "ben"}) || OwnsCase(ann, Case{Applicant: "ben"}) {
		t.Error("a stand-in is the absent resident")
	}
}

// The journal names the absent person where it took their scope, and only then.
func TestThrough(t *testing.T) {
	two := ann
	two.StandsFor = []string{"cat", "ben"}
	leads := func(p Place) func(Actor) bool {
		return func(a Actor) bool {
			return a.HasRelation(LeadOf, Ticket{Place: p}) || a.HasRelation(WorkerOf, Ticket{Place: p})
		}
	}
	for _, c := range []struct {
		name  string
		actor Actor
		rule  func(Actor) bool
		want  string
	}{
		{"in a cell of her own", ann, leads(nextCell), ""}, {"in his", ann, leads(here), "ben"}, {"in his, of two", two, leads(here), "ben"},
		{"his ticket", ann, func(a Actor) bool { return a.HasRelation(AssigneeOf, Ticket{Assignee: Assignee{Person, "ben"}}) }, "ben"},
		{"what neither may", ann, leads(elsewhere), ""}, {"himself", ben, leads(here), ""}, {"who stands in for nobody", cat, leads(here), ""}, {"the program", Program, leads(here), ""},
	} {
		if got := c.actor.Through(c.rule); got != c.want {
			t.Errorf("%s: through %q, want %q", c.name, got, c.want)
		}
	}
	if got := ann.Persons(); !slices.Equal(got, []string{"ann", "ben"}) || (Actor{}).Persons() != nil || Program.Persons() != nil {
		t.Errorf("persons %v", got)
	}
	desk := Actor{Account: "ann", StandsFor: []string{"ben"}}.AtCounter(here, "ben")
	if own := desk.Alone(); !FindsPeople(desk) || FindsPeople(own) || len(own.Grants) > 0 || len(desk.Grants) != 1 {
		t.Errorf("at the counter of another: %+v, alone %+v", desk, own)
	}
}

// Who stands in for those who let others act does their work, and lets nobody
// act who would still when the cover is over.
func TestAStandInLetsNobodyAct(t *testing.T) {
	for name, may := range map[string]func(Actor) bool{
		"manage accounts": MayManageAccounts, "grant a role": func(a Actor) bool { return MayGrant(a, OutreachWorker, here) }, "grant a handler's": func(a Actor) bool { return MayGrant(a, Handler, Place{}) },
		"manage an account":       func(a Actor) bool { return MayManageAccount(a, []Role{Dispatcher}, []Place{here}) },
		"say who is on duty":      func(a Actor) bool { return MayKeepDuty(a, here) },
		"arrange covers":          ArrangesCovers,
		"let a worker stand in":   func(a Actor) bool { return MayArrangeCover(a, []Role{OutreachWorker}, []Place{here}, "cat") },
		"see why others are away": func(a Actor) bool { return SeesWhyAway(a, "cat", "dan") },
	} {
		away := holder(StreetManager)
		if standIn := ann.InPlaceOf(away); !may(away) || may(standIn) || !standIn.In(here, StreetManager) {
			t.Errorf("%s: %v, as a stand-in %v", name, may(away), may(standIn))
		}
	}
}
