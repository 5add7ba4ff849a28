package ticket

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
)

var (
	noon   = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) // in Suzhou
	corner = access.Place{City: "city", County: "county", Street: "street", Community: "community", Cell: "cell"}
	org    = access.Assignee{Kind: access.Organisation, ID: "org"}
	mender = access.Assignee{Kind: access.Person, ID: "assignee"}
)

// relations are everybody who may meet the ticket of these tests.
var relations = map[string]access.Actor{
	"reporter":   {Account: "reporter", Grants: []access.Grant{{Role: access.Resident}}},
	"stranger":   {Account: "stranger", Grants: []access.Grant{{Role: access.Resident}}},
	"assignee":   {Account: "assignee", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "elsewhere"}}},
	"handler":    {Account: "handler", Organisation: "org", Grants: []access.Grant{{Role: access.Handler}}},
	"worker":     {Account: "worker", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "cell"}}},
	"lead":       {Account: "lead", Grants: []access.Grant{{Role: access.GridLead, Level: access.Cell, Area: "cell"}}},
	"dispatcher": {Account: "dispatcher", Grants: []access.Grant{{Role: access.Dispatcher, Level: access.Street, Area: "street"}}},
	"program":    {System: true},
}

// in is a ticket that has come to a state in the ordinary way. From dispatch
// on it is with a person and, as a helper, with an organisation.
func in(state State) *Ticket {
	t := &Ticket{Category: "noise", Place: corner, Reporter: "reporter", State: state, CreatedAt: noon.Add(-8 * time.Hour), UpdatedAt: noon.Add(-time.Hour)}
	switch state {
	case Dispatched, InProgress, Suspended, Resolved, Closed:
		t.assign(mender, []access.Assignee{org})
	case Rejected:
		t.RejectedAt, t.Reviewers = noon.Add(-time.Hour), []string{"another lead"}
	}
	if slices.Contains([]State{InProgress, Suspended, Resolved, Closed}, state) {
		t.StartedAt, t.Handled = noon.Add(-2*time.Hour), []string{"assignee"}
	}
	switch state {
	case Suspended:
		t.ResumeAt = noon.Add(-time.Minute)
	case Closed:
		t.ClosedAt = noon.Add(-time.Hour)
	}
	return t
}

// complete is an action with everything that it needs.
func complete(action Action) *Move {
	m := &Move{Action: action}
	switch action {
	case Reject, Rework, Reopen:
		m.Reason = "原因"
	case Correct:
		m.Category = "parking"
	case Dispatch:
		m.Assignee = &access.Assignee{Kind: access.Person, ID: "somebody"}
	case Suspend:
		m.Reason, m.Until = "等配件", noon.Add(24*time.Hour)
	case Resolve:
		m.Outcome = "fixed"
	case Close:
		m.Verification = "on_site"
	}
	return m
}

const columns = "accept reject correct dispatch start suspend resume resolve rework close reopen withdraw"

