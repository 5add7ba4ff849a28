package tile

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// chains say which vertices are to be put into which edges.
type chains struct {
	network *network
	spans   []span // of inner, by the place of the edge in network.others, from the lesser vertex
	inner   []int32
}

type span struct{ from, to int32 }

// chains asks find once for every edge, from the lesser vertex to the greater;
// find appends what is to come in between, in that order.
func (g *graph) chains(find func(a, b int32, into []int32) []int32) *chains {
	c := &chains{network: g.network()}
	c.spans = make([]span, len(c.network.others))
	for a := range int32(len(g.points)) {
		first := c.network.first[a]
		for i, b := range c.network.of(a) {
			if a < b {
				from := int32(len(c.inner))
				c.inner = find(a, b, c.inner)
				c.spans[first+int32(i)] = span{from, int32(len(c.inner))}
			}
		}
	}
	return c
}

// append adds what comes between a and b, on the way from a.
func (c *chains) append(to []int32, a, b int32) []int32 {
	i, _ := slices.BinarySearch(c.network.of(min(a, b)), max(a, b))
	s := c.spans[c.network.first[min(a, b)]+int32(i)]
	start := len(to)
	to = append(to, c.inner[s.from:s.to]...)
	if a > b {
		slices.Reverse(to[start:])
	}
	return to
}

// rethread gives every vertex the number in renumbered and puts what chains
// say into the edges. Steps that stay where they are vanish.
func (g *graph) rethread(c *chains, renumbered []int32) {
	walks, rings := make([]int32, 0, len(g.walks)+len(c.inner)), make([]ring, 0, len(g.rings))
	for shape, walk := range g.walk() {
		start := len(walks)
		a := walk[len(walk)-1]
		for _, b := range walk {
			if a != b {
				walks = c.append(walks, a, b)
				walks = append(walks, renumbered[b])
			}
			a = b
		}
		kept := slices.Compact(walks[start:])
		for len(kept) > 1 && kept[0] == kept[len(kept)-1] {
			kept = kept[1:]
		}
		walks = append(walks[:start], kept...)
		if len(kept) > 0 {
			rings = append(rings, ring{shape, int32(len(walks))})
		}
	}
	g.walks, g.rings = walks, rings
}

// touch is how near to an edge a vertex counts as on it, in degrees of
// latitude: 3 cm, which is more than neighbours differ by when positions are
// rounded to 7 decimals.
const touch = 2.5e-7

// node puts into every edge the vertices that lie on it as the shapes were
// given, in degrees: on a straight line there, neighbours may have vertices
// that the others do not.
func (g *graph) node(at []orb.Point) {
	const rim = 2 // units that a vertex on an edge may be outside its box
	c := g.chains(func(a, b int32, into []int32) []int32 {
		p, q := g.points[a], g.points[b]
		low := point{min(p.x, q.x) - rim, min(p.y, q.y) - rim}
		high := point{max(p.x, q.x) + rim, max(p.y, q.y) + rim}
		start := len(into)
		line := newLine(at[a], at[b])
		for _, v := range g.within(low, high, a) {
			if v != a && v != b && line.holds(at[v]) {
				into = append(into, v)
			}
		}
		slices.SortFunc(into[start:], func(v, w int32) int { return cmp.Compare(line.along(at[v]), line.along(at[w])) })
		return into
	})
	same := make([]int32, len(g.points))
	for v := range same {
		same[v] = int32(v)
	}
	g.rethread(c, same)
}

// line is a stretch between two positions in degrees.
type line struct {
	from        orb.Point
	narrow      float64 // degrees of latitude in one of longitude
	east, north float64 // its direction
	length      float64
}

func newLine(from, to orb.Point) line {
	l := line{from: from, narrow: math.Cos(from[1] * math.Pi / 180)}
	east, north := (to[0]-from[0])*l.narrow, to[1]-from[1]
	l.length = math.Hypot(east, north)
	l.east, l.north = east/l.length, north/l.length
	return l
}

func (l *line) along(p orb.Point) float64 {
	return (p[0]-l.from[0])*l.narrow*l.east + (p[1]-l.from[1])*l.north
}

func (l *line) holds(p orb.Point) bool {
	aside := (p[0]-l.from[0])*l.narrow*l.north - (p[1]-l.from[1])*l.east
	along := l.along(p)
	return along > 0 && along < l.length && math.Abs(aside) <= touch
}
