package visit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/plan"
	"wangge/domain/plan/recurrence"
)

// The lifecycle as a table: for every action, from which states and by whom.
func TestTransitions(t *testing.T) {
	place := access.Place{Street: "s", Community: "m", Cell: "c"}
	held := func(r access.Role, l access.Level, id string) access.Actor {
		return access.Actor{Account: string(r), Grants: []access.Grant{{Role: r, Level: l, Area: id}}}
	}
	actors := map[string]access.Actor{
		"worker": held(access.OutreachWorker, access.Cell, "c"), "lead": held(access.GridLead, access.Cell, "c"), "manager": held(access.StreetManager, access.Street, "s"),
		"assignee": {Account: "a", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "elsewhere"}}}, "program": access.Program,
		"there":    {Account: "b", Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: "elsewhere"}}},
		"stranger": held(access.OutreachWorker, access.Cell, "elsewhere"), "dispatcher": held(access.Dispatcher, access.Street, "s"), "nobody": {},
	}
	for action, want := range map[Action]string{
		CheckIn: "planned: assignee lead worker", Complete: "checked_in: there", Abandon: "checked_in: lead manager there", Reschedule: "planned: assignee lead manager worker",
		Reassign: "planned: lead manager", Miss: "planned: assignee lead manager worker", Cancel: "planned: lead manager program",
		Review: "completed: lead manager", Restore: "cancelled: program", Follow: "planned: program", Escalate: "planned: program", Make: "",
	} {
		got := map[string][]string{}
		for who, a := range actors {
			for _, st := range States {
				v := &Visit{Place: place, Assignee: "a", By: "b", State: st}
				_, err := v.decide(action, a)
				if allowed := slices.Contains(v.Allowed(a), string(action)); allowed != (err == nil) {
					t.Errorf("%s by %s when %s: %v, and allowed is %v", action, who, st, err, allowed)
				}
				if err == nil {
					got[string(st)] = append(got[string(st)], who)
				}
			}
		}
		var said []string
		for st, who := range got {
			slices.Sort(who)
			said = append(said, st+": "+strings.Join(who, " "))
		}
		if s := strings.Join(said, "; "); s != want {
			t.Errorf("%s: %s, want %s", action, s, want)
		}
	}
}