// expected is the lifecycle, written down from the description of the domain:
// for who and in which state, what each action of columns leads to. "-" is a
// wrong state, "x" what they never may, "?" a ticket that is not there for them.
var expected = map[string]string{
	"lead dispatcher": `
reported     accepted rejected reported     -          x -         -           x -           -      -        x
accepted     -        -        accepted     dispatched x -         -           x -           -      -        x
dispatched   -        -        dispatched   dispatched x -         -           x -           -      -        x
in_progress  -        -        in_progress  dispatched x suspended -           x -           -      -        x
suspended    -        -        suspended    dispatched x -         in_progress x -           -      -        x
resolved     -        -        resolved     -          x -         -           x in_progress closed -        x
closed       -        -        -            -          x -         -           x -           -      accepted x
rejected     -        -        -            -          x -         -           x -           -      reported x
withdrawn    -        -        -            -          x -         -           x -           -      -        x`,
	"reporter": `
reported     x x x x x x x x x x -        withdrawn
accepted     x x x x x x x x x x -        withdrawn
dispatched   x x x x x x x x x x -        -
in_progress  x x x x x x x x x x -        -
suspended    x x x x x x x x x x -        -
resolved     x x x x x x x x x x -        -
closed       x x x x x x x x x x accepted -
rejected     x x x x x x x x x x reported -
withdrawn    x x x x x x x x x x -        -`,
	"assignee handler": `
reported     ? ? ? ? ?           ? ? ?        ? ? ? ?
accepted     ? ? ? ? ?           ? ? ?        ? ? ? ?
dispatched   x x x x in_progress x x -        x x x x
in_progress  x x x x -           x x resolved x x x x
suspended    x x x x -           x x -        x x x x
resolved     x x x x -           x x -        x x x x
closed       x x x x -           x x -        x x x x
rejected     ? ? ? ? ?           ? ? ?        ? ? ? ?
withdrawn    ? ? ? ? ?           ? ? ?        ? ? ? ?`,
	"worker": `
reported     x x x x x x x x x x x x
accepted     x x x x x x x x x x x x
dispatched   x x x x x x x x x x x x
in_progress  x x x x x x x x x x x x
suspended    x x x x x x x x x x x x
resolved     x x x x x x x x x x x x
closed       x x x x x x x x x x x x
rejected     x x x x x x x x x x x x
withdrawn    x x x x x x x x x x x x`,
	"stranger": `
reported     ? ? ? ? ? ? ? ? ? ? ? ?
accepted     ? ? ? ? ? ? ? ? ? ? ? ?
dispatched   ? ? ? ? ? ? ? ? ? ? ? ?
in_progress  ? ? ? ? ? ? ? ? ? ? ? ?
suspended    ? ? ? ? ? ? ? ? ? ? ? ?
resolved     ? ? ? ? ? ? ? ? ? ? ? ?
closed       ? ? ? ? ? ? ? ? ? ? ? ?
rejected     ? ? ? ? ? ? ? ? ? ? ? ?
withdrawn    ? ? ? ? ? ? ? ? ? ? ? ?`,
	"program": `
reported     x x x x x x -           x x x x x
accepted     x x x x x x -           x x x x x
dispatched   x x x x x x -           x x x x x
in_progress  x x x x x x -           x x x x x
suspended    x x x x x x in_progress x x x x x
resolved     x x x x x x -           x x x x x
closed       x x x x x x -           x x x x x
rejected     x x x x x x -           x x x x x
withdrawn    x x x x x x -           x x x x x`,
}

// act decides and applies an action as the use case does, and says how it
// ended: the new state, or as in expected.
func act(t *Ticket, actor access.Actor, m *Move, now time.Time) (string, error) {
	if access.TicketView(actor, t.Facts()) == access.Hidden {
		return "?", domain.ErrNotFound
	}
	tr, relation, err := t.decide(m.Action, actor, now)
	if err == nil {
		err = m.check(tr, t, now)
	}
	var conflict *domain.ConflictError
	switch {
	case errors.Is(err, domain.ErrForbidden):
		return "x", err
	case errors.As(err, &conflict):
		return "-", err
	case err != nil:
		return "needs", err
	}
	t.apply(tr, relation, actor, m, now)
	return string(t.State), nil
}

func TestLifecycle(t *testing.T) {
	actions := strings.Fields(columns)
	tried := 0
	for people, table := range expected {
		for _, who := range strings.Fields(people) {
			for _, row := range strings.Split(strings.TrimSpace(table), "\n") {
				cells := strings.Fields(row)
				state, want := State(cells[0]), cells[1:]
				if len(want) != len(actions) {
					t.Fatalf("%s in %s: %d columns", who, state, len(want))
				}
				var allowed []string
				for i, w := range want {
					if len(w) > 1 {
						allowed = append(allowed, actions[i])
					}
				}
				if got := in(state).Allowed(relations[who], noon); !slices.Equal(got, allowed) || got == nil {
					t.Errorf("%s in %s is told %v, want %v", who, state, got, allowed)
				}
				for i, w := range want {
					got, err := act(in(state), relations[who], complete(Action(actions[i])), noon)
					if got != w {
						t.Errorf("%s, %s in %s: %s (%v), want %s", who, actions[i], state, got, err, w)
					}
					var conflict *domain.ConflictError
					if errors.As(err, &conflict) && (conflict.Code != "wrong_state" || !slices.Equal(conflict.Allowed, allowed) || conflict.Allowed == nil) {
						t.Errorf("%s, %s in %s: %v allows %v, want %v", who, actions[i], state, conflict, conflict.Allowed, allowed)
					}
					tried++
				}
			}
		}
	}
	if want := len(relations) * len(States) * len(actions); tried != want {
		t.Errorf("%d of %d cases tried", tried, want)
	}
}

