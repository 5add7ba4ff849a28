package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// crossing is a place where a closed ring without repeated points crosses or
// touches itself; the ring is known to. Segments are compared from west to east.
func crossing(ring orb.Ring) orb.Point {
	type segment struct {
		n    int
		a, b orb.Point
	}
	var segments []segment
	for i := range ring[1:] {
		segments = append(segments, segment{i, ring[i], ring[i+1]})
	}
	west := func(s segment) float64 { return min(s.a[0], s.b[0]) }
	slices.SortStableFunc(segments, func(s, t segment) int { return cmp.Compare(west(s), west(t)) })
	for i, s := range segments {
		for _, t := range segments[i+1:] {
			if west(t) > max(s.a[0], s.b[0]) {
				break
			}
			first, second := s, t
			if first.n > second.n {
				first, second = t, s
			}
			if second.n == first.n+1 { // they share a point, and may lie upon each other
				if back(first.a, first.b, second.b) {
					return first.b
				}
			} else if first.n == 0 && second.n == len(segments)-1 {
				if back(second.a, second.b, first.b) {
					return first.a
				}
			} else if p, ok := sharedPoint(s.a, s.b, t.a, t.b); ok {
				return p
			}
		}
	}
	return ring[0]
}

// side is positive when a, b, c turn left, 0 when they lie on a line. On the
// grid of Snap a line is one to within rounding.
func side(a, b, c orb.Point) float64 {
	s := (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
	if s > -1e-17 && s < 1e-17 {
		return 0
	}
	return s
}

// back reports whether the way from b to c leads back over the way from a to b.
func back(a, b, c orb.Point) bool {
	return side(a, b, c) == 0 && (a[0]-b[0])*(c[0]-b[0])+(a[1]-b[1])*(c[1]-b[1]) > 0
}

// sharedPoint is a point that two segments share.
func sharedPoint(a, b, c, d orb.Point) (orb.Point, bool) {
	if max(a[1], b[1]) < min(c[1], d[1]) || max(c[1], d[1]) < min(a[1], b[1]) {
		return orb.Point{}, false
	}
	s1, s2, s3, s4 := side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
	if s1*s2 < 0 && s3*s4 < 0 {
		t := s3 / (s3 - s4)
		return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}, true
	}
	for _, on := range []struct {
		side    float64
		p, a, b orb.Point
	}{{s1, c, a, b}, {s2, d, a, b}, {s3, a, c, d}, {s4, b, c, d}} {
		if on.side == 0 && (orb.MultiPoint{on.a, on.b}).Bound().Contains(on.p) {
			return on.p, true
		}
	}
	return orb.Point{}, false
}
