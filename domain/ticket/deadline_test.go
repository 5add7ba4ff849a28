package ticket

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/policy"
)

const day = 24 * time.Hour

func TestEveryCategoryHasADeadline(t *testing.T) {
	for _, c := range usual.Categories {
		for _, x := range c.Conditions {
			days := c.DaysUnder(x.Code)
			if days < 1 || x.Urgency != "normal" && days >= c.Days {
				t.Errorf("%s under %s: %d days of %d", c.Code, x.Code, days, c.Days)
			}
		}
	}
}

// The deadline through a life, told by hand.
func TestDeadlines(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		now := noon
		d := draft(east)
		d.Category = "parking" // 7 days; a blocked exit 1
		id := must(w.tickets.Report(t.Context(), w.people["resident"], now, d))(t).ID
		worker := w.person("worker")
		for i, step := range []struct {
			after   time.Duration
			who     string
			move    ActionInput
			due     time.Duration // after noon
			overdue bool
		}{
			{time.Hour, "lead", ActionInput{Action: Accept, Condition: "blocked_exit"}, day, false},
			{day, "lead", ActionInput{Action: Dispatch, Assignee: &worker}, day, true},
			{0, "lead", ActionInput{Action: Correct, Category: "noise"}, 7 * day, false}, // its condition is gone
			{0, "worker", ActionInput{Action: Start}, 7 * day, false},
			{0, "lead", ActionInput{Action: Suspend, Reason: "等配件", Until: noon.Add(11*day + time.Hour)}, 17 * day, false},
			{2 * day, "lead", ActionInput{Action: Resume}, 9 * day, false},
			{0, "lead", ActionInput{Action: Suspend, Reason: "再等", Until: noon.Add(13*day + time.Hour)}, 19 * day, false},
			{3 * day, "lead", ActionInput{Action: Dispatch, Assignee: &worker}, 12 * day, false},
			{7 * day, "worker", ActionInput{Action: Start}, 12 * day, true},
			{0, "lead", ActionInput{Action: Suspend, Reason: "又等", Until: noon.Add(14*day + time.Hour)}, 13 * day, false},
			{0, "lead", ActionInput{Action: Resume}, 12 * day, true},
			{0, "worker", ActionInput{Action: Resolve, Outcome: "fixed"}, 12 * day, false},
			{day, "lead", ActionInput{Action: Rework, Reason: "未解决"}, 12 * day, true},
			{0, "worker", ActionInput{Action: Resolve, Outcome: "fixed"}, 12 * day, false},
			{0, "lead", ActionInput{Action: Close, Verification: "phone"}, 12 * day, false},
			{day, "resident", ActionInput{Action: Reopen, Reason: "又吵了"}, 22*day + time.Hour, false},
			{7*day + time.Millisecond, "lead", ActionInput{Action: Correct, Category: "other"}, 30*day + time.Hour, false},
		} {
			now = now.Add(step.after)
			got := must(w.tickets.TakeAction(t.Context(), w.people[step.who], now, id, 0, step.move))(t)
			if want := noon.Add(step.due); !got.DueAt.Equal(want) || got.Overdue(now) != step.overdue {
				t.Fatalf("%d, %s: due %s after noon, want %s; overdue %v, want %v", i, step.move.Action, got.DueAt.Sub(noon), step.due, got.Overdue(now), step.overdue)
			}
		}
	})
}

// A deadline is over once it has passed, in the states in which the clock runs.
func TestOverdueToTheMillisecond(t *testing.T) {
	for _, s := range States {
		ticket := Ticket{State: s, DueAt: noon}
		over := slices.Contains([]State{Reported, Accepted, Divided, Dispatched, InProgress}, s)
		if ticket.Overdue(noon) || ticket.Overdue(noon.Add(900*time.Microsecond)) || ticket.Overdue(noon.Add(time.Millisecond)) != over {
			t.Errorf("%s: overdue at its deadline, or not after it", s)
		}
		if without := (&Ticket{State: s}); without.Overdue(noon) {
			t.Errorf("%s: overdue without a deadline", s)
		}
	}
}

// withMatters are steps that need something that the ticket was asked for, which moves no deadline.
var withMatters = []Action{Grant, Refuse, Recall, Take, GiveBack, Allot}

