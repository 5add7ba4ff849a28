package demo

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/ticket"
	"wangge/domain/visit"
)

// figures of a cell, or a street.
type figures struct{ year, recent, open, overdue, households, due int }

// hasHistory: where people live something happened in the year, more here than there, and most of it is over.
func (w World) hasHistory(t *testing.T, admin access.Actor, now time.Time) {
	t.Helper()
	ctx := t.Context()
	cells, over, oldest := map[string]*figures{}, 0, now
	for _, c := range w.Areas.Map().Cells() {
		cells[c.ID] = &figures{}
	}
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Tickets.List(ctx, admin, ticket.Filter{Limit: 100, Cursor: cursor})
		for _, k := range page {
			if k.CreatedAt.After(now) || k.UpdatedAt.After(now) || k.ClosedAt.After(now) {
				t.Errorf("%s is of the future: %s, %s", k.Number, k.CreatedAt, k.UpdatedAt)
			}
			if k.CreatedAt.Before(oldest) {
				oldest = k.CreatedAt
			}
			f := cells[k.Place.Cell]
			if f == nil {
				continue // it lies in none
			}
			f.year++
			if k.CreatedAt.After(now.AddDate(0, 0, -30)) {
				f.recent++
			}
			switch {
			case !k.State.Open():
				over++
			case k.Overdue(now):
				f.overdue++
				fallthrough
			default:
				f.open++
			}
		}
		return next, err
	})
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Households.List(ctx, admin, now, household.Filter{Area: "3205", Limit: 100, Cursor: cursor})
		for _, h := range page {
			cells[h.Place.Cell].households++
		}
		return next, err
	})
	each(t, func(cursor string) (string, error) {
		page, next, err := w.Visits.List(ctx, admin, now, visit.Filter{Limit: 500, Cursor: cursor})
		for _, v := range page {
			if v.State == visit.Planned && !v.Opens.After(now) {
				cells[v.Place.Cell].due++
			}
		}
		return next, err
	})
	var year, recent, open []int
	streets := map[string]*figures{}
	hot, all := 0, 0 // cells of the street manager's beside those of the demo sign-ins
	for _, c := range w.Areas.Map().Cells() {
		f, street := cells[c.ID], c.Code[:len(Home)]
		if f.households > 0 && f.year == 0 {
			t.Errorf("%d households of %s reported nothing in a year", f.households, c.Code)
		}
		if streets[street] == nil {
			streets[street] = &figures{}
		}
		s := streets[street]
		s.open, s.overdue, s.due, s.households = s.open+f.open, s.overdue+f.overdue, s.due+f.due, s.households+f.households
		all += f.open
		if f.households == 0 {
			continue
		}
		year, recent, open = append(year, f.year), append(recent, f.recent), append(open, f.open)
		if street == Home && !strings.HasPrefix(c.Code, homeCommunity) && f.open >= 3 && f.overdue > 0 {
			hot++
		}
	}
	for code, s := range streets {
		if s.open == 0 || s.households == 0 || s.due == 0 && code != fengqiao || code == Home && (s.overdue < 20 || s.due < 20) {
			t.Errorf("street %s is dead: %+v", code, s)
		}
	}
	for name, of := range map[string][]int{"year": year, "last month": recent, "open": open} {
		slices.Sort(of)
		at := func(of100 int) int { return of[(len(of)-1)*of100/100] }
		if at(50) > at(90) || at(90) >= at(99) || at(99) >= at(100) || name == "year" && (at(0) < 1 || at(20) >= at(50) || at(50) >= at(80)) {
			t.Errorf("%s: the cells are all alike: %d, %d, %d, %d, %d", name, at(20), at(50), at(80), at(90), at(99))
		}
	}
	if hot < 3 || all < 300 || over < 4*all || now.Sub(oldest) < (aYear-20)*24*time.Hour {
		t.Errorf("%d hot cells, %d open, %d over, the oldest of %s", hot, all, over, oldest)
	}
	t.Logf("%d cells with households, %d tickets open and %d over, %d hot cells beside those of the sign-ins", len(year), all, over, hot)
	for code, s := range streets {
		t.Logf("%s: %+v", code, *s)
	}
}

// nothingAhead: no entry of the journal is of the future.
func (w World) nothingAhead(t *testing.T, now time.Time) {
	t.Helper()
	for p := range w.Store.Heads() {
		for after := int64(0); ; {
			page, err := w.Store.Journal(t.Context(), p, after, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				if after = e.Number; e.At.After(now) {
					t.Errorf("%s %s of the future: %s", e.Action, e.Collection, e.At)
				}
			}
			if len(page) == 0 {
				break
			}
		}
	}
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		weights []float64
		total   int
		want    []int
	}{
		{[]float64{1, 1, 1}, 3, []int{1, 1, 1}}, {[]float64{1, 1, 2}, 7, []int{2, 2, 3}}, {[]float64{0.001, 100}, 12, []int{1, 11}}, {[]float64{3, 2, 2}, 5, []int{2, 2, 1}},
	} {
		if got := shares(c.weights, c.total); !slices.Equal(got, c.want) {
			t.Errorf("%v of %d: %v, want %v", c.weights, c.total, got, c.want)
		}
	}
}

// Pipes burst in winter, and people are noisy in summer; whatever the day, nothing is of the last month or of the year before.
func TestSeasons(t *testing.T) {
	for _, now := range []time.Time{time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), time.Date(2027, 5, 2, 20, 0, 0, 0, time.UTC)} {
		w, rng := &filling{now: now}, rand.New(rand.NewPCG(1, 1))
		in := func(category string) (months [13]int) {
			for range 3000 {
				ago := w.season(rng, category)
				if ago < 30*24*time.Hour || ago > aYear*24*time.Hour {
					t.Fatalf("%s ago", ago)
				}
				months[now.Add(-ago).In(civil.Zone).Month()]++
			}
			return months
		}
		if pipes := in("pipe_dispute"); pipes[time.January] < 2*pipes[time.September] {
			t.Errorf("pipes: %v", pipes)
		}
		if noise := in("noise"); noise[time.July] < 2*noise[time.January] {
			t.Errorf("noise: %v", noise)
		}
		if other := in("other"); other[time.July] > 2*other[time.January] {
			t.Errorf("other: %v", other)
		}
	}
}

// Of what is old nearly all is over.
func TestFates(t *testing.T) {
	rng, before := rand.New(rand.NewPCG(1, 1)), 1.1
	for _, days := range []int{0, 3, 8, 15, 30, 300} {
		open := 0
		for range 2000 {
			until, answered := fate(rng, time.Duration(days)*24*time.Hour, false)
			if until.Open() {
				open++
			}
			if answered && until != ticket.Closed {
				t.Fatalf("answered, and %s", until)
			}
		}
		if part := float64(open) / 2000; part >= before || days == 300 && part > 0.03 {
			t.Errorf("after %d days %.2f are open", days, part)
		} else {
			before = part
		}
	}
}