func TestMoves(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.elder(east)
		p := w.active(jia, terms(weekly))
		v := w.of(h.ID)[0]
		move := func(who string, in ActionInput) error {
			_, err := w.Visits.TakeAction(t.Context(), w.as(who), noon, v.ID, 0, in)
			return err
		}
		for _, c := range []struct {
			who  string
			in   ActionInput
			want string
		}{
			{"worker", ActionInput{Action: Reschedule}, "/day /reason"}, {"worker", ActionInput{Action: Reschedule, Reason: "出差", Day: "2026-03-01"}, "/day"},
			{"worker", ActionInput{Action: Reschedule, Reason: "出差", Day: "2026-06-03"}, "/day"}, {"lead", ActionInput{Action: Reassign, Reason: "忙"}, "/assignee"},
			{"lead", ActionInput{Action: Reassign, Reason: "忙", Assignee: new(w.ids["resident"])}, "/assignee"}, {"lead", ActionInput{Action: Reassign, Reason: "忙", Assignee: new("x")}, "/assignee"},
			{"worker", ActionInput{Action: Miss, Reason: " "}, "/reason"}, {"lead", ActionInput{Action: Cancel, Reason: strings.Repeat("长", 1001)}, "/reason"},
			{"lead", ActionInput{Action: Complete}, "/action"}, {"lead", ActionInput{Action: Escalate}, "/action"},
		} {
			if err := move(c.who, c.in); pointers(err) != c.want {
				t.Errorf("%+v: %v, want %s", c.in, err, c.want)
			}
		}
		if err := move("worker", ActionInput{Action: Cancel, Reason: "不想去"}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("the worker cancels: %v", err)
		}
		if err := move("second", ActionInput{Action: Miss, Reason: "x"}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a stranger misses: %v", err)
		}
		later := ActionInput{ID: ids.New(), Action: Reschedule, Reason: "出差", Day: "2026-03-07"}
		for range 2 { // sent again, it is one
			if err := move("worker", later); err != nil {
				t.Fatal(err)
			}
		}
		wider := terms(weekly)
		wider.WindowDays = 7
		must(w.plans.ChangeTerms(t.Context(), w.as("manager"), noon, p.ID, 0, "2026-03-03", wider))(t)
		w.schedule(noon)
		got := must(visits.Get(t.Context(), w.st, v.ID))(t)
		if got.Period != "2026-03-02" || !got.Opens.Equal(recurrence.Date("2026-03-07").Start()) || !got.Closes.Equal(recurrence.Date("2026-03-08").Start()) ||
			!got.EscalateAt.Equal(got.Closes) || len(got.Steps) != 1 || got.Steps[0].Reason != "出差" {
			t.Errorf("rescheduled: %+v", got)
		}
		if _, err := w.Visits.TakeAction(t.Context(), w.as("lead"), noon, v.ID, got.Version-1, ActionInput{Action: Miss, Reason: "x"}); !errors.Is(err, domain.ErrStale) {
			t.Errorf("an old version: %v", err)
		}
		if err := move("lead", ActionInput{Action: Reassign, Reason: "熟人", Assignee: new(w.ids["second"])}); err != nil {
			t.Error(err)
		}
		if seen := must(w.Visits.Get(t.Context(), w.as("second"), v.ID))(t); seen.Assignee != w.ids["second"] {
			t.Errorf("it is with %s", seen.Assignee)
		}
		if err := move("second", ActionInput{Action: Miss, Reason: "无人在家"}); err != nil {
			t.Error(err)
		}
		var conflict *domain.ConflictError
		if err := move("lead", ActionInput{Action: Miss, Reason: "x"}); !errors.As(err, &conflict) || conflict.Code != "wrong_state" || fmt.Sprint(conflict.Allowed) != "[]" {
			t.Errorf("missed twice: %v", err)
		}
	})
}

