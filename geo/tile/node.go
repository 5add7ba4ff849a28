package tile

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

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
