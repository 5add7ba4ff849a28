package coordination

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wangge/domain/area"
	"wangge/store"
	"wangge/store/enginetest"
)

// A redraw of a street with 10,000 open tickets, all of which come to another cell.
func BenchmarkRedrawBusyStreet(b *testing.B) {
	for _, name := range []string{"sqlite", "mongodb"} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, enginetest.Places[name](b), store.Options{})
			draw := func(x float64) area.Report {
				return w.draw(b, time.Now().UTC(), cell(code(jiaOne, 1), area.Basic, box(0, 0, x, 1)), cell(code(jiaOne, 2), area.Basic, box(x, 0, 4, 1)))
			}
			draw(0.1)
			const tickets = 10_000
			var people sync.WaitGroup
			for i := range uint64(50) {
				rng := rand.New(rand.NewPCG(i, 2))
				people.Go(func() {
					for range tickets / 50 {
						if _, err := w.report(b.Context(), spot(0.2+3.6*rng.Float64(), rng.Float64())); err != nil {
							b.Error(err)
						}
					}
				})
			}
			people.Wait()
			edges, i := [2]float64{3.9, 0.1}, 0
			for b.Loop() {
				if moved := draw(edges[i%2]).Moved["tickets"]; moved != tickets {
					b.Fatalf("%d tickets moved", moved)
				}
				i++
			}
		})
	}
}