func TestWhatActionsNeed(t *testing.T) {
	person := func(id string) access.Assignee { return access.Assignee{Kind: access.Person, ID: id} }
	eleven := make([]access.Assignee, 11)
	for i := range eleven {
		eleven[i] = person(fmt.Sprint(i))
	}
	for _, c := range []struct {
		name    string
		state   State
		who     string
		action  Action
		change  func(*Ticket, *Move)
		pointer string // "" for enough
	}{
		{"a condition of the category", Reported, "lead", Accept, func(t *Ticket, m *Move) { t.Category, m.Condition = "parking", "blocked_exit" }, ""},
		{"a condition of another category", Reported, "lead", Accept, func(_ *Ticket, m *Move) { m.Condition = "blocked_exit" }, "/condition"},
		{"no reason to reject", Reported, "lead", Reject, func(_ *Ticket, m *Move) { m.Reason = " \n" }, "/reason"},
		{"nothing to correct", Accepted, "lead", Correct, func(_ *Ticket, m *Move) { m.Category = "" }, "/category"},
		{"the category it has", Accepted, "lead", Correct, func(_ *Ticket, m *Move) { m.Category = "noise" }, "/category"},
		{"the category it has, but another position", Accepted, "lead", Correct, func(_ *Ticket, m *Move) { m.Category, m.Position = "noise", &orb.Point{120, 31} }, ""},
		{"no such category", Accepted, "lead", Correct, func(_ *Ticket, m *Move) { m.Category = "weather" }, "/category"},
		{"no assignee", Accepted, "lead", Dispatch, func(_ *Ticket, m *Move) { m.Assignee = nil }, "/assignee"},
		{"an assignee without id", Accepted, "lead", Dispatch, func(_ *Ticket, m *Move) { m.Assignee.ID = "" }, "/assignee"},
		{"helpers", Accepted, "lead", Dispatch, func(_ *Ticket, m *Move) { m.Helpers = eleven[:10] }, ""},
		{"too many helpers", Accepted, "lead", Dispatch, func(_ *Ticket, m *Move) { m.Helpers = eleven }, "/helpers"},
		{"a helper twice", Accepted, "lead", Dispatch, func(_ *Ticket, m *Move) { m.Helpers = []access.Assignee{org, org} }, "/helpers/1"},
		{"a helper who leads", Accepted, "lead", Dispatch, func(_ *Ticket, m *Move) { m.Helpers = []access.Assignee{*m.Assignee} }, "/helpers/0"},
		{"no reason to suspend", InProgress, "lead", Suspend, func(_ *Ticket, m *Move) { m.Reason = "" }, "/reason"},
		{"suspended without end", InProgress, "lead", Suspend, func(_ *Ticket, m *Move) { m.Until = time.Time{} }, "/until"},
		{"suspended until now", InProgress, "lead", Suspend, func(_ *Ticket, m *Move) { m.Until = noon }, "/until"},
		{"suspended for 30 days", InProgress, "lead", Suspend, func(_ *Ticket, m *Move) { m.Until = noon.Add(30 * 24 * time.Hour) }, ""},
		{"suspended for longer", InProgress, "lead", Suspend, func(_ *Ticket, m *Move) { m.Until = noon.Add(30*24*time.Hour + time.Millisecond) }, "/until"},
		{"no outcome", InProgress, "assignee", Resolve, func(_ *Ticket, m *Move) { m.Outcome = "" }, "/outcome"},
		{"handing on is no outcome", InProgress, "assignee", Resolve, func(_ *Ticket, m *Move) { m.Outcome = "handed_on" }, "/outcome"},
		{"not fixed, without why", InProgress, "assignee", Resolve, func(_ *Ticket, m *Move) { m.Outcome = NotFixed }, "/reason"},
		{"not fixed, with why", InProgress, "assignee", Resolve, func(_ *Ticket, m *Move) { m.Outcome, m.Reason = NotFixed, "需立项" }, ""},
		{"no after-photo", InProgress, "assignee", Resolve, func(t *Ticket, _ *Move) { t.Category = "parking" }, "/photos"},
		{"an after-photo", InProgress, "assignee", Resolve, func(t *Ticket, m *Move) { t.Category, m.Photos = "parking", []string{"p"} }, ""},
		{"an after-photo from before", InProgress, "assignee", Resolve, func(t *Ticket, _ *Move) {
			t.Category, t.Photos = "parking", []Photo{{ID: "p", When: After, At: noon.Add(-3 * time.Hour)}}
		}, "/photos"},
		{"an after-photo already there", InProgress, "assignee", Resolve, func(t *Ticket, _ *Move) {
			t.Category, t.Photos = "parking", []Photo{{ID: "p", When: After, At: noon.Add(-time.Hour)}}
		}, ""},
		{"a photo of before", InProgress, "assignee", Resolve, func(t *Ticket, _ *Move) {
			t.Category, t.Photos = "parking", []Photo{{ID: "p", When: Before, At: noon}}
		}, "/photos"},
		{"no reason to rework", Resolved, "lead", Rework, func(_ *Ticket, m *Move) { m.Reason = "" }, "/reason"},
		{"not verified", Resolved, "lead", Close, func(_ *Ticket, m *Move) { m.Verification = "" }, "/verification"},
		{"verified by hearsay", Resolved, "lead", Close, func(_ *Ticket, m *Move) { m.Verification = "hearsay" }, "/verification"},
		{"no reason to reopen", Closed, "reporter", Reopen, func(_ *Ticket, m *Move) { m.Reason = "" }, "/reason"},
		{"a long note", Reported, "lead", Accept, func(_ *Ticket, m *Move) { m.Note = strings.Repeat("长", 1001) }, "/note"},
		{"a long reason", Reported, "lead", Reject, func(_ *Ticket, m *Move) { m.Reason = strings.Repeat("长", 1001) }, "/reason"},
	} {
		ticket, m := in(c.state), complete(c.action)
		c.change(ticket, m)
		how, err := act(ticket, relations[c.who], m, noon)
		var bad *domain.InvalidError
		switch {
		case c.pointer == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.pointer != "" && (!errors.As(err, &bad) || len(bad.Fields) != 1 || bad.Fields[0].Pointer != c.pointer):
			t.Errorf("%s: %s, %v, want it at %s", c.name, how, err, c.pointer)
		}
	}
}

