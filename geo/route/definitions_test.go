package route

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"
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
