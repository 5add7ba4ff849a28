package geo

import (
	"errors"

	"github.com/paulmach/orb"
)

// vertex is a point of the grid.
type vertex struct{ x, y int32 }

// chain is the boundary of a shape as one closed line: the first ring, then
// each further ring with the way there and back. Walked twice, the ways
// between rings cancel out in the crossing test.
type chain struct {
	vertices               []vertex
	minX, minY, maxX, maxY int32
	starts                 []int32 // where each ring begins; nil for a single ring
}

func newChain(m orb.MultiPolygon) (chain, error) {
	var c chain
	for _, polygon := range m {
		for _, ring := range polygon {
			if len(ring) < 4 {
				return chain{}, errors.New("a ring of fewer than four points")
			}
			if ring[0] != ring[len(ring)-1] {
				return chain{}, errors.New("a ring that is not closed")
			}
			if err := c.add(ring); err != nil {
				return chain{}, err
			}
		}
	}
	if len(c.vertices) == 0 {
		return chain{}, errors.New("no boundary")
	}
	// Products of two differences must fit in 64 bits.
	if int64(c.maxX)-int64(c.minX) > 180*gridPerDegree {
		return chain{}, errors.New("wider than half the globe")
	}
	if len(c.starts) == 1 {
		c.starts = nil
	}
	return c, nil
}

func (c *chain) add(ring orb.Ring) error {
	c.starts = append(c.starts, int32(len(c.vertices)))
	for _, p := range ring {
		if !ValidPoint(p) {
			return errors.New("a coordinate off the globe")
		}
		x, y := snap(p)
		v := vertex{int32(x), int32(y)}
		if len(c.vertices) == 0 {
			c.minX, c.minY, c.maxX, c.maxY = v.x, v.y, v.x, v.y
		}
		c.minX, c.maxX = min(c.minX, v.x), max(c.maxX, v.x)
		c.minY, c.maxY = min(c.minY, v.y), max(c.maxY, v.y)
		c.vertices = append(c.vertices, v)
	}
	if len(c.starts) > 1 {
		c.vertices = append(c.vertices, c.vertices[0])
	}
	return nil
}

// rings gives the rings apart, each closed.
func (c *chain) rings() [][]vertex {
	if c.starts == nil {
		return [][]vertex{c.vertices}
	}
	out := make([][]vertex, len(c.starts))
	for i, start := range c.starts {
		end := len(c.vertices)
		if i+1 < len(c.starts) {
			end = int(c.starts[i+1])
		}
		if i > 0 {
			end-- // the way back
		}
		out[i] = c.vertices[start:end]
	}
	return out
}

// contains is the half-open crossing test, exact: it counts the edges east of
// the point, edges upwards to but not including their higher end.
func (c *chain) contains(x, y int64) bool {
	if x < int64(c.minX) || x > int64(c.maxX) || y < int64(c.minY) || y > int64(c.maxY) {
		return false
	}
	inside := false
	a := c.vertices[0]
	low := int64(a.y) <= y
	for _, b := range c.vertices[1:] {
		if blow := int64(b.y) <= y; blow != low {
			side := (int64(b.x)-int64(a.x))*(y-int64(a.y)) - (int64(b.y)-int64(a.y))*(x-int64(a.x))
			if side > 0 && low || side < 0 && blow {
				inside = !inside
			}
			low = blow
		}
		a = b
	}
	return inside
}
