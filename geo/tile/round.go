package tile

import (
	"cmp"
	"slices"
)

// round takes the graph to the units of the next zoom out, twice as wide. It
// is snap rounding (Hobby 1999): an edge that passes through the unit of a
// vertex is bent to that vertex. So edges that did not cross do not cross
// after, and what becomes too narrow closes without leaving a gap. Nor does an
// edge then pass through a vertex that is not its end: a point of an edge moves
// like its ends, by less than a unit, so it came from that vertex's unit.
func (g *graph) round() {
	fine := g.points
	renumbered := g.halve()
	var met []int32
	finer := graph{points: fine, walks: g.walks, rings: g.rings}
	c := finer.chains(func(a, b int32, into []int32) []int32 {
		if renumbered[a] == renumbered[b] {
			return into
		}
		met = g.throughVertices(met[:0], fine[a], fine[b], renumbered[a], renumbered[b])
		return append(into, met...)
	})
	finer.rethread(c, renumbered)
	g.walks, g.rings = finer.walks, finer.rings
	g.untangle()
}

// halve makes the vertices of the next zoom out and gives for every vertex the
// one it becomes.
func (g *graph) halve() []int32 {
	renumbered := make([]int32, len(g.codes))
	var codes []uint64
	for i, code := range g.codes {
		if code >>= 2; len(codes) == 0 || codes[len(codes)-1] != code {
			codes = append(codes, code)
		}
		renumbered[i] = int32(len(codes) - 1)
	}
	points := make([]point, len(codes))
	for i, code := range codes {
		points[i] = place(code)
	}
	g.codes, g.points = codes, points
	return renumbered
}

// throughVertices appends the vertices that the edge from p to q, in fine units, has to
// run through on its way between the vertices a and b.
func (g *graph) throughVertices(into []int32, p, q point, a, b int32) []int32 {
	low := point{min(p.x, q.x) >> 1, min(p.y, q.y) >> 1}
	high := point{max(p.x, q.x) >> 1, max(p.y, q.y) >> 1}
	for _, v := range g.within(low, high, a) {
		if v != a && v != b && throughUnit(p, q, g.points[v]) {
			into = append(into, v)
		}
	}
	// Units come in the order of the way, in both coordinates.
	slices.SortFunc(into, func(v, w int32) int {
		s, t := g.points[v], g.points[w]
		return cmp.Or(cmp.Compare(q.x, p.x)*cmp.Compare(s.x, t.x), cmp.Compare(q.y, p.y)*cmp.Compare(s.y, t.y))
	})
	return into
}

// throughUnit says whether the edge from p to q meets the unit that is v in units
// twice as wide: its western and northern sides and what they enclose.
func throughUnit(p, q, v point) bool {
	west, north := 2*v.x, 2*v.y
	if max(p.x, q.x) < west || min(p.x, q.x) >= west+2 || max(p.y, q.y) < north || min(p.y, q.y) >= north+2 {
		return false
	}
	nw := turn(p, q, point{west, north})
	ne := turn(p, q, point{west + 2, north})
	sw := turn(p, q, point{west, north + 2})
	se := turn(p, q, point{west + 2, north + 2})
	if min(nw, ne, sw, se) < 0 && max(nw, ne, sw, se) > 0 {
		return true
	}
	return nw == 0
}

// untangle takes shapes apart where rounding brought their rings in contact
// with themselves or each other, so that every ring is simple.
func (g *graph) untangle() {
	t := tracer{points: g.points, place: make([]int32, len(g.points))}
	walks, rings := make([]int32, 0, len(g.walks)), make([]ring, 0, len(g.rings))
	passed := make([]int32, len(g.points)) // by which shape last, plus one
	var loops [][]int32
	tangled := false
	i := 0
	for shape, walk := range g.walk() {
		for _, v := range walk {
			tangled = tangled || passed[v] == shape+1
			passed[v] = shape + 1
		}
		loops = append(loops, walk)
		if i++; i < len(g.rings) && g.rings[i].shape == shape {
			continue
		}
		if tangled {
			loops = t.trace(loops)
		}
		for _, loop := range loops {
			if len(loop) >= 3 {
				walks = append(walks, loop...)
				rings = append(rings, ring{shape, int32(len(walks))})
			}
		}
		loops, tangled = loops[:0], false
	}
	g.walks, g.rings = walks, rings
}
