package route

import (
	"cmp"
	"math"
	"slices"
)

// instance is a problem made plain: the shortest path over cities from 0 to
// the last, through all others. City 0 is the start. The last is the fixed
// end, the start again for a closed route, or for a free end nowhere, which
// every city reaches at no cost. All numbers are whole, so sums are exact.
type instance struct {
	n     int   // cities
	place []int // city → place
	mm    []int64
	// mirror tells that distances are the same in both directions.
	mirror bool

	// What follows is nil unless there are windows.
	ms      []int64 // milliseconds on the way
	windows []window
}

// window is that of a city in milliseconds from departure.
type window struct{ earliest, latest, service int64 }

// never is later than anybody can be, and far enough from the largest number
// to be calculated with.
const never = math.MaxInt64 / 2

func newInstance(p Problem) *instance {
	in := &instance{place: make([]int, 1, len(p.Metres)+1)}
	for i := 1; i < len(p.Metres); i++ {
		if i != p.End {
			in.place = append(in.place, i)
		}
	}
	in.place = append(in.place, p.End)
	in.n = len(in.place)
	in.measure(p.Metres)
	if p.Windows != nil {
		in.time(p)
	}
	return in
}

func (in *instance) measure(metres [][]float64) {
	in.mm = make([]int64, in.n*in.n)
	for a, from := range in.place {
		for b, to := range in.place {
			if from != to && from != Anywhere && to != Anywhere {
				in.mm[a*in.n+b] = int64(math.Round(metres[from][to] * 1000))
			}
		}
	}
	in.mirror = true
	for a := range in.n {
		for b := range a {
			in.mirror = in.mirror && in.mm[a*in.n+b] == in.mm[b*in.n+a]
		}
	}
}

func (in *instance) time(p Problem) {
	in.ms = make([]int64, len(in.mm))
	for i, mm := range in.mm {
		in.ms[i] = int64(math.Round(float64(mm) / p.Speed))
	}
	in.windows = make([]window, in.n)
	for c, place := range in.place {
		in.windows[c].latest = never
		if c == 0 || place == Anywhere {
			continue
		}
		w := p.Windows[place]
		in.windows[c].service = w.Service.Milliseconds()
		if !w.Earliest.IsZero() {
			in.windows[c].earliest = w.Earliest.Sub(p.Depart).Milliseconds()
		}
		if !w.Latest.IsZero() {
			in.windows[c].latest = w.Latest.Sub(p.Depart).Milliseconds()
		}
	}
}

// cost orders routes: less lateness first, then fewer metres.
type cost struct{ late, mm int64 }

func (c cost) less(than cost) bool {
	return c.late < than.late || c.late == than.late && c.mm < than.mm
}

// clock is where a walker stands in time: when they leave the last city, and
// how late they have been in all.
type clock struct{ leave, late int64 }

// visit moves the clock from one city to the end of the service at another.
func (in *instance) visit(c clock, from, to int32) clock {
	w := &in.windows[to]
	c.leave += in.ms[int(from)*in.n+int(to)]
	c.late += max(0, c.leave-w.latest)
	c.leave = max(c.leave, w.earliest) + w.service
	return c
}

// cost is that of visiting all cities in an order.
func (in *instance) cost(order []int32) cost {
	var sum int64
	var now clock
	for k := 1; k < len(order); k++ {
		sum += in.mm[int(order[k-1])*in.n+int(order[k])]
		if in.ms != nil {
			now = in.visit(now, order[k-1], order[k])
		}
	}
	return cost{now.late, sum}
}

// first is the order to start from: the better of always going to the nearest
// city left and of going by the ends of the windows.
func (in *instance) first() []int32 {
	nearest := in.nearestNeighbour()
	if in.ms == nil {
		return nearest
	}
	urgent := slices.Clone(nearest)
	slices.SortStableFunc(urgent[1:in.n-1], func(a, b int32) int {
		return cmp.Compare(in.windows[a].latest, in.windows[b].latest)
	})
	if in.cost(urgent).less(in.cost(nearest)) {
		return urgent
	}
	return nearest
}

// nearestNeighbour goes to the nearest city left, of equals to the first.
func (in *instance) nearestNeighbour() []int32 {
	order := make([]int32, in.n)
	for c := range order {
		order[c] = int32(c)
	}
	for k := 1; k < in.n-1; k++ {
		row := in.mm[int(order[k-1])*in.n:]
		best := k
		for j := k + 1; j < in.n-1; j++ {
			a, b := order[j], order[best]
			if row[a] < row[b] || row[a] == row[b] && a < b {
				best = j
			}
		}
		order[k], order[best] = order[best], order[k]
	}
	return order
}