func TestPlansAsAsked(t *testing.T) {
	w := onSQLite(t, rehearse)
	ctx := t.Context()
	create := func(who string, change func(*plan.NewPlan)) error {
		in := plan.NewPlan{ID: ids.New(), Title: "关爱", Area: jia, From: today, Terms: terms(weekly)}
		change(&in)
		_, err := w.plans.Create(ctx, w.as(who), noon, in)
		return err
	}
	for _, c := range []struct {
		name   string
		change func(*plan.NewPlan)
		want   string
	}{
		{"nothing", func(p *plan.NewPlan) { *p = plan.NewPlan{ID: ids.New()} }, "/area /from /title"},
		{"of a county", func(p *plan.NewPlan) { p.Area = "320508" }, "/area"},
		{"of another's street", func(p *plan.NewPlan) { p.Area = yi }, "/area"},
		{"yesterday", func(p *plan.NewPlan) { p.From = "2026-03-01" }, "/from"},
		{"no day", func(p *plan.NewPlan) { p.From = "soon" }, "/from"},
		{"in years", func(p *plan.NewPlan) { p.From = "2029-01-01" }, "/from"},
		{"nobody", func(p *plan.NewPlan) { p.Terms.Tag = "" }, "/tag"},
		{"tag and list", func(p *plan.NewPlan) { p.Terms.Households = []string{"x"} }, "/tag"},
		{"no such tag", func(p *plan.NewPlan) { p.Terms.Tag = "unheard" }, "/tag"},
		{"no such household", func(p *plan.NewPlan) { p.Terms.Tag, p.Terms.Households = "", []string{ids.New()} }, "/households/0"},
		{"no rules", func(p *plan.NewPlan) { p.Terms.Rules = nil }, "/rules"},
		{"bad rules", func(p *plan.NewPlan) {
			p.Terms.Rules = []plan.Rule{{RRule: "FREQ=MINUTELY"}, {Level: "dire", RRule: weekly}, {RRule: weekly}, {Level: "high", RRule: "FREQ=DAILY;COUNT=2;UNTIL=20270101"}}
		}, "/rules/0/rrule /rules/1/level /rules/2/level /rules/3/rrule"},
		{"a day that months lack", func(p *plan.NewPlan) { p.From, p.Terms.Rules = "2026-03-31", []plan.Rule{{RRule: monthly}} }, "/rules/0/rrule"},
		{"no window", func(p *plan.NewPlan) { p.Terms.WindowDays = 0 }, "/windowDays"},
		{"a long window", func(p *plan.NewPlan) { p.Terms.WindowDays = 93 }, "/windowDays"},
		{"a team of strangers", func(p *plan.NewPlan) {
			p.Terms.Team = []string{w.ids["worker"], w.ids["resident"], "x", w.ids["worker"]}
		}, "/team/1 /team/2 /team/3"},
		{"no such form", func(p *plan.NewPlan) { p.Terms.Form = ids.New() }, "/form"},
		{"a crooked ladder", func(p *plan.NewPlan) {
			p.Terms.Ladder = []plan.Rung{{To: "grid_lead", Days: 2}, {To: "worker", Days: 3}, {To: "mayor", Days: 4}, {To: "street_manager", Days: 1}}
		}, "/ladder/1/to /ladder/2/to /ladder/3/days"},
		{"a limit below nothing", func(p *plan.NewPlan) { p.Terms.WeekLimit = -1 }, "/weekLimit"},
	} {
		if err := create("manager", c.change); pointers(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if err := create("lead", func(*plan.NewPlan) {}); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("a lead plans: %v", err)
	}
	if err := create("community", func(*plan.NewPlan) {}); pointers(err) != "/area" {
		t.Errorf("who manages a community plans the street: %v", err)
	}
	if err := create("community", func(p *plan.NewPlan) { p.Area = west }); err != nil {
		t.Errorf("who manages a community plans a cell: %v", err)
	}
	in := plan.NewPlan{ID: ids.New(), Title: "关爱", Area: jia, From: today, Terms: terms(weekly)}
	first := must(w.plans.Create(ctx, w.as("manager"), noon, in))(t)
	if again := must(w.plans.Create(ctx, w.as("manager"), noon, in))(t); again.Version != first.Version {
		t.Errorf("sent again: %+v", again)
	}
	in.Title = "别的"
	if _, err := w.plans.Create(ctx, w.as("manager"), noon, in); code(err) != "duplicate" {
		t.Errorf("another under the same id: %v", err)
	}
	if _, err := w.plans.TakeAction(ctx, w.as("manager"), noon, first.ID, first.Version+1, "activate"); !errors.Is(err, domain.ErrStale) {
		t.Errorf("another version: %v", err)
	}
	var conflict *domain.ConflictError
	if _, err := w.plans.TakeAction(ctx, w.as("manager"), noon, first.ID, 0, "pause"); !errors.As(err, &conflict) || fmt.Sprint(conflict.Allowed) != "[activate]" {
		t.Errorf("pause a draft: %v", err)
	}
	if _, err := w.plans.Get(ctx, w.as("community"), first.ID); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a stranger reads it: %v", err)
	}
	list, _, err := w.plans.List(ctx, w.as("manager"), "", nil, 0, "")
	if err != nil || len(list) != 2 {
		t.Errorf("%d plans, %v", len(list), err)
	}
	if list, _, err := w.plans.List(ctx, w.as("community"), "", []plan.State{plan.Draft}, 0, ""); err != nil || len(list) != 1 {
		t.Errorf("%d plans of the community, %v", len(list), err)
	}
}

