package access

import (
	"fmt"
	"strings"
	"testing"

	"wangge/domain"
)

// Two streets; the second community of the first lies outside what community-wide roles are granted.
var (
	here      = Place{City: "city", County: "county", Street: "street", Community: "community", Cell: "cell"}
	nextCell  = Place{City: "city", County: "county", Street: "street", Community: "community", Cell: "cell2"}
	nextDoor  = Place{City: "city", County: "county", Street: "street", Community: "community2", Cell: "cell3"}
	elsewhere = Place{City: "city", County: "county", Street: "street2", Community: "community9", Cell: "cell9"}
	triage    = Place{City: "city", County: "county", Street: "street"}
	places    = map[string]Place{"cell": here, "community": nextCell, "street": nextDoor, "triage": triage, "outside": elsewhere}
)

// holder is an actor with one role, granted as the role usually is.
func holder(r Role) Actor {
	a := Actor{Account: string(r), Session: "s"}
	switch r {
	case Resident:
		a.Grants = []Grant{{Role: r}}
	case Handler:
		a.Organisation, a.Grants = "org", []Grant{{Role: r}}
	case OutreachWorker, GridLead:
		a.Posting = []Grant{{r, Street, "street", ""}}
		a.Grants = []Grant{{r, Cell, "cell", ""}}
	case CounterWorker:
		a.Posting = []Grant{{r, Street, "street", ""}}
		return a.AtCounter(here, "")
	case CommunityManager:
		a.Grants = []Grant{{r, Community, "community", ""}}
	case Dispatcher, StreetManager, Integration:
		a.Grants = []Grant{{r, Street, "street", ""}}
	case Admin:
		a.Grants = []Grant{{Role: r}}
	}
	return a
}

