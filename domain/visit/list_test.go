package visit

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/store"
)

// busy is a city with visits of every state, result, cell and assignee.
func busy(w *world) (p, q *plan.Plan) {
	var homes []*household.Household
	for _, cell := range []string{east, east, west, north} {
		homes = append(homes, w.elder(cell))
	}
	teamed := terms("FREQ=DAILY;INTERVAL=5")
	teamed.Team = []string{w.ids["second"], w.ids["worker"]}
	p, q = w.active(jia, terms("FREQ=DAILY;INTERVAL=4")), w.active(jia, teamed)
	w.complete("worker", noon.Add(time.Hour), w.checkIn("worker", noon, arrival(homes[0], 1)), Completion{Result: Met})
	w.checkIn("worker", noon, arrival(homes[1], 1))
	w.called("second", noon.Add(2*time.Hour), homes[3], NoAnswer)
	for i, action := range []Action{Miss, Cancel} {
		must(w.Visits.TakeAction(w.t.Context(), w.as("manager"), noon, w.of(homes[2].ID)[i].ID, 0, ActionInput{Action: action, Reason: "原因"}))(w.t)
	}
	return p, q
}

// all is every visit there is.
func (w *world) all() []*Visit {
	w.t.Helper()
	var out []*Visit
	for _, street := range []string{jia, yi} {
		for _, st := range States {
			err := eachVisit(w.t.Context(), w.st, func(v *Visit) { out = append(out, v) }, store.Eq("place.street", w.id(street)), store.Eq("state", st))
			if err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return out
}

// Every list is what a look at all visits finds, in order, whatever the page size.
func TestListsAgainstALookAtAll(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		p, q := busy(w)
		all := w.all()
		now := noon.Add(9 * day)
		house := all[0].Household
		filters := map[string]Filter{
			"all": {}, "planned": {States: []State{Planned}}, "two states": {States: []State{Missed, Completed, Missed}}, "a result": {Results: []Result{NoAnswer}},
			"an area": {Area: jiaOne}, "a cell": {Cell: west}, "a cell elsewhere": {Area: jiaTwo, Cell: west}, "a plan": {Plan: p.ID},
			"a household": {Household: house}, "a plan's of a household": {Household: house, Plan: q.ID}, "an assignee": {Assignee: w.ids["second"]},
			"an assignee's of a plan in a cell": {Assignee: w.ids["second"], Plan: q.ID, Cell: east}, "overdue": {Overdue: true}, "overdue and missed": {Overdue: true, States: []State{Missed}},
			"overdue since": {Overdue: true, From: noon.Add(2 * day), To: now.Add(90 * day)}, "days": {From: noon.Add(day), To: noon.Add(6 * day)}, "mine": {Mine: true},
			"changed since": {Since: noon}, "changed since of a household": {Since: noon, Household: house}, "planned by when they are due": {States: []State{Planned}, Sort: "dueAt"},
			"the last made first": {Sort: "-createdAt"}, "a cell's, the last changed first": {Cell: east, Sort: "-updatedAt"}, "an assignee's by when they are due": {Assignee: w.ids["second"], Sort: "-dueAt"},
		}
		for _, who := range []string{"admin", "manager", "community", "lead", "worker", "second", "other worker", "other manager"} {
			actor := w.as(who)
			for name, f := range filters {
				var want []string
				key := func(v *Visit) string {
					at := map[string]time.Time{"": v.Opens, "createdAt": v.CreatedAt, "dueAt": v.Closes, "updatedAt": v.UpdatedAt}[f.sort().Field()]
					return at.UTC().Format("2006-01-02T15:04:05.000") + v.ID
				}
				for _, v := range all {
					if access.MaySeeVisit(actor, v.Facts()) && w.fits(actor, f, v, now) {
						want = append(want, key(v))
					}
				}
				if slices.Sort(want); f.sort().Falls() {
					slices.Reverse(want)
				}
				for _, limit := range []int{1, 7, 500} {
					if f.Limit = limit; limit == 1 && len(want) > 30 {
						continue
					}
					var got []string
					f.Cursor = ""
					for {
						page, next, err := w.Visits.List(t.Context(), actor, now, f)
						if err != nil {
							t.Fatalf("%s, %s: %v", who, name, err)
						}
						for _, v := range page {
							got = append(got, key(v))
						}
						if f.Cursor = next; next == "" {
							break
						}
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s, %s, by %d: %d, want %d", who, name, limit, len(got), len(want))
					}
				}
			}
		}
		for _, f := range []Filter{{Plan: p.ID, Sort: "dueAt"}, {Household: house, Sort: "-updatedAt"}} {
			if _, _, err := w.Visits.List(t.Context(), w.as("manager"), now, f); !errors.Is(err, domain.ErrNotSortable) {
				t.Errorf("%+v: %v", f, err)
			}
		}
		for _, who := range []string{"resident", "counter", "dispatcher"} {
			if _, _, err := w.Visits.List(t.Context(), w.as(who), now, Filter{}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s lists: %v", who, err)
			}
		}
		if _, _, err := w.Visits.List(t.Context(), w.as("lead"), now, Filter{Area: "9", Cell: "8"}); pointers(err) == "" {
			t.Errorf("nowhere: %v", err)
		}
	})
}

// fits is the filter, said once more and plainly.
func (w *world) fits(actor access.Actor, f Filter, v *Visit, now time.Time) bool {
	in := func(code string) bool {
		if code == "" {
			return true
		}
		id := w.id(code)
		return v.Place.Street == id || v.Place.Community == id || v.Place.Cell == id
	}
	posted := slices.ContainsFunc(actor.Grants, func(g access.Grant) bool { return g.Level == access.Cell && g.Area == v.Place.Cell })
	return in(f.Area) && in(f.Cell) &&
		(len(f.States) == 0 || slices.Contains(f.States, v.State)) && (len(f.Results) == 0 || slices.Contains(f.Results, v.Result)) &&
		(f.Plan == "" || v.Plan == f.Plan) && (f.Household == "" || v.Household == f.Household) && (f.Assignee == "" || v.Assignee == f.Assignee) && (f.Since.IsZero() || v.UpdatedAt.After(f.Since)) &&
		(!f.Mine || posted || v.Assignee == actor.Account) && (!f.Overdue || v.Overdue(now)) &&
		(f.From.IsZero() || !v.Opens.Before(f.From)) && (f.To.IsZero() || v.Opens.Before(f.To))
}

// Nobody is found behind a filter whom they may not see.
func TestAStrangersListIsEmpty(t *testing.T) {
	w := onSQLite(t, rehearse)
	p, _ := busy(w)
	for _, f := range []Filter{{Plan: p.ID}, {Household: w.all()[0].Household}, {Assignee: w.ids["worker"]}} {
		if list, _, err := w.Visits.List(t.Context(), w.as("other worker"), noon, f); err != nil || len(list) != 0 {
			t.Errorf("%+v: %d, %v", f, len(list), err)
		}
	}
}
