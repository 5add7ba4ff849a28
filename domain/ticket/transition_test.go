package ticket

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
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

// in is a ticket that has come to a state in the ordinary way. From dispatch
// on it is with a person and, as a helper, with an organisation.
func in(state State) *Ticket {
	t := &Ticket{Category: "noise", Place: corner, Reporter: "reporter", ReportedBy: "counter", State: state, CreatedAt: noon.Add(-8 * time.Hour), UpdatedAt: noon.Add(-time.Hour)}
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
	case AwaitingReporter:
		t.Question = &Question{Text: "几号楼？", By: "lead", At: noon.Add(-time.Hour), From: Reported}
	case Divided:
		t.Children = []Offspring{{ID: "one", State: Dispatched, Begun: true}, {ID: "two", State: Closed, Begun: true}}
	case Suspended:
		t.ResumeAt = noon.Add(-time.Minute)
	case Closed:
		t.ClosedAt = noon.Add(-time.Hour)
	case Merged:
		t.State = Accepted
		t.join("another", Accepted, noon.Add(-time.Hour))
		t.State = Merged
	}
	return t
}

// complete is an action with everything that it needs.
func complete(action Action) *ActionInput {
	m := &ActionInput{Action: action}
	switch action {
	case Reject, Rework, Reopen, GiveBack, Allot, Escalate, Convene, Decline, Rule, Apply, Refuse, Shelve, Dispute, Supervise:
		m.Reason = "原因"
		m.Measures, m.ReviewAt = "围挡", noon.Add(24*time.Hour) // of what is shelved
	case Ask:
		m.Question = "几号楼？"
	case Answer, Reply:
		m.Answer = "三号楼"
	case Correct:
		m.Category = "parking"
	}
	switch action {
	case Apply:
		m.Request, m.Facts = ForReturn, "新情况"
	case Convene:
		m.Departments = []string{"fire"}
	case Allot:
		m.allotted = "street"
	case Dispatch:
		m.Assignee = &access.Assignee{Kind: access.Person, ID: "somebody"}
	case Suspend:
		m.Reason, m.Until = "等配件", noon.Add(24*time.Hour)
	case Resolve:
		m.Outcome = "fixed"
	case Close:
		m.Verification, m.Reason = "on_site", "原因"
	case Split:
		m.Children = []Child{{ID: "one", Category: "noise", Title: "噪声"}, {ID: "two", Category: "parking", Title: "停车"}}
	case HelpRelease:
		m.Helper, m.Reason = &org, "原因"
	case Merge:
		m.Into = "another"
	}
	return m
}

// columns are the steps of the ordinary way.
const columns = "accept reject correct dispatch start suspend resume resolve rework close reopen withdraw merge unmerge"

// act decides and applies an action as the use case does, and says how it
// ended: the new state, or as in want.
func act(t *Ticket, actor access.Actor, m *ActionInput, now time.Time) (string, error) {
	return actUnder(usual, t, actor, m, now)
}