// What an action leaves behind, besides the state.
func TestWhatActionsChange(t *testing.T) {
	step := func(ticket *Ticket, who string, m *Move) {
		t.Helper()
		if how, err := act(ticket, relations[who], m, noon); err != nil {
			t.Fatalf("%s by %s: %s, %v", m.Action, who, how, err)
		}
	}
	accepted := in(Reported)
	accepted.Category = "parking"
	step(accepted, "lead", &Move{Action: Accept, Condition: "blocked_exit"})
	if accepted.Condition != "blocked_exit" || accepted.Urgency != "urgent" {
		t.Errorf("accepted as %s, %s", accepted.Condition, accepted.Urgency)
	}
	critical := in(Reported)
	critical.Urgency = "critical"
	step(critical, "lead", &Move{Action: Accept})
	if critical.Condition != "general" || critical.Urgency != "critical" {
		t.Errorf("accepted as %s, %s: never lowered", critical.Condition, critical.Urgency)
	}
	step(accepted, "lead", &Move{Action: Correct, Category: "noise", Note: "看错"})
	if was := accepted.Steps[len(accepted.Steps)-1].Was; accepted.Condition != "" || accepted.Category != "noise" || was.Category != "parking" {
		t.Errorf("corrected: %+v, was %+v", accepted, was)
	}
	sent := in(Suspended)
	step(sent, "lead", &Move{Action: Dispatch, Assignee: &org, Helpers: []access.Assignee{mender}})
	if sent.Assignee != org || !slices.Equal(sent.Involved, []string{"org", "assignee"}) || !sent.ResumeAt.IsZero() {
		t.Errorf("dispatched: %+v", sent)
	}
	worked := in(InProgress)
	worked.Handled = nil
	step(worked, "handler", &Move{Action: Resolve, Outcome: "mediated"})
	if !slices.Equal(worked.Handled, []string{"handler"}) || worked.Outcome != "mediated" {
		t.Errorf("resolved: %+v", worked)
	}
	step(worked, "lead", complete(Rework))
	if worked.Outcome != "" || !worked.StartedAt.Equal(noon) {
		t.Errorf("back in work: %+v", worked)
	}
	closed := in(Resolved)
	step(closed, "lead", complete(Close))
	if closed.Verified != "on_site" || !closed.ClosedAt.Equal(noon) {
		t.Errorf("closed: %+v", closed)
	}
	step(closed, "reporter", complete(Reopen))
	if closed.Reopened != 1 || closed.Verified != "" || !closed.ClosedAt.IsZero() || closed.Assignee.ID != "" || len(closed.Involved) != 0 {
		t.Errorf("reopened: %+v", closed)
	}
}

