package household

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/jobs"
)

// What is due is rolled once, however many nodes look, and nothing under a lost lease.
func TestRollOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		var all []*Household
		for i := range 5 {
			d := draft(east, fmt.Sprint(i))
			d.Members[0].Tags = []TagInput{{Code: "party_member", Until: noon.Add(time.Duration(i) * time.Hour).Add(time.Minute)}}
			all = append(all, w.create("worker", d))
		}
		now := noon.Add(3*time.Hour + time.Minute) // the first four have ended
		lost := must(w.st.Acquire(t.Context(), tagClockLease, "slow", time.Millisecond))(t)
		time.Sleep(5 * time.Millisecond)
		must(w.st.Acquire(t.Context(), tagClockLease, "quick", time.Millisecond))(t) // lapses at once
		if n, err := w.households.tagsDue().Pass(t.Context(), w.st, lost, now); n != 0 || !errors.Is(err, store.ErrFenced) {
			t.Errorf("%d rolled under a lost lease, %v", n, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		for name, n := range map[string]*node{"one": w.node, "two": w.join(store.Options{Rehearse: true})} {
			wg.Go(func() {
				n.households.RunTagClock(ctx, jobs.Node{Store: n.st, Name: name, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
			})
		}
		for range 15_000 { // five minutes
			if w.get(all[3].ID).RollAt.IsZero() {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		wg.Wait()
		for i, h := range all {
			want := int64(2)
			if i == 4 {
				want = 1
			}
			if got := w.get(h.ID); got.Version != want || got.RollAt.IsZero() == (i == 4) {
				t.Errorf("household %d: version %d, next %v", i, got.Version, got.RollAt)
			}
		}
	})
}
