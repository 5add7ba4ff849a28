package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Why a line does not divide a shape into two.
const (
	KindLineShort       = "line_short"   // it begins or ends inside, or does not enter
	KindLineCrosses     = "line_crosses" // it enters more than once
	KindLineTouches     = "line_touches" // inside, it touches the edge or a hole
	KindLineCrossesSelf = "line_crosses_itself"
)

// Divide cuts a shape along a line that enters it once and leaves it again:
// into what lies on the left of the line and what lies on its right. They have
// the line's vertices and those where it meets the edge in common, on the grid
// of Snap, so that together they are the shape. A hole goes with what it is in, and
// a part that the line does not meet with the nearer side.
// Where that cannot be, why is one of the kinds above.
func Divide(m orb.MultiPolygon, line orb.LineString) (left, right orb.MultiPolygon, why string) {
	var path orb.LineString
	for _, p := range line {
		if p = Snap(p); len(path) == 0 || path[len(path)-1] != p {
			path = append(path, p)
		}
	}
	if crossesItself(path) {
		return nil, nil, KindLineCrossesSelf
	}
	run, why := within(m, path)
	if why != "" {
		return nil, nil, why
	}
	whole := m[run.polygon]
	ring := orb.Ring(slices.Clone(whole[0][:len(whole[0])-1]))
	if whole[0].Orientation() != orb.CCW {
		slices.Reverse(ring)
	}
	chain := run.chain
	entry, exit := chain[0], chain[len(chain)-1]
	ring = withVertex(withVertex(ring, entry), exit)
	a, b := slices.Index(ring, entry), slices.Index(ring, exit)
	// On the left of the way in lies what the edge, run to the left, comes back by.
	arc := func(from, to int) (out orb.Ring) {
		for i := from; ; i = (i + 1) % len(ring) {
			if out = append(out, ring[i]); i == to {
				return out
			}
		}
	}
	lefts, rights := append(arc(b, a), chain[1:]...), arc(a, b)
	for i := len(chain) - 2; i >= 0; i-- {
		rights = append(rights, chain[i])
	}
	sides := [2]orb.Polygon{{lefts}, {rights}}
	for _, hole := range whole[1:] {
		side := 1
		if planar.RingContains(lefts, hole[0]) {
			side = 0
		}
		sides[side] = append(sides[side], hole)
	}
	left, right = orb.MultiPolygon{sides[0]}, orb.MultiPolygon{sides[1]}
	for i, p := range m {
		switch {
		case i == run.polygon:
		case planar.DistanceFrom(lefts, p[0][0]) <= planar.DistanceFrom(rights, p[0][0]):
			left = append(left, p)
		default:
			right = append(right, p)
		}
	}
	return left, right, ""
}

// meeting is where a line meets the edge of a shape.
type meeting struct {
	along         float64 // the number of the line's stretch, and how far along it
	at            orb.Point
	polygon, ring int
}

// inner is the run of a line inside a shape.
type inner struct {
	polygon int
	chain   orb.LineString // from where it enters to where it leaves
}

// within finds the one run of a path inside a shape.
func within(m orb.MultiPolygon, path orb.LineString) (run inner, why string) {
	meetings := meetingsOf(m, path)
	at := func(along float64) orb.Point {
		i := min(int(along), len(path)-2)
		t := along - float64(i)
		return orb.Point{path[i][0] + t*(path[i+1][0]-path[i][0]), path[i][1] + t*(path[i+1][1]-path[i][1])}
	}
	if len(path) < 2 || len(meetings) < 2 || planar.MultiPolygonContains(m, path[0]) && meetings[0].along > 0 ||
		planar.MultiPolygonContains(m, path[len(path)-1]) && meetings[len(meetings)-1].along < float64(len(path)-1) {
		return run, KindLineShort
	}
	runs, after := 0, -1 // the number of the meeting at which the last run ended
	for k := 0; k+1 < len(meetings); k++ {
		from, to := meetings[k], meetings[k+1]
		middle := (from.along + to.along) / 2
		if from.at == to.at || !planar.MultiPolygonContains(m, at(middle)) || onEdge(m, at(middle)) {
			continue
		}
		if runs++; runs > 1 {
			if after == k || meetings[after].at == from.at {
				return run, KindLineTouches
			}
			return run, KindLineCrosses
		}
		if from.ring != 0 || to.ring != 0 || from.polygon != to.polygon {
			return run, KindLineTouches
		}
		after = k + 1
		run = inner{from.polygon, orb.LineString{from.at}}
		for i := int(math.Floor(from.along)) + 1; float64(i) < to.along; i++ {
			if p := path[i]; p != from.at && p != to.at {
				run.chain = append(run.chain, p)
			}
		}
		run.chain = append(run.chain, to.at)
	}
	if runs == 0 {
		return run, KindLineShort
	}
	return run, ""
}

