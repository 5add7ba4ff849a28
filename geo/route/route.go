package route

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ExactStops is up to how many stops, a fixed end not counted, the route is
// the best there is.
const ExactStops = 12

// searches run side by side. Their number is not that of the processors, so
// that the route does not depend on the machine.
const searches = 2

// Route is the order of visits.
type Route struct {
	// Legs are in walking order, one to every place but the start, and in a
	// closed route one back to it.
	Legs   []Leg
	Metres float64
	Late   time.Duration // of all legs; over zero, no route found is on time
	// Cut tells that the context ended the search before it was done: the route
	// is the best so far, and may be another next time.
	Cut bool
}

// Leg is the way to a place and, if the problem has windows, the times there.
// Durations of more than 292 years are given as that.
type Leg struct {
	To     int
	Metres float64
	Arrive time.Time
	Wait   time.Duration // from arrival to the earliest
	Late   time.Duration // from the latest to arrival
}

// Find finds a route. A context that ends cuts the search short and is no
// error; a problem that is not well-formed gives an *InputError.
//
// The route is never worse than always walking to the nearest place left.
func Find(ctx context.Context, p Problem) (Route, error) {
	if err := p.check(); err != nil {
		return Route{}, err
	}
	if len(p.Metres) == 1 {
		return Route{}, nil
	}
	in := newInstance(p)
	near := in.neighbours()
	if in.n-2 <= ExactStops {
		s := newSearch(in, near, in.first())
		s.settleAll(ctx)
		order, finished := exact(ctx, in, s.order)
		return in.route(p, order, !finished), nil
	}
	effort := p.Effort
	if effort == 0 {
		effort = DefaultEffort
	}
	var found [searches]outcome
	var finished [searches]bool
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(p.Seed, uint64(i)))
			found[i], finished[i] = newSearch(in, near, in.first()).run(ctx, rng, effort)
		})
	}
	wg.Wait()
	best := found[0]
	for _, f := range found[1:] {
		if f.cost.less(best.cost) {
			best = f
		}
	}
	return in.route(p, best.order, slices.Contains(finished[:], false)), nil
}

// route tells an order in the terms of the problem.
func (in *instance) route(p Problem, order []int32, cut bool) Route {
	r := Route{Legs: make([]Leg, 0, in.n-1), Cut: cut}
	var now clock
	var mm int64
	for k := 1; k < in.n; k++ {
		from, to := order[k-1], order[k]
		if in.place[to] == Anywhere {
			break
		}
		way := int(from)*in.n + int(to)
		leg := Leg{To: in.place[to], Metres: float64(in.mm[way]) / 1000}
		mm += in.mm[way]
		if in.ms != nil {
			arrive, late := now.leave+in.ms[way], now.late
			now = in.visit(now, from, to)
			leg.Arrive = p.Depart.Add(duration(arrive))
			leg.Wait = duration(max(0, in.windows[to].earliest-arrive))
			leg.Late = duration(now.late - late)
		}
		r.Legs = append(r.Legs, leg)
	}
	r.Metres, r.Late = float64(mm)/1000, duration(now.late)
	return r
}

func duration(ms int64) time.Duration {
	return time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}
