package tile

import (
	"cmp"
	"slices"
)

// Rings are without their first point again. Shells have a positive area and
// holes a negative one by the surveyor's formula, as tiles want it: what a
// ring encloses is on its left if y went up.

// turn is positive when c is on the left of the way from a to b, if y went up,
// and zero on it.
func turn(a, b, c point) int64 { return (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x) }

// twiceArea is positive for shells. It is exact for shapes of a city's size
// and has the right sign for all that do not overlap themselves.
func twiceArea(ring []point) float64 {
	sum := 0.0
	for i := 2; i < len(ring); i++ {
		sum += float64(turn(ring[0], ring[i-1], ring[i]))
	}
	return sum
}

// arrange puts behind each shell its holes, and leaves out what has no area or
// is a hole in nothing.
func arrange(rings [][]point) [][]point {
	var shells, holes [][]point
	for _, ring := range rings {
		if area := twiceArea(ring); area > 0 {
			shells = append(shells, ring)
		} else if area < 0 {
			holes = append(holes, ring)
		}
	}
	if len(holes) == 0 {
		return shells
	}
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

// tracer makes simple rings of the rings of a shape that meet themselves or
// each other: edges that run both ways vanish, and what is left is joined so
// that rings touch in points only.
type tracer struct {
	points []point // where the vertices are
	place  []int32 // of a vertex on path, plus one
	edges  []step
	used   []bool
	path   []int32
}

// step is an edge from one vertex to another.
type step struct{ from, to int32 }

func (t *tracer) trace(rings [][]int32) [][]int32 {
	t.remain(rings)
	t.used = append(t.used[:0], make([]bool, len(t.edges))...)
	var loops [][]int32
	for i, at := range t.edges {
		if t.used[i] {
			continue
		}
		t.used[i] = true
		t.path = t.path[:0]
		t.push(at.from)
		for {
			if k := t.place[at.to]; k > 0 {
				loops = append(loops, t.pop(int(k-1)))
			}
			t.push(at.to)
			next := t.onward(at)
			if next < 0 {
				break
			}
			t.used[next] = true
			at = t.edges[next]
		}
		t.pop(0)
	}
	return loops
}

func (t *tracer) push(v int32) {
	t.path = append(t.path, v)
	t.place[v] = int32(len(t.path))
}

// pop takes the end of the path off from a place on.
func (t *tracer) pop(from int) []int32 {
	out := slices.Clone(t.path[from:])
	for _, v := range out {
		t.place[v] = 0
	}
	t.path = t.path[:from]
	return out
}

// remain leaves in edges those of the rings that have no opposite, sorted.
func (t *tracer) remain(rings [][]int32) {
	t.edges = t.edges[:0]
	for _, ring := range rings {
		a := ring[len(ring)-1]
		for _, b := range ring {
			if a != b {
				t.edges = append(t.edges, step{a, b})
			}
			a = b
		}
	}
	slices.SortFunc(t.edges, func(e, f step) int { // both ways side by side
		return cmp.Or(cmp.Compare(min(e.from, e.to), min(f.from, f.to)), cmp.Compare(max(e.from, e.to), max(f.from, f.to)))
	})
	kept := t.edges[:0]
	start := 0 // of those in kept that run between the same two
	for _, e := range t.edges {
		n := len(kept)
		if n > start && min(kept[n-1].from, kept[n-1].to) == min(e.from, e.to) && max(kept[n-1].from, kept[n-1].to) == max(e.from, e.to) {
			if kept[n-1] != e {
				kept = kept[:n-1]
				continue
			}
		} else {
			start = n
		}
		kept = append(kept, e)
	}
	t.edges = kept
	slices.SortFunc(t.edges, func(e, f step) int {
		return cmp.Or(cmp.Compare(e.from, f.from), cmp.Compare(e.to, f.to))
	})
}

// onward is the first unused edge from where e ends, turning clockwise (if y
// went up) from the way back, which is along the inside of the shape; -1 when
// there is none.
func (t *tracer) onward(e step) int {
	best := -1
	i, _ := slices.BinarySearchFunc(t.edges, e.to, func(f step, v int32) int { return cmp.Compare(f.from, v) })
	for ; i < len(t.edges) && t.edges[i].from == e.to; i++ {
		if !t.used[i] && (best < 0 || sooner(t.points[e.to], t.points[e.from], t.points[t.edges[i].to], t.points[t.edges[best].to])) {
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
		switch {
		case side < 0:
			return 0
		case side == 0 && (back.x-pivot.x)*(p.x-pivot.x)+(back.y-pivot.y)*(p.y-pivot.y) < 0:
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
