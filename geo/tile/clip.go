package tile

import (
	"cmp"
	"math"
	"slices"
)

// cutter cuts rings to the square from -buffer to Extent+buffer. It keeps its
// room between shapes.
type cutter struct {
	points       []point
	rings        [][]point
	from, result []point
}

// cut gives the part of a shape that lies in the square.
func (c *cutter) cut(rings [][]point) [][]point {
	var out [][]point
	for _, ring := range rings {
		c.from = append(c.from[:0], ring...)
		for s := range sides {
			c.halve(s)
			c.from, c.result = c.result, c.from
		}
		if len(c.from) >= 3 {
			out = append(out, slices.Clone(c.from))
		}
	}
	return arrange(untangled(divide(out)))
}

// sides are west, north, east, south.
const sides = 4

// beyond is how far p is outside of a side, negative within.
func beyond(side int, p point) int64 {
	switch side {
	case 0:
		return -buffer - p.x
	case 1:
		return -buffer - p.y
	case 2:
		return p.x - (Extent + buffer)
	}
	return p.y - (Extent + buffer)
}

// halve cuts the ring in from by one side (Sutherland and Hodgman).
func (c *cutter) halve(side int) {
	c.result = c.result[:0]
	if len(c.from) == 0 {
		return
	}
	a := c.from[len(c.from)-1]
	for _, b := range c.from {
		da, db := beyond(side, a), beyond(side, b)
		if da < 0 && db > 0 || da > 0 && db < 0 {
			c.keep(crossing(side, a, b))
		}
		if db <= 0 {
			c.keep(b)
		}
		a = b
	}
	if n := len(c.result); n > 1 && c.result[0] == c.result[n-1] {
		c.result = c.result[:n-1]
	}
}

func (c *cutter) keep(p point) {
	if n := len(c.result); n == 0 || c.result[n-1] != p {
		c.result = append(c.result, p)
	}
}

// crossing is where the edge between a and b crosses a side, the same from
// either end, so that neighbours are cut in the same place.
func crossing(side int, a, b point) point {
	if compare(a, b) > 0 {
		a, b = b, a
	}
	da, db := beyond(side, a), beyond(side, b)
	share := float64(da) / float64(da-db)
	switch side {
	case 0:
		return point{-buffer, between(a.y, b.y, share)}
	case 1:
		return point{between(a.x, b.x, share), -buffer}
	case 2:
		return point{Extent + buffer, between(a.y, b.y, share)}
	}
	return point{between(a.x, b.x, share), Extent + buffer}
}

func between(a, b int64, share float64) int64 {
	return a + int64(math.Round(float64(b-a)*share))
}

// untangled makes simple rings of what cutting left: parts of a shape that
// hang together only along a side are parted.
func untangled(rings [][]point) [][]point {
	var points []point
	for _, ring := range rings {
		points = append(points, ring...)
	}
	n := len(points)
	slices.SortFunc(points, compare)
	if points = slices.Compact(points); len(points) == n {
		return rings
	}
	t := tracer{points: points, place: make([]int32, len(points))}
	walks := make([][]int32, len(rings))
	for i, ring := range rings {
		for _, p := range ring {
			v, _ := slices.BinarySearchFunc(points, p, compare)
			walks[i] = append(walks[i], int32(v))
		}
	}
	var out [][]point
	for _, loop := range t.trace(walks) {
		ring := make([]point, len(loop))
		for i, v := range loop {
			ring[i] = points[v]
		}
		out = append(out, ring)
	}
	return out
}

func compare(p, q point) int { return cmp.Or(cmp.Compare(p.x, q.x), cmp.Compare(p.y, q.y)) }

// divide gives every edge that runs along a side a point where any ring comes
// to the side, so that what runs there and back is there and back between the
// same points.
func divide(rings [][]point) [][]point {
	for side := range sides {
		var touches []point
		for _, ring := range rings {
			for _, p := range ring {
				if beyond(side, p) == 0 {
					touches = append(touches, p)
				}
			}
		}
		slices.SortFunc(touches, compare)
		touches = slices.Compact(touches)
		if len(touches) < 3 {
			continue
		}
		for i, ring := range rings {
			rings[i] = divideRing(ring, side, touches)
		}
	}
	return rings
}

func divideRing(ring []point, side int, touches []point) []point {
	var out []point
	a := ring[len(ring)-1]
	for _, b := range ring {
		if beyond(side, a) == 0 && beyond(side, b) == 0 {
			i, _ := slices.BinarySearchFunc(touches, a, compare)
			j, _ := slices.BinarySearchFunc(touches, b, compare)
			for ; i < j-1; i++ {
				out = append(out, touches[i+1])
			}
			for ; i > j+1; i-- {
				out = append(out, touches[i-1])
			}
		}
		out = append(out, b)
		a = b
	}
	return out
}
