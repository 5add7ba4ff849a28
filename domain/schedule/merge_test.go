package schedule_test

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
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/plan"
	"wangge/domain/visit"
)

func merge(w *world, into, other *household.Household) {
	w.T.Helper()
	must(w.Households.Merge(w.T.Context(), access.Program, noon, into.ID, 0, other.ID))(w.T)
}

func unmerge(w *world, into, other *household.Household) {
	w.T.Helper()
	_, _, err := w.Households.Unmerge(w.T.Context(), access.Program, noon, into.ID, 0, other.ID)
	must(0, err)(w.T)
}

// What a household owes and is owed goes on where it is merged into another:
// stops, silence, alerts and promises at once, visits and places as they are followed.
func TestMergedHouseholdsKeepWhatTheyOwe(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		stays, silent, met := w.Elder(east), w.Elder(west), w.Elder(west)
		p := w.Active(jia, terms(weekly))
		at := func(h *household.Household, hour int, in visit.Completion) *visit.Stop {
			t.Helper()
			now := noon.Add(time.Duration(hour) * time.Hour)
			return w.Complete("worker", now, w.CheckIn("worker", now, visit.Arrival{ID: ids.New(), Household: h.ID, Channel: visit.Phone, OnTheSpot: true}), in)
		}
		at(silent, 0, visit.Completion{Result: visit.NoAnswer, Promises: []visit.NewPromise{{ID: ids.New(), Text: "再来", DueOn: today}}})
		merge(w, stays, silent)
		list, _, err := w.Stops.At(t.Context(), w.As("lead"), stays.ID, 10, "")
		if err != nil || len(list) != 1 || list[0].Household != silent.ID {
			t.Errorf("stops %+v, %v", list, err)
		}
		seen := must(w.Visits.SeenHouseholds(t.Context(), w.As("lead"), []string{silent.ID}))(t)
		if seen[silent.ID] == nil || seen[silent.ID].ID != stays.ID {
			t.Errorf("it is %+v", seen)
		}
		w.Schedule(noon)
		promised, _, err := w.Promises.List(t.Context(), w.As("lead"), "", east, "", 10, "")
		if err != nil || len(promised) != 1 {
			t.Errorf("promised there: %v, %v", promised, err)
		}
		round := must(w.Days.Round(t.Context(), w.As("worker"), noon, today, nil))(t)
		if i := slices.IndexFunc(round.Calls, func(c visit.Call) bool { return c.Household.ID == stays.ID }); i < 0 || len(round.Calls[i].Promises) != 1 || round.Calls[i].Last == nil {
			t.Errorf("the day's route is %+v", round.Calls)
		}

		// A phone that does not know of it yet knocks where it was; silent twice in a row is a worry.
		again := at(silent, 1, visit.Completion{Result: visit.NoAnswer})
		if again.Household != stays.ID || again.Alert != visit.Raised {
			t.Errorf("at %s, alert %q", again.Household, again.Alert)
		}
		unmerge(w, stays, silent)
		apart := at(silent, 2, visit.Completion{Result: visit.NoAnswer}) // the second time there
		if apart.Alert != visit.Raised || apart.Household != silent.ID {
			t.Errorf("taken apart: %+v", apart)
		}
		merge(w, stays, silent)
		at(stays, 3, visit.Completion{Result: visit.Met})
		for _, id := range []string{again.ID, apart.ID} {
			if got := must(w.Stops.Get(t.Context(), w.As("lead"), id))(t); got.Alert != visit.Cleared {
				t.Errorf("met since: %s", got.Alert)
			}
		}

		// Who was met in this period is not visited again under another name.
		w.Schedule(noon)
		fresh := w.Elder(east)
		w.Schedule(noon)
		at(met, 4, visit.Completion{Result: visit.Met})
		merge(w, fresh, met)
		w.Schedule(noon)
		if got := said(w.Of(fresh.ID)[:2]); got != "03-02 cancelled met_already, 03-09 planned" {
			t.Errorf("met already: %s", got)
		}
		merge(w, stays, fresh)
		w.Schedule(noon)
		unmerge(w, stays, fresh)
		unmerge(w, fresh, met)
		w.Schedule(noon)
		if got := said(w.Of(fresh.ID)[:2]); got != "03-02 planned, 03-09 planned" {
			t.Errorf("taken apart: %s", got)
		}

		// A household begun at before it was merged is met all the same, and so it is when it is apart again.
		open := w.CheckIn("worker", noon.Add(5*time.Hour), visit.Arrival{ID: ids.New(), Household: fresh.ID, Channel: visit.Phone})
		merge(w, stays, fresh)
		w.Complete("worker", noon.Add(6*time.Hour), open, visit.Completion{Result: visit.Met})
		unmerge(w, stays, fresh)
		if h := must(household.Load(t.Context(), w.Store, fresh.ID))(t); !h.LastVisitedAt.Equal(noon.Add(5 * time.Hour)) {
			t.Errorf("last met %s", h.LastVisitedAt)
		}

		// Deleted, it is gone with all that was merged into it.
		merge(w, fresh, met)
		must(0, w.Households.Delete(t.Context(), access.Program, noon, fresh.ID, 0))(t)
		if _, err := w.Stops.CheckIn(t.Context(), w.As("worker"), noon, visit.Arrival{ID: ids.New(), Household: met.ID, Channel: visit.Phone, OnTheSpot: true}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a stop where nobody is: %v", err)
		}
		w.Schedule(noon)
		for _, v := range append(w.Of(fresh.ID), w.Of(met.ID)...) {
			if v.Plan == p.ID && v.State == visit.Planned {
				t.Errorf("still to do: %s", said([]*visit.Visit{v}))
			}
		}
	})
}

