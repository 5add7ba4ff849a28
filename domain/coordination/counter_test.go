package coordination

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/service"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
)

// counters are the people of a world with cases.
type counters struct {
	*world
	people map[string]access.Actor
	at     time.Time // the clock
}

const jiaTwo = worldtest.JiaTwo

// withCases draws a city and puts people and items in it.
func withCases(t *testing.T, w *world) *counters {
	t.Helper()
	w.draw(t, noon, cell(code(jiaOne, 1), area.Basic, box(0, 0, 1, 1)), cell(code(jiaTwo, 1), area.Basic, box(1, 0, 2, 1)), cell(code(yiOne, 1), area.Basic, box(3, 0, 4, 1)))
	must(0, w.areas.Refresh(t.Context()))(t)
	c := &counters{world: w, people: map[string]access.Actor{}, at: noon}
	c.add(t, "counter", access.CounterWorker, jiaOne)
	c.add(t, "other counter", access.CounterWorker, yiOne)
	c.add(t, "platform", access.Integration, worldtest.City)
	c.add(t, "other platform", access.Integration, worldtest.City)
	c.add(t, "worker", access.OutreachWorker, jiaOne)
	for name, who := range map[string]string{"rnd": "platform", "hotline": "other platform"} {
		in := intake.SystemInput{Title: "平台", Accounts: []string{c.people[who].Account}}
		must(w.cases.PutSystem(t.Context(), admin, noon, name, 0, in))(t)
	}
	for code, content := range map[string]service.Content{
		"GS-01": {Category: "社保", Name: "居住证明", Department: "人社局", WorkingDays: 5}, "MZ-01": {Category: "民政", Name: "最低生活保障申请", Department: "民政局", WorkingDays: 20, Sensitive: true},
	} {
		must(w.items.Put(t.Context(), admin, noon, code, -1, service.Decision{Content: content}))(t)
	}
	return c
}

// add makes an account with one role, and the actor it signs in as.
func (c *counters) add(t *testing.T, who string, role access.Role, at string) {
	t.Helper()
	a := must(c.accounts.Create(t.Context(), program, noon, account.NewAccount{Username: strings.ReplaceAll(who, " ", "."), Name: "某人", Machine: role == access.Integration, Grants: []account.GrantInput{{Role: role, Area: at}}}))(t)
	actor := access.Actor{Account: a.ID, Session: "s"}
	for _, g := range a.Grants {
		actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Level: g.Level, Area: g.Area})
	}
	if role == access.CounterWorker {
		actor.Cities = []string{worldtest.ID(t, c.areas, worldtest.City)} // at a counter of which she is today
	}
	c.people[who] = actor
}

// upsert is what a platform says of a case.
func (c *counters) upsert(t *testing.T, n *node, system, number, community, state string, version int64) *intake.Case {
	t.Helper()
	who := c.people["platform"]
	if system == "hotline" {
		who = c.people["other platform"]
	}
	made, _, err := n.cases.Upsert(t.Context(), who, c.at, intake.Key{System: system, Number: number}, intake.Upsert{
		Item: "GS-01", State: state, Version: &version, ChangedAt: c.at, OpenedAt: noon.Add(-time.Hour), Community: community, Address: "大儒巷8号",
		Applicant: intake.ApplicantInput{Name: "王小明", Phone: "13812345678"},
	})
	return must(made, err)(t)
}

// follow lets what follows from links be brought about by a node.
func (c *counters) follow(t *testing.T, n *node) {
	t.Helper()
	lease := must(n.st.Acquire(t.Context(), "links", ids.New(), time.Minute))(t)
	f := &link.Follower{Store: n.st, Areas: n.areas, Accounts: n.accounts}
	must(0, f.Consumer(func() time.Time { return c.at }).CatchUp(t.Context(), n.st, lease))(t)
	must(0, n.st.Release(t.Context(), lease))(t)
}

// todos are what somebody is asked or told and has not done: kinds and what they are about.
func (c *counters) todos(t *testing.T, who string) (out []string) {
	t.Helper()
	open := true
	found, _, err := todo.New(c.st).List(t.Context(), access.Actor{Account: who, Session: "s"}, c.at, todo.Filter{Open: &open, Limit: 100})
	must(0, err)(t)
	for _, it := range found {
		out = append(out, string(it.Kind))
	}
	return out
}

