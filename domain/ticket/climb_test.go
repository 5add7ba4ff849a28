package ticket

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/clocks"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
)

// climbing is a street where only grid leads accept and close.
func climbing(w *world) store.Lease {
	w.t.Helper()
	c := w.cell(east)
	must(w.accounts.SetStaff(w.t.Context(), program, noon, east, []area.Post{{Account: w.people["lead"].Account, Role: access.GridLead}}, nil, c.Version))(w.t)
	must(0, w.areas.Refresh(w.t.Context()))(w.t)
	only := []access.Role{access.GridLead}
	w.decide(noon, policy.Content{Steps: []policy.Step{{Code: "accept", Roles: only}, {Code: "close", Roles: only}, {Code: "rework", Roles: only}}})
	return must(w.st.Acquire(w.t.Context(), clockLease, "node", time.Hour))(w.t)
}

// climbed is to which level a ticket climbed, and who is asked to take the step.
func (w *world) climbed(id string) string {
	w.t.Helper()
	level := ""
	if c := w.get(id).Climbed; c != nil {
		level = string(c.Level)
	}
	var asked []string
	open := true
	for who := range w.people {
		items, _, err := todo.New(w.st).List(w.t.Context(), w.people[who], noon, todo.Filter{Open: &open, Limit: 100})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, it := range items {
			if it.Kind == ToldClimbed && it.About.ID == id {
				asked = append(asked, who)
			}
		}
	}
	slices.Sort(asked)
	return strings.TrimSpace(level + ": " + strings.Join(asked, ", "))
}

// A ticket whose only lead handled it climbs to the community, and where its
// manager leaves, too, to the street: their people may close it, whom the
// policy does not name. Nothing climbs where somebody is left.
func TestAStepClimbsWhereNobodyIsLeft(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease := climbing(w)
		handled := func(by string) string {
			id := w.report("resident", east).ID
			w.move("lead", id, ActionInput{Action: Accept})
			w.move("dispatcher", id, ActionInput{Action: Dispatch, Assignee: new(w.person(by))})
			w.move(by, id, ActionInput{Action: Start})
			w.move(by, id, ActionInput{Action: Resolve, Outcome: "fixed"})
			return id
		}
		own, others, triage := handled("lead"), handled("worker"), w.report("resident", park).ID // whose cell nobody leads
		for range 2 {
			w.followed(lease, noon)
		}
		for id, want := range map[string]string{own: "community: community", others: ":", triage: "community: community"} {
			if got := w.climbed(id); got != want {
				t.Errorf("climbed to %q, want %q", got, want)
			}
		}
		if got := w.tickets.Allowed(w.people["community"], w.get(own), noon); !slices.Contains(got, "close") || !slices.Contains(got, "rework") {
			t.Errorf("the community's manager is told %v", got)
		}
		if got := w.tickets.Allowed(w.people["community"], w.get(others), noon); slices.Contains(got, "close") {
			t.Errorf("of what did not climb they are told %v", got)
		}

		must(w.accounts.Update(t.Context(), program, noon, w.people["community"].Account, 0, account.Change{Disabled: new(true)}))(t)
		w.followed(lease, noon.Add(time.Minute))
		if got := w.climbed(own); got != "street: dispatcher, manager" {
			t.Errorf("without the community's manager: %s", got)
		}
		if got := w.move("dispatcher", own, ActionInput{Action: Rework, Reason: "没修好"}); got.Climbed != nil || got.State != InProgress {
			t.Errorf("when it leaves the state: %+v", got.Climbed)
		}
		w.followed(lease, noon.Add(2*time.Minute))
		if got := w.climbed(own); got != ":" {
			t.Errorf("afterwards: %s", got)
		}
		steps := []string{}
		for _, e := range w.journal(jia) {
			if e.Action == "ticket.climb" && e.Doc == own {
				steps = append(steps, e.Actor+" "+e.Dims["climbed"]+" "+e.After.State)
			}
		}
		if got := strings.Join(steps, ", "); got != "system community resolved, system street resolved" {
			t.Errorf("the journal has %s", got)
		}
		events, _, err := w.tickets.Timeline(t.Context(), w.people["resident"], own, 50, "")
		if must(0, err)(t); slices.ContainsFunc(events, func(e Event) bool { return e.Action == Climb }) {
			t.Error("the resident is told that it climbed")
		}
	})
}

// What runs by day and night goes to who is on duty while the office is closed,
// and to whom the policy says when it is open or nobody is.
func TestUrgentClocksGoToWhoIsOnDuty(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ticket := w.report("resident", east)
		night, office := local("2026-11-23", "22:00"), local("2026-11-24", "10:00") // a Monday, a Tuesday
		must(w.accounts.SetDuty(t.Context(), w.people["manager"], noon, jia, "2026-11", 0, []account.DutyShift{{Account: w.people["community"].Account, From: local("2026-11-23", "18:00"), Until: local("2026-11-25", "06:00")}}))(t)
		for _, c := range []struct {
			unit clocks.Unit
			now  time.Time
			want string
		}{
			{clocks.Hour, night, "community"}, {clocks.Minute, night, "community"}, {clocks.WorkingHour, night, "dispatcher"}, {clocks.Day, night, "dispatcher"},
			{clocks.Hour, office, "dispatcher"}, {clocks.Hour, night.Add(-24 * time.Hour), "dispatcher"},
		} {
			o := w.tickets.occasion(program, c.now, w.policies.At(ticket.Partition, c.now))
			to := must(w.tickets.recipients(t.Context(), ticket, &clocks.Clock{Term: clocks.Term{Count: 4, Unit: c.unit}}, c.now, []policy.Recipient{policy.ToDispatcher}, o.reckon))(t)
			if !slices.Equal(to, []string{w.people[c.want].Account}) {
				t.Errorf("%s at %s: %v, want %s", c.unit, c.now, to, c.want)
			}
		}
	})
}