// A household of a list is visited under the name of the one that it was merged into.
func TestListedHouseholdsMerge(t *testing.T) {
	w := onSQLite(t, rehearse)
	listed, between, stays := w.Household(east), w.Household(east), w.Household(west)
	in := terms(weekly)
	in.Tag, in.Households = "", []string{listed.ID}
	w.Active(jia, in)
	merge(w, between, listed)
	merge(w, stays, between)
	w.Schedule(noon)
	w.Schedule(noon.Add(day))
	if a, b := said(w.Of(listed.ID)[:1]), said(w.Of(stays.ID)[:1]); a != "03-02 cancelled household_gone" || b != "03-02 planned" {
		t.Errorf("%s and %s", a, b)
	}
	unmerge(w, stays, between)
	unmerge(w, between, listed)
	w.Schedule(noon.Add(day))
	if a, b := said(w.Of(listed.ID)[:1]), said(w.Of(stays.ID)[:1]); a != "03-02 planned" || b != "03-02 cancelled plan_changed" {
		t.Errorf("%s and %s", a, b)
	}
}

// However households with visits, stops and promises are merged and moved, with
// the scheduler running in between or not: taken apart again everything is as it was.
func TestMergedVisitsUndone(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(5, 8))
		cells := []string{east, west, north}
		w.Active(jia, terms(weekly))
		w.Active(jia, plan.Terms{Tag: "party_member", Rules: []plan.Rule{{RRule: "FREQ=WEEKLY;BYDAY=MO,TH"}}, WindowDays: 2})
		for round := range 4 {
			var all []*household.Household
			for range 5 {
				var tags []household.TagInput
				for _, code := range []string{elderTag, "party_member"} {
					if rng.IntN(3) > 0 {
						tags = append(tags, household.TagInput{Code: code})
					}
				}
				all = append(all, w.Household(cells[rng.IntN(3)], tags...))
			}
			w.Schedule(noon)
			for _, h := range all {
				visitor := access.Actor{Account: w.IDs["worker"], Grants: []access.Grant{{Role: access.OutreachWorker, Level: access.Cell, Area: h.Place.Cell}}}
				for range rng.IntN(3) {
					in := visit.Completion{Result: visit.Results[rng.IntN(3)], Promises: []visit.NewPromise{{ID: ids.New(), Text: "送药", DueOn: today.Add(3)}}}
					stop := must(w.Stops.CheckIn(t.Context(), visitor, noon, visit.Arrival{ID: ids.New(), Household: h.ID, Channel: visit.Phone, OnTheSpot: true}))(t)
					must(w.Stops.Complete(t.Context(), visitor, noon, stop.ID, 0, in, nil))(t)
				}
			}
			w.Schedule(noon)
			was := kept(w, all)
			live := slices.Clone(all)
			for len(live) > 1 {
				i := rng.IntN(len(live))
				loser := live[i]
				live = slices.Delete(live, i, i+1)
				merge(w, live[rng.IntN(len(live))], loser)
				if rng.IntN(2) == 0 {
					w.Schedule(noon)
				}
			}
			there := household.Relocation{Address: live[0].Address, Position: at[north], Datum: "wgs84", Corrected: true}
			must(w.Households.Move(t.Context(), access.Program, noon, live[0].ID, 0, there))(t)
			w.Schedule(noon)
			notTwice(w, t, live[0], all)
			there.Position = live[0].Position.At()
			must(w.Households.Move(t.Context(), access.Program, noon, live[0].ID, 0, there))(t)
			for joined := live; len(joined) > 0; {
				h := must(household.Load(t.Context(), w.Store, joined[0].ID))(t)
				if len(h.Merged) == 0 {
					joined = joined[1:]
					continue
				}
				last := h.Merged[len(h.Merged)-1].Household
				_, restored, err := w.Households.Unmerge(t.Context(), access.Program, noon, h.ID, 0, last)
				must(0, err)(t)
				joined = append(joined, restored)
				if rng.IntN(2) == 0 {
					w.Schedule(noon)
				}
			}
			w.Schedule(noon)
			for i, got := range kept(w, all) {
				if got != was[i] {
					t.Errorf("round %d, household %d:\n%s\nwas\n%s", round, i, got, was[i])
				}
			}
		}
	})
}

