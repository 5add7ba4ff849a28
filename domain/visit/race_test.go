package visit_test

import (
	"sync"
	"testing"

	"wangge/domain/visit"
)

// Two at one door at once, and on two nodes: one of them has the visit.
func TestOneCheckInHasTheVisit(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes := []*visit.Stops{w.Stops, w.Join(rehearse).Stops}
		w.Active(jia, terms("FREQ=DAILY"))
		for range 5 {
			h := w.Elder(east)
			w.Schedule(noon)
			who := []string{"worker", "lead"}
			errs := make([]error, 8)
			var wg sync.WaitGroup
			for i := range errs {
				actor, in := w.As(who[i%2]), arrival(h, 1)
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
			if got := w.Of(h.ID)[0]; won != 1 || got.State != visit.CheckedIn || got.Stop == "" {
				t.Errorf("%d won, and it is %s", won, got.State)
			}
		}
	})
}
