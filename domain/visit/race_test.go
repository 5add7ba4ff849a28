package visit

import (
	"sync"
	"testing"
)

// Two at one door at once, and on two nodes: one of them has the visit.
func TestOneCheckInHasTheVisit(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes := []*Stops{w.Stops, w.join(rehearse).Stops}
		w.active(jia, terms("FREQ=DAILY"))
		for range 5 {
			h := w.elder(east)
			w.schedule(noon)
			who := []string{"worker", "lead"}
			errs := make([]error, 8)
			var wg sync.WaitGroup
			for i := range errs {
				actor, in := w.as(who[i%2]), arrival(h, 1)
				wg.Go(func() { _, errs[i] = nodes[i/2%2].CheckIn(t.Context(), actor, noon, in) })
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if code(err) != "nothing_due" {
					t.Error(err)
				}
			}
			if got := w.of(h.ID)[0]; won != 1 || got.State != CheckedIn || got.Stop == "" {
				t.Errorf("%d won, and it is %s", won, got.State)
			}
		}
	})
}
