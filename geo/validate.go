package geo

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"
	"github.com/peterstace/simplefeatures/rtree"
)

// CheckOverlaps returns an error finding for every two features that share
// more than toleranceM2 square metres of ground: about the later one, with the
// earlier as its neighbour.
func CheckOverlaps(features []Feature, toleranceM2 float64) []Finding {
	boxes := make([]rtree.BulkItem, len(features))
	shapes := make([]geom.Geometry, len(features))
	for i, f := range features {
		boxes[i] = rtree.BulkItem{Box: boxOf(f.Geometry.Bound()), RecordID: i}
		shapes[i] = toMultiPolygon(f.Geometry).AsGeometry()
	}
	tree := rtree.BulkLoad(slices.Clone(boxes))
	found := make([][]Finding, len(features))
	next, all := atomic.Int64{}, sync.WaitGroup{}
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(features); i = int(next.Add(1)) - 1 {
				var before []int
				tree.RangeSearch(boxes[i].Box, func(j int) error {
					if j < i {
						before = append(before, j)
					}
					return nil
				})
				slices.Sort(before)
				for _, j := range before {
					if f, ok := overlap(features[i].Index, features[j].Index, shapes[i], shapes[j], toleranceM2); ok {
						found[i] = append(found[i], f)
					}
				}
			}
		})
	}
	all.Wait()
	return slices.Concat(found...)
}

// overlap looks for ground that two shapes share.
func overlap(later, earlier int, a, b geom.Geometry, toleranceM2 float64) (Finding, bool) {
	shared, err := geom.Intersection(a, b)
	if err != nil {
		return between(KindUnchecked, SeverityWarning, later, earlier, 1, 0, fromGeometry(a).Bound().Center()), true
	}
	ground := fromGeometry(shared)
	area := AreaM2(ground)
	if area <= toleranceM2 {
		return Finding{}, false
	}
	return between(KindOverlap, SeverityError, later, earlier, len(ground), area, Middle(ground)), true
}

// Middle is that of the box of the largest of some polygons: where to look for them.
func Middle(m orb.MultiPolygon) orb.Point {
	return slices.MaxFunc(m, func(a, b orb.Polygon) int {
		return cmp.Compare(AreaM2(orb.MultiPolygon{a}), AreaM2(orb.MultiPolygon{b}))
	}).Bound().Center()
}

// CheckGaps returns a warning for every piece of ground larger than
// toleranceM2 square metres that the features enclose and none of them claims,
// about the first two of the features around it; the neighbour is -1 where
// there is but one. Around has all, those that share an edge with it first. The error is a numerical failure of
// the union, which leaves the question open.
func CheckGaps(features []Feature, toleranceM2 float64) ([]Finding, error) {
	shapes := make([]geom.Geometry, len(features))
	boxes := make([]rtree.BulkItem, len(features))
	for i, f := range features {
		shapes[i] = toMultiPolygon(f.Geometry).AsGeometry()
		boxes[i] = rtree.BulkItem{Box: boxOf(f.Geometry.Bound()), RecordID: i}
	}
	whole, err := geom.UnionMany(shapes)
	if err != nil {
		return nil, err
	}
	tree := rtree.BulkLoad(boxes)
	var findings []Finding
	for _, polygon := range fromGeometry(whole) {
		for _, hole := range polygon[1:] {
			area := AreaM2(orb.MultiPolygon{{hole}})
			if area <= toleranceM2 {
				continue
			}
			var beside, corners []int
			_ = tree.RangeSearch(boxOf(hole.Bound().Pad(touching)), func(i int) error {
				if on := onBoundary(features[i].Geometry); slices.ContainsFunc(middles(hole), on) {
					beside = append(beside, i)
				} else if slices.ContainsFunc(hole, on) {
					corners = append(corners, i)
				}
				return nil
			})
			slices.Sort(beside)
			slices.Sort(corners)
			var around []int
			for _, i := range append(beside, corners...) {
				around = append(around, features[i].Index)
			}
			if len(around) == 0 {
				continue // too thin for anybody to be beside it
			}
			f := between(KindGap, SeverityWarning, around[0], append(around, -1)[1], 1, area, hole.Bound().Center())
			f.Around = around
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// touching is how many degrees a point of the union may lie off the edges it was made of.
const touching = 3e-7

// middles of the edges of a ring.
func middles(ring orb.Ring) []orb.Point {
	var out []orb.Point
	for i, a := range ring[1:] {
		out = append(out, orb.Point{(a[0] + ring[i][0]) / 2, (a[1] + ring[i][1]) / 2})
	}
	return out
}

// onBoundary reports of a point whether it lies on the boundary of the shape.
func onBoundary(m orb.MultiPolygon) func(orb.Point) bool {
	return func(p orb.Point) bool {
		for _, polygon := range m {
			for _, ring := range polygon {
				if planar.DistanceFrom(orb.LineString(ring), p) <= touching {
					return true
				}
			}
		}
		return false
	}
}

func boxOf(b orb.Bound) rtree.Box {
	return rtree.Box{MinX: b.Min[0], MinY: b.Min[1], MaxX: b.Max[0], MaxY: b.Max[1]}
}

// Union returns the ground that any of the shapes covers, on the grid of Snap.
func Union(shapes ...orb.MultiPolygon) (orb.MultiPolygon, error) {
	all := make([]geom.Geometry, len(shapes))
	for i, m := range shapes {
		all[i] = toMultiPolygon(m).AsGeometry()
	}
	g, err := geom.UnionMany(all)
	if err != nil {
		return nil, err
	}
	return onGrid(fromGeometry(g)), nil
}

// Difference returns the ground of a that b does not cover, on the grid of Snap.
func Difference(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	g, err := geom.Difference(toMultiPolygon(a).AsGeometry(), toMultiPolygon(b).AsGeometry())
	if err != nil {
		return nil, err
	}
	return onGrid(fromGeometry(g)), nil
}

// onGrid puts polygons on the grid, wound as RFC 7946 asks; what vanishes there is left out.
func onGrid(m orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, polygon := range m {
		var kept orb.Polygon
		for i, ring := range polygon {
			for j, p := range ring {
				ring[j] = Snap(p)
			}
			ring = slices.Compact(ring)
			area := ringAreaM2(ring)
			if len(ring) < 4 || area == 0 {
				if i == 0 {
					break
				}
				continue
			}
			if area < 0 != (i > 0) {
				slices.Reverse(ring)
			}
			kept = append(kept, ring)
		}
		if kept != nil {
			out = append(out, kept)
		}
	}
	return out
}
