package ticket

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/clocks"
	"wangge/domain/policy"
	"wangge/domain/todo"
)

// asked are the open items about a ticket, by kind and whom they ask, in words.
func (w *world) askedOf(ticket string, kinds ...todo.Kind) []string {
	w.t.Helper()
	var out []string
	lists := todo.New(w.st)
	for who, actor := range w.people {
		items, _, err := lists.List(w.t.Context(), actor, noon, todo.Filter{Open: new(true), Limit: 100})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, it := range items {
			if it.About.ID == ticket && slices.Contains(kinds, it.Kind) {
				out = append(out, who+" "+string(it.Kind))
			}
		}
	}
	slices.Sort(out)
	return out
}

// Who leads is warned, and level by level others are told, each once however
// often the clock looks; what was told is done when the step is.
func TestTimeRunsOut(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", 24*365*time.Hour))(t)
		filed := local("2026-11-23", "09:00") // a Monday; to be accepted by 14:30
		made := must(w.tickets.Report(t.Context(), w.people["resident"], filed, draft(east)))(t)
		look := func(day, clock string, want ...string) {
			t.Helper()
			for range 2 {
				must(w.tickets.waking().Pass(t.Context(), w.st, lease, local(day, clock)))(t)
			}
			if got := w.askedOf(made.ID, ClockWarns, ClockOver); !slices.Equal(got, want) {
				t.Errorf("%s %s: asked are %v, want %v", day, clock, got, want)
			}
		}
		look("2026-11-23", "13:29")
		look("2026-11-23", "13:30", "community ticket_due_soon") // nobody is posted as the lead of the cell
		look("2026-11-23", "14:29", "community ticket_due_soon")
		look("2026-11-23", "14:30", "community ticket_due_soon", "community ticket_overdue")
		look("2026-11-24", "09:59", "community ticket_due_soon", "community ticket_overdue")
		look("2026-11-24", "10:00", "community ticket_due_soon", "community ticket_overdue") // 4 working hours later by 11:30
		look("2026-11-24", "11:30", "community ticket_due_soon", "community ticket_overdue", "dispatcher ticket_overdue")
		look("2026-11-25", "17:00", "community ticket_due_soon", "community ticket_overdue", "dispatcher ticket_overdue", "manager ticket_overdue")
		must(w.tickets.TakeAction(t.Context(), w.people["lead"], local("2026-11-26", "09:00"), made.ID, 0, ActionInput{Action: Accept}))(t)
		look("2026-11-26", "09:00")
		var lines, urgent []string
		for _, e := range w.journal(jia) {
			if e.Dims["kind"] == string(ClockOver) {
				urgent = append(urgent, e.Dims[todo.UrgentDim])
				if e.Dims[todo.ClockDim] != "accept" {
					t.Errorf("told of the clock %q", e.Dims[todo.ClockDim])
				}
			}
			if e.Action == "ticket.warn" || e.Action == "ticket.overdue" {
				lines = append(lines, fmt.Sprintf("%s %s %s", e.Action, e.Dims["clock"], e.Dims["rung"]))
			}
		}
		if got := strings.Join(lines, ", "); got != "ticket.warn accept 0, ticket.overdue accept 1, ticket.overdue accept 2, ticket.overdue accept 3" {
			t.Errorf("the journal has %s", got)
		}
		if !slices.Equal(urgent, []string{"", "", "true"}) {
			t.Errorf("of its levels these are urgent: %q", urgent)
		}
	})
}

// An assignee is warned before the deadline; whoever has it by then.
func TestWhoHasItIsWarned(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", 24*365*time.Hour))(t)
		made := w.report("resident", east)
		w.move("lead", made.ID, ActionInput{Action: Accept})
		to := w.organisation(jia)
		got := w.move("lead", made.ID, ActionInput{Action: Dispatch, Assignee: &to})
		due := got.Clock(clocks.Handle).DueAt
		for must(w.tickets.waking().Pass(t.Context(), w.st, lease, due.Add(-time.Hour)))(t) > 0 { // one after the other
		}
		if got := w.askedOf(made.ID, ClockWarns); !slices.Contains(got, "handler ticket_due_soon") {
			t.Errorf("warned are %v", got)
		}
		worker := w.person("worker")
		must(w.tickets.TakeAction(t.Context(), w.people["lead"], due.Add(-30*time.Minute), made.ID, 0, ActionInput{Action: Dispatch, Assignee: &worker}))(t)
		if got := w.askedOf(made.ID, ClockWarns); slices.Contains(got, "handler ticket_due_soon") {
			t.Errorf("it is with another now, and still warned are %v", got)
		}
	})
}

// Who is warned of what came back, since they left, is so no more.
func TestWhoLeavesIsWarnedNoMore(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", 24*365*time.Hour))(t)
		id := w.with(w.organisation(jia))
		due := w.get(id).Clock(clocks.Handle).DueAt
		for must(w.tickets.waking().Pass(t.Context(), w.st, lease, due))(t) > 0 { // one after the other
		}
		if got := w.askedOf(id, ClockWarns, ClockOver); !slices.Contains(got, "handler ticket_due_soon") || len(got) < 2 {
			t.Fatalf("told are %v", got)
		}
		must(w.areas.UpdateOrganisation(t.Context(), program, due, w.orgs[jia], 0, area.OrganisationChange{Active: new(false)}))(t)
		w.followed(lease, due)
		if got, is := w.askedOf(id, ClockWarns, ClockOver), w.get(id); is.State != Accepted || slices.Contains(got, "handler ticket_due_soon") {
			t.Errorf("%s; told are %v", is.State, got)
		}
	})
}