// However a ticket goes, while its clock runs the deadline is its term, and the time it stood still, after it began.
func TestDeadlineCountsRunningTime(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		ticket := (&Draft{Category: pick(rng, usual.Categories).Code}).ticket(access.Actor{}, noon)
		ticket.begin(occasion{now: noon, policy: usual})
		began, now, stood, since, merged := noon, noon, time.Duration(0), time.Time{}, time.Time{}
		for range 40 {
			now = now.Add(time.Duration(rng.IntN(100_000_000)) * time.Millisecond)
			tr := pick(rng, Transitions)
			if slices.Contains(withMatters, tr.Action) || !slices.Contains(tr.From, ticket.State) {
				continue
			}
			was := ticket.State
			category, _ := usual.Category(ticket.Category)
			ticket.apply(tr, access.LeadOf, &ActionInput{Action: tr.Action, Assignee: &access.Assignee{}, Condition: pick(rng, category.Conditions).Code,
				Category: pick(rng, usual.Categories).Code, Until: now.Add(time.Duration(1+rng.IntN(1_000_000)) * time.Second)}, occasion{now: now, policy: usual}, usual)
			still := func(s State) bool { return s == Suspended || s == AwaitingReporter }
			switch is := ticket.State; {
			case tr.Action == Reopen:
				began, stood = now, 0
			case tr.Action == Merge:
				merged = now
			case tr.Action == Unmerge && !still(is): // of others the clock stood still anyhow
				stood += now.Sub(merged)
			case tr.Action == Unmerge:
			case still(is) && !still(was):
				since = now
			case still(was) && !is.Open():
				began = ticket.DueAt.Add(-inDays(ticket.term(usual)) - stood) // over, it keeps what it had
			case still(was) && !still(is):
				stood += now.Sub(since)
			}
			if ticket.State == Merged {
				if !ticket.DueAt.IsZero() || !ticket.ResumeAt.IsZero() {
					t.Fatalf("seed %d: due %s, resumes %s while merged", seed, ticket.DueAt, ticket.ResumeAt)
				}
				continue
			}
			want := began.Add(inDays(ticket.term(usual)) + stood)
			if ticket.State == Suspended {
				want = want.Add(ticket.ResumeAt.Sub(since)) // as if it resumed when it is to
			}
			if ticket.State == AwaitingReporter { // nobody knows until when
				want = time.Time{}
			}
			if !ticket.DueAt.Equal(want) {
				t.Fatalf("seed %d, %s to %s: due %s, want %s", seed, tr.Action, ticket.State, ticket.DueAt, want)
			}
		}
	}
}

// What was stored before there were deadlines has none, and gets one when it is reopened.
func TestTicketsWithoutADeadline(t *testing.T) {
	old := Ticket{State: InProgress, Category: "parking"}
	step := func(a Action, m ActionInput) {
		for _, tr := range Transitions {
			if tr.Action == a && slices.Contains(tr.From, old.State) {
				m.Action = a
				old.apply(tr, access.LeadOf, &m, occasion{now: noon, policy: usual}, usual)
				return
			}
		}
		t.Fatalf("no %s from %s", a, old.State)
	}
	step(Suspend, ActionInput{Until: noon.Add(day)})
	step(Resume, ActionInput{})
	step(Correct, ActionInput{Category: "noise"})
	step(Resolve, ActionInput{Outcome: "fixed"})
	step(Close, ActionInput{Verification: "phone"})
	if !old.DueAt.IsZero() || old.Overdue(noon.Add(1000*day)) {
		t.Errorf("due %s", old.DueAt)
	}
	step(Reopen, ActionInput{})
	if !old.DueAt.Equal(noon.Add(7 * day)) {
		t.Errorf("reopened, due %s", old.DueAt)
	}
}

// What was stored before tickets had their days had those that are built in: a
// policy of its street moves the deadline by what it gives more or less.
func TestTicketsWithoutDays(t *testing.T) {
	shorter := *usual
	shorter.Categories = slices.Clone(usual.Categories)
	i := slices.IndexFunc(shorter.Categories, func(c policy.Category) bool { return c.Code == "parking" })
	shorter.Categories[i].Days = 3
	old := Ticket{State: Reported, Category: "parking", CreatedAt: noon, DueAt: noon.Add(7 * day)}
	old.apply(Transition{Action: Accept, To: Accepted, do: doAccept}, access.LeadOf, &ActionInput{Action: Accept}, occasion{now: noon, policy: &shorter}, &shorter)
	if !old.DueAt.Equal(noon.Add(3*day)) || old.Days != 3 {
		t.Errorf("due %s after noon, %d days", old.DueAt.Sub(noon), old.Days)
	}
}