func actUnder(p *policy.Policy, t *Ticket, actor access.Actor, m *ActionInput, now time.Time) (string, error) {
	if access.TicketView(actor, t.Facts()) == access.Hidden {
		return "?", domain.ErrNotFound
	}
	o := occasion{actor: actor, now: now, policy: p}
	tr, relation, err := t.decide(m.Action, o)
	if err == nil {
		err = m.check(tr, t, o, p)
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
	t.apply(tr, relation, m, o, p)
	return string(t.State), nil
}

// every action of the lifecycle.
var every = append(domain.CodesOf[Action](ActionWords), Unanswered)

// Everybody, in every state, under every policy, is told what they may do, and that is what is accepted.
func TestLifecycle(t *testing.T) {
	tried, told := 0, map[Action]bool{}
	for under, c := range policies {
		p := policy.Default()
		c.change(p)
		for side, s := range sides {
			for _, state := range spelt(s.states, stateGroups) {
				fresh := func() *Ticket {
					ticket := in(State(state))
					s.with(ticket)
					return ticket
				}
				for who, actor := range relations {
					name := fmt.Sprintf("%s in %s (%s), policy %s", who, state, side, under)
					allowed := fresh().allowed(occasion{actor: actor, now: noon, policy: p})
					var may []string
					for _, action := range every {
						w := want(State(state), side, under, who, action)
						got, err := actUnder(p, fresh(), actor, complete(action), noon)
						if got != w {
							t.Errorf("%s, %s: %s (%v), want %s", name, action, got, err, w)
						}
						if len(w) > 1 {
							may, told[action] = append(may, string(action)), true
						}
						if conflict := (*domain.ConflictError)(nil); errors.As(err, &conflict) && !slices.Equal(conflict.Allowed, allowed) {
							t.Errorf("%s, %s: %v allows %v, want %v", name, action, conflict, conflict.Allowed, allowed)
						}
						tried++
					}
					if sees(who, State(state), side) && !sameWords(allowed, may) {
						t.Errorf("%s is told %v, want %v", name, allowed, may)
					}
				}
			}
		}
	}
	for _, a := range every {
		if !told[a] {
			t.Errorf("nobody ever may %s", a)
		}
	}
	if least := len(policies) * len(States) * len(relations) * len(every); tried < least {
		t.Errorf("%d cases tried, of %d at least", tried, least)
	}
}

func sameWords(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// particular are actions whose input has to fit what the ticket has by then.
var particular = []Action{Apply, Grant, Refuse, Recall, Convene}

// However people act, a ticket keeps to the steps, what they are told they may
// do is what is accepted, and somebody can always bring it to its end.
func TestRandomWalks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	who := slices.Sorted(maps.Keys(relations))
	reached := map[State]int{}
	for range 300 {
		ticket, now := in(Reported), noon
		for range 120 {
			now = now.Add(time.Duration(rng.Int64N(int64(30 * time.Hour))))
			actor := relations[who[rng.IntN(len(who))]]
			told := ticket.allowed(occasion{actor: actor, now: now, policy: usual})
			action := every[rng.IntN(len(every))]
			if len(told) > 0 && rng.IntN(2) == 0 {
				action = Action(told[rng.IntN(len(told))])
			}
			m := complete(action)
			m.Assignee, m.Helpers = &mender, []access.Assignee{org}
			m.Until, m.Category = now.Add(time.Hour), []string{"noise", "pipe_dispute"}[rng.IntN(2)]
			m.Position, m.ReviewAt = &orb.Point{}, now.Add(time.Hour)
			from, was := ticket.State, ticket.Joined
			how, err := act(ticket, actor, m, now)
			if how == "needs" && slices.Contains(particular, action) && slices.Contains(told, string(action)) {
				continue
			}
			if accepted := err == nil; accepted != (slices.Contains(told, string(m.Action)) && how != "?") {
				t.Fatalf("%s in %s by %s: %s, %v, told %v", m.Action, from, actor.Account, how, err, told)
			}
			if err != nil && ticket.State != from || err == nil && !slices.Contains(steps[from], ticket.State) {
				t.Fatalf("%s led from %s to %s", m.Action, from, ticket.State)
			}
			for i := range ticket.Children { // as their own steps have it
				if c := &ticket.Children[i]; c.State.Open() && rng.IntN(20) == 0 {
					ticket.Children = slices.Clone(ticket.Children)
					ticket.Children[i].State, ticket.Children[i].Begun = []State{Dispatched, Resolved, Closed}[rng.IntN(3)], true
				}
			}
			if m.Action == Unmerge && err == nil && ticket.State != was.State {
				t.Fatalf("was %s, and is %s", was.State, ticket.State)
			}
			reached[ticket.State]++
		}
		finish(t, ticket, now)
	}
	for _, s := range States {
		if reached[s] == 0 {
			t.Errorf("no walk came to %s: %v", s, reached)
		}
	}
}

// onwards is by which step a ticket comes nearer to its end.
var onwards = map[State][]Action{
	Reported: {Accept, Reject, Withdraw}, AwaitingReporter: {Withdraw}, Accepted: {Dispatch}, Dispatched: {Start, Dispatch}, InProgress: {Resolve, Dispatch},
	Suspended: {Resume, Dispatch}, Resolved: {Close, Rework}, Divided: {Resolve}, Merged: {Unmerge},
}

// finish brings a ticket to its end, whoever has to: nobody stands in front of one that cannot go on.
func finish(t *testing.T, ticket *Ticket, now time.Time) {
	t.Helper()
	var path []string
	for range 12 {
		from := ticket.State
		if onwards[from] == nil {
			return
		}
		now = now.Add(45 * 24 * time.Hour)
		for i := range ticket.Children {
			ticket.Children[i].State = Closed
		}
	tries:
		for _, action := range onwards[from] {
			for _, who := range slices.Sorted(maps.Keys(relations)) {
				m := complete(action)
				m.Assignee = &mender
				if _, err := act(ticket, relations[who], m, now); err == nil {
					path = append(path, fmt.Sprintf("%s by %s", action, who))
					break tries
				}
			}
		}
		if ticket.State == from {
			t.Fatalf("nobody can bring it on from %s, after %v: %+v", from, path, ticket)
		}
	}
	t.Fatalf("it comes to no end: %v", path)
}
