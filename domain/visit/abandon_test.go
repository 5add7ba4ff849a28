package visit

import (
	"errors"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
)

// What was not answered long ago and comes in late is counted where it happened.
func TestSilenceThatComesInLate(t *testing.T) {
	w := onSQLite(t, rehearse)
	late := func(h *household.Household, hour int, r Result) Alert {
		now := noon.Add(12 * time.Hour)
		in := arrival(h, 10)
		in.OnTheSpot, in.Clock = true, &domain.Clock{At: noon.Add(time.Duration(hour) * time.Hour), Sent: now}
		return w.complete("worker", now, w.checkIn("worker", now, in), Completion{Result: r, Clock: &domain.Clock{At: noon.Add(time.Duration(hour)*time.Hour + time.Minute), Sent: now}}).Alert
	}
	one, met := w.elder(east), w.elder(east)
	if a, b := late(one, 2, NoAnswer), late(one, 1, NoAnswer); a != NoAlert || b != Raised {
		t.Errorf("the later first: %q, %q", a, b)
	}
	if a, b, c := late(met, 3, Met), late(met, 2, NoAnswer), late(met, 1, NoAnswer); a != NoAlert || b != NoAlert || c != NoAlert {
		t.Errorf("met since: %q, %q, %q", a, b, c)
	}
}

// A stop at the wrong door is given up: what was due is due again, to be done by anybody.
func TestAbandon(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.elder(east)
		w.active(jia, terms(weekly))
		in := arrival(h, 10)
		in.OnTheSpot = true
		stop := w.checkIn("worker", noon, in)
		if len(stop.Visits) != 2 {
			t.Fatalf("checked in %d visits", len(stop.Visits))
		}
		try := func(who, reason string) error {
			_, err := w.Stops.Abandon(t.Context(), w.as(who), noon.Add(time.Minute), stop.ID, 0, reason)
			return err
		}
		if err := try("worker", " "); pointers(err) != "/reason" {
			t.Errorf("without a reason: %v", err)
		}
		if err := try("other worker", "走错"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another street's: %v", err)
		}
		w.staff(east, []area.Post{{Account: w.ids["lead"], Role: access.GridLead}, {Account: w.ids["worker"], Role: access.OutreachWorker}, {Account: w.ids["second"], Role: access.OutreachWorker}})
		if err := try("second", "走错"); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("a colleague: %v", err)
		}
		if err := try("worker", "走错"); err != nil {
			t.Fatal(err)
		}
		over := must(w.Stops.Get(t.Context(), w.as("worker"), stop.ID))(t)
		if again, err := w.Stops.Abandon(t.Context(), w.as("worker"), noon.Add(time.Hour), stop.ID, stop.Version, "走错"); err != nil || again.Version != over.Version {
			t.Errorf("again: %v", err)
		}
		if err := try("worker", "别的原因"); code(err) != "wrong_state" {
			t.Errorf("for another reason: %v", err)
		}
		if _, err := w.Stops.Complete(t.Context(), w.as("worker"), noon, stop.ID, 0, Completion{Result: NoAnswer}, nil); code(err) != "wrong_state" {
			t.Errorf("completed after: %v", err)
		}
		due := w.of(h.ID)
		planned, spot := due[0], due[1]
		if planned.Plan == "" {
			planned, spot = spot, planned
		}
		if planned.State != Planned || planned.Stop != "" || planned.By != "" || planned.Channel != "" || !planned.EscalateAt.Equal(planned.Closes) || planned.Steps[0].Reason != "走错" {
			t.Errorf("what was due: %+v", planned)
		}
		if spot.State != Cancelled || spot.Cause != OnTheSpot {
			t.Errorf("on the spot: %+v", spot)
		}
		if again := w.checkIn("second", noon.Add(time.Hour), arrival(h, 5)); len(again.Visits) != 1 || again.Visits[0] != planned.ID {
			t.Errorf("checked in again: %v", again.Visits)
		}
		if got := must(w.Stops.Get(t.Context(), w.as("lead"), stop.ID))(t); got.State != Abandoned || got.Note != "走错" {
			t.Errorf("the stop is %+v", got)
		}
	})
}