// Nobody closes what they handled, in whatever way.
func TestNobodyClosesTheirOwn(t *testing.T) {
	lead := access.Assignee{Kind: access.Person, ID: "lead"}
	chief := relations["dispatcher"]
	chief.Organisation, chief.Grants = "org", append(slices.Clone(chief.Grants), access.Grant{Role: access.Handler})
	for name, c := range map[string]struct {
		actor  access.Actor
		change func(*Ticket)
		want   string
	}{
		"who had no part":               {relations["lead"], func(*Ticket) {}, "closed"},
		"who handled it before":         {relations["lead"], func(t *Ticket) { t.Handled = append(t.Handled, "lead") }, "x"},
		"who has it":                    {relations["lead"], func(t *Ticket) { t.assign(lead, nil) }, "x"},
		"who helps":                     {relations["lead"], func(t *Ticket) { t.assign(mender, []access.Assignee{lead}) }, "x"},
		"a dispatcher of the handlers":  {chief, func(t *Ticket) { t.assign(org, nil) }, "x"},
		"a dispatcher of other handler": {chief, func(t *Ticket) { t.assign(mender, nil) }, "closed"},
	} {
		ticket := in(Resolved)
		c.change(ticket)
		may := slices.Contains(ticket.Allowed(c.actor, noon), string(Close))
		if got, err := act(ticket, c.actor, complete(Close), noon); got != c.want || may != (c.want == "closed") {
			t.Errorf("%s: %s (%v), told %v, want %s", name, got, err, may, c.want)
		}
	}
}

// A rejection that was reopened is reviewed by another.
func TestAnotherReviews(t *testing.T) {
	ticket := in(Reported)
	for i, s := range []struct {
		who    string
		action Action
		want   string
	}{
		{"lead", Reject, "rejected"}, {"reporter", Reopen, "reported"}, {"lead", Accept, "x"}, {"lead", Reject, "x"}, {"lead", Correct, "reported"},
		{"dispatcher", Reject, "rejected"}, {"lead", Reopen, "reported"}, {"lead", Accept, "x"}, {"dispatcher", Accept, "x"},
	} {
		if got, err := act(ticket, relations[s.who], complete(s.action), noon); got != s.want {
			t.Fatalf("step %d, %s by %s: %s (%v), want %s", i, s.action, s.who, got, err, s.want)
		}
	}
	other := access.Actor{Account: "manager", Grants: []access.Grant{{Role: access.CommunityManager, Level: access.Community, Area: "community"}}}
	if got, err := act(ticket, other, complete(Accept), noon); got != "accepted" {
		t.Errorf("another lead: %s (%v)", got, err)
	}
}

