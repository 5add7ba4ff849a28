package geo

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
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
		return between(KindUnchecked, SeverityWarning, later, earlier, 0, orb.Point{}), true
	}
	ground := fromGeometry(shared)
	area := AreaM2(ground)
	if area <= toleranceM2 {
		return Finding{}, false
	}
	return between(KindOverlap, SeverityError, later, earlier, area, ground.Bound().Center()), true
}

// CheckGaps returns a warning for every piece of ground larger than
// toleranceM2 square metres that the features enclose and none of them claims,
// about two of the features around it, the neighbour being -1 where there is
// but one. The error is a numerical failure of the union, which leaves the
// question open.
func CheckGaps(features []Feature, toleranceM2 float64) ([]Finding, error) {
	shapes := make([]geom.Geometry, len(features))
	owners := map[orb.Point][2]int{} // of a vertex: the first two features that have it, counted from 1
	for i, f := range features {
		shapes[i] = toMultiPolygon(f.Geometry).AsGeometry()
		for _, polygon := range f.Geometry {
			for _, ring := range polygon {
				for _, p := range ring {
					if has := owners[p]; has[0] == 0 {
						owners[p] = [2]int{i + 1}
					} else if has[1] == 0 && has[0] != i+1 {
						owners[p] = [2]int{has[0], i + 1}
					}
				}
			}
		}
	}
	whole, err := geom.UnionMany(shapes)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, polygon := range fromGeometry(whole) {
		for _, hole := range polygon[1:] {
			area := AreaM2(orb.MultiPolygon{{hole}})
			if area <= toleranceM2 {
				continue
			}
			beside := [2]int{features[0].Index, -1} // only if every corner is a crossing of two edges
			for n, i := range around(hole, owners) {
				beside[n] = features[i-1].Index
			}
			findings = append(findings, between(KindGap, SeverityWarning, beside[0], beside[1], area, hole.Bound().Center()))
		}
	}
	return findings, nil
}

// around returns up to two owners of a ring's vertices.
func around(ring orb.Ring, owners map[orb.Point][2]int) []int {
	var out []int
	for _, p := range ring {
		for _, i := range owners[p] {
			if i > 0 && len(out) < 2 && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
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
