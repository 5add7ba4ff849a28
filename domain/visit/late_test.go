package visit_test

import (
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/visit"
)

// resettle moves a household to a cell.
func resettle(w *world, h *household.Household, to string, now time.Time) *household.Household {
	w.T.Helper()
	address := household.Address{Estate: "平江路", Building: to, Room: ids.New()}
	return must(w.Households.Move(w.T.Context(), access.Program, now, h.ID, 0, household.Relocation{Address: address, Position: at[to], Datum: "wgs84"}))(w.T)
}

// What a stop says that ends after its household has moved to another street:
// a promise is where the household is, and nothing is said of its new address.
func TestStopsThatEndAfterAMove(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		for _, r := range []visit.Result{visit.NoAnswer, visit.MovedAway} {
			h := w.Elder(east)
			in := arrival(h, 5)
			in.OnTheSpot = true
			stop := w.CheckIn("worker", noon, in)
			resettle(w, h, other, noon.Add(time.Hour))
			w.Schedule(noon.Add(time.Hour)) // what follows the household has come by
			w.Complete("worker", noon.Add(2*time.Hour), stop, visit.Completion{Result: r, Promises: []visit.NewPromise{{ids.New(), "再来", "2026-03-04"}}, Aids: []visit.NewAid{{ID: ids.New(), Title: "米"}}})
			for who, want := range map[string]int{"worker": 0, "other worker": 1} {
				list, _, err := w.Promises.List(t.Context(), w.As(who), "", "", "", 0, "")
				if err != nil || len(list) != want || want == 1 && (list[0].Place.Cell != w.ID(other) || list[0].Partition != w.ID(yi)) {
					t.Errorf("%s: the %s has %v, %v", r, who, list, err)
				}
				for _, p := range list {
					must(w.Promises.End(t.Context(), w.As(who), noon.Add(3*time.Hour), p.ID, 0, visit.Kept, ""))(t)
				}
			}
			if now := must(household.Current(t.Context(), w.Store, []string{h.ID}))(t)[h.ID]; now.MovedAway() {
				t.Errorf("%s: the new address is given up: %+v", r, now.Away)
			}
		}
		if aid, _, err := w.Works.List(t.Context(), w.As("worker"), visit.WorkFilter{}); err != nil || len(aid) != 2 {
			t.Errorf("aid given in the old street: %v, %v", aid, err)
		}
	})
}

// An alert of a street that the household has left silences none in the next,
// and is over, as that is, when somebody was met.
func TestAlertsOfAStreetLeft(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		h, now := w.Elder(east), noon
		knock := func(who string, r visit.Result) *visit.Stop {
			now = now.Add(2 * time.Hour)
			return w.Called(who, now, h, r)
		}
		knock("worker", visit.NoAnswer)
		before := knock("worker", visit.NoAnswer)
		h = resettle(w, h, other, now.Add(time.Hour))
		after := knock("other worker", visit.NoAnswer)
		if before.Alert != visit.Raised || after.Alert != visit.Raised {
			t.Fatalf("silent in both streets: %q, then %q", before.Alert, after.Alert)
		}
		if again := knock("other worker", visit.NoAnswer); again.Alert != visit.NoAlert {
			t.Errorf("raised twice in a street")
		}
		knock("other worker", visit.Met)
		for _, stop := range []*visit.Stop{before, after} {
			if got := must(w.Stops.Get(t.Context(), w.As("admin"), stop.ID))(t); got.Alert != visit.Cleared || len(got.Queue) != 0 {
				t.Errorf("met, and %q waits in %v", got.Alert, got.Queue)
			}
		}
	})
}

// A proof that is reviewed long after says nothing new of who moved away: somebody lives there by now.
func TestReviewAfterSomebodyMovedIn(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Elder(east)
		stop := w.Called("worker", noon, h, visit.MovedAway)
		must(w.Households.DecideAway(t.Context(), w.As("community"), noon.Add(time.Hour), h.ID, 0, true))(t)
		rent := household.Rent
		if _, _, err := w.Households.Update(t.Context(), access.Program, noon.Add(2*time.Hour), h.ID, 0, household.Change{Occupancy: &rent}); err != nil {
			t.Fatal(err)
		}
		for _, accept := range []bool{false, true} {
			must(w.Reviews.Review(t.Context(), w.As("lead"), noon.Add(3*time.Hour), stop.ID, 0, accept, "已核实"))(t)
			if now := must(household.Current(t.Context(), w.Store, []string{h.ID}))(t)[h.ID]; now.MovedAway() {
				t.Errorf("reviewed (%v), nobody is sent there: %+v", accept, now.Away)
			}
		}
	})
}