func TestReopeningHasLimits(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name     string
		state    State
		who      string
		after    time.Duration // of closing or rejecting
		reopened int
		code     string
	}{
		{"on the last day", Closed, "reporter", 15 * day, 0, ""},
		{"too late", Closed, "reporter", 15*day + time.Millisecond, 0, "too_late"},
		{"a rejection on the last day", Rejected, "reporter", 15 * day, 1, ""},
		{"a rejection too late", Rejected, "reporter", 15*day + time.Millisecond, 1, "too_late"},
		{"a third time", Closed, "reporter", day, 2, "reopened_twice"},
		{"a rejection a third time", Rejected, "reporter", day, 2, "reopened_twice"},
		{"by a lead, any time", Closed, "lead", 500 * day, 2, ""},
		{"a rejection by a lead, any time", Rejected, "lead", 500 * day, 7, ""},
	} {
		ticket := in(c.state)
		over := noon.Add(-c.after)
		if c.state == Closed {
			ticket.ClosedAt = over
		} else {
			ticket.RejectedAt = over
		}
		ticket.UpdatedAt, ticket.Reopened = noon, c.reopened // a remark does not make it younger
		may := slices.Contains(ticket.Allowed(relations[c.who], noon), string(Reopen))
		_, err := act(ticket, relations[c.who], complete(Reopen), noon)
		code := ""
		var conflict *domain.ConflictError
		if errors.As(err, &conflict) {
			code = conflict.Code
		}
		counted := ticket.Reopened - c.reopened
		if code != c.code || may != (c.code == "") || (err == nil && (counted == 1) != (c.who == "reporter")) {
			t.Errorf("%s: %v, told %v, counted %d", c.name, err, may, counted)
		}
	}
}

func TestTheClockDoesNotResumeEarly(t *testing.T) {
	ticket := in(Suspended)
	ticket.ResumeAt = noon.Add(time.Millisecond)
	if got, err := act(ticket, relations["program"], complete(Resume), noon); got != "-" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := act(ticket, relations["program"], complete(Resume), noon.Add(time.Millisecond)); got != "in_progress" || !ticket.ResumeAt.IsZero() {
		t.Errorf("%s, %v, resumes at %v", got, err, ticket.ResumeAt)
	}
}

// steps are the only ways from a state to another, whoever goes.
var steps = map[State][]State{
	Reported:   {Reported, Accepted, Rejected, Withdrawn},
	Accepted:   {Accepted, Dispatched, Withdrawn},
	Dispatched: {Dispatched, InProgress},
	InProgress: {InProgress, Dispatched, Suspended, Resolved},
	Suspended:  {Suspended, Dispatched, InProgress},
	Resolved:   {Resolved, InProgress, Closed},
	Closed:     {Accepted},
	Rejected:   {Reported},
	Withdrawn:  {},
}

// However people act, a ticket keeps to the steps, and what they are told they
// may do is what is accepted.
func TestRandomWalks(t *testing.T) {
	actions := strings.Fields(columns)
	people := []string{"reporter", "stranger", "assignee", "handler", "worker", "lead", "dispatcher", "program"}
	rng := rand.New(rand.NewPCG(7, 11))
	reached := map[State]int{}
	for range 300 {
		ticket, now := in(Reported), noon
		for range 60 {
			now = now.Add(time.Duration(rng.Int64N(int64(30 * time.Hour))))
			who := relations[people[rng.IntN(len(people))]]
			m := complete(Action(actions[rng.IntN(len(actions))]))
			m.Assignee, m.Helpers = &mender, []access.Assignee{org}
			m.Until, m.Category = now.Add(time.Hour), []string{"noise", "pipe_dispute"}[rng.IntN(2)]
			m.Position = &orb.Point{}
			from, told := ticket.State, ticket.Allowed(who, now)
			how, err := act(ticket, who, m, now)
			if accepted := err == nil; accepted != (slices.Contains(told, string(m.Action)) && how != "?") {
				t.Fatalf("%s in %s by %s: %s, %v, told %v", m.Action, from, who.Account, how, err, told)
			}
			if err != nil && ticket.State != from || err == nil && !slices.Contains(steps[from], ticket.State) {
				t.Fatalf("%s led from %s to %s", m.Action, from, ticket.State)
			}
			reached[ticket.State]++
		}
	}
	for _, s := range States {
		if reached[s] == 0 {
			t.Errorf("no walk came to %s", s)
		}
	}
}
