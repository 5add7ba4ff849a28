package schedule_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/schedule"
	"wangge/domain/schedule/scheduletest"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/enginetest"
)

// benchOn is the city on an engine, without rehearsals.
func benchOn(b *testing.B, engine string) *world {
	return scheduletest.On(b, enginetest.Places[engine](b), store.Options{})
}

// BenchmarkMaterialise makes the visits of the next 35 days for 10,000
// households of one street: by one plan monthly (two in that time), and weekly
// (six), and looks again the day after, when there is nothing to make. Its
// limit is writing as many visits with their entries, as they are, in the same
// transactions: "x-writing" is how many times that it takes.
func BenchmarkMaterialise(b *testing.B) {
	for _, engine := range []string{"sqlite", "mongodb"} {
		b.Run(engine, func(b *testing.B) {
			w := benchOn(b, engine)
			fillCell(w, 10_000)
			for _, c := range []struct{ name, rule string }{{"monthly", "FREQ=MONTHLY;BYMONTHDAY=2"}, {"weekly", weekly}} {
				b.Run(c.name, func(b *testing.B) {
					var made int
					var writing time.Duration
					for b.Loop() {
						b.StopTimer()
						p := w.MovePlan(w.Plan(jia, terms(c.rule)), noon, "activate")
						lease := must(w.Store.Acquire(b.Context(), "bench", "bench", time.Hour))(b)
						b.StartTimer()
						if err := schedule.SettleAll(w.Scheduler, b.Context(), lease, p, noon); err != nil {
							b.Fatal(err)
						}
						b.StopTimer()
						made = 0
						must(0, visit.EachPlanned(b.Context(), w.Store, "plan", p.ID, func(*visit.Visit) { made++ }))(b)
						writing += write(w, b, made)
						b.StartTimer()
					}
					b.ReportMetric(float64(made), "visits")
					b.ReportMetric(float64(b.Elapsed())/float64(writing), "x-writing")
				})
			}
			b.Run("again", func(b *testing.B) {
				p := w.MovePlan(w.Plan(jia, terms("FREQ=MONTHLY;BYMONTHDAY=2")), noon, "activate")
				lease := must(w.Store.Acquire(b.Context(), "bench", "bench", time.Hour))(b)
				if err := schedule.SettleAll(w.Scheduler, b.Context(), lease, p, noon); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if err := schedule.SettleAll(w.Scheduler, b.Context(), lease, p, noon); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// fillCell fills a cell.
func fillCell(w *world, n int) {
	todo := make(chan int)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range todo {
				w.Elder(east)
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	wg.Wait()
}

// write is the time of writing visits of no plan's with their entries, as many in a transaction as a chunk makes.
func write(w *world, b *testing.B, n int) time.Duration {
	b.Helper()
	chunk, start := max(1, n/10_000*schedule.SettleAtOnce), time.Now()
	for done := 0; done < n; done += chunk {
		err := w.Store.Update(b.Context(), []string{w.ID(jia)}, func(tx *store.Tx) error {
			for i := range min(chunk, n-done) {
				v := &visit.Visit{Meta: store.Meta{ID: ids.New(), Partition: w.ID(jia)}, Plan: "none", Household: fmt.Sprint(done + i), Period: today, State: visit.Planned, CreatedAt: noon, UpdatedAt: noon}
				v.Place.Street = w.ID(jia)
				v.Opens, v.Closes, v.EscalateAt = noon, noon.Add(day), noon.Add(day)
				if err := (visit.Change{Visit: v, Action: visit.Make}).Write(tx, noon); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// BenchmarkOneHousehold settles what changed at one household, as the scheduler bookmarks it.
func BenchmarkOneHousehold(b *testing.B) {
	w := onSQLite(b, store.Options{})
	h := w.Elder(east)
	w.Active(jia, terms(weekly))
	lease := must(w.Store.Acquire(b.Context(), "bench", "bench", time.Hour))(b)
	changed := map[string][]string{"households": {h.ID}}
	for b.Loop() {
		must(w.Households.Tag(b.Context(), access.Program, noon, h.ID, 0, h.Members[0].ID, household.TagInput{Code: elderTag, Since: noon.AddDate(-1, 0, 0)}))(b)
		if err := schedule.SettleChanged(w.Scheduler, b.Context(), lease, w.ID(jia), changed, noon); err != nil {
			b.Fatal(err)
		}
	}
}
