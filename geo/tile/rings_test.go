package tile

import "fmt"

// checkRings holds polygons to more than the specification asks: rings have an
// area, the first is a shell, everything is within the buffer.
func checkRings(rings [][]point) error {
	for i, ring := range rings {
		area := int64(0)
		a := ring[len(ring)-1]
		for _, b := range ring {
			area += a.x*b.y - b.x*a.y
			if min(b.x, b.y) < -64 || max(b.x, b.y) > 4160 {
				return fmt.Errorf("%v is outside the buffer", b)
			}
			a = b
		}
		if area == 0 || i == 0 && area < 0 {
			return fmt.Errorf("ring %d has the area %d/2", i, area)
		}
	}
	return nil
}

// simple says whether no two edges of rings have more than ends in common, and
// no ring passes a point twice.
func simple(rings [][]point) error {
	var edges []segment
	for _, ring := range rings {
		passed := map[point]bool{}
		a := ring[len(ring)-1]
		for _, b := range ring {
			if passed[b] {
				return fmt.Errorf("a ring passes %v twice", b)
			}
			passed[b] = true
			for _, e := range edges {
				if f := (segment{a, b}); conflict(e, f) || e.a == f.b && e.b == f.a || e == f {
					return fmt.Errorf("%v and %v", e, f)
				}
			}
			edges = append(edges, segment{a, b})
			a = b
		}
	}
	return nil
}