// TestRules is the policy as a table: for every rule, the roles that pass it
// for a thing at each place. A role that is not named is refused.
func TestRules(t *testing.T) {
	view := func(want View) func(Actor, Place) bool {
		return func(a Actor, p Place) bool { return TicketView(a, Ticket{Place: p, Reporter: "x"}) == want }
	}
	relation := func(r Relation) func(Actor, Place) bool {
		return func(a Actor, p Place) bool { return a.HasRelation(r, Ticket{Place: p, Reporter: "x"}) }
	}
	takes := func(as Relation, roles ...Role) func(Actor, Place) bool {
		return func(a Actor, p Place) bool { return a.MayTake(as, Ticket{Place: p, Reporter: "x"}, roles) }
	}
	leadsIn := map[string]string{
		"cell":      "grid_lead community_manager dispatcher street_manager admin",
		"community": "community_manager dispatcher street_manager admin",
		"street":    "dispatcher street_manager admin",
		"triage":    "dispatcher street_manager admin",
		"outside":   "admin",
	}
	readsIn := map[string]string{
		"cell":      "outreach_worker grid_lead community_manager dispatcher street_manager admin",
		"community": "community_manager dispatcher street_manager admin",
		"street":    "dispatcher street_manager admin",
		"triage":    "dispatcher street_manager admin",
		"outside":   "admin",
	}
	reportsFor := map[string]string{}
	for at, roles := range readsIn {
		reportsFor[at] = "counter_worker " + roles // who is at a counter, for residents anywhere in the city
	}
	mapsIn := map[string]string{"outside": readsIn["outside"]}
	for _, at := range []string{"cell", "community", "street", "triage"} {
		mapsIn[at] = "integration " + readsIn[at]
	}
	above := func(inside, outside string) map[string]string {
		return map[string]string{"cell": inside, "community": inside, "street": inside, "triage": inside, "outside": outside}
	}
	same := func(roles string) map[string]string { return above(roles, roles) }
	everyone := "resident handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin"
	rules := []struct {
		name string
		rule func(Actor, Place) bool
		pass map[string]string
	}{
		{"read a ticket whole", view(Whole), readsIn},
		{"read a ticket as its reporter", view(Own), same("")},
		{"lead", relation(LeadOf), leadsIn},
		{"work the cell", relation(WorkerOf), map[string]string{"cell": "outreach_worker"}},
		{"dispatch in the street", relation(DispatchOf), above("dispatcher street_manager admin", "admin")},
		{"be the program", relation(TheProgram), same("")},
		{"have it assigned", relation(AssigneeOf), same("")},
		{"report", func(a Actor, _ Place) bool { return MayReport(a) }, same(everyone)},
		{"are told whom tickets are with", func(a Actor, _ Place) bool { return SeesAssignees(a) }, same(strings.TrimPrefix(everyone, "resident "))},
		{"are told of every change", func(a Actor, _ Place) bool { return SeesEveryChange(a) }, same("integration " + strings.TrimPrefix(everyone, "resident "))},
		{"report for a resident", MayReportFor, reportsFor},
		{"report for a resident of another city", func(a Actor, p Place) bool {
			p.City = "other"
			return MayReportFor(a, p)
		}, readsIn},
		{"reveal", func(a Actor, p Place) bool { return MayReveal(a, Ticket{Place: p}) }, map[string]string{
			"cell":      "outreach_worker grid_lead community_manager dispatcher street_manager admin",
			"community": "community_manager dispatcher street_manager admin",
			"street":    "dispatcher street_manager admin", "triage": "dispatcher street_manager admin", "outside": "admin"}},
		{"see figures", SeesFigures, mapsIn},
		{"have a ticket on the map", func(a Actor, p Place) bool { return OnMap(a)(Ticket{Place: p, Reporter: "x"}) }, mapsIn},
		{"have a map of tickets", func(a Actor, _ Place) bool { return MapsTickets(a) },
			same("integration handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin")},
		{"list accounts", func(a Actor, _ Place) bool { return MayListAccounts(a) },
			same("grid_lead community_manager dispatcher street_manager admin")},
		{"manage accounts", func(a Actor, _ Place) bool { return MayManageAccounts(a) }, same("street_manager admin")},
		{"grant an outreach worker", func(a Actor, p Place) bool { return MayGrant(a, OutreachWorker, p) }, above("street_manager admin", "admin")},
		{"grant a street manager", func(a Actor, p Place) bool { return MayGrant(a, StreetManager, p) }, above("street_manager admin", "admin")},
		{"make an admin", func(a Actor, p Place) bool { return MayGrant(a, Admin, p) }, same("admin")},
		{"import areas", func(a Actor, _ Place) bool { return MayImportAreas(a) }, same("admin")},
		{"set public holidays", func(a Actor, _ Place) bool { return MaySetHolidays(a) }, same("admin")},
		{"find addresses", func(a Actor, _ Place) bool { return FindsAddresses(a) }, same(everyone)},
		{"import addresses at all", func(a Actor, _ Place) bool { return ImportsAddresses(a) }, same("street_manager admin")},
		{"import addresses", MayImportAddresses, above("street_manager admin", "admin")},
		{"are told where an unplaced thing may lie", func(a Actor, p Place) bool { return SeesCandidate(a, p, p, false) }, leadsIn},
		{"are told the home where it may lie", func(a Actor, p Place) bool { return SeesCandidate(a, p, p, true) }, leadsIn},
		{"are told a home elsewhere where it may lie", func(a Actor, p Place) bool { return SeesCandidate(a, p, places["outside"], true) }, same("admin")},
		{"import cells", MayImportCells, above("street_manager admin", "admin")},
		{"staff a cell", MayStaff, map[string]string{"cell": "community_manager street_manager admin", "community": "community_manager street_manager admin",
			"street": "street_manager admin", "triage": "street_manager admin", "outside": "admin"}},
		{"keep the roster of duty", func(a Actor, p Place) bool {
			return MayKeepDuty(a, Place{City: p.City, County: p.County, Street: p.Street})
		}, above("street_manager admin", "admin")},
		{"see staff", func(a Actor, _ Place) bool { return SeesStaff(a) },
			same("handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin")},
		{"manage organisations", MayManageOrganisations, above("dispatcher street_manager admin", "admin")},
		{"read another's account", func(a Actor, p Place) bool { return MayReadAccount(a, "x", []Place{p}) }, map[string]string{
			"cell": leadsIn["cell"], "community": "grid_lead " + leadsIn["community"], "street": "grid_lead " + leadsIn["street"],
			"triage": "grid_lead " + leadsIn["triage"], "outside": leadsIn["outside"]}},
		{"decide what holds in a street", MaySetPolicy, above("street_manager admin", "admin")},
		{"decide what holds in a city", func(a Actor, p Place) bool { return MaySetPolicy(a, Place{City: p.City}) }, same("admin")},
		{"read what holds in a street", func(a Actor, p Place) bool {
			at := []Place(nil)
			if a.IsStaff() {
				at = []Place{here}
			}
			return MayReadPolicy(a, Place{City: p.City, County: p.County, Street: p.Street}, at)
		}, above("handler outreach_worker counter_worker grid_lead community_manager dispatcher street_manager admin", "admin")},
		{"take a step that every lead may", takes(LeadOf, Leads...), leadsIn},
		{"take a step that dispatchers may", takes(LeadOf, Dispatcher), above("dispatcher", "")},
		{"take a step that is given to who cannot lead", takes(LeadOf, OutreachWorker, Handler, Resident), same("")},
		{"take a step that nobody is named for", takes(LeadOf), same("")},
		{"do a clock's step, whoever may lead", takes(TheProgram, Leads...), same("")},
		{"manage a worker's account", func(a Actor, p Place) bool { return MayManageAccount(a, []Role{OutreachWorker}, []Place{p}) }, above("street_manager admin", "admin")},
	}
	for _, rule := range rules {
		for at, p := range places {
			want := strings.Fields(rule.pass[at])
			for _, r := range Roles {
				may := false
				for _, w := range want {
					may = may || w == string(r)
				}
				if got := rule.rule(holder(r), p); got != may {
					t.Errorf("%s, %s, at %s: %v, want %v", rule.name, r, at, got, may)
				}
			}
			if nobody := rule.rule(Actor{}, p); nobody {
				t.Errorf("%s, not signed in, at %s: passes", rule.name, at)
			}
		}
	}
}

