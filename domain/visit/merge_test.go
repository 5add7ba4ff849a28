package visit

import (
	"errors"
	"fmt"
	"math/rand/v2"
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
	"wangge/store"
)

func (w *world) merge(into, other *household.Household) {
	w.t.Helper()
	must(w.households.Merge(w.t.Context(), access.Program, noon, into.ID, 0, other.ID))(w.t)
}

func (w *world) unmerge(into, other *household.Household) {
	w.t.Helper()
	_, _, err := w.households.Unmerge(w.t.Context(), access.Program, noon, into.ID, 0, other.ID)
	must(0, err)(w.t)
}

// What a household owes and is owed goes on where it is merged into another:
// stops, silence, alerts and promises at once, visits and places as they are followed.
func TestMergedHouseholdsKeepWhatTheyOwe(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		stays, silent, met := w.elder(east), w.elder(west), w.elder(west)
		p := w.active(jia, terms(weekly))
		at := func(h *household.Household, hour int, in Completion) *Stop {
			t.Helper()
			now := noon.Add(time.Duration(hour) * time.Hour)
			return w.complete("worker", now, w.checkIn("worker", now, Arrival{ID: ids.New(), Household: h.ID, Channel: Phone, OnTheSpot: true}), in)
		}
		at(silent, 0, Completion{Result: NoAnswer, Promises: []NewPromise{{ids.New(), "再来", today}}})
		w.merge(stays, silent)
		list, _, err := w.Stops.At(t.Context(), w.as("lead"), stays.ID, 10, "")
		if err != nil || len(list) != 1 || list[0].Household != silent.ID {
			t.Errorf("stops %+v, %v", list, err)
		}
		seen := must(w.Visits.SeenHouseholds(t.Context(), w.as("lead"), []string{silent.ID}))(t)
		if seen[silent.ID] == nil || seen[silent.ID].ID != stays.ID {
			t.Errorf("it is %+v", seen)
		}
		w.schedule(noon)
		promised, _, err := w.Promises.List(t.Context(), w.as("lead"), "", east, "", 10, "")
		if err != nil || len(promised) != 1 {
			t.Errorf("promised there: %v, %v", promised, err)
		}
		round := must(w.Days.Round(t.Context(), w.as("worker"), noon, today, nil))(t)
		if i := slices.IndexFunc(round.Calls, func(c Call) bool { return c.Household.ID == stays.ID }); i < 0 || len(round.Calls[i].Promises) != 1 || round.Calls[i].Last == nil {
			t.Errorf("the day's route is %+v", round.Calls)
		}

		// A phone that does not know of it yet knocks where it was; silent twice in a row is a worry.
		again := at(silent, 1, Completion{Result: NoAnswer})
		if again.Household != stays.ID || again.Alert != Raised {
			t.Errorf("at %s, alert %q", again.Household, again.Alert)
		}
		w.unmerge(stays, silent)
		apart := at(silent, 2, Completion{Result: NoAnswer}) // the second time there
		if apart.Alert != Raised || apart.Household != silent.ID {
			t.Errorf("taken apart: %+v", apart)
		}
		w.merge(stays, silent)
		at(stays, 3, Completion{Result: Met})
		for _, id := range []string{again.ID, apart.ID} {
			if got := must(w.Stops.Get(t.Context(), w.as("lead"), id))(t); got.Alert != Cleared {
				t.Errorf("met since: %s", got.Alert)
			}
		}

		// Who was met in this period is not visited again under another name.
		w.schedule(noon)
		fresh := w.elder(east)
		w.schedule(noon)
		at(met, 4, Completion{Result: Met})
		w.merge(fresh, met)
		w.schedule(noon)
		if got := said(w.of(fresh.ID)[:2]); got != "03-02 cancelled met_already, 03-09 planned" {
			t.Errorf("met already: %s", got)
		}
		w.merge(stays, fresh)
		w.schedule(noon)
		w.unmerge(stays, fresh)
		w.unmerge(fresh, met)
		w.schedule(noon)
		if got := said(w.of(fresh.ID)[:2]); got != "03-02 planned, 03-09 planned" {
			t.Errorf("taken apart: %s", got)
		}

		// A household begun at before it was merged is met all the same, and so it is when it is apart again.
		open := w.checkIn("worker", noon.Add(5*time.Hour), Arrival{ID: ids.New(), Household: fresh.ID, Channel: Phone})
		w.merge(stays, fresh)
		w.complete("worker", noon.Add(6*time.Hour), open, Completion{Result: Met})
		w.unmerge(stays, fresh)
		if h := must(household.Load(t.Context(), w.st, fresh.ID))(t); !h.LastVisitedAt.Equal(noon.Add(5 * time.Hour)) {
			t.Errorf("last met %s", h.LastVisitedAt)
		}

		// Deleted, it is gone with all that was merged into it.
		w.merge(fresh, met)
		must(0, w.households.Delete(t.Context(), access.Program, noon, fresh.ID, 0))(t)
		if _, err := w.Stops.CheckIn(t.Context(), w.as("worker"), noon, Arrival{ID: ids.New(), Household: met.ID, Channel: Phone, OnTheSpot: true}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a stop where nobody is: %v", err)
		}
		w.schedule(noon)
		for _, v := range append(w.of(fresh.ID), w.of(met.ID)...) {
			if v.Plan == p.ID && v.State == Planned {
				t.Errorf("still to do: %s", said([]*Visit{v}))
			}
		}
	})
}

