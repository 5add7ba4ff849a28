package route

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/geo"
)

func TestFindIsAsGoodAsEveryOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for stops := range 8 {
		for _, s := range shapes(stops) {
			rounds := 20
			if stops == 7 {
				rounds = 3
			}
			for range rounds {
				p := s.problem(rng)
				got, want := find(t, p), bruteForce(p)
				if got.Late != want.Late || got.Metres != want.Metres {
					t.Fatalf("%v: late %v, %v m; best is late %v, %v m", s, got.Late, got.Metres, want.Late, want.Metres)
				}
			}
		}
	}
	p := shape{stops: 8, end: Anywhere, oneWay: true, windows: "narrow"}.problem(rng)
	if got, want := find(t, p), bruteForce(p); got.Late != want.Late || got.Metres != want.Metres {
		t.Errorf("8 stops: late %v, %v m; best is late %v, %v m", got.Late, got.Metres, want.Late, want.Metres)
	}
}

func TestRouteTellsWhatItsOrderCosts(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, stops := range []int{1, 2, 5, 13, 14, 15, 25} {
		for _, s := range shapes(stops) {
			p := s.problem(rng)
			got := find(t, p)
			if want := walk(p, order(t, p, got)); !reflect.DeepEqual(got, want) {
				t.Errorf("%v:\n got %+v\nwant %+v", s, got, want)
			}
		}
	}
}

// The search alone, on what the dynamic programme solves: never better, and
// seldom worse.
func TestSearchReachesTheBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	missed, total := 0, 0
	for _, s := range append(shapes(10), shapes(7)...) {
		in := newInstance(s.problem(rng))
		found, _ := newSearch(in, in.neighbours(), in.first()).run(context.Background(), rng, 400)
		best, _ := exact(context.Background(), in, in.first())
		if found.cost != in.cost(found.order) {
			t.Fatalf("%v: the search thinks %v, the order costs %v", s, found.cost, in.cost(found.order))
		}
		if found.cost.less(in.cost(best)) {
			t.Fatalf("%v: the search found %v, the programme %v", s, found.cost, in.cost(best))
		}
		total++
		if in.cost(best).less(found.cost) {
			missed++
		}
	}
	if missed*50 > total {
		t.Errorf("%d of %d missed", missed, total)
	}
}

func TestFindIsOnTimeWhereThatIsPossible(t *testing.T) {
	for _, c := range []struct{ stops, minutes int }{
		{15, 5}, {15, 60}, {30, 10}, {30, 60}, {30, 240}, {60, 10}, {60, 60}, {60, 240},
	} {
		p, known := planted(t, c.stops, c.minutes)
		p.Effort = 1000
		r := find(t, p)
		if r.Late != 0 || r.Metres > known.Metres+0.001*float64(c.stops) { // the problem is solved in millimetres
			t.Errorf("%+v: late by %v, %.0f m; planted %.0f m", c, r.Late, r.Metres, known.Metres)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for _, stops := range []int{12, 40, 100, MaxStops} {
		for _, minutes := range []int{0, 60, 240} {
			name := fmt.Sprintf("stops=%d/windows=%dmin", stops, minutes)
			p, _ := planted(b, stops, max(1, minutes))
			if minutes == 0 {
				name, p.Windows = fmt.Sprintf("stops=%d/no windows", stops), nil
			}
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				var late time.Duration
				for b.Loop() {
					late = find(b, p).Late
				}
				b.ReportMetric(late.Minutes(), "min-late")
			})
		}
	}
}

func TestFindIsNeverWorseThanNearestFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for _, stops := range []int{1, 3, 11, 12, 13, 25, 60} {
		for _, s := range shapes(stops) {
			p := s.problem(rng)
			p.Effort = 1 + rng.IntN(20)
			plain := walk(p, nearestFirst(p))
			if r := find(t, p); better(plain, r) || r.Cut {
				t.Errorf("%v: late %v, %v m; nearest first late %v, %v m", s, r.Late, r.Metres, plain.Late, plain.Metres)
			}
			r, err := Find(over, p)
			if err != nil || !r.Cut {
				t.Errorf("%v: a context at its end: cut %v, %v", s, r.Cut, err)
			}
			order(t, p, r)
			if better(plain, r) {
				t.Errorf("%v: cut short, late %v, %v m; nearest first late %v, %v m", s, r.Late, r.Metres, plain.Late, plain.Metres)
			}
		}
	}
}

func TestFindTakesTheBetterOfItsSearches(t *testing.T) {
	p, _ := planted(t, 150, 1)
	p.Windows, p.Effort = nil, 20
	in := newInstance(p)
	wins := [searches]int{}
	for seed := range uint64(8) {
		p.Seed = seed
		var costs [searches]cost
		for i := range costs {
			found, _ := newSearch(in, in.neighbours(), in.first()).run(context.Background(), rand.New(rand.NewPCG(seed, uint64(i))), p.Effort)
			costs[i] = found.cost
		}
		best := 0
		if costs[1].less(costs[0]) {
			best = 1
		}
		wins[best]++
		if got := find(t, p).Metres; got != float64(costs[best].mm)/1000 {
			t.Errorf("seed %d: %v m, the searches found %v", seed, got, costs)
		}
	}
	if wins[0] == 0 || wins[1] == 0 {
		t.Errorf("the searches win %v times", wins)
	}
}

func TestFindDependsOnTheProblemOnly(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for _, stops := range []int{9, 25} {
		for _, s := range shapes(stops) {
			p := s.problem(rng)
			first := find(t, p)
			before := runtime.GOMAXPROCS(1)
			alone := find(t, p)
			runtime.GOMAXPROCS(before)
			if again := find(t, p); !reflect.DeepEqual(first, again) || !reflect.DeepEqual(first, alone) {
				t.Errorf("%v: three runs differ:\n%+v\n%+v\n%+v", s, first, again, alone)
			}
		}
	}
}

func TestADeadlineCutsTheLargestProblem(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for _, s := range []shape{{stops: MaxStops}, {stops: MaxStops, oneWay: true}, {stops: MaxStops, windows: "wide"}} {
		p := s.problem(rng)
		p.Effort = math.MaxInt
		const limit = 200 * time.Millisecond
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		start := time.Now()
		r, err := Find(ctx, p)
		cancel()
		if err != nil || !r.Cut {
			t.Fatalf("%v: cut %v, %v", s, r.Cut, err)
		}
		order(t, p, r)
		if took := time.Since(start); took > time.Minute { // without a deadline it would be hours
			t.Errorf("%v: took %v", s, took)
		}
	}
}

func TestMetresAreGreatCircles(t *testing.T) {
	points := []orb.Point{{120.62, 31.31}, {120.63, 31.32}, {-180, -90}}
	got, err := Metres(points)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range points {
		for j, b := range points {
			if got[i][j] != geo.Distance(a, b) {
				t.Errorf("%v to %v: %v", a, b, got[i][j])
			}
		}
	}
}