// What is put in force today counts from today, though the same was decided before for later.
func TestTermsComeSoonerThanDecided(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		lease := must(w.st.Acquire(t.Context(), clockLease, "node", 24*365*time.Hour))(t)
		id := w.report("neighbour", west).ID
		rules := policy.Content{Clocks: []policy.ClockRule{{Code: clocks.Accept, Term: clocks.Term{Count: 50, Unit: clocks.Hour}, Levels: []policy.Level{{To: []policy.Recipient{policy.ToLead}}}}}}
		d := must(w.policies.SetDraft(t.Context(), w.people["manager"], noon, jia, 0, rules))(t)
		must(w.policies.Publish(t.Context(), w.people["manager"], noon, jia, d.Version, policy.Publishing{From: "2026-11-24", Why: "会议决定"}))(t)
		w.followed(lease, noon)
		was := w.get(id).Clock(clocks.Accept).DueAt
		w.decide(noon, rules)
		w.followed(lease, noon)
		if due := w.get(id).Clock(clocks.Accept).DueAt; was.Equal(due) || !due.Equal(noon.Add(50*time.Hour)) {
			t.Errorf("due %s, was %s", due, was)
		}
	})
}

// A policy and a calendar that change touch clocks that are not met, when they
// come into force, on the journal and once.
func TestTermsChange(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		lease := must(w.st.Acquire(ctx, clockLease, "node", 24*365*time.Hour))(t)
		first, second := w.report("resident", east), w.report("neighbour", west)
		w.move("lead", first.ID, ActionInput{Action: Accept})
		elsewhere := w.report("resident", other)
		due := func(id string, kind clocks.Kind) string {
			tk := w.get(id)
			for _, c := range tk.Clocks {
				if c.Kind == kind {
					return c.DueAt.In(civil.Zone).Format("01-02 15:04")
				}
			}
			return "none"
		}
		accept, dispatch := due(first.ID, clocks.Accept), due(first.ID, clocks.Dispatch)
		hours := func(n int) policy.ClockRule {
			return policy.ClockRule{Code: clocks.Accept, Term: clocks.Term{Count: n, Unit: clocks.Hour}, Levels: []policy.Level{{To: []policy.Recipient{policy.ToLead}}}}
		}
		rules := func(n int) policy.Content {
			d := hours(n)
			d.Code = clocks.Dispatch
			return policy.Content{Clocks: []policy.ClockRule{hours(n), d}}
		}
		now := noon.Add(time.Hour)
		w.decide(now, rules(30)) // in force from now on
		d := must(w.policies.SetDraft(ctx, w.people["manager"], now, jia, 0, rules(50)))(t)
		must(w.policies.Publish(ctx, w.people["manager"], now, jia, d.Version, policy.Publishing{From: "2026-11-24", Why: "会议决定"}))(t)
		for range 2 {
			w.followed(lease, now)
		}
		plus := func(n int) string { return noon.Add(time.Duration(n) * time.Hour).In(civil.Zone).Format("01-02 15:04") }
		if got := due(second.ID, clocks.Accept) + ", " + due(first.ID, clocks.Dispatch) + ", " + due(first.ID, clocks.Accept); got != plus(30)+", "+plus(30)+", "+accept {
			t.Errorf("due by the new policy: %s", got)
		}
		if due(elsewhere.ID, clocks.Accept) != accept {
			t.Error("a street follows what another decided")
		}
		if n := must(w.tickets.comingIntoForce().Pass(ctx, w.st, lease, now))(t); n != 0 {
			t.Errorf("%d come into force early", n)
		}
		tomorrow := local("2026-11-24", "00:00")
		for want := range 2 {
			if n := must(w.tickets.comingIntoForce().Pass(ctx, w.st, lease, tomorrow))(t); n != 1-want {
				t.Errorf("%d come into force", n)
			}
		}
		if got := due(second.ID, clocks.Accept); got != plus(50) {
			t.Errorf("due by tomorrow's policy: %s", got)
		}

		// Elsewhere accepting goes by office hours; a day of them becomes a holiday.
		year := must(w.calendars.Year(2026))(t)
		year.Days = append(year.Days, calendar.Day{Date: "2026-11-23", Name: "停工", Kind: calendar.Off})
		must(w.calendars.SetYear(ctx, access.Program, now, -1, year))(t)
		w.followed(lease, tomorrow)
		if got := due(elsewhere.ID, clocks.Accept); got == accept || got != "11-24 14:30" {
			t.Errorf("due by the new calendar: %s, was %s, dispatch %s", got, accept, dispatch)
		}
		count := map[string]int{}
		for _, street := range []string{jia, yi} {
			for _, e := range w.journal(street) {
				if e.Action == "ticket.reckon" {
					count[e.Doc]++
				}
			}
		}
		if count[first.ID] != 2 || count[second.ID] != 2 || count[elsewhere.ID] != 1 {
			t.Errorf("on the journal: %v", count)
		}
	})
}