func (c *counters) links(t *testing.T, who access.Actor, thing link.Thing, id string) []link.Seen {
	t.Helper()
	return must(c.node.links.Of(t.Context(), who, link.End{Thing: thing, ID: id}, false))(t)
}

func (c *counters) tie(t *testing.T, n *node, ticketID, caseID string) {
	t.Helper()
	must(n.links.Make(t.Context(), admin, c.at, link.End{Thing: link.Ticket, ID: ticketID}, link.Making{Kind: link.SameMatter, Other: link.End{Thing: link.Case, ID: caseID}, Reason: "同一事项"}))(t)
}

func (c *counters) finish(t *testing.T, id string) {
	t.Helper()
	handler := c.handler
	for _, m := range []ticket.ActionInput{{Action: ticket.Accept}, {Action: ticket.Dispatch, Assignee: &c.mender}} {
		c.move(t, id, m)
	}
	for _, m := range []ticket.ActionInput{{Action: ticket.Start}, {Action: ticket.Resolve, Outcome: "answered"}} {
		must(c.tickets.TakeAction(t.Context(), handler, c.at, id, 0, m))(t)
	}
	c.at = c.at.Add(time.Minute)
	must(c.tickets.TakeAction(t.Context(), admin, c.at, id, 0, ticket.ActionInput{Action: ticket.Close, Verification: "phone"}))(t)
}

// A ticket is made of a case in one call, and a case of a ticket; sent again,
// on another node, it is what was made.
func TestTicketsAndCasesOfOneAnother(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := withCases(t, w)
		counter, two := c.people["counter"], w.join(t, store.Options{Rehearse: true})
		of := c.upsert(t, w.node, "rnd", "1", jiaOne, "in_review", 1)
		at := spot(3.5, 0.5) // in another street
		d := ticket.Draft{ID: ids.New(), Category: "noise", Position: &at, Datum: geo.WGS84}
		var made []string
		for _, n := range []*node{w.node, two, w.node} {
			got, err := n.counter.OpenTicket(t.Context(), counter, c.at, of.ID, d)
			made = append(made, must(got, err)(t).ID)
		}
		got := w.get(t, d.ID)
		if !slices.Equal(made, []string{d.ID, d.ID, d.ID}) || got.Title != "居住证明" || got.Source != ticket.FromCounter || got.Contact == nil || got.Contact.PhoneMasked != "138****5678" ||
			!slices.Equal(got.Served, []string{of.Place.Community}) || got.Place.Street == of.Place.Street {
			t.Errorf("made %v: %+v", made, got)
		}
		if l := c.links(t, counter, link.Case, of.ID); len(l) != 1 || l[0].Other.ID != d.ID || l[0].Direction != link.In || l[0].Other.State != "reported" {
			t.Errorf("on the case: %+v", l)
		}
		if l := c.links(t, admin, link.Ticket, d.ID); len(l) != 1 || l[0].Other.ID != of.ID || l[0].Other.State != "in_review" {
			t.Errorf("on the ticket: %+v", l)
		}
		if _, err := w.counter.OpenTicket(t.Context(), c.people["other counter"], c.at, of.ID, d); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("by another counter: %v", err)
		}
		other := d
		other.Title = "别的"
		if _, err := w.counter.OpenTicket(t.Context(), counter, c.at, of.ID, other); worldtest.Conflict(err) != "duplicate" {
			t.Errorf("another draft under the id: %v", err)
		}

		heard := must(w.report(t.Context(), spot(0.5, 0.5)))(t)
		draft := intake.Draft{ID: ids.New(), Item: "GS-01"}
		var working sync.WaitGroup
		for i := range 6 {
			working.Go(func() {
				n := []*node{w.node, two}[i%2]
				if k, err := n.counter.OpenCase(t.Context(), admin, c.at, heard.ID, draft); err != nil || k.ID != draft.ID {
					t.Errorf("%+v, %v", k, err)
				}
			})
		}
		working.Wait()
		if l := c.links(t, admin, link.Ticket, heard.ID); len(l) != 1 || l[0].Other.ID != draft.ID || l[0].Direction != link.In {
			t.Errorf("of the ticket: %+v", l)
		}
		if got := w.get(t, heard.ID); len(got.Served) != 1 {
			t.Errorf("it serves %v", got.Served)
		}
		// Whom a ticket belongs to is not told by way of a case to who may not reveal it.
		c.tie(t, w.node, heard.ID, of.ID)
		if k := must(w.counter.OpenCase(t.Context(), counter, c.at, heard.ID, intake.Draft{ID: ids.New(), Item: "GS-01"}))(t); k.Applicant.Phone.Masked != "" || k.Applicant.Name.Masked != "" {
			t.Errorf("a linked ticket's reporter: %+v", k.Applicant)
		}
		if k := must(w.counter.OpenCase(t.Context(), counter, c.at, d.ID, intake.Draft{ID: ids.New(), Item: "GS-01", Community: jiaOne}))(t); k.Applicant.Phone.Masked != "138****5678" {
			t.Errorf("whom she reported it for: %+v", k.Applicant)
		}
		far := must(w.report(t.Context(), spot(3.5, 0.5)))(t)
		if _, err := w.counter.OpenCase(t.Context(), counter, c.at, far.ID, intake.Draft{ID: ids.New(), Item: "GS-01"}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("of a ticket she does not see: %v", err)
		}
		if _, err := w.counter.OpenCase(t.Context(), admin, c.at, far.ID, intake.Draft{ID: ids.New(), Item: "nothing"}); !slices.Equal(worldtest.Pointers(err), []string{"/item"}) {
			t.Errorf("of no item: %v", err)
		}
		for _, l := range c.links(t, admin, link.Ticket, far.ID) {
			t.Errorf("half of it was written: %+v", l)
		}
	})
}