// A visit whose version of the plan was replaced, before it bookmarks, can be put off.
func TestMoveBetweenChangeAndSettling(t *testing.T) {
	w := onSQLite(t, rehearse)
	h := w.elder(east)
	p := w.active(jia, terms(weekly))
	change := func(from recurrence.Date, rule string) {
		must(w.plans.ChangeTerms(t.Context(), w.as("manager"), noon, p.ID, 0, from, terms(rule)))(t)
	}
	change("2026-03-10", weekly)
	change("2026-03-20", weekly)
	w.schedule(noon)
	v := w.of(h.ID)[4]
	change("2026-03-05", "FREQ=WEEKLY;BYDAY=FR")
	v = must(w.Visits.TakeAction(t.Context(), w.as("worker"), noon, v.ID, 0, ActionInput{Action: Reschedule, Reason: "出差", Day: "2026-03-06"}))(t)
	if !v.EscalateAt.Equal(v.Closes) {
		t.Errorf("its ladder begins %s", v.EscalateAt)
	}
	for _, now := range []time.Time{noon, noon.Add(5 * day)} { // then it has closed, before its period began
		w.schedule(now)
		if got := must(visits.Get(t.Context(), w.st, v.ID))(t); got.State != Planned || !got.Opens.Equal(v.Opens) {
			t.Errorf("it is %+v", got)
		}
	}
}

// A plan of households by name visits those, whatever their tags.
func TestPlansOfAList(t *testing.T) {
	w := onSQLite(t, rehearse)
	one, two := w.household(east), w.household(west, household.TagInput{Code: elderTag})
	listed := terms(weekly)
	listed.Tag, listed.Households = "", []string{one.ID}
	p := w.active(jia, listed)
	if a, b := said(w.of(one.ID)[:1]), said(w.of(two.ID)); a != "03-02 planned" || b != "" {
		t.Errorf("%s and %s", a, b)
	}
	listed.Households = []string{two.ID}
	must(w.plans.ChangeTerms(t.Context(), w.as("manager"), noon, p.ID, 0, "2026-03-05", listed))(t)
	w.schedule(noon)
	if a, b := said(w.of(one.ID)[:2]), said(w.of(two.ID)[:1]); a != "03-02 planned, 03-09 cancelled plan_changed" || b != "03-09 planned" {
		t.Errorf("%s and %s", a, b)
	}
}

func TestActivities(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := NewActivity{ID: ids.New(), Area: east, Title: "重阳茶话会", People: 30, HeldAt: noon.Add(-time.Hour)}
		for range 2 {
			must(w.Works.Hold(ctx, w.as("worker"), noon, in))(t)
		}
		in.People = 31
		if _, err := w.Works.Hold(ctx, w.as("worker"), noon, in); code(err) != "duplicate" {
			t.Errorf("another under the same id: %v", err)
		}
		if _, err := w.Works.Hold(ctx, w.as("worker"), noon, NewActivity{ID: ids.New(), Area: north, People: -1, HeldAt: noon.Add(day)}); pointers(err) != "/area /heldAt /people /title" {
			t.Errorf("a wrong one: %v", err)
		}
		if _, err := w.Works.Hold(ctx, w.as("resident"), noon, in); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a resident's: %v", err)
		}
		for _, c := range []struct {
			who  string
			f    WorkFilter
			want int
		}{
			{"manager", WorkFilter{}, 1}, {"other manager", WorkFilter{}, 0}, {"lead", WorkFilter{Kinds: []WorkKind{Aid}}, 0}, {"lead", WorkFilter{By: w.ids["worker"], Cell: east}, 1},
			{"lead", WorkFilter{From: noon}, 0}, {"lead", WorkFilter{To: noon}, 1},
		} {
			if list, _, err := w.Works.List(ctx, w.as(c.who), c.f); err != nil || len(list) != c.want {
				t.Errorf("%s, %+v: %d, %v", c.who, c.f, len(list), err)
			}
		}
	})
}