// When the last who may accept in a cell goes, what waits there climbs; with
// somebody else on the cell's staff nothing new does.
func TestWhatWaitsClimbsWhenItsLeadLeaves(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		lease := climbing(w)
		id := w.report("resident", east).ID
		w.followed(lease, noon)
		if got := w.climbed(id); got != ":" {
			t.Fatalf("with a lead: %s", got)
		}
		staff := func(now time.Time, who ...string) {
			t.Helper()
			var posts []area.Post
			for _, name := range who {
				posts = append(posts, area.Post{Account: w.people[name].Account, Role: access.GridLead})
			}
			must(w.accounts.SetStaff(t.Context(), program, now, east, posts, nil, 0))(t)
			must(0, w.areas.Refresh(t.Context()))(t)
			w.followed(lease, now)
		}
		staff(noon.Add(time.Minute))
		if got := w.climbed(id); got != "community: community" {
			t.Errorf("without a lead: %s", got)
		}
		staff(noon.Add(2*time.Minute), "lead")
		next := w.report("resident", east).ID
		w.followed(lease, noon.Add(2*time.Minute))
		if got := w.climbed(next); got != ":" {
			t.Errorf("with a lead again: %s", got)
		}
	})
}

// A request on which nobody is left to decide goes up at once, and keeps its two steps; whoever asked or endorsed is nobody.
func TestARequestClimbsWhereNobodyIsLeft(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		lease := climbing(w)
		now := noon
		follow := func() { now = now.Add(time.Minute); w.followed(lease, now) }
		away := func(who string) {
			must(w.accounts.Update(t.Context(), program, now, w.people[who].Account, 0, account.Change{Disabled: new(true)}))(t)
			follow()
		}
		check := func(step, id, want, who string) {
			t.Helper()
			if got := w.requests(id); got != want {
				t.Errorf("%s: %s, want %s", step, got, want)
			}
			if got := w.todos(who, id); got != "ticket_request" {
				t.Errorf("%s: %s is asked %q", step, who, got)
			}
		}
		with := func(who access.Assignee) string {
			id := w.report("resident", east).ID
			w.move("lead", id, ActionInput{Action: Accept})
			w.move("dispatcher", id, ActionInput{Action: Dispatch, Assignee: &who})
			return id
		}
		own, handlers := with(w.person("lead")), with(access.Assignee{Kind: access.Organisation, ID: w.orgs[jia]})
		w.move("lead", own, asksMore)
		w.move("handler", handlers, asksReturn)
		follow()
		check("with a lead", handlers, "return open lead", "lead")
		if got := w.requests(own); got != "extension open lead" {
			t.Errorf("the community's manager may: %s", got)
		}
		away("community")
		check("without the community's manager", own, "extension open dispatcher", "dispatcher")
		check("with a lead", handlers, "return open lead", "lead")
		away("lead")
		check("without a lead", handlers, "return open dispatcher", "dispatcher")
		w.move("dispatcher", handlers, grants)
		follow()
		check("endorsed", handlers, "return open dispatcher endorsed", "manager")
		away("manager")
		check("endorsed by the last", handlers, "return open county endorsed", "county admin")
		if got := w.act("dispatcher", handlers, now, grants); got != "forbidden" {
			t.Errorf("who endorsed decides: %q", got)
		}
		w.move("county admin", handlers, grants)
		if got := w.get(handlers); got.State != Accepted {
			t.Errorf("granted: %s", got.State)
		}
		climbed := 0
		for _, e := range w.journal(jia) {
			if e.Action == "ticket.climb" && e.Doc == handlers && State(e.After.State) == Dispatched {
				climbed++
			}
		}
		if climbed != 2 {
			t.Errorf("it climbed %d times", climbed)
		}
	})
}

// Whether one thing happened or many at once, what follows is read as often:
// each ticket, street and person once.
func TestManyEntriesAreLookedAtOnce(t *testing.T) {
	w := &world{t: t, place: enginetest.SQLite(t), keys: worldtest.Keys(t), asked: &planned{indexes: map[string]bool{}}}
	w.settle()
	lease := climbing(w)
	staff := func(cells ...string) {
		for _, code := range cells {
			must(w.accounts.SetStaff(t.Context(), program, noon, code, []area.Post{{Account: w.people["worker"].Account, Role: access.OutreachWorker}}, nil, w.cell(code).Version))(t)
		}
	}
	w.report("resident", west)
	staff(west)
	w.followed(lease, noon)
	for what, many := range map[string]func(n int){
		"reports": func(n int) {
			for range n {
				w.report("resident", east)
			}
		},
		"changed posts": func(n int) {
			for range n {
				staff(park)
			}
		},
	} {
		follow := func(n int) int {
			many(n)
			return w.asked.since(func() { w.followed(lease, noon) })
		}
		if one, ten := follow(1), follow(10); one != ten {
			t.Errorf("%s: one has %d questions asked, ten %d", what, one, ten)
		}
	}
}