// A case has no more tickets than both sides can show: of one too many nothing is made.
func TestTicketsOfACaseAreBounded(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		c := withCases(t, w)
		of := c.upsert(t, w.node, "rnd", "1", jiaOne, "in_review", 1)
		at := spot(0.5, 0.5)
		var last ticket.Draft
		var err error
		made := 0
		for ; made <= 100 && err == nil; made++ {
			last = ticket.Draft{ID: ids.New(), Category: "noise", Position: &at, Datum: geo.WGS84}
			_, err = w.counter.OpenTicket(t.Context(), admin, c.at, of.ID, last)
		}
		if worldtest.Conflict(err) != "limit_reached" || made != 101 {
			t.Errorf("the %d. ticket: %v", made, err)
		}
		if got, _, err := w.tickets.Get(t.Context(), admin, last.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("it was made: %+v, %v", got, err)
		}
		if l := c.links(t, admin, link.Case, of.ID); len(l) != 100 {
			t.Errorf("the case shows %d", len(l))
		}
	})
}

// A need becomes a case where the household lives, linked with the stop, and
// the door's side sees of a sensitive one no more than that it is there.
func TestNeedsBecomeCases(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := withCases(t, w)
		h, worker := w.atDoor(t, "101", spot(0.5, 0.5))
		stop := w.knock(t, worker, h)
		in := visit.Completion{Result: visit.Met, Needs: []visit.Need{
			{ID: ids.New(), Kind: "case", Item: "MZ-01", Title: "低保", Note: "独居"}, {ID: ids.New(), Category: "noise", Title: "噪声"},
		}}
		bad := in
		bad.Needs = []visit.Need{{ID: ids.New(), Kind: "case", Item: "none", Title: "低保"}}
		if _, err := w.doors.Complete(t.Context(), worker, noon.Add(time.Minute), stop.ID, 0, bad); !slices.Equal(worldtest.Pointers(err), []string{"/needs/0/item"}) {
			t.Errorf("no such item: %v", err)
		}
		for range 2 {
			must(w.doors.Complete(t.Context(), worker, noon.Add(time.Minute), stop.ID, 0, in))(t)
		}
		k, shown, err := w.cases.Get(t.Context(), c.people["counter"], in.Needs[0].ID)
		if must(0, err)(t); shown != access.CaseWhole || k.Applicant.Phone.Masked != "139****1111" || k.Household != h.ID || k.Place != h.Place || k.Steps[0].Note != "低保\n独居" {
			t.Errorf("the case: %+v", k)
		}
		lead := access.Actor{Account: "lead", Session: "s", Grants: []access.Grant{{Role: access.GridLead, Level: access.Cell, Area: h.Place.Cell}}}
		for _, l := range c.links(t, lead, link.Stop, stop.ID) {
			if l.Other.Thing == link.Case && (l.Other.ID != "" || l.Other.Number != "" || l.Other.About != "" || l.Other.State != "received") {
				t.Errorf("the lead is told %+v", l.Other)
			}
		}
		if n := len(c.links(t, lead, link.Stop, stop.ID)); n != 2 {
			t.Errorf("%d links at the stop", n)
		}
		if l := c.links(t, c.people["counter"], link.Case, k.ID); len(l) != 0 {
			t.Errorf("the counter is told of the door: %+v", l)
		}
		if got := must(w.doors.Stops.Get(t.Context(), worker, stop.ID))(t); *got.Needs[0].Opened != (visit.Link{Kind: "case", ID: k.ID}) {
			t.Errorf("the stop: %+v", got.Needs)
		}
	})
}

