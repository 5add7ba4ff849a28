package route

import (
	"context"
	"math/rand/v2"
)

// search is an iterated local search for the cheapest order of an instance.
// It holds one order and improves it by moves, each of which puts the pieces
// of a stretch of it into another order or direction.
type search struct {
	*instance
	near  [][]neighbour
	order []int32 // position → city
	pos   []int32 // city → position
	cost  cost    // of the order

	// By position; nil if distances are the same in both directions: how much
	// longer the way from there back to the start is than the way from it.
	back []int64
	// By position; nil without windows.
	clocks []clock

	queue  []int32 // cities where a move may be possible
	queued []bool
	buffer []int32
}

func newSearch(in *instance, near [][]neighbour, order []int32) *search {
	s := &search{
		instance: in, near: near,
		order: make([]int32, in.n), pos: make([]int32, in.n),
		queue: make([]int32, 0, in.n), queued: make([]bool, in.n),
		buffer: make([]int32, 0, in.n),
	}
	if !in.mirror {
		s.back = make([]int64, in.n)
	}
	if in.ms != nil {
		s.clocks = make([]clock, in.n)
	}
	s.set(outcome{order, in.cost(order)})
	return s
}

// outcome is an order and what it costs.
type outcome struct {
	order []int32
	cost  cost
}

func (s *search) set(o outcome) {
	copy(s.order, o.order)
	s.cost = o.cost
	s.refresh(0)
}

func (o *outcome) take(s *search) {
	o.order = append(o.order[:0], s.order...)
	o.cost = s.cost
}

// stagnant is after how many kicks per city without a better order the search
// takes the best one, shakes it hard and goes on from there.
const stagnant = 5

// run makes a number of kicks and gives the best order. It reports false if
// the context ended it.
func (s *search) run(ctx context.Context, rng *rand.Rand, kicks int) (best outcome, finished bool) {
	finished = s.settleAll(ctx)
	var held outcome
	held.take(s)
	best.take(s)
	foundAt := 0
	for k := 0; k < kicks && finished; k++ {
		if k-foundAt > stagnant*s.n {
			foundAt = k
			s.set(best)
			for range s.n / 5 {
				s.kick(rng)
			}
			finished = s.settle(ctx)
			held.take(s)
		}
		s.kick(rng)
		finished = s.settle(ctx) && finished
		if held.cost.less(s.cost) {
			s.set(held)
			continue
		}
		held.take(s)
		if held.cost.less(best.cost) {
			best.take(s)
			foundAt = k
		}
	}
	return best, finished
}

// settleAll settles the order with every city queued.
func (s *search) settleAll(ctx context.Context) bool {
	for c := range s.n {
		s.push(int32(c))
	}
	return s.settle(ctx)
}

// settle makes moves until none from a queued city makes the order cheaper, or
// the context ends, and then it reports false.
func (s *search) settle(ctx context.Context) bool {
	for len(s.queue) > 0 {
		if ctx.Err() != nil {
			return false
		}
		c := s.queue[len(s.queue)-1]
		s.queue = s.queue[:len(s.queue)-1]
		s.queued[c] = false
		for s.twoOpt(c) || s.orOpt(c) {
		}
	}
	return true
}

func (s *search) push(c int32) {
	if !s.queued[c] {
		s.queued[c] = true
		s.queue = append(s.queue, c)
	}
}

// Pieces that a kick moves have at most as many cities. With windows a wide
// kick makes most of the route late, which takes long to mend.
const (
	maxPiece      = 30
	maxPieceTimed = 2
)

// kick exchanges two pieces that have a third between them: a double bridge,
// which no few moves of the others undo.
func (s *search) kick(rng *rand.Rand) {
	longest := maxPiece
	if s.clocks != nil {
		longest = maxPieceTimed
	}
	longest = min(longest, (s.n-2)/3)
	var size [3]int32
	for i := range size {
		size[i] = 1 + int32(rng.IntN(longest))
	}
	lo := 1 + int32(rng.IntN(s.n-1-int(size[0]+size[1]+size[2])))
	b, c := lo+size[0], lo+size[0]+size[1]
	hi := c + size[2] - 1
	pieces := []piece{{c, hi}, {b, c - 1}, {lo, b - 1}}
	s.cost.mm += s.change(lo, hi, pieces)
	s.move(lo, hi, pieces)
	if s.clocks != nil {
		s.cost.late = s.clocks[s.n-1].late
	}
}