// kept says of each household what is owed and known of it.
func kept(w *world, all []*household.Household) []string {
	w.T.Helper()
	var out []string
	for _, h := range all {
		var list []*visit.Visit // that there are or were to be made; what merging made and took back again is nobody's
		for _, v := range w.Of(h.ID) {
			if v.State != visit.Cancelled || v.Cause == visit.MetAlready {
				list = append(list, v)
			}
		}
		text := fmt.Sprintf("visits %s\n", said(list))
		for _, v := range list {
			text += fmt.Sprint(" ", v.Place.Cell, v.Covered)
		}
		stops, _, err := w.Stops.At(w.T.Context(), w.As("admin"), h.ID, 100, "")
		must(0, err)(w.T)
		for _, s := range stops {
			text += fmt.Sprintf("\nstop %s %s %s", s.ID, s.Place.Cell, s.Alert)
		}
		made, _, err := w.Promises.List(w.T.Context(), w.As("admin"), "", "", "", 500, "")
		must(0, err)(w.T)
		var due []string
		for _, p := range made {
			if p.Household == h.ID {
				due = append(due, fmt.Sprintf("\npromise %s %s", p.ID, p.Place.Cell))
			}
		}
		slices.Sort(due)
		out = append(out, text+strings.Join(due, ""))
	}
	return out
}

// notTwice fails where a period of a plan has two visits that are to be made or
// somebody was met, among the households that are one now.
func notTwice(w *world, t *testing.T, h *household.Household, all []*household.Household) {
	t.Helper()
	planned := map[string]civil.Date{}
	for _, v := range w.Of(h.ID) {
		if v.State == visit.Planned {
			planned[v.Plan+string(v.Period)] = v.Period
		}
	}
	for _, o := range all {
		for _, v := range w.Of(o.ID) {
			_, twice := planned[v.Plan+string(v.Period)]
			if o.ID != h.ID && v.State == visit.Planned || v.Covered && twice {
				t.Errorf("%s again", said([]*visit.Visit{v}))
			}
		}
	}
}
