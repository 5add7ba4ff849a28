package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// face is a piece of an outline on the way to its cells: a simple ring,
// counter-clockwise and not closed, and the points inside.
type face struct {
	ring   []vertex
	points []vertex
}

func toVertex(p orb.Point) vertex {
	x, y := snap(p)
	return vertex{int32(x), int32(y)}
}

// gridPointBetween is a grid point at about t of the way from a to b. Of those within
// some metres it is the one closest to the line, commonly to 0.1 mm.
func gridPointBetween(a, b vertex, t float64) vertex {
	dx, dy := float64(b.x)-float64(a.x), float64(b.y)-float64(a.y)
	longer := max(math.Abs(dx), math.Abs(dy))
	var best vertex
	nearest := int64(math.MaxInt64)
	for shift := -300.0; shift <= 300; shift++ {
		at := (math.Round(t*longer) + shift) / longer
		v := vertex{a.x + int32(math.Round(at*dx)), a.y + int32(math.Round(at*dy))}
		if off := turn(a, b, v); max(off, -off) < nearest {
			best, nearest = v, max(off, -off)
		}
	}
	return best
}

// turn is positive when a, b, c turn left, 0 when they lie on a line.
func turn(a, b, c vertex) int64 {
	return (int64(b.x)-int64(a.x))*(int64(c.y)-int64(a.y)) - (int64(b.y)-int64(a.y))*(int64(c.x)-int64(a.x))
}

func (f *face) at(i int) vertex { return f.ring[(i+len(f.ring))%len(f.ring)] }

// twiceArea is in square grid units, positive for a counter-clockwise ring.
func (f *face) twiceArea() int64 {
	var sum int64
	for i := range f.ring {
		sum += turn(f.ring[0], f.at(i), f.at(i+1))
	}
	return sum
}

// chain closes the ring for the crossing test.
func (f *face) chain() chain {
	c := chain{vertices: make([]vertex, 0, len(f.ring)+1)}
	c.minX, c.minY, c.maxX, c.maxY = f.ring[0].x, f.ring[0].y, f.ring[0].x, f.ring[0].y
	for _, v := range f.ring {
		c.minX, c.maxX = min(c.minX, v.x), max(c.maxX, v.x)
		c.minY, c.maxY = min(c.minY, v.y), max(c.maxY, v.y)
	}
	c.vertices = append(append(c.vertices, f.ring...), f.ring[0])
	return c
}

// piece is the part of the ring from vertex i on to vertex j, closed by the
// vertices of way, which lead from i to j.
func (f *face) piece(i, j int, way []vertex) face {
	var p face
	for k := i; ; k++ {
		p.ring = append(p.ring, f.at(k))
		if (k-j)%len(f.ring) == 0 {
			break
		}
	}
	for k := len(way) - 1; k >= 0; k-- {
		p.ring = append(p.ring, way[k])
	}
	return p
}

// polygon closes the ring, in degrees.
func (f *face) polygon() orb.Polygon {
	ring := make(orb.Ring, 0, len(f.ring)+1)
	for i := range len(f.ring) + 1 {
		v := f.at(i)
		ring = append(ring, orb.Point{float64(v.x) / gridPerDegree, float64(v.y) / gridPerDegree})
	}
	return orb.Polygon{ring}
}

// opensTo reports whether the way from vertex i towards v begins strictly inside.
func (f *face) opensTo(i int, v vertex) bool {
	before, here, after := f.at(i-1), f.at(i), f.at(i+1)
	if turn(before, here, after) >= 0 {
		return turn(here, v, before) > 0 && turn(v, here, after) > 0
	}
	return !(turn(here, v, after) >= 0 && turn(v, here, before) >= 0)
}

// clear reports whether the line a, b keeps off the ring. The edges at
// vertices i and j (-1 for none) are left out: the line ends there, and
// opensTo has looked along them.
func (f *face) clear(a, b vertex, i, j int) bool {
	n := len(f.ring)
	for k := range n {
		next := (k + 1) % n
		if k != i && next != i && k != j && next != j && segmentsIntersect(a, b, f.ring[k], f.ring[next]) {
			return false
		}
	}
	return true
}

// segmentsIntersect reports whether two segments share a point.
func segmentsIntersect(a, b, c, d vertex) bool {
	if max(a.x, b.x) < min(c.x, d.x) || max(c.x, d.x) < min(a.x, b.x) ||
		max(a.y, b.y) < min(c.y, d.y) || max(c.y, d.y) < min(a.y, b.y) {
		return false
	}
	side := func(a, b, c, d vertex) bool { // c and d strictly on one side of a, b
		p, q := turn(a, b, c), turn(a, b, d)
		return p > 0 && q > 0 || p < 0 && q < 0
	}
	return !side(a, b, c, d) && !side(c, d, a, b)
}