func TestRelationsToATicketByPerson(t *testing.T) {
	ticket := Ticket{Place: elsewhere, Reporter: "resident", Assignee: Assignee{Organisation, "org"}, Helpers: []Assignee{{Person, "outreach_worker"}}, Handled: []string{"counter_worker"}}
	for _, c := range []struct {
		role Role
		view View
		as   string // relations held
	}{
		{Resident, Own, "reporter"}, {Handler, Whole, "assignee"}, {OutreachWorker, Whole, "helper"},
		{CounterWorker, Hidden, ""}, {GridLead, Hidden, ""}, {Dispatcher, Hidden, ""}, {Integration, Hidden, ""}, {Admin, Whole, "lead"},
	} {
		a := holder(c.role)
		var as []string
		for name, r := range map[string]Relation{"reporter": Reporter, "assignee": AssigneeOf, "helper": HelperOf, "lead": LeadOf} {
			if a.HasRelation(r, ticket) {
				as = append(as, name)
			}
		}
		if v := TicketView(a, ticket); v != c.view || strings.Join(as, " ") != c.as {
			t.Errorf("%s: view %v as %v, want %v as %q", c.role, v, as, c.view, c.as)
		}
	}
	if a := holder(Handler); !a.Is(Handler) || a.HasRelation(AssigneeOf, Ticket{Assignee: Assignee{Organisation, "another"}}) {
		t.Error("a handler is assigned what another organisation has")
	}
	former := Actor{Account: "x", Organisation: "org", Grants: []Grant{{Role: Resident}}}
	if former.HasRelation(AssigneeOf, ticket) {
		t.Error("who is no handler any more is assigned the organisation's tickets")
	}
}

// On the map is what the list shows: of who has areas what lies there, of others what is with them.
func TestOnMapByPerson(t *testing.T) {
	theirs := Ticket{Place: elsewhere, Reporter: "handler", Assignee: Assignee{Organisation, "org"}, Helpers: []Assignee{{Person, "outreach_worker"}}}
	for _, c := range []struct {
		actor Actor
		t     Ticket
		want  bool
	}{
		{holder(Handler), theirs, true},
		{holder(Handler), Ticket{Place: elsewhere, Reporter: "handler"}, true},
		{holder(Handler), Ticket{Place: elsewhere}, false},
		{holder(OutreachWorker), theirs, false},
		{Actor{Account: "outreach_worker", Posting: holder(OutreachWorker).Posting}, theirs, true}, // posted nowhere today
		{holder(Resident), Ticket{Place: here, Reporter: "resident"}, false},
	} {
		if got := OnMap(c.actor)(c.t); got != c.want {
			t.Errorf("%s, %+v: %v", c.actor.Account, c.t, got)
		}
	}
}

// A counter worker sees what she reported, anywhere and afterwards, and what hangs
// on the cases of her communities, as it may be told to residents.
func TestTicketsOfACounter(t *testing.T) {
	counter := holder(CounterWorker)
	former := Actor{Account: counter.Account, Posting: counter.Posting} // at no counter today
	left := Actor{Account: counter.Account, Grants: []Grant{{Role: Resident}}}
	sent := Ticket{Place: elsewhere, ReportedBy: "counter_worker", Reporter: "x"}
	own := Ticket{Place: elsewhere, ReportedBy: "counter_worker", Reporter: "counter_worker"}
	served := Ticket{Place: elsewhere, ReportedBy: "x", Reporter: "x", Served: []string{"another", "community"}}
	foreign := Ticket{Place: here, ReportedBy: "x", Reporter: "x", Served: []string{"another"}}
	for _, c := range []struct {
		name    string
		actor   Actor
		t       Ticket
		view    View
		onMap   bool
		reveals bool
	}{
		{"hers", counter, sent, Own, true, true}, {"her own", counter, own, Own, true, false},
		{"of a case of hers", counter, served, Own, true, false}, {"in her community", counter, foreign, Hidden, false, false},
		{"hers, afterwards", former, sent, Own, true, false}, {"of a case, afterwards", former, served, Hidden, false, false},
		{"hers, who works there no more", left, sent, Hidden, false, false},
		{"of a case, to others", holder(GridLead), served, Hidden, false, false},
		{"with her", counter, Ticket{Place: elsewhere, Assignee: Assignee{Person, "counter_worker"}}, Whole, true, true},
	} {
		if view, onMap, reveals := TicketView(c.actor, c.t), OnMap(c.actor)(c.t), MayReveal(c.actor, c.t); view != c.view || onMap != c.onMap || reveals != c.reveals {
			t.Errorf("%s: view %v, on the map %v, reveals %v", c.name, view, onMap, reveals)
		}
	}
	if ReportsFor(former) || MayReportFor(former, here) || !ReportsFor(counter) {
		t.Error("reports for residents without being at a counter")
	}
	if SendsFromCounter(Program) || SendsFromCounter(holder(GridLead)) || !SendsFromCounter(former) {
		t.Error("others send from counters")
	}
}

