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

func find(t testing.TB, p Problem) Route {
	t.Helper()
	r, err := Find(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("CST", 8*3600))

// Speeds, distances and windows of test problems are whole, so that results
// can be compared for equality: at a metre a second, metres are seconds.
type shape struct {
	stops   int
	end     int
	oneWay  bool
	windows string // "", "wide", "narrow" or "past": nobody can be in time
}

func (s shape) String() string {
	return fmt.Sprintf("%d stops, end %d, one way %v, windows %s", s.stops, s.end, s.oneWay, s.windows)
}

func (s shape) problem(rng *rand.Rand) Problem {
	p := Problem{Metres: square(s.stops + 1), End: s.end, Seed: rng.Uint64(), Depart: morning, Speed: 1, Effort: 50}
	for i := range p.Metres {
		for j := range i {
			p.Metres[i][j] = float64(rng.IntN(2000))
			p.Metres[j][i] = p.Metres[i][j]
			if s.oneWay {
				p.Metres[j][i] = float64(rng.IntN(2000))
			}
		}
	}
	if s.windows == "" {
		return p
	}
	seconds := func(below int) time.Duration { return time.Duration(rng.IntN(below)) * time.Second }
	for range p.Metres {
		var w Window
		switch s.windows {
		case "wide":
			w.Earliest = morning.Add(seconds(4000))
			w.Latest = w.Earliest.Add(seconds(9000))
		case "narrow":
			w.Earliest = morning.Add(seconds(9000))
			w.Latest = w.Earliest.Add(seconds(600))
		case "past":
			w.Latest = morning.Add(-seconds(3000))
		}
		w.Service = seconds(600)
		p.Windows = append(p.Windows, w)
	}
	return p
}

func shapes(stops int) (all []shape) {
	for _, end := range []int{0, Anywhere, stops} {
		for _, oneWay := range []bool{false, true} {
			for _, windows := range []string{"", "wide", "narrow", "past"} {
				all = append(all, shape{stops, end, oneWay, windows})
			}
		}
	}
	return all
}

// walk is a route in a given order, by the definitions of Problem and Leg.
func walk(p Problem, order []int) Route {
	var r Route
	at, now := 0, p.Depart
	if p.End == 0 && len(order) > 0 {
		order = append(order[:len(order):len(order)], 0)
	}
	for _, to := range order {
		leg := Leg{To: to, Metres: p.Metres[at][to]}
		if p.Windows != nil {
			w := p.Windows[to]
			leg.Arrive = now.Add(time.Duration(leg.Metres / p.Speed * float64(time.Second)))
			if leg.Arrive.Before(w.Earliest) {
				leg.Wait = w.Earliest.Sub(leg.Arrive)
			}
			if !w.Latest.IsZero() && leg.Arrive.After(w.Latest) {
				leg.Late = leg.Arrive.Sub(w.Latest)
			}
			now = leg.Arrive.Add(leg.Wait + w.Service)
		}
		r.Legs = append(r.Legs, leg)
		r.Metres += leg.Metres
		r.Late += leg.Late
		at = to
	}
	return r
}

func better(a, b Route) bool {
	return a.Late < b.Late || a.Late == b.Late && a.Metres < b.Metres
}

// order is the stops of a route, without the return to the start. It fails if
// they are not every place once, with the end in its place.
func order(t testing.TB, p Problem, r Route) []int {
	t.Helper()
	seen := make([]bool, len(p.Metres))
	seen[0] = true
	var stops []int
	for i, leg := range r.Legs {
		if p.End == 0 && i == len(p.Metres)-1 && leg.To == 0 {
			continue
		}
		if seen[leg.To] {
			t.Fatalf("place %d twice", leg.To)
		}
		seen[leg.To] = true
		stops = append(stops, leg.To)
	}
	if len(stops) != len(p.Metres)-1 || p.End > 0 && stops[len(stops)-1] != p.End {
		t.Fatalf("the route to %d is %v", p.End, stops)
	}
	return stops
}

// bruteForce tries every order.
func bruteForce(p Problem) (best Route) {
	var stops []int
	for i := 1; i < len(p.Metres); i++ {
		stops = append(stops, i)
	}
	first := true
	var choose func(k int)
	choose = func(k int) {
		if k == len(stops) {
			if p.End <= 0 || k == 0 || stops[k-1] == p.End {
				if r := walk(p, stops); first || better(r, best) {
					best, first = r, false
				}
			}
			return
		}
		for i := k; i < len(stops); i++ {
			stops[k], stops[i] = stops[i], stops[k]
			choose(k + 1)
			stops[k], stops[i] = stops[i], stops[k]
		}
	}
	choose(0)
	return best
}

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

// planted is a problem in a quarter of about two kilometres, with windows of
// some minutes laid round the times of a walk in any order. The walk, which is
// on time, is given as well.
func planted(t testing.TB, stops, minutes int) (Problem, Route) {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, uint64(stops*minutes)))
	p := Problem{End: Anywhere, Depart: morning, Speed: 1.2}
	var points []orb.Point
	for range stops + 1 {
		points = append(points, orb.Point{120.6 + rng.Float64()/50, 31.3 + rng.Float64()/50})
	}
	var err error
	if p.Metres, err = Metres(points); err != nil {
		t.Fatal(err)
	}
	p.Windows = make([]Window, stops+1)
	order := rng.Perm(stops)
	at, now := 0, morning
	for i := range order {
		order[i]++
		now = now.Add(time.Duration(p.Metres[at][order[i]]/p.Speed*1000+1) * time.Millisecond)
		width := time.Duration(1+rng.IntN(minutes)) * time.Minute
		before := time.Duration(rng.Float64() * float64(width)).Truncate(time.Millisecond)
		p.Windows[order[i]] = Window{Earliest: now.Add(-before), Latest: now.Add(width - before), Service: 3 * time.Minute}
		at, now = order[i], now.Add(3*time.Minute)
	}
	return p, walk(p, order)
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

func nearestFirst(p Problem) []int {
	var stops []int
	seen := make([]bool, len(p.Metres))
	seen[0] = true
	if p.End > 0 {
		seen[p.End] = true
	}
	for at := 0; ; at = stops[len(stops)-1] {
		next := -1
		for j, metres := range p.Metres[at] {
			if !seen[j] && (next < 0 || metres < p.Metres[at][next]) {
				next = j
			}
		}
		if next < 0 {
			break
		}
		seen[next] = true
		stops = append(stops, next)
	}
	if p.End > 0 {
		stops = append(stops, p.End)
	}
	return stops
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
		if took := time.Since(start); took > 20*limit { // a loaded machine included
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