// meetingsOf are where the path meets the rings of a shape, in its order.
func meetingsOf(m orb.MultiPolygon, path orb.LineString) (out []meeting) {
	for i := 0; i+1 < len(path); i++ {
		a, b := path[i], path[i+1]
		for p, polygon := range m {
			for r, ring := range polygon {
				for k := 0; k+1 < len(ring); k++ {
					for _, t := range meet(a, b, ring[k], ring[k+1]) {
						at := Snap(orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
						for _, v := range []orb.Point{ring[k], ring[k+1]} { // the vertex itself, not one beside it
							if math.Abs(v[0]-at[0]) <= beside && math.Abs(v[1]-at[1]) <= beside {
								at = v
							}
						}
						out = append(out, meeting{float64(i) + t, at, p, r})
					}
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b meeting) int { return cmp.Or(cmp.Compare(a.along, b.along), cmp.Compare(a.ring, b.ring)) })
	return out
}

// beside is how near to a vertex, in degrees, a line meets it: some 2 cm.
const beside = 2e-7

// meet returns where on the stretch from a to b, from 0 to 1, it meets that from
// c to d; both ends of what they share where they lie on one line.
func meet(a, b, c, d orb.Point) []float64 {
	ab, cd := orb.Point{b[0] - a[0], b[1] - a[1]}, orb.Point{d[0] - c[0], d[1] - c[1]}
	cross := ab[0]*cd[1] - ab[1]*cd[0]
	off := orb.Point{c[0] - a[0], c[1] - a[1]}
	if cross != 0 {
		t, u := (off[0]*cd[1]-off[1]*cd[0])/cross, (off[0]*ab[1]-off[1]*ab[0])/cross
		if t >= 0 && t <= 1 && u >= 0 && u <= 1 {
			return []float64{t}
		}
		return nil
	}
	if off[0]*ab[1]-off[1]*ab[0] != 0 {
		return nil
	}
	var out []float64
	for _, p := range []orb.Point{c, d} {
		if t := ((p[0]-a[0])*ab[0] + (p[1]-a[1])*ab[1]) / (ab[0]*ab[0] + ab[1]*ab[1]); t >= 0 && t <= 1 {
			out = append(out, t)
		}
	}
	return out
}

func onEdge(m orb.MultiPolygon, p orb.Point) bool {
	for _, polygon := range m {
		for _, ring := range polygon {
			for k := 0; k+1 < len(ring); k++ {
				if planar.DistanceFromSegment(ring[k], ring[k+1], p) < beside/10 {
					return true
				}
			}
		}
	}
	return false
}

func crossesItself(path orb.LineString) bool {
	for i := 0; i+1 < len(path); i++ {
		for j := i + 2; j+1 < len(path); j++ {
			if len(meet(path[i], path[i+1], path[j], path[j+1])) > 0 {
				return true
			}
		}
	}
	return false
}

// withVertex puts a vertex into the edge of an open ring that it lies on.
func withVertex(ring orb.Ring, v orb.Point) orb.Ring {
	if slices.Contains(ring, v) {
		return ring
	}
	best, nearest := 0, math.Inf(1)
	for k := range ring {
		if d := planar.DistanceFromSegment(ring[k], ring[(k+1)%len(ring)], v); d < nearest {
			best, nearest = k, d
		}
	}
	return slices.Insert(slices.Clone(ring), best+1, v)
}