func TestNobodyVerifiesWhatTheyHandled(t *testing.T) {
	for name, c := range map[string]struct {
		t    Ticket
		want bool
	}{
		"a stranger's work": {Ticket{Handled: []string{"x"}}, true},
		"own work":          {Ticket{Handled: []string{"grid_lead"}}, false},
		"assigned to me":    {Ticket{Assignee: Assignee{Person, "grid_lead"}}, false},
		"helped by me":      {Ticket{Helpers: []Assignee{{Person, "grid_lead"}}}, false},
	} {
		if got := MayVerify(holder(GridLead), c.t); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestScopes(t *testing.T) {
	several := Actor{Account: "x", Grants: []Grant{{GridLead, Cell, "a", ""}, {GridLead, Cell, "b", ""}, {CommunityManager, Community, "c", ""}, {GridLead, Cell, "a", ""}, {Integration, Street, "s", ""}}}
	for _, c := range []struct {
		actor Actor
		want  string
	}{
		{holder(Admin), "[{ }]"}, {holder(Resident), "[]"}, {holder(Handler), "[]"}, {holder(Integration), "[]"},
		{holder(GridLead), "[{cell cell}]"}, {several, "[{community c} {cell a} {cell b}]"},
		{Actor{Account: "x", Grants: append([]Grant{{Role: Admin}}, several.Grants...)}, "[{ }]"},
		{Program, "[{ }]"},
	} {
		if got := fmt.Sprint(TicketScopes(c.actor)); got != c.want {
			t.Errorf("%+v: %s, want %s", c.actor.Grants, got, c.want)
		}
	}
}

func TestLedgerScopes(t *testing.T) {
	both := Actor{Account: "x", Grants: []Grant{{Role: OutreachWorker, Level: Cell, Area: "a"}, {Role: GridLead, Level: Cell, Area: "b"}, {Role: CounterWorker, Level: Community, Area: "c"}}}
	for _, c := range []struct {
		actor Actor
		want  string
	}{
		{holder(Admin), "[{ }]"}, {holder(StreetManager), "[{street street}]"}, {holder(Dispatcher), "[{street street}]"}, {holder(CommunityManager), "[{community community}]"}, {both, "[{cell b}]"},
		{holder(OutreachWorker), "[]"}, {holder(CounterWorker), "[]"}, {holder(Handler), "[]"}, {holder(Resident), "[]"}, {holder(Integration), "[]"}, {Program, "[]"},
	} {
		if got := fmt.Sprint(LedgerScopes(c.actor)); got != c.want {
			t.Errorf("%+v: %s, want %s", c.actor.Grants, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	if p, a := Program.Name(), holder(Admin).Name(); p != "system" || a != "admin" {
		t.Errorf("the program is %q, somebody %q", p, a)
	}
}

func TestWhoSeesTheContext(t *testing.T) {
	for v, want := range map[View]error{Hidden: domain.ErrNotFound, Own: domain.ErrForbidden, Whole: nil} {
		if got := MaySeeContext(v); got != want {
			t.Errorf("view %d: %v, want %v", v, got, want)
		}
	}
}

// A ticket that the public sees may be followed by everybody; how many do, and its clocks, are told to who sees all of it.
func TestWhoFollows(t *testing.T) {
	for v, want := range map[View][4]bool{Hidden: {false, true, false, false}, Own: {true, true, false, false}, Whole: {true, true, true, true}} {
		if got := [4]bool{MayFollow(v, false), MayFollow(v, true), SeesFollowers(v), SeesClocks(v)}; got != want {
			t.Errorf("view %d: %v, want %v", v, got, want)
		}
	}
}