// A household of a list is visited under the name of the one that it was merged into.
func TestListedHouseholdsMerge(t *testing.T) {
	w := onSQLite(t, rehearse)
	listed, between, stays := w.household(east), w.household(east), w.household(west)
	in := terms(weekly)
	in.Tag, in.Households = "", []string{listed.ID}
	w.active(jia, in)
	w.merge(between, listed)
	w.merge(stays, between)
	w.schedule(noon)
	w.schedule(noon.Add(day))
	if a, b := said(w.of(listed.ID)[:1]), said(w.of(stays.ID)[:1]); a != "03-02 cancelled household_gone" || b != "03-02 planned" {
		t.Errorf("%s and %s", a, b)
	}
	w.unmerge(stays, between)
	w.unmerge(between, listed)
	w.schedule(noon.Add(day))
	if a, b := said(w.of(listed.ID)[:1]), said(w.of(stays.ID)[:1]); a != "03-02 planned" || b != "03-02 cancelled plan_changed" {
		t.Errorf("%s and %s", a, b)
	}
}

// However households with visits, stops and promises are merged and moved, with
// the scheduler running in between or not: taken apart again everything is as it was.
func TestMergedVisitsUndone(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(5, 8))
		cells := []string{east, west, north}
		w.active(jia, terms(weekly))
		w.active(jia, plan.Terms{Tag: "party_member", Rules: []plan.Rule{{RRule: "FREQ=WEEKLY;BYDAY=MO,TH"}}, WindowDays: 2})
		for round := range 4 {
			var all []*household.Household
			for range 5 {
				var tags []household.TagInput
				for _, code := range []string{elderTag, "party_member"} {
					if rng.IntN(3) > 0 {
						tags = append(tags, household.TagInput{Code: code})
					}
				}
				all = append(all, w.household(cells[rng.IntN(3)], tags...))
			}
			w.schedule(noon)
			for _, h := range all {
				visitor := access.Actor{Account: w.ids["worker"], Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: h.Place.Cell}}}
				for range rng.IntN(3) {
					in := Completion{Result: Results[rng.IntN(3)], Promises: []NewPromise{{ids.New(), "送药", today.Add(3)}}}
					stop := must(w.Stops.CheckIn(t.Context(), visitor, noon, Arrival{ID: ids.New(), Household: h.ID, Channel: Phone, OnTheSpot: true}))(t)
					must(w.Stops.Complete(t.Context(), visitor, noon, stop.ID, 0, in, nil))(t)
				}
			}
			w.schedule(noon)
			was := w.kept(all)
			live := slices.Clone(all)
			for len(live) > 1 {
				i := rng.IntN(len(live))
				loser := live[i]
				live = slices.Delete(live, i, i+1)
				w.merge(live[rng.IntN(len(live))], loser)
				if rng.IntN(2) == 0 {
					w.schedule(noon)
				}
			}
			there := household.Relocation{Address: live[0].Address, Position: at[north], Datum: "wgs84", Corrected: true}
			must(w.households.Move(t.Context(), access.Program, noon, live[0].ID, 0, there))(t)
			w.schedule(noon)
			w.notTwice(t, live[0], all)
			there.Position = live[0].Position.At()
			must(w.households.Move(t.Context(), access.Program, noon, live[0].ID, 0, there))(t)
			for joined := live; len(joined) > 0; {
				h := must(household.Load(t.Context(), w.st, joined[0].ID))(t)
				if len(h.Merged) == 0 {
					joined = joined[1:]
					continue
				}
				last := h.Merged[len(h.Merged)-1].Household
				_, restored, err := w.households.Unmerge(t.Context(), access.Program, noon, h.ID, 0, last)
				must(0, err)(t)
				joined = append(joined, restored)
				if rng.IntN(2) == 0 {
					w.schedule(noon)
				}
			}
			w.schedule(noon)
			for i, got := range w.kept(all) {
				if got != was[i] {
					t.Errorf("round %d, household %d:\n%s\nwas\n%s", round, i, got, was[i])
				}
			}
		}
	})
}

// kept says of each household what is owed and known of it.
func (w *world) kept(all []*household.Household) []string {
	w.t.Helper()
	var out []string
	for _, h := range all {
		var list []*Visit // that there are or were to be made; what merging made and took back again is nobody's
		for _, v := range w.of(h.ID) {
			if v.State != Cancelled || v.Cause == MetAlready {
				list = append(list, v)
			}
		}
		text := fmt.Sprintf("visits %s\n", said(list))
		for _, v := range list {
			text += fmt.Sprint(" ", v.Place.Cell, v.Covered)
		}
		stops, _, err := w.Stops.At(w.t.Context(), w.as("admin"), h.ID, 100, "")
		must(0, err)(w.t)
		for _, s := range stops {
			text += fmt.Sprintf("\nstop %s %s %s", s.ID, s.Place.Cell, s.Alert)
		}
		made, _, err := promises.Find(w.t.Context(), w.st, store.Query{Where: []store.Cond{store.Eq("household", h.ID), store.Eq("state", PromiseOpen)}, Order: []string{"dueOn"}, Limit: 100})
		must(0, err)(w.t)
		var due []string
		for _, p := range made {
			due = append(due, fmt.Sprintf("\npromise %s %s", p.ID, p.Place.Cell))
		}
		slices.Sort(due)
		out = append(out, text+strings.Join(due, ""))
	}
	return out
}

// notTwice fails where a period of a plan has two visits that are to be made or
// somebody was met, among the households that are one now.
func (w *world) notTwice(t *testing.T, h *household.Household, all []*household.Household) {
	t.Helper()
	planned := map[string]recurrence.Date{}
	for _, v := range w.of(h.ID) {
		if v.State == Planned {
			planned[v.Plan+string(v.Period)] = v.Period
		}
	}
	for _, o := range all {
		for _, v := range w.of(o.ID) {
			_, twice := planned[v.Plan+string(v.Period)]
			if o.ID != h.ID && v.State == Planned || v.Covered && twice {
				t.Errorf("%s again", said([]*Visit{v}))
			}
		}
	}
}