// Wherever things go, their links stay, and tickets serve the communities of their cases.
func TestLinksStay(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := withCases(t, w)
		community := func(code string) string { return worldtest.ID(t, w.areas, code) }
		served := func(what, id string, codes ...string) {
			t.Helper()
			var want []string
			for _, code := range codes {
				want = append(want, community(code))
			}
			slices.Sort(want)
			if got := w.get(t, id).Served; !slices.Equal(got, want) {
				t.Errorf("%s: it serves %v, want %v", what, got, want)
			}
		}
		first, second := c.upsert(t, w.node, "rnd", "1", jiaOne, "in_review", 1), c.upsert(t, w.node, "hotline", "1", yiOne, "in_review", 1)
		x := must(w.report(t.Context(), spot(0.5, 0.5)))(t)
		c.tie(t, w.node, x.ID, first.ID)
		c.tie(t, w.node, x.ID, second.ID)
		served("two cases", x.ID, jiaOne, yiOne)
		to := spot(3.5, 0.5)
		w.move(t, x.ID, ticket.ActionInput{Action: ticket.Correct, Position: &to, Datum: geo.WGS84})
		served("in another street", x.ID, jiaOne, yiOne)
		if got := c.links(t, admin, link.Ticket, x.ID); len(got) != 2 {
			t.Errorf("after a correction: %+v", got)
		}
		c.upsert(t, w.node, "rnd", "1", jiaTwo, "in_review", 2)
		c.follow(t, w.node)
		served("a case of another community", x.ID, jiaTwo, yiOne)
		c.upsert(t, w.node, "rnd", "1", yiOne, "in_review", 3) // which lies in another street
		c.follow(t, w.node)
		served("a case of another street", x.ID, yiOne)
		for _, l := range c.links(t, admin, link.Ticket, x.ID) {
			if l.Other.ID == second.ID {
				must(0, w.links.Remove(t.Context(), admin, c.at, link.End{Thing: link.Ticket, ID: x.ID}, l.ID, "有误"))(t)
			}
		}
		served("one removed, the other there", x.ID, yiOne)
		w.draw(t, noon, cell(code(jiaOne, 1), area.Basic, box(0, 0, 1, 1)), cell(code(jiaTwo, 1), area.Basic, box(1, 0, 2, 1)), cell(code(yiOne, 1), area.Basic, box(3, 0, 3.4, 1)), cell(code(yiOne, 2), area.Basic, box(3.4, 0, 4, 1)))
		if got := w.get(t, x.ID); w.code(t, got.Place.Cell) != code(yiOne, 2) {
			t.Errorf("redrawn: in %s", w.code(t, got.Place.Cell))
		}
		served("redrawn", x.ID, yiOne)
		if got := c.links(t, admin, link.Ticket, x.ID); len(got) != 1 {
			t.Errorf("redrawn: %+v", got)
		}
		for _, l := range c.links(t, admin, link.Ticket, x.ID) {
			must(0, w.links.Remove(t.Context(), admin, c.at, link.End{Thing: link.Ticket, ID: x.ID}, l.ID, "有误"))(t)
		}
		served("none", x.ID)

		// A household moves to another street and is merged with one there; its stop keeps what it is linked with.
		h, worker := w.atDoor(t, "101", spot(0.5, 0.5))
		stop := w.knock(t, worker, h)
		need := visit.Need{ID: ids.New(), Category: "noise", Title: "噪声"}
		must(w.doors.Complete(t.Context(), worker, noon.Add(time.Minute), stop.ID, 0, visit.Completion{Result: visit.Met, Needs: []visit.Need{need}}))(t)
		must(w.households.Move(t.Context(), admin, noon, h.ID, 0, household.Relocation{Address: household.Address{Estate: "新居", Building: "1"}, Position: spot(3.5, 0.5), Datum: geo.WGS84}))(t)
		other, _ := w.atDoor(t, "202", spot(3.6, 0.5))
		must(w.households.Merge(t.Context(), admin, noon, other.ID, 0, h.ID))(t)
		for thing, id := range map[link.Thing]string{link.Ticket: need.ID, link.Stop: stop.ID} {
			if got := c.links(t, admin, thing, id); len(got) != 1 {
				t.Errorf("moved and merged, the %s has %+v", thing, got)
			}
		}
	})
}

