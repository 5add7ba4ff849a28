package tile

import "container/heap"

// coarse is twice the area, in units of a zoom, of the largest triangle that is
// cut off or filled in at it: that of half a pixel in a tile of 512.
const coarse = 64

// simplify takes out vertices at which nothing but one line bends, those that
// matter least first (Visvalingam and Whyatt 1993), unless a vertex lies where
// the line would sweep or the line would fall on another. So no lines cross
// that did not, and no shape vanishes.
func (g *graph) simplify() {
	s := simplifier{graph: g, network: g.network(), gone: make([]bool, len(g.points))}
	for v := range g.points {
		s.consider(int32(v))
	}
	for len(s.bends) > 0 {
		b := heap.Pop(&s.bends).(bend)
		if n := s.network.of(b.vertex); s.gone[b.vertex] || s.weight(b.vertex) != b.weight || s.blocked(b.vertex, n[0], n[1]) {
			continue
		}
		s.remove(b.vertex)
	}
	g.drop(s.gone)
}

type simplifier struct {
	graph   *graph
	network *network
	gone    []bool
	bends   bends
}

// bend is a vertex between two others, with twice the area of their triangle.
type bend struct {
	weight int64
	vertex int32
}

type bends []bend

func (b bends) Len() int { return len(b) }
func (b bends) Less(i, j int) bool {
	return b[i].weight < b[j].weight || b[i].weight == b[j].weight && b[i].vertex < b[j].vertex
}
func (b bends) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b *bends) Push(x any)   { *b = append(*b, x.(bend)) }
func (b *bends) Pop() any {
	last := len(*b) - 1
	x := (*b)[last]
	*b = (*b)[:last]
	return x
}

// weight is that of a vertex between two others.
func (s *simplifier) weight(v int32) int64 {
	n := s.network.of(v)
	w := turn(s.graph.points[n[0]], s.graph.points[v], s.graph.points[n[1]])
	return max(w, -w)
}

func (s *simplifier) consider(v int32) {
	if len(s.network.of(v)) == 2 {
		if w := s.weight(v); w <= coarse {
			heap.Push(&s.bends, bend{w, v})
		}
	}
}

// blocked says whether the triangle of v with its neighbours a and c has
// another vertex in it or an edge from a to c.
func (s *simplifier) blocked(v, a, c int32) bool {
	for _, w := range s.network.of(a) {
		if w == c {
			return true
		}
	}
	p, q, r := s.graph.points[a], s.graph.points[v], s.graph.points[c]
	low := point{min(p.x, q.x, r.x), min(p.y, q.y, r.y)}
	high := point{max(p.x, q.x, r.x), max(p.y, q.y, r.y)}
	for _, w := range s.graph.within(low, high, v) {
		if w == v || w == a || w == c || s.gone[w] {
			continue
		}
		at := s.graph.points[w]
		x, y, z := turn(p, q, at), turn(q, r, at), turn(r, p, at)
		if min(x, y, z) >= 0 || max(x, y, z) <= 0 {
			return true
		}
	}
	return false
}

func (s *simplifier) remove(v int32) {
	n := s.network.of(v)
	a, c := n[0], n[1]
	s.gone[v] = true
	s.replace(a, v, c)
	s.replace(c, v, a)
	s.consider(a)
	s.consider(c)
}

func (s *simplifier) replace(of, old, by int32) {
	for i, w := range s.network.of(of) {
		if w == old {
			s.network.of(of)[i] = by
		}
	}
}

// drop takes out vertices that are gone or that no ring passes.
func (g *graph) drop(gone []bool) {
	passed := make([]bool, len(g.points))
	for _, v := range g.walks {
		passed[v] = !gone[v]
	}
	renumbered := make([]int32, len(g.points))
	kept := int32(0)
	for v := range g.points {
		if passed[v] {
			g.points[kept], g.codes[kept], renumbered[v] = g.points[v], g.codes[v], kept
			kept++
		}
	}
	g.points, g.codes = g.points[:kept], g.codes[:kept]
	walks := g.walks[:0]
	i := 0
	for k, r := range g.rings {
		for ; i < int(r.end); i++ {
			if v := g.walks[i]; passed[v] {
				walks = append(walks, renumbered[v])
			}
		}
		g.rings[k].end = int32(len(walks))
	}
	g.walks = walks
}
