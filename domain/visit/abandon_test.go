package visit_test

import (
	"errors"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/visit"
)

// What was not answered long ago and comes in late is counted where it happened.
func TestSilenceThatComesInLate(t *testing.T) {
	w := onSQLite(t, rehearse)
	late := func(h *household.Household, hour int, r visit.Result) visit.Alert {
		now := noon.Add(12 * time.Hour)
		in := arrival(h, 10)
		in.OnTheSpot, in.Clock = true, &domain.Clock{At: noon.Add(time.Duration(hour) * time.Hour), Sent: now}
		return w.Complete("worker", now, w.CheckIn("worker", now, in), visit.Completion{Result: r, Clock: &domain.Clock{At: noon.Add(time.Duration(hour)*time.Hour + time.Minute), Sent: now}}).Alert
	}
	one, met := w.Elder(east), w.Elder(east)
	if a, b := late(one, 2, visit.NoAnswer), late(one, 1, visit.NoAnswer); a != visit.NoAlert || b != visit.Raised {
		t.Errorf("the later first: %q, %q", a, b)
	}
	if a, b, c := late(met, 3, visit.Met), late(met, 2, visit.NoAnswer), late(met, 1, visit.NoAnswer); a != visit.NoAlert || b != visit.NoAlert || c != visit.NoAlert {
		t.Errorf("met since: %q, %q, %q", a, b, c)
	}
}

// A stop at the wrong door is given up: what was due is due again, to be done by anybody.
func TestAbandon(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Elder(east)
		w.Active(jia, terms(weekly))
		in := arrival(h, 10)
		in.OnTheSpot = true
		stop := w.CheckIn("worker", noon, in)
		if len(stop.Visits) != 2 {
			t.Fatalf("checked in %d visits", len(stop.Visits))
		}
		try := func(who, reason string) error {
			_, err := w.Stops.Abandon(t.Context(), w.As(who), noon.Add(time.Minute), stop.ID, 0, reason)
			return err
		}
		if err := try("worker", " "); pointers(err) != "/reason" {
			t.Errorf("without a reason: %v", err)
		}
		if err := try("other worker", "走错"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another street's: %v", err)
		}
		w.Staff(east, []area.Post{{Account: w.IDs["lead"], Role: access.GridLead}, {Account: w.IDs["worker"], Role: access.OutreachWorker}, {Account: w.IDs["second"], Role: access.OutreachWorker}})
		if err := try("second", "走错"); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a colleague: %v", err)
		}
		if err := try("worker", "走错"); err != nil {
			t.Fatal(err)
		}
		over := must(w.Stops.Get(t.Context(), w.As("worker"), stop.ID))(t)
		if again, err := w.Stops.Abandon(t.Context(), w.As("worker"), noon.Add(time.Hour), stop.ID, stop.Version, "走错"); err != nil || again.Version != over.Version {
			t.Errorf("again: %v", err)
		}
		if err := try("worker", "别的原因"); code(err) != "wrong_state" {
			t.Errorf("for another reason: %v", err)
		}
		if _, err := w.Stops.Complete(t.Context(), w.As("worker"), noon, stop.ID, 0, visit.Completion{Result: visit.NoAnswer}, nil); code(err) != "wrong_state" {
			t.Errorf("completed after: %v", err)
		}
		due := w.Of(h.ID)
		planned, spot := due[0], due[1]
		if planned.Plan == "" {
			planned, spot = spot, planned
		}
		if planned.State != visit.Planned || planned.Stop != "" || planned.By != "" || planned.Channel != "" || !planned.EscalateAt.Equal(planned.Closes) || planned.Steps[0].Reason != "走错" {
			t.Errorf("what was due: %+v", planned)
		}
		if spot.State != visit.Cancelled || spot.Cause != visit.OnTheSpot {
			t.Errorf("on the spot: %+v", spot)
		}
		if again := w.CheckIn("second", noon.Add(time.Hour), arrival(h, 5)); len(again.Visits) != 1 || again.Visits[0] != planned.ID {
			t.Errorf("checked in again: %v", again.Visits)
		}
		if got := must(w.Stops.Get(t.Context(), w.As("lead"), stop.ID))(t); got.State != visit.Abandoned || got.Note != "走错" {
			t.Errorf("the stop is %+v", got)
		}
	})
}
