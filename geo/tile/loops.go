package tile

import "slices"

// Rings are without their first point again. Shells have a positive area and
// holes a negative one by the surveyor's formula, as a tile wants it: what a
// ring encloses is on its left if y went up.

// turn is positive when c is on the left of the way from a to b, zero on it.
func turn(a, b, c point) int64 { return (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x) }

// twiceArea is positive for shells.
func twiceArea(ring []point) float64 {
	// Products of long rings overflow 64 bits; the sign of such is not in doubt.
	sum := 0.0
	for i := 2; i < len(ring); i++ {
		sum += float64(turn(ring[0], ring[i-1], ring[i]))
	}
	return sum
}

// assemble makes of the rings of one shape what a tile wants: no ring meets
// itself or shares an edge with another, and each shell is followed by its
// holes. Edges that run both ways vanish, loops without area too. It holds if
// no edge crosses another or passes through a point of another.
func assemble(rings [][]point) [][]point {
	if repeats(rings) {
		rings = trace(remaining(rings))
	}
	var shells, holes [][]point
	for _, ring := range rings {
		if len(ring) < 3 {
			continue
		}
		if area := twiceArea(ring); area > 0 {
			shells = append(shells, ring)
		} else if area < 0 {
			holes = append(holes, ring)
		}
	}
	if len(holes) == 0 {
		return shells
	}
	return group(shells, holes)
}

// repeats says whether any point occurs twice.
func repeats(rings [][]point) bool {
	n := 0
	for _, ring := range rings {
		n += len(ring)
	}
	seen := make(map[point]bool, n)
	for _, ring := range rings {
		for _, p := range ring {
			seen[p] = true
		}
	}
	return len(seen) < n
}

type edge struct{ from, to point }

// remaining lists the edges of rings without those that have an opposite, by
// where they start.
func remaining(rings [][]point) []edge {
	net := map[edge]int{}
	for _, ring := range rings {
		from := ring[len(ring)-1]
		for _, to := range ring {
			if back := (edge{to, from}); net[back] > 0 {
				net[back]--
			} else if from != to {
				net[edge{from, to}]++
			}
			from = to
		}
	}
	var out []edge
	for e, n := range net {
		for range n {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(e, f edge) int {
		if c := compare(e.from, f.from); c != 0 {
			return c
		}
		return compare(e.to, f.to)
	})
	return out
}

func compare(p, q point) int {
	switch {
	case p.x < q.x || p.x == q.x && p.y < q.y:
		return -1
	case p == q:
		return 0
	}
	return 1
}

// trace joins edges, of which as many begin in a point as end in it, to loops
// that pass no point twice. Where several begin it goes on along the inside of
// the shape, so that loops touch but do not cross.
func trace(edges []edge) [][]point {
	var loops [][]point
	used := make([]bool, len(edges))
	var path []point
	for i, first := range edges {
		if used[i] {
			continue
		}
		used[i] = true
		path = append(path[:0], first.from)
		for at := first; ; {
			if k := slices.Index(path, at.to); k >= 0 {
				loops = append(loops, slices.Clone(path[k:]))
				path = path[:k]
			}
			path = append(path, at.to)
			next := onward(edges, used, at)
			if next < 0 {
				break
			}
			used[next] = true
			at = edges[next]
		}
	}
	return loops
}

// onward is the first unused edge from the end of at, turning clockwise (if y
// went up) from the way back; -1 when there is none.
func onward(edges []edge, used []bool, at edge) int {
	best := -1
	i, _ := slices.BinarySearchFunc(edges, at.to, func(e edge, p point) int { return compare(e.from, p) })
	for ; i < len(edges) && edges[i].from == at.to; i++ {
		if !used[i] && (best < 0 || sooner(at.to, at.from, edges[i].to, edges[best].to)) {
			best = i
		}
	}
	return best
}

// sooner says whether, turning clockwise around a pivot from the direction of
// back, p comes before q.
func sooner(pivot, back, p, q point) bool {
	half := func(p point) int {
		side := turn(pivot, back, p)
		ahead := (back.x-pivot.x)*(p.x-pivot.x)+(back.y-pivot.y)*(p.y-pivot.y) < 0
		switch {
		case side < 0:
			return 0
		case side == 0 && ahead:
			return 1
		case side > 0:
			return 2
		}
		return 3 // back itself
	}
	if h, g := half(p), half(q); h != g {
		return h < g
	}
	return turn(pivot, p, q) < 0
}

// group puts each hole behind the smallest shell around it; a hole without one
// is dropped.
func group(shells, holes [][]point) [][]point {
	of := make([][][]point, len(shells))
	for _, hole := range holes {
		best, area := -1, 0.0
		for i, shell := range shells {
			if a := twiceArea(shell); (best < 0 || a < area) && encloses(shell, hole) {
				best, area = i, a
			}
		}
		if best >= 0 {
			of[best] = append(of[best], hole)
		}
	}
	var out [][]point
	for i, shell := range shells {
		out = append(append(out, shell), of[i]...)
	}
	return out
}

// encloses counts the edges of the shell on one side of the middle of an edge
// of the hole. That middle is on no edge of the shell.
func encloses(shell, hole []point) bool {
	twice := point{hole[0].x + hole[1].x, hole[0].y + hole[1].y}
	inside := false
	a := shell[len(shell)-1]
	for _, b := range shell {
		if low := 2*a.y <= twice.y; low != (2*b.y <= twice.y) {
			side := (b.x-a.x)*(twice.y-2*a.y) - (b.y-a.y)*(twice.x-2*a.x)
			if side > 0 == low {
				inside = !inside
			}
		}
		a = b
	}
	return inside
}