// Once every ticket linked to a case is over, who sees the case through is asked, once
// for each time, and the case stays as it is; who has a ticket is told that its case was refused.
func TestAskedAndTold(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := withCases(t, w)
		two := w.join(t, store.Options{Rehearse: true})
		counter := c.people["counter"]
		k := must(w.cases.Open(t.Context(), counter, c.at, intake.Draft{ID: ids.New(), Item: "GS-01", Community: jiaOne}))(t)
		x, y := must(w.report(t.Context(), spot(0.5, 0.5)))(t), must(w.report(t.Context(), spot(3.5, 0.5)))(t)
		for _, id := range []string{x.ID, y.ID} {
			c.tie(t, w.node, id, k.ID)
		}
		asked := func(what string, want int) {
			t.Helper()
			for _, n := range []*node{w.node, two, w.node} { // read again by whoever leads
				c.follow(t, n)
			}
			if got := c.todos(t, counter.Account); len(got) != want || want == 1 && got[0] != string(link.TicketsOver) {
				t.Errorf("%s: she is asked %v", what, got)
			}
		}
		c.finish(t, x.ID)
		asked("one of two", 0)
		must(w.tickets.TakeAction(t.Context(), resident, c.at, y.ID, 0, ticket.ActionInput{Action: ticket.Withdraw}))(t)
		asked("both", 1)
		if got := must(intake.Load(t.Context(), w.st, k.ID))(t); got.State != intake.Received {
			t.Errorf("the case is %s", got.State)
		}
		c.at = c.at.Add(time.Hour)
		must(w.tickets.TakeAction(t.Context(), admin, c.at, x.ID, 0, ticket.ActionInput{Action: ticket.Reopen, Reason: "又坏了"}))(t)
		asked("reopened", 0)
		must(w.tickets.TakeAction(t.Context(), admin, c.at, x.ID, 0, ticket.ActionInput{Action: ticket.Dispatch, Assignee: &c.mender}))(t)
		for _, m := range []ticket.ActionInput{{Action: ticket.Start}, {Action: ticket.Resolve, Outcome: "answered"}} {
			must(w.tickets.TakeAction(t.Context(), c.handler, c.at, x.ID, 0, m))(t)
		}
		must(w.tickets.TakeAction(t.Context(), admin, c.at, x.ID, 0, ticket.ActionInput{Action: ticket.Close, Verification: "phone"}))(t)
		asked("closed again", 1)
		all, _, err := todo.New(w.st).List(t.Context(), counter, c.at, todo.Filter{Limit: 100})
		if must(0, err)(t); len(all) != 2 {
			t.Errorf("asked %d times in all", len(all))
		}

		person := access.Assignee{Kind: access.Person, ID: c.people["worker"].Account}
		z := must(w.report(t.Context(), spot(0.4, 0.5)))(t)
		for _, m := range []ticket.ActionInput{{Action: ticket.Accept}, {Action: ticket.Dispatch, Assignee: &person}} {
			w.move(t, z.ID, m)
		}
		refused := c.upsert(t, w.node, "rnd", "9", jiaOne, "in_review", 1)
		c.tie(t, w.node, z.ID, refused.ID)
		c.follow(t, two)
		if got := c.todos(t, person.ID); len(got) != 0 {
			t.Errorf("told %v", got)
		}
		c.upsert(t, w.node, "rnd", "9", jiaOne, "refused", 2)
		c.follow(t, two)
		c.follow(t, w.node)
		if got := c.todos(t, person.ID); !slices.Equal(got, []string{string(link.CaseRefused)}) {
			t.Errorf("told %v", got)
		}

		// When it ended is said otherwise: it is the same refusal. Another is another.
		version := int64(3)
		_, _, err = w.cases.Upsert(t.Context(), c.people["platform"], c.at, intake.Key{System: "rnd", Number: "9"}, intake.Upsert{
			Item: "GS-01", State: "refused", Version: &version, ChangedAt: c.at, OpenedAt: noon.Add(-time.Hour), ClosedAt: noon.Add(-time.Minute), Community: jiaOne})
		must(0, err)(t)
		told := func(what string, want int) {
			t.Helper()
			for _, n := range []*node{w.node, two} {
				c.follow(t, n)
			}
			all, _, err := todo.New(w.st).List(t.Context(), access.Actor{Account: person.ID, Session: "s"}, c.at, todo.Filter{Limit: 100})
			if must(0, err)(t); len(all) != want {
				t.Errorf("%s: told %d times in all", what, len(all))
			}
		}
		told("ended at another time", 1)
		c.upsert(t, w.node, "rnd", "9", jiaOne, "done", 4)
		c.at = c.at.Add(time.Minute)
		c.upsert(t, w.node, "rnd", "9", jiaOne, "refused", 5)
		told("refused again", 2)
	})
}

