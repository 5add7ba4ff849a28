package geo

import "github.com/paulmach/orb"

// Intersects reports whether the multipolygon, its border included, and the box,
// its border included, have a point in common. Both are rounded to the grid
// of Snap and compared in integers. A box whose minimum exceeds its maximum is
// empty. No polygon may be wider than half the globe.
func Intersects(m orb.MultiPolygon, box orb.Bound) bool {
	for _, polygon := range m {
		if len(polygon) > 0 && polygonIntersects(polygon, box) {
			return true
		}
	}
	return false
}

func polygonIntersects(polygon orb.Polygon, box orb.Bound) bool {
	// What of the box lies beyond the polygon's own box does not matter; so
	// the numbers stay small enough for turn.
	around := polygon.Bound()
	low, high := toVertex(box.Min), toVertex(box.Max)
	from, to := toVertex(around.Min), toVertex(around.Max)
	low, high = vertex{max(low.x, from.x), max(low.y, from.y)}, vertex{min(high.x, to.x), min(high.y, to.y)}
	if low.x > high.x || low.y > high.y {
		return false
	}
	corners := [5]vertex{low, {high.x, low.y}, high, {low.x, high.y}, low}
	inside := false
	for _, ring := range polygon {
		for i := 1; i < len(ring); i++ {
			a, b := toVertex(ring[i-1]), toVertex(ring[i])
			if a.x >= low.x && a.x <= high.x && a.y >= low.y && a.y <= high.y {
				return true
			}
			for k := range 4 {
				if segmentsIntersect(a, b, corners[k], corners[k+1]) {
					return true
				}
			}
			if crosses(a, b, low) {
				inside = !inside
			}
		}
	}
	return inside // no border passes through the box: all of it is inside, or none
}

// crosses reports whether the ray from p to the east crosses the edge.
func crosses(a, b, p vertex) bool {
	if a.y > b.y {
		a, b = b, a
	}
	return a.y <= p.y && p.y < b.y && turn(a, b, p) > 0
}
