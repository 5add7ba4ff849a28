package visit_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/store"
)

// busy is a city with visits of every state, result, cell and assignee.
func busy(w *world) (p, q *plan.Plan) {
	var homes []*household.Household
	for _, cell := range []string{east, east, west, north} {
		homes = append(homes, w.Elder(cell))
	}
	teamed := terms("FREQ=DAILY;INTERVAL=5")
	teamed.Team = []string{w.IDs["second"], w.IDs["worker"]}
	p, q = w.Active(jia, terms("FREQ=DAILY;INTERVAL=4")), w.Active(jia, teamed)
	w.Complete("worker", noon.Add(time.Hour), w.CheckIn("worker", noon, arrival(homes[0], 1)), visit.Completion{Result: visit.Met})
	w.CheckIn("worker", noon, arrival(homes[1], 1))
	w.Called("second", noon.Add(2*time.Hour), homes[3], visit.NoAnswer)
	for i, action := range []visit.Action{visit.Miss, visit.Cancel} {
		must(w.Visits.TakeAction(w.T.Context(), w.As("manager"), noon, w.Of(homes[2].ID)[i].ID, 0, visit.ActionInput{Action: action, Reason: "原因"}))(w.T)
	}
	return p, q
}

// everyVisit is every visit there is.
func everyVisit(w *world) []*visit.Visit {
	w.T.Helper()
	var out []*visit.Visit
	for _, street := range []string{jia, yi} {
		for _, st := range visit.States {
			err := visit.Each(w.T.Context(), w.Store, func(v *visit.Visit) { out = append(out, v) }, store.Eq("place.street", w.ID(street)), store.Eq("state", st))
			if err != nil {
				w.T.Fatal(err)
			}
		}
	}
	return out
}

// Every list is what a look at all visits finds, in order, whatever the page size.
func TestListsAgainstALookAtAll(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		p, q := busy(w)
		all := everyVisit(w)
		now := noon.Add(9 * day)
		house := all[0].Household
		filters := map[string]visit.Filter{
			"all": {}, "planned": {States: []visit.State{visit.Planned}}, "two states": {States: []visit.State{visit.Missed, visit.Completed, visit.Missed}}, "a result": {Results: []visit.Result{visit.NoAnswer}},
			"an area": {Area: jiaOne}, "a cell": {Cell: west}, "a cell elsewhere": {Area: jiaTwo, Cell: west}, "a plan": {Plan: p.ID},
			"a household": {Household: house}, "a plan's of a household": {Household: house, Plan: q.ID}, "an assignee": {Assignee: w.IDs["second"]},
			"an assignee's of a plan in a cell": {Assignee: w.IDs["second"], Plan: q.ID, Cell: east}, "overdue": {Overdue: true}, "overdue and missed": {Overdue: true, States: []visit.State{visit.Missed}},
			"overdue since": {Overdue: true, From: noon.Add(2 * day), To: now.Add(90 * day)}, "days": {From: noon.Add(day), To: noon.Add(6 * day)}, "mine": {Mine: true},
			"changed since": {Since: noon}, "changed since of a household": {Since: noon, Household: house}, "planned by when they are due": {States: []visit.State{visit.Planned}, Sort: "dueAt"},
			"the last made first": {Sort: "-createdAt"}, "a cell's, the last changed first": {Cell: east, Sort: "-updatedAt"}, "an assignee's by when they are due": {Assignee: w.IDs["second"], Sort: "-dueAt"},
		}
		for _, who := range []string{"admin", "manager", "community", "lead", "worker", "second", "other worker", "other manager"} {
			actor := w.As(who)
			for name, f := range filters {
				var want []string
				key := func(v *visit.Visit) string {
					at := map[string]time.Time{"": v.Opens, "createdAt": v.CreatedAt, "dueAt": v.Closes, "updatedAt": v.UpdatedAt}[f.SortBy().Field()]
					return at.UTC().Format("2006-01-02T15:04:05.000") + v.ID
				}
				for _, v := range all {
					if access.MaySeeVisit(actor, v.Facts()) && fits(w, actor, f, v, now) {
						want = append(want, key(v))
					}
				}
				if slices.Sort(want); f.SortBy().Falls() {
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
		for _, f := range []visit.Filter{{Plan: p.ID, Sort: "dueAt"}, {Household: house, Sort: "-updatedAt"}} {
			if _, _, err := w.Visits.List(t.Context(), w.As("manager"), now, f); !errors.Is(err, domain.ErrNotSortable) {
				t.Errorf("%+v: %v", f, err)
			}
		}
		for _, who := range []string{"resident", "counter", "dispatcher"} {
			if _, _, err := w.Visits.List(t.Context(), w.As(who), now, visit.Filter{}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s lists: %v", who, err)
			}
		}
		if _, _, err := w.Visits.List(t.Context(), w.As("lead"), now, visit.Filter{Area: "9", Cell: "8"}); pointers(err) == "" {
			t.Errorf("nowhere: %v", err)
		}
	})
}

// fits is the filter, said once more and plainly.
func fits(w *world, actor access.Actor, f visit.Filter, v *visit.Visit, now time.Time) bool {
	in := func(code string) bool {
		if code == "" {
			return true
		}
		id := w.ID(code)
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
	for _, f := range []visit.Filter{{Plan: p.ID}, {Household: everyVisit(w)[0].Household}, {Assignee: w.IDs["worker"]}} {
		if list, _, err := w.Visits.List(t.Context(), w.As("other worker"), noon, f); err != nil || len(list) != 0 {
			t.Errorf("%+v: %d, %v", f, len(list), err)
		}
	}
}
