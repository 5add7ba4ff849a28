package schedule_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/plan"
	"wangge/domain/visit"
)

func TestPlansAsAsked(t *testing.T) {
	w := onSQLite(t, rehearse)
	ctx := t.Context()
	create := func(who string, change func(*plan.NewPlan)) error {
		in := plan.NewPlan{ID: ids.New(), Title: "关爱", Area: jia, From: today, Terms: terms(weekly)}
		change(&in)
		_, err := w.Plans.Create(ctx, w.As(who), noon, in)
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
			p.Terms.Team = []string{w.IDs["worker"], w.IDs["resident"], "x", w.IDs["worker"]}
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
	first := must(w.Plans.Create(ctx, w.As("manager"), noon, in))(t)
	if again := must(w.Plans.Create(ctx, w.As("manager"), noon, in))(t); again.Version != first.Version {
		t.Errorf("sent again: %+v", again)
	}
	in.Title = "别的"
	if _, err := w.Plans.Create(ctx, w.As("manager"), noon, in); code(err) != "duplicate" {
		t.Errorf("another under the same id: %v", err)
	}
	if _, err := w.Plans.TakeAction(ctx, w.As("manager"), noon, first.ID, first.Version+1, "activate"); !errors.Is(err, domain.ErrStale) {
		t.Errorf("another version: %v", err)
	}
	var conflict *domain.ConflictError
	if _, err := w.Plans.TakeAction(ctx, w.As("manager"), noon, first.ID, 0, "pause"); !errors.As(err, &conflict) || fmt.Sprint(conflict.Allowed) != "[activate]" {
		t.Errorf("pause a draft: %v", err)
	}
	if _, err := w.Plans.Get(ctx, w.As("community"), first.ID); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a stranger reads it: %v", err)
	}
	list, _, err := w.Plans.List(ctx, w.As("manager"), "", nil, 0, "")
	if err != nil || len(list) != 2 {
		t.Errorf("%d plans, %v", len(list), err)
	}
	if list, _, err := w.Plans.List(ctx, w.As("community"), "", []plan.State{plan.Draft}, 0, ""); err != nil || len(list) != 1 {
		t.Errorf("%d plans of the community, %v", len(list), err)
	}
}

// A visit whose version of the plan was replaced, before it bookmarks, can be put off.
func TestMoveBetweenChangeAndSettling(t *testing.T) {
	w := onSQLite(t, rehearse)
	h := w.Elder(east)
	p := w.Active(jia, terms(weekly))
	change := func(from civil.Date, rule string) {
		must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon, p.ID, 0, from, terms(rule)))(t)
	}
	change("2026-03-10", weekly)
	change("2026-03-20", weekly)
	w.Schedule(noon)
	v := w.Of(h.ID)[4]
	change("2026-03-05", "FREQ=WEEKLY;BYDAY=FR")
	v = must(w.Visits.TakeAction(t.Context(), w.As("worker"), noon, v.ID, 0, visit.ActionInput{Action: visit.Reschedule, Reason: "出差", Day: "2026-03-06"}))(t)
	if !v.EscalateAt.Equal(v.Closes) {
		t.Errorf("its ladder begins %s", v.EscalateAt)
	}
	for _, now := range []time.Time{noon, noon.Add(5 * day)} { // then it has closed, before its period began
		w.Schedule(now)
		if got := w.Visit(v.ID); got.State != visit.Planned || !got.Opens.Equal(v.Opens) {
			t.Errorf("it is %+v", got)
		}
	}
}

// A plan of households by name visits those, whatever their tags.
func TestPlansOfAList(t *testing.T) {
	w := onSQLite(t, rehearse)
	one, two := w.Household(east), w.Household(west, household.TagInput{Code: elderTag})
	listed := terms(weekly)
	listed.Tag, listed.Households = "", []string{one.ID}
	p := w.Active(jia, listed)
	if a, b := said(w.Of(one.ID)[:1]), said(w.Of(two.ID)); a != "03-02 planned" || b != "" {
		t.Errorf("%s and %s", a, b)
	}
	listed.Households = []string{two.ID}
	must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon, p.ID, 0, "2026-03-05", listed))(t)
	w.Schedule(noon)
	if a, b := said(w.Of(one.ID)[:2]), said(w.Of(two.ID)[:1]); a != "03-02 planned, 03-09 cancelled plan_changed" || b != "03-09 planned" {
		t.Errorf("%s and %s", a, b)
	}
}