// A merged ticket linked to a case is over when what leads it is, and not before:
// also where that lies in another street by then.
func TestACaseWaitsForWhatLeads(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		c := withCases(t, w)
		counter := c.people["counter"]
		k := must(w.cases.Open(t.Context(), counter, c.at, intake.Draft{ID: ids.New(), Item: "GS-01", Community: jiaOne}))(t)
		x, first, lead := must(w.report(t.Context(), spot(0.5, 0.5)))(t), must(w.report(t.Context(), spot(0.5, 0.5)))(t), must(w.report(t.Context(), spot(0.5, 0.5)))(t)
		c.tie(t, w.node, x.ID, k.ID)
		act := func(id string, m ticket.ActionInput) {
			t.Helper()
			c.at = c.at.Add(time.Minute)
			must(w.tickets.TakeAction(t.Context(), admin, c.at, id, 0, m))(t)
		}
		asked := func(what string, want int) {
			t.Helper()
			c.follow(t, w.node)
			if got := c.todos(t, counter.Account); len(got) != want {
				t.Errorf("%s: she is asked %v", what, got)
			}
		}
		act(x.ID, ticket.ActionInput{Action: ticket.Merge, Into: first.ID})
		act(first.ID, ticket.ActionInput{Action: ticket.Merge, Into: lead.ID})
		asked("merged", 0)
		moved := spot(3.5, 0.5)
		act(lead.ID, ticket.ActionInput{Action: ticket.Correct, Position: &moved, Datum: geo.WGS84})
		asked("what leads lies in another street", 0)
		act(lead.ID, ticket.ActionInput{Action: ticket.Reject, Reason: "不属受理范围"})
		asked("what leads is over", 1)
		act(first.ID, ticket.ActionInput{Action: ticket.Unmerge}) // of two streets
		asked("taken out, with it", 0)
		if got := must(ticket.Load(t.Context(), w.st, []string{first.ID, lead.ID, x.ID}))(t); got[first.ID].State != ticket.Reported || got[first.ID].Merges != 1 || got[lead.ID].Merges != 0 || got[x.ID].Joined.Into != first.ID {
			t.Errorf("%+v", got)
		}
	})
}
