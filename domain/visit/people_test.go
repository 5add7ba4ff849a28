package visit_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/visit"
)

// A stand-in has the cell's visits and promises while covering, and not before or after.
func TestStandInsTakeOverAndHandBack(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Elder(east)
		w.Active(jia, terms("FREQ=DAILY"))
		stop := w.CheckIn("worker", noon, arrival(h, 1))
		w.Complete("worker", noon.Add(time.Hour), stop, visit.Completion{Result: visit.Met, Promises: []visit.NewPromise{{ids.New(), "修灯", "2026-03-04"}}})
		w.Staff(east, []area.Post{{Account: w.IDs["worker"], Role: access.OutreachWorker}},
			area.Cover{Account: w.IDs["stand-in"], For: w.IDs["worker"], From: noon.Add(day), Until: noon.Add(3 * day)})
		for days, want := range []string{"0 0", "2 0", "3 1", "0 0"} { // visits to do and promises due
			now := noon.Add(time.Duration(days) * day)
			got := must(w.Days.Of(t.Context(), w.AsAt("stand-in", now), now, civil.DateOf(now)))(t)
			if days > 0 && days < 3 { // today's and those before; the promise from its day on
				want = fmt.Sprintf("%d %d", days, days-1)
			}
			if s := fmt.Sprintf("%d %d", len(got.Visits), len(got.Promises)); s != want {
				t.Errorf("on day %d the stand-in has %s, want %s", days, s, want)
			}
		}
		now := noon.Add(2 * day)
		promised, _, err := w.Promises.List(t.Context(), w.AsAt("stand-in", now), "", "", "", 0, "")
		if err != nil || len(promised) != 1 {
			t.Fatalf("%v, %v", promised, err)
		}
		kept := must(w.Promises.End(t.Context(), w.AsAt("stand-in", now), now, promised[0].ID, 0, visit.Kept, "已换灯"))(t)
		if kept.State != visit.Kept || len(w.Journal(jia, "promise.kept")) != 1 || w.Journal(jia, "promise.kept")[0].Dims["inTime"] != "true" {
			t.Errorf("%+v", kept)
		}
		w.Complete("stand-in", now.Add(time.Hour), w.CheckIn("stand-in", now, arrival(h, 1)), visit.Completion{Result: visit.Met})
		if _, err := w.Stops.CheckIn(t.Context(), w.AsAt("stand-in", noon.Add(3*day)), noon.Add(3*day), arrival(h, 1)); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("after handing back: %v", err)
		}
	})
}

func TestPromisesEnd(t *testing.T) {
	w := onSQLite(t, rehearse)
	h := w.Elder(east)
	w.Active(jia, terms(weekly))
	promise := visit.NewPromise{ids.New(), "送药", "2026-03-04"}
	w.Complete("worker", noon.Add(time.Hour), w.CheckIn("worker", noon, arrival(h, 1)), visit.Completion{Result: visit.Met, Promises: []visit.NewPromise{promise}})
	end := func(who string, as visit.PromiseState, note string) error {
		_, err := w.Promises.End(t.Context(), w.As(who), noon, promise.ID, 0, as, note)
		return err
	}
	if err := end("other worker", visit.Kept, ""); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a stranger keeps it: %v", err)
	}
	if err := end("worker", visit.Withdrawn, ""); pointers(err) != "/note" {
		t.Errorf("withdrawn without a word: %v", err)
	}
	if err := end("worker", "broken", "x"); pointers(err) != "/state" {
		t.Errorf("broken: %v", err)
	}
	if err := end("lead", visit.Withdrawn, "已住院"); err != nil {
		t.Error(err)
	}
	if err := end("lead", visit.Kept, ""); code(err) != "wrong_state" {
		t.Errorf("ended twice: %v", err)
	}
}

// Each rung of the ladder is climbed once, also by several at once, and not after the visit is done.
func TestLadder(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		idle, done := w.Elder(east), w.Elder(east)
		second := w.Join(rehearse)
		w.Active(jia, terms("FREQ=MONTHLY"))
		told := func(now time.Time) string {
			var wg sync.WaitGroup
			for name, n := range map[string]*node{"one": w.Node, "two": second} { // both think that they lead
				lease := must(n.Store.Acquire(t.Context(), name, name, time.Hour))(t)
				wg.Go(func() {
					for {
						took, err := n.Visits.Rungs().Pass(t.Context(), n.Store, lease, now)
						if err != nil && !errors.Is(err, domain.ErrBusy) { // two that fight lose now and then, and try again
							t.Error(err)
						}
						if took == 0 && err == nil {
							return
						}
					}
				})
			}
			wg.Wait()
			var out []string
			for _, e := range w.Journal(jia, "visit.escalate") {
				if e.Doc == w.Of(idle.ID)[0].ID {
					out = append(out, e.Dims["to"])
				}
			}
			return strings.Join(out, " ")
		}
		due := w.Of(idle.ID)[0].Closes
		for _, c := range []struct {
			at   time.Time
			want string
		}{
			{due.Add(-time.Second), ""}, {due, "worker"}, {due.Add(time.Hour), "worker"}, {due.Add(day), "worker grid_lead"},
			{due.Add(9 * day), "worker grid_lead street_manager"}, {due.Add(20 * day), "worker grid_lead street_manager"},
		} {
			if c.at.Equal(due.Add(day)) {
				w.Called("worker", due.Add(2*time.Hour), done, visit.Met)
			}
			if got := told(c.at); got != c.want {
				t.Errorf("at %s told %q, want %q", c.at, got, c.want)
			}
		}
		n := 0
		for _, e := range w.Journal(jia, "visit.escalate") {
			if e.Doc == w.Of(done.ID)[0].ID {
				n++
			}
		}
		if n != 1 {
			t.Errorf("of what was done late, %d were told", n)
		}
		lost := must(w.Store.Acquire(t.Context(), "short", "slow", time.Millisecond))(t)
		time.Sleep(5 * time.Millisecond)
		must(w.Store.Acquire(t.Context(), "short", "quick", time.Minute))(t)
		if n, err := w.Visits.Rungs().Pass(t.Context(), w.Store, lost, due.AddDate(1, 0, 0)); n != 0 || err == nil {
			t.Errorf("under a lost lease: %d, %v", n, err)
		}
	})
}
