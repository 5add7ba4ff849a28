package visit

import (
	"sync"
	"testing"
	"time"

	"wangge/domain/household"
	"wangge/store"
)

// BenchmarkMaterialise makes the visits of the next 35 days for 10,000
// households of one street: by one plan monthly (two in that time), and weekly (six).
func BenchmarkMaterialise(b *testing.B) {
	w := onSQLite(b, store.Options{})
	elders := make(chan int)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range elders {
				w.elder(east)
			}
		})
	}
	for i := range 10_000 {
		elders <- i
	}
	close(elders)
	wg.Wait()
	for name, rule := range map[string]string{"monthly": "FREQ=MONTHLY;BYMONTHDAY=2", "weekly": weekly} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				p := w.movePlan(w.plan(jia, terms(rule)), noon, "activate")
				lease := must(w.st.Acquire(b.Context(), "bench", "bench", time.Hour))(b)
				b.StartTimer()
				if err := w.visits.settleAll(b.Context(), lease, p, noon); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				n := must(visits.Count(b.Context(), w.st, store.Query{Where: []store.Cond{store.Eq("plan", p.ID), store.Eq("state", Planned)}}, ""))(b)[""]
				b.ReportMetric(float64(n), "visits")
				b.StartTimer()
			}
		})
	}
	b.Run("again", func(b *testing.B) { // the day after: nothing to make
		p := w.movePlan(w.plan(jia, terms("FREQ=MONTHLY;BYMONTHDAY=2")), noon, "activate")
		lease := must(w.st.Acquire(b.Context(), "bench", "bench", time.Hour))(b)
		if err := w.visits.settleAll(b.Context(), lease, p, noon); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := w.visits.settleAll(b.Context(), lease, p, noon); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOneHousehold settles what changed at one household, as the scheduler bookmarks it.
func BenchmarkOneHousehold(b *testing.B) {
	w := onSQLite(b, store.Options{})
	h := w.elder(east)
	w.active(jia, terms(weekly))
	lease := must(w.st.Acquire(b.Context(), "bench", "bench", time.Hour))(b)
	changed := map[string][]string{households: {h.ID}}
	for b.Loop() {
		must(w.households.Tag(b.Context(), theProgram, noon, h.ID, 0, h.Members[0].ID, household.TagInput{Code: elderTag, Since: noon.AddDate(-1, 0, 0)}))(b)
		if err := w.visits.settleChanged(b.Context(), lease, w.id(jia), changed, noon); err != nil {
			b.Fatal(err)
		}
	}
}
