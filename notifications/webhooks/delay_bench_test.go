package webhooks

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/intake"
	"wangge/domain/worldtest"
	"wangge/store/enginetest"
)

// BenchmarkDelay is how long a step takes from its being written until a
// receiver has it: one that is told alone, and one beside another that never
// answers, in turns. Steps come at random times, since journals are read in
// rounds.
func BenchmarkDelay(b *testing.B) {
	for _, engine := range []string{"sqlite", "mongodb"} {
		b.Run(engine, func(b *testing.B) {
			var lines []*delayed
			for _, beside := range []bool{false, true} {
				lines = append(lines, newDelayed(b, enginetest.Places[engine](b), beside))
			}
			for b.Loop() {
				for _, l := range lines {
					time.Sleep(rand.N(200 * time.Millisecond))
					l.say()
				}
			}
			for i, name := range []string{"alone", "beside"} {
				delays := lines[i].delays[len(lines[i].delays)/10:] // after the dead one has taken all it is given
				slices.Sort(delays)
				b.ReportMetric(float64(delays[len(delays)/2].Microseconds())/1000, name+"-p50-ms")
				b.ReportMetric(float64(delays[len(delays)*99/100].Microseconds())/1000, name+"-p99-ms")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// delayed is a city with a receiver, perhaps beside a dead one.
type delayed struct {
	n      *node
	came   chan struct{}
	said   int64
	delays []time.Duration
}

func newDelayed(b *testing.B, p enginetest.Place, beside bool) *delayed {
	w := worldOn(b, p)
	l := &delayed{came: make(chan struct{}, 1)}
	live := newReceiver(b, w.clock)
	live.taken = func() { l.came <- struct{}{} }
	dead, _ := silent(b)
	w.hosts = []string{live.url, dead}
	w.settle()
	l.n = w.join()
	l.n.sender.after, l.n.job.Now = time.After, time.Now
	_, live.secret = w.target(l.n, "platform", live.url, "case.*")
	if beside {
		w.target(l.n, "platform", dead, "case.*")
	}
	l.n.serve()
	return l
}

// say has something happen to one of a hundred cases, and waits until the receiver has it.
func (l *delayed) say() {
	w, t := l.n.w, l.n.w.t
	l.said++
	w.clock.pass(time.Second)
	in := intake.Upsert{Item: "insurance", State: []string{"accepted", "in_review"}[l.said/100%2], Version: &l.said, ChangedAt: w.clock.now(), OpenedAt: worldtest.Noon.Add(-time.Hour), Community: worldtest.JiaOne}
	if _, _, err := l.n.cases.Upsert(t.Context(), w.people["platform"], w.clock.now(), intake.Key{System: "rnd", Number: fmt.Sprint(l.said % 100)}, in); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	<-l.came
	l.delays = append(l.delays, time.Since(began))
}
