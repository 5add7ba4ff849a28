package route

import (
	"context"
	"math/bits"
	"slices"
)

// label is one way to have visited a set of cities. Of two that end at the
// same city, the one that is no later, leaves no later and is no longer makes
// the other useless; which of the rest is best only the cities left can tell.
type label struct {
	clock
	mm   int64
	from int32 // the label before it, -1 if that is the start
	city int32
}

func (l label) covers(other label) bool {
	return l.late <= other.late && l.leave <= other.leave && l.mm <= other.mm
}

// exact finds the cheapest order by dynamic programming over the sets of
// cities, after Held and Karp. The order given is kept if none is cheaper, and
// cuts off what cannot be. It reports false if the context ended it.
func exact(ctx context.Context, in *instance, known []int32) ([]int32, bool) {
	d := &dynamic{instance: in, m: in.n - 2, least: in.cost(known)}
	sets := 1 << d.m
	d.begin = make([]int32, 1, sets*d.m+1)
	for set := range sets {
		if set%64 == 0 && ctx.Err() != nil {
			return known, false
		}
		for c := range d.m {
			d.front = d.front[:0]
			if set>>c&1 == 1 {
				d.reach(set, int32(c+1))
			}
			d.labels = append(d.labels, d.front...)
			d.begin = append(d.begin, int32(len(d.labels)))
		}
	}
	last := int32(-1)
	for i := d.begin[(sets-1)*d.m]; i < int32(len(d.labels)); i++ {
		if end := d.extend(d.labels[i], i, int32(in.n-1)); end.cost().less(d.least) {
			d.least, last = end.cost(), i
		}
	}
	if last < 0 {
		return known, true
	}
	order := []int32{int32(in.n - 1)}
	for ; last >= 0; last = d.labels[last].from {
		order = append(order, d.labels[last].city)
	}
	order = append(order, 0)
	slices.Reverse(order)
	return order, true
}

// dynamic is the table of the programme: city c is bit c-1 of a set.
type dynamic struct {
	*instance
	m      int
	least  cost // of the best order known
	labels []label
	begin  []int32 // set*m + city-1 → the first of its labels
	front  []label // those of the set and city at hand
}

func (l label) cost() cost { return cost{l.late, l.mm} }

// reach collects the labels of a set that end at a city of it.
func (d *dynamic) reach(set int, city int32) {
	rest := set &^ (1 << (city - 1))
	if rest == 0 {
		d.keep(d.extend(label{}, -1, city))
		return
	}
	for left := rest; left != 0; left &= left - 1 {
		at := rest*d.m + bits.TrailingZeros(uint(left))
		for i := d.begin[at]; i < d.begin[at+1]; i++ {
			d.keep(d.extend(d.labels[i], i, city))
		}
	}
}

func (d *dynamic) extend(l label, index, city int32) label {
	next := label{clock: l.clock, mm: l.mm + d.mm[int(l.city)*d.n+int(city)], from: index, city: city}
	if d.ms != nil {
		next.clock = d.visit(l.clock, l.city, city)
	}
	return next
}

func (d *dynamic) keep(l label) {
	if !l.cost().less(d.least) {
		return
	}
	for _, have := range d.front {
		if have.covers(l) {
			return
		}
	}
	d.front = append(slices.DeleteFunc(d.front, l.covers), l)
}
