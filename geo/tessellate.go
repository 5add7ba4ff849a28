package geo

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// outlineStep is the longest edge in metres that Tessellate leaves in an
// outline. Neither it nor how an edge is measured depends on the outline, so
// that two outlines that share an edge get the same new vertices on it.
const outlineStep = 80

// Tessellate cuts an outline into groups, the i-th into parts[i] cells, the
// way a city's grid is drawn: by crooked streets, smaller cells where the
// points (buildings) are dense. A cell's share of the outline is its area
// plus pointM2 square metres for every point in it.
//
// The cells cover the outline exactly and do not overlap; neighbours share
// their boundaries vertex by vertex; everything lies on the grid of Snap. The
// outline must be one simple ring without holes, with cells meant to be some
// hundred metres wide; edges longer than 80 m get vertices in between, which
// moves them by far less than a centimetre. The same input gives the same cells.
func Tessellate(outline orb.Polygon, points []orb.Point, pointM2 float64, parts []int) ([][]orb.Polygon, error) {
	if len(outline) != 1 || toPolygon(outline).Validate() != nil {
		return nil, errors.New("the outline is not one simple ring")
	}
	if len(parts) == 0 || slices.Min(parts) < 1 {
		return nil, errors.New("every group needs a cell")
	}
	east, north := metresPerDegree(outline.Bound().Center()[1])
	c := cutter{east: east / gridPerDegree, north: north / gridPerDegree, pointM2: pointM2,
		rng: rand.New(rand.NewPCG(0x67656f, 0))}
	whole := c.outline(outline[0])
	inside := whole.chain()
	for _, p := range points {
		if v := toVertex(p); inside.contains(int64(v.x), int64(v.y)) {
			whole.points = append(whole.points, v)
		}
	}
	groups, err := c.divide(whole, parts)
	if err != nil {
		return nil, err
	}
	out := make([][]orb.Polygon, len(parts))
	for i, group := range groups {
		cells, err := c.divide(group, slices.Repeat([]int{1}, parts[i]))
		if err != nil {
			return nil, fmt.Errorf("group %d: %w", i, err)
		}
		for _, cell := range cells {
			out[i] = append(out[i], cell.polygon())
		}
	}
	return out, nil
}

// ConvexHull is the smallest convex polygon around the points, nil if they
// enclose no area.
func ConvexHull(points []orb.Point) orb.Polygon {
	hull := fromGeometry(toLineString(points).AsGeometry().ConvexHull())
	if len(hull) == 0 {
		return nil
	}
	return hull[0]
}

// Subtract returns what of a is not in b, the largest piece first, on the
// grid of Snap; pieces that vanish there are left out. Vertices of a and b
// stay where they are.
func Subtract(a, b orb.Polygon) (orb.MultiPolygon, error) {
	g, err := geom.Difference(toPolygon(a).AsGeometry(), toPolygon(b).AsGeometry())
	if err != nil {
		return nil, err
	}
	var pieces orb.MultiPolygon
	for _, polygon := range fromGeometry(g) {
		var kept orb.Polygon
		for _, ring := range polygon {
			for j, p := range ring {
				ring[j] = Snap(p)
			}
			if ring = slices.Compact(ring); len(ring) >= 4 {
				kept = append(kept, ring)
			} else if kept == nil {
				break // the shell
			}
		}
		if kept != nil {
			pieces = append(pieces, kept)
		}
	}
	slices.SortStableFunc(pieces, func(p, q orb.Polygon) int {
		return cmp.Compare(AreaM2(orb.MultiPolygon{q}), AreaM2(orb.MultiPolygon{p}))
	})
	return pieces, nil
}

// cutter holds what all cuts of a tessellation share: the metres of a grid
// unit, the weight of a point, and the source of crookedness.
type cutter struct {
	east, north float64
	pointM2     float64
	rng         *rand.Rand
}

// outline makes the first face: counter-clockwise, long edges divided. An
// edge is always divided from the same end, whichever way the ring runs.
func (c *cutter) outline(ring orb.Ring) face {
	var f face
	for i := 1; i < len(ring); i++ {
		a, b := toVertex(ring[i-1]), toVertex(ring[i])
		f.ring = append(f.ring, a)
		pieces := math.Ceil(Distance(ring[i-1], ring[i]) / outlineStep)
		for k := 1.0; k < pieces; k++ {
			if a.x < b.x || a.x == b.x && a.y < b.y {
				f.ring = append(f.ring, gridPointBetween(a, b, k/pieces))
			} else {
				f.ring = append(f.ring, gridPointBetween(b, a, (pieces-k)/pieces))
			}
		}
	}
	if f.ring = slices.Compact(f.ring); f.twiceArea() < 0 {
		slices.Reverse(f.ring)
	}
	return f
}

// divide cuts a face into one piece for every part, of weight in proportion.
func (c *cutter) divide(f face, parts []int) ([]face, error) {
	if len(parts) == 1 {
		return []face{f}, nil
	}
	cut, err := c.best(f, parts)
	if err != nil {
		return nil, err
	}
	way := c.street(f, cut, sumOf(parts))
	left, right := f.piece(cut.from, cut.to, way), f.piece(cut.to, cut.from, reversed(way))
	side := left.chain()
	for _, p := range f.points {
		if side.contains(int64(p.x), int64(p.y)) {
			left.points = append(left.points, p)
		} else {
			right.points = append(right.points, p)
		}
	}
	head, err := c.divide(left, parts[:cut.parts])
	if err != nil {
		return nil, err
	}
	tail, err := c.divide(right, parts[cut.parts:])
	return append(head, tail...), err
}
