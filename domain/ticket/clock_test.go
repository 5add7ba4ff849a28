package ticket

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/jobs"
)

// What is due is resumed once, however many nodes look; what is not due stays.
func TestClockResumesOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		suspend := func(until time.Time) string {
			id := w.working(east).ID
			w.move("lead", id, ActionInput{Action: Suspend, Reason: "等配件", Until: until})
			return id
		}
		var due []string
		for i := range 6 {
			due = append(due, suspend(noon.Add(time.Duration(i+1)*time.Minute)))
		}
		later, again := suspend(noon.Add(11*time.Minute)), suspend(noon.Add(time.Minute))
		w.move("lead", again, ActionInput{Action: Resume})
		w.move("lead", again, ActionInput{Action: Suspend, Reason: "再等", Until: noon.Add(time.Hour)})
		now := noon.Add(10 * time.Minute)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		for name, n := range map[string]*Tickets{"one": w.tickets, "two": w.join().tickets} {
			wg.Go(func() {
				n.RunClock(ctx, jobs.Node{Store: n.store, Name: name, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
			})
		}
		for range 15_000 { // five minutes
			if w.get(due[5]).State == InProgress {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		wg.Wait()
		resumed := map[string]int{}
		for _, e := range w.journal(jia) {
			if e.Action == "ticket.resume" && e.Actor == "system" {
				resumed[e.Doc]++
			}
		}
		for _, id := range due {
			if got := w.get(id); got.State != InProgress || !got.ResumeAt.IsZero() || resumed[id] != 1 {
				t.Errorf("due: %s, resumed %d times", got.State, resumed[id])
			}
		}
		for _, id := range []string{later, again} {
			if got := w.get(id); got.State != Suspended || resumed[id] != 0 {
				t.Errorf("not due: %s, resumed %d times", got.State, resumed[id])
			}
		}
	})
}

// A node that lost the lease resumes nothing, and one ticket that cannot be resumed does not hold up the rest.
func TestClockUnderALostLease(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		id := w.working(east).ID
		w.move("lead", id, ActionInput{Action: Suspend, Reason: "等配件", Until: noon.Add(time.Minute)})
		lost := must(w.st.Acquire(t.Context(), clockLease, "slow", time.Millisecond))(t)
		time.Sleep(5 * time.Millisecond)
		lease := must(w.st.Acquire(t.Context(), clockLease, "quick", time.Minute))(t)
		due := noon.Add(time.Hour)
		if n, err := w.tickets.waking().Pass(t.Context(), w.st, lost, due); n != 0 || !errors.Is(err, store.ErrFenced) || w.get(id).State != Suspended {
			t.Errorf("%d resumed under a lost lease, %v", n, err)
		}
		if n, err := w.tickets.waking().Pass(t.Context(), w.st, lease, noon); n != 0 || err != nil {
			t.Errorf("%d resumed early, %v", n, err)
		}
		if n, err := w.tickets.waking().Pass(t.Context(), w.st, lease, due); n != 1 || err != nil || w.get(id).State != InProgress {
			t.Errorf("%d resumed, %v", n, err)
		}
	})
}
