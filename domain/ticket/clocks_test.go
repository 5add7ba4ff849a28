package ticket

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/clocks"
	"wangge/domain/policy"
)

func local(day, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, civil.Zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// clocksOf are the ticket's clocks in words: when each is due, or how it ended.
func clocksOf(t *Ticket) string {
	var out []string
	for _, c := range t.Clocks {
		says := c.Due().In(civil.Zone).Format("01-02 15:04")
		switch {
		case c.Over():
			says = string(c.EndedAs)
		case !c.StillSince().IsZero():
			says = "still"
		}
		out = append(out, fmt.Sprintf("%s %s", c.Kind, says))
	}
	return strings.Join(out, ", ")
}

// A life across National Day 2026, filed in the last ten minutes before it:
// accepting, dispatching and verifying go by office hours, Saturday 10 October
// is worked, handling and the promise by days.
func TestClocksOfALife(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		filed := local("2026-09-30", "16:50")
		d := draft(east)
		d.Category = "other" // 15 days
		made := must(w.tickets.Report(t.Context(), w.people["resident"], filed, d))(t)
		if got := clocksOf(made); got != "accept 10-08 14:20, promise 10-15 16:50" {
			t.Errorf("reported: %s", got)
		}
		worker, company, handler := w.person("worker"), w.organisation(jia), w.person("handler")
		for _, step := range []struct {
			day, clock, who string
			in              ActionInput
			want            string
			due             string
			judged          Judgement
		}{
			{"2026-10-08", "14:00", "lead", ActionInput{Action: Accept, Condition: "general"}, "accept met, promise 10-15 16:50, dispatch 10-09 10:00", "10-15 16:50", ""},
			{"2026-10-09", "09:30", "lead", ActionInput{Action: Dispatch, Assignee: &worker}, "accept met, promise 10-15 16:50, dispatch met, handle 10-24 09:30", "10-15 16:50", PendingOnTime},
			{"2026-10-09", "10:00", "worker", ActionInput{Action: Start}, "accept met, promise 10-15 16:50, dispatch met, handle 10-24 09:30", "10-15 16:50", PendingOnTime},
			{"2026-10-10", "10:00", "lead", ActionInput{Action: Suspend, Reason: "等", Until: local("2026-10-12", "11:00")}, "accept met, promise still, dispatch met, handle still", "10-17 17:50", PendingOnTime},
			{"2026-10-12", "10:00", "lead", ActionInput{Action: Resume}, "accept met, promise 10-17 16:50, dispatch met, handle 10-26 09:30", "10-17 16:50", PendingOnTime},
			{"2026-10-23", "15:00", "worker", ActionInput{Action: Resolve, Outcome: "fixed"}, "accept met, promise 10-17 16:50, dispatch met, handle still, verify 10-26 17:00", "10-17 16:50", PendingOnTime},
			{"2026-10-26", "09:00", "lead", ActionInput{Action: Rework, Reason: "未解决"}, "accept met, promise 10-17 16:50, dispatch met, handle 10-29 03:30, verify met", "10-17 16:50", PendingOnTime},
			{"2026-10-28", "09:00", "lead", ActionInput{Action: Dispatch, Assignee: &company}, "accept met, promise 10-17 16:50, dispatch met, handle handed_on, verify met, handle 11-12 09:00", "10-17 16:50", PendingOnTime},
			{"2026-10-29", "09:00", "lead", ActionInput{Action: Dispatch, Assignee: &handler}, "accept met, promise 10-17 16:50, dispatch met, handle handed_on, verify met, handle 11-12 09:00", "10-17 16:50", PendingOnTime},
			{"2026-10-29", "09:00", "handler", ActionInput{Action: Start}, "accept met, promise 10-17 16:50, dispatch met, handle handed_on, verify met, handle 11-12 09:00", "10-17 16:50", PendingOnTime},
			{"2026-11-12", "09:01", "handler", ActionInput{Action: Resolve, Outcome: "fixed"}, "accept met, promise 10-17 16:50, dispatch met, handle handed_on, verify met, handle still, verify 11-13 17:00", "10-17 16:50", PendingOverdue},
			{"2026-11-13", "09:00", "lead", ActionInput{Action: Close, Verification: "phone"}, "accept met, promise met, dispatch met, handle handed_on, verify met, handle met, verify met", "10-17 16:50", Overdue},
			{"2026-11-14", "09:00", "resident", ActionInput{Action: Reopen, Reason: "又吵"}, "accept met, promise met, dispatch met, handle handed_on, verify met, handle met, verify met, dispatch 11-16 14:30, promise 11-29 09:00", "11-29 09:00", ""},
		} {
			now := local(step.day, step.clock)
			got, err := w.tickets.TakeAction(t.Context(), w.people[step.who], now, made.ID, 0, step.in)
			if err != nil {
				t.Fatalf("%s: %v", step.in.Action, err)
			}
			if due := got.DueAt.In(civil.Zone).Format("01-02 15:04"); clocksOf(got) != step.want || due != step.due || got.Judge(now, false) != step.judged {
				t.Errorf("%s: %s, due %s, judged %q", step.in.Action, clocksOf(got), due, got.Judge(now, false))
			}
		}
		stored := w.get(made.ID)
		if c := stored.Clocks; c[4].Charged != w.people["lead"].Account || c[5].Charged != company.ID || c[0].Round != 1 || c[8].Round != 2 || c[3].FirstMetAt.IsZero() {
			t.Errorf("charged to %s and %s, rounds %d and %d, first met %s", c[4].Charged, c[5].Charged, c[0].Round, c[8].Round, c[3].FirstMetAt)
		}
	})
}

