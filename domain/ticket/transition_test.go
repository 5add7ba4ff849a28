package ticket

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/policy"
)

var (
	noon   = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) // in Suzhou
	corner = access.Place{City: "city", County: "county", Street: "street", Community: "community", Cell: "cell"}
	org    = access.Assignee{Kind: access.Organisation, ID: "org"}
	mender = access.Assignee{Kind: access.Person, ID: "assignee"}
)

// usual is the policy of a street that has decided nothing.
var usual = policy.Default()

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
func complete(action Action) *ActionInput {
	m := &ActionInput{Action: action}
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
func act(t *Ticket, actor access.Actor, m *ActionInput, now time.Time) (string, error) {
	if access.TicketView(actor, t.Facts()) == access.Hidden {
		return "?", domain.ErrNotFound
	}
	o := occasion{actor, now, usual}
	tr, relation, err := t.decide(m.Action, o)
	if err == nil {
		err = m.check(tr, t, o, usual)
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
	t.apply(tr, relation, m, o, usual)
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
				if got := in(state).allowed(occasion{relations[who], noon, usual}); !slices.Equal(got, allowed) || got == nil {
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
			from, told := ticket.State, ticket.allowed(occasion{who, now, usual})
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
