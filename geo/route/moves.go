package route

import "math"

// twoOpt turns a stretch round so that c gets a near city beside it.
//
// Of the two new edges of a move that makes an order shorter, one is shorter
// than the old edge beside it, so while nobody is late it is enough to look at
// such edges. (Where distances differ by direction there may be other moves;
// the kicks make up for them.)
func (s *search) twoOpt(c int32) bool {
	i := s.pos[c]
	behind, ahead := int64(-1), int64(-1)
	if i > 0 {
		behind = s.allowed(s.edge(i - 1))
	}
	if int(i) < s.n-1 {
		ahead = s.allowed(s.edge(i))
	}
	for _, other := range s.near[c] {
		if other.mm >= max(behind, ahead) {
			continue
		}
		j := s.pos[other.city]
		lo, hi := min(i, j), max(i, j)
		if other.mm < ahead && s.try(lo+1, hi, piece{hi, lo + 1}) ||
			other.mm < behind && s.try(lo, hi-1, piece{hi - 1, lo}) {
			return true
		}
	}
	return false
}

// allowed is the length that a new edge must stay below to be looked at when
// it saves as much.
func (s *search) allowed(saved int64) int64 {
	if s.cost.late > 0 {
		return math.MaxInt64
	}
	return saved
}

// orOpt moves one to three cities, of which c is one end, to either side of a
// near city, so that c lies beside it.
func (s *search) orOpt(c int32) bool {
	i := s.pos[c]
	for size := int32(0); size < 3; size++ {
		if s.orOptPiece(piece{i, i + size}, s.near[c]) || size > 0 && s.orOptPiece(piece{i, i - size}, s.near[c]) {
			return true
		}
	}
	return false
}

// orOptPiece moves a piece of which the first position is that of c.
func (s *search) orOptPiece(p piece, near []neighbour) bool {
	from, to := min(p.from, p.to), max(p.from, p.to)
	if from < 1 || to > int32(s.n)-2 {
		return false
	}
	back := piece{p.to, p.from}
	limit := s.allowed(s.edge(from-1) + s.edge(to) - s.d(s.order[from-1], s.order[to+1]))
	for _, other := range near {
		if other.mm >= limit {
			continue
		}
		j := s.pos[other.city]
		switch {
		case j > to:
			if s.try(from, j, piece{to + 1, j}, p) || j > to+1 && s.try(from, j-1, piece{to + 1, j - 1}, back) {
				return true
			}
		case j < from:
			if s.try(j, to, back, piece{j, from - 1}) || j < from-1 && s.try(j+1, to, p, piece{j + 1, from - 1}) {
				return true
			}
		}
	}
	return false
}

// piece is a stretch of positions, walked from one to the other: backwards if
// the first is the greater.
type piece struct{ from, to int32 }

// try makes a move if the order gets cheaper by it: positions lo to hi are
// replaced by the pieces, which are all of them.
func (s *search) try(lo, hi int32, pieces ...piece) bool {
	if lo < 1 || hi > int32(s.n)-2 || lo > hi {
		return false
	}
	c := cost{mm: s.cost.mm + s.change(lo, hi, pieces)}
	limit := s.cost.late
	if c.mm >= s.cost.mm {
		limit--
	}
	if s.clocks != nil {
		c.late = s.lateness(lo, hi, pieces, limit)
	}
	if c.late > limit {
		return false
	}
	s.move(lo, hi, pieces)
	s.cost = c
	return true
}

// change is the millimetres by which the order gets longer.
func (s *search) change(lo, hi int32, pieces []piece) int64 {
	sum := -s.edge(lo - 1)
	at := s.order[lo-1]
	for _, p := range pieces {
		sum += s.d(at, s.order[p.from]) - s.edge(max(p.from, p.to))
		if s.back != nil && p.from > p.to {
			sum += s.back[p.from] - s.back[p.to]
		}
		at = s.order[p.to]
	}
	return sum + s.d(at, s.order[hi+1])
}

// lateness is that of the order after a move, or some number above the limit
// as soon as it is certain to be above.
func (s *search) lateness(lo, hi int32, pieces []piece, limit int64) int64 {
	at, now := s.order[lo-1], s.clocks[lo-1]
	if now.late > limit {
		return now.late
	}
	for _, p := range pieces {
		step := int32(1)
		if p.from > p.to {
			step = -1
		}
		for k := p.from; ; k += step {
			now = s.visit(now, at, s.order[k])
			if now.late > limit {
				return now.late
			}
			if at = s.order[k]; k == p.to {
				break
			}
		}
	}
	for k := hi + 1; k < int32(s.n); k++ {
		now = s.visit(now, at, s.order[k])
		if was := s.clocks[k]; now.leave >= was.leave {
			// No later stop will be less late than before, and if the time is
			// the same all will be as they were.
			least := now.late + s.cost.late - was.late
			if now.leave == was.leave || least > limit {
				return least
			}
		}
		at = s.order[k]
	}
	return now.late
}

// move puts the pieces in place of positions lo to hi and queues the cities at
// their ends. It leaves the cost to the caller.
func (s *search) move(lo, hi int32, pieces []piece) {
	s.buffer = s.buffer[:0]
	s.push(s.order[lo-1])
	s.push(s.order[hi+1])
	for _, p := range pieces {
		s.push(s.order[p.from])
		s.push(s.order[p.to])
		if p.from <= p.to {
			s.buffer = append(s.buffer, s.order[p.from:p.to+1]...)
			continue
		}
		for k := p.from; k >= p.to; k-- {
			s.buffer = append(s.buffer, s.order[k])
		}
	}
	copy(s.order[lo:], s.buffer)
	if s.back == nil && s.clocks == nil {
		for k := lo; k <= hi; k++ {
			s.pos[s.order[k]] = k
		}
		return
	}
	s.refresh(lo)
}

// refresh brings what is kept by position up to date from one on.
func (s *search) refresh(from int32) {
	for k := from; k < int32(s.n); k++ {
		s.pos[s.order[k]] = k
	}
	from = max(from, 1)
	if s.back != nil {
		for k := from; k < int32(s.n); k++ {
			s.back[k] = s.back[k-1] + s.d(s.order[k], s.order[k-1]) - s.d(s.order[k-1], s.order[k])
		}
	}
	if s.clocks != nil {
		for k := from; k < int32(s.n); k++ {
			s.clocks[k] = s.visit(s.clocks[k-1], s.order[k-1], s.order[k])
		}
	}
}

func (s *search) d(a, b int32) int64 { return s.mm[int(a)*s.n+int(b)] }

func (s *search) edge(k int32) int64 { return s.d(s.order[k], s.order[k+1]) }