// What another street takes while its reporter is asked waits on, and for what it did.
func TestClocksOfWhatIsTakenWhileItWaits(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for accepted, want := range map[bool]string{false: "accept still, promise still", true: "accept met, promise still, dispatch handed_on, dispatch still"} {
			id := w.report("resident", east).ID
			if accepted {
				w.move("lead", id, ActionInput{Action: Accept})
			}
			w.move("lead", id, ActionInput{Action: Ask, Question: "几号楼？"})
			w.move("lead", id, toOther())
			if got := clocksOf(w.move("other lead", id, ActionInput{Action: Take})); got != want {
				t.Errorf("taken: %s, want %s", got, want)
			}
			w.move("other lead", id, ActionInput{Action: Unask})
			if got := w.get(id); clocksWrong(got) != "" {
				t.Error(clocksWrong(got))
			}
		}
	})
}

// clocksWrong says what is wrong with the clocks that a ticket has in its state;
// one that was never dispatched since there are clocks has none of its handling.
func clocksWrong(t *Ticket) string {
	live := map[clocks.Kind]int{}
	for _, c := range t.Clocks {
		if c.Over() {
			continue
		}
		live[c.Kind]++
		i := slices.IndexFunc(clockRules, func(r clockRule) bool { return r.kind == c.Kind })
		if still := !c.StillSince().IsZero(); still != (slices.Contains(clockRules[i].still, t.State) && !t.askedTooOften()) {
			return fmt.Sprintf("%s: the clock of %s stands still: %v", t.State, c.Kind, still)
		}
	}
	want := map[clocks.Kind]int{}
	if t.State.Open() {
		want[clocks.Promise] = 1
	}
	switch t.State {
	case Reported:
		want[clocks.Accept] = 1
	case Accepted:
		want[clocks.Dispatch] = 1
	case AwaitingReporter:
		want[clocks.Accept], want[clocks.Dispatch] = live[clocks.Accept], 1-live[clocks.Accept]
	case Dispatched, InProgress, Suspended:
		want[clocks.Handle] = 1
	case Resolved:
		want[clocks.Handle], want[clocks.Verify] = 1, 1
	}
	for _, kind := range []clocks.Kind{clocks.Accept, clocks.Dispatch, clocks.Handle, clocks.Verify, clocks.Promise} {
		if live[kind] != want[kind] {
			return fmt.Sprintf("%s: %d clocks of %s go on, want %d, of %s", t.State, live[kind], kind, want[kind], clocksOf(t))
		}
	}
	return ""
}

// However a ticket goes, in each state those clocks go on that are to, and once
// it was dispatched it is exactly one of in time, too late, each for good or
// for now, and exempt; without extensions never better than with them.
func TestEveryHandledTicketIsJudgedOnce(t *testing.T) {
	steps := map[Action]bool{Accept: true, Reject: true, Dispatch: true, Escalate: true, Start: true, Suspend: true, Resume: true, Resolve: true, Rework: true, Close: true, Reopen: true, Withdraw: true, Merge: true, Unmerge: true}
	seen := map[Judgement]int{}
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 15))
		now := noon
		ticket := (&Draft{Category: "safety_hazard"}).ticket(access.Actor{}, now)
		o := func() occasion { return occasion{now: now, policy: usual, reckon: reckoner(nil, usual)} }
		ticket.begin(o())
		var resolvedLate, handled, bare bool
		for range 300 {
			tr := pick(rng, Transitions)
			if !steps[tr.Action] || !slices.Contains(tr.From, ticket.State) || ticket.State == Suspended && tr.Action == Close || tr.Action == Resolve && ticket.State == Divided {
				continue
			}
			now = now.Add(time.Duration(rng.IntN(60)) * time.Hour)
			if c := ticket.Clock(clocks.Handle); c != nil && c.MetAt.IsZero() {
				if rng.IntN(3) == 0 && c.StillSince().IsZero() {
					c.Extend(now, now.Add(time.Duration(rng.IntN(200))*time.Hour), "dispatcher")
					ticket.reckon(o())
				}
				resolvedLate, bare = c.Late(now, false), c.Late(now, true)
			}
			who := []string{"one", "other"}[rng.IntN(2)]
			ticket.apply(tr, access.LeadOf, &ActionInput{Action: tr.Action, Assignee: &access.Assignee{Kind: access.Person, ID: who}, charged: who, Until: now.Add(50 * time.Hour)}, o(), usual)
			if wrong := clocksWrong(ticket); wrong != "" {
				t.Fatalf("seed %d, %s: %s", seed, tr.Action, wrong)
			}
			switch tr.Action {
			case Dispatch:
				handled = true
			case Reopen:
				handled = false
			}
			judged := ticket.Judge(now, false)
			seen[judged]++
			want := []Judgement{""}
			switch {
			case ticket.State == Rejected, ticket.State == Withdrawn, ticket.State == Merged:
				want = []Judgement{Exempt}
			case !handled:
			case ticket.State == Accepted:
				want = []Judgement{Exempt} // it was taken from who had it
			case ticket.State == Closed && resolvedLate:
				want = []Judgement{Overdue}
			case ticket.State == Closed:
				want = []Judgement{OnTime}
			case ticket.State == Resolved && resolvedLate:
				want = []Judgement{PendingOverdue}
			case ticket.State == Resolved:
				want = []Judgement{PendingOnTime}
			default:
				want = []Judgement{PendingOnTime, PendingOverdue}
			}
			if !slices.Contains(want, judged) {
				t.Fatalf("seed %d, %s to %s: judged %q, want one of %q", seed, tr.Action, ticket.State, judged, want)
			}
			without := ticket.Judge(now, true)
			if (without == OnTime || without == PendingOnTime) && without != judged {
				t.Fatalf("seed %d: %q, without extensions %q", seed, judged, without)
			}
			if ticket.State == Closed && handled && (without == Overdue) != bare {
				t.Fatalf("seed %d: closed, without extensions %q, want overdue %v", seed, without, bare)
			}
		}
	}
	for _, j := range append([]Judgement{""}, OnTime, Overdue, PendingOnTime, PendingOverdue, Exempt) {
		if seen[j] == 0 {
			t.Errorf("none was %q", j)
		}
	}
}

// What was stored before there were clocks keeps its deadline, as the clock of its promise.
func TestClocksOfOldTickets(t *testing.T) {
	old := in(Suspended)
	old.DueAt, old.ResumeAt, old.Days = noon.Add(5*day), noon.Add(2*day), 7 // suspended at UpdatedAt, an hour ago
	o := occasion{actor: relations["lead"], now: noon.Add(day), policy: usual}
	resume := Transitions[slices.IndexFunc(Transitions, func(tr Transition) bool { return tr.Action == Resume })]
	old.apply(resume, access.LeadOf, &ActionInput{Action: Resume}, o, usual)
	if !old.DueAt.Equal(noon.Add(4*day)) || clocksOf(old) != "promise 11-27 12:00" {
		t.Errorf("resumed a day early: due %s, %s", old.DueAt, clocksOf(old))
	}
	other := *usual
	other.Categories = slices.Clone(usual.Categories)
	i := slices.IndexFunc(other.Categories, func(c policy.Category) bool { return c.Code == "noise" })
	for _, step := range []struct {
		days int
		due  time.Duration
	}{{9, 6 * day}, {9, 6 * day}, {3, 0}, {7, 4 * day}} { // whatever the policy, and however often it is looked at
		other.Categories[i].Days = step.days
		old.setTerms(&other, o.reckon)
		if old.reckon(o); !old.DueAt.Equal(noon.Add(step.due)) || old.Days != step.days {
			t.Errorf("of %d days: due %s", old.Days, old.DueAt)
		}
	}
}
