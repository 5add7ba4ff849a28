package geo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
	"github.com/peterstace/simplefeatures/rtree"
)

// ring reads one ring, mends what can be mended, and returns nil when it has
// noted an error.
func (r *reader) ring(v any, at string, hole bool) orb.Ring {
	points, ok := v.([]any)
	if !ok {
		r.structure(at, "坐标的数组", "an array of positions")
		return nil
	}
	if len(points) > MaxRingPoints {
		r.say(KindTooMany, SeverityError, at, 1)
		return nil
	}
	ring, ok := r.positions(points, at)
	if len(points) < 4 {
		r.say(KindTooFew, SeverityError, at, 1, ring[:min(len(ring), 1)]...)
		ok = false
	}
	if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
		r.say(KindUnclosed, SeverityError, at, 1, ring[len(ring)-1])
		ok = false
	}
	if !ok {
		return nil
	}
	var repeated []orb.Point
	for i, p := range ring {
		ring[i] = Snap(ToWGS84(p, r.datum))
		if i > 0 && ring[i] == ring[i-1] {
			repeated = append(repeated, p)
		}
	}
	if ring = slices.Compact(ring); len(repeated) > 0 {
		if len(ring) < 4 {
			r.say(KindTooFew, SeverityError, at, 1, repeated[0])
			return nil
		}
		r.say(KindDuplicate, SeverityMended, at, len(repeated), repeated[0])
	}
	switch area := ringAreaM2(ring); {
	case !toLineString(ring).IsSimple():
		r.say(KindSelfCrossing, SeverityError, at, 1, r.stated(crossing(ring)))
		return nil
	case area == 0:
		r.say(KindNoArea, SeverityError, at, 1, r.stated(ring[0]))
		return nil
	case area < 0 != hole:
		slices.Reverse(ring)
		r.say(KindWinding, SeverityMended, at, 1, r.stated(ring[0]))
	}
	return ring
}

// positions reads the numbers of a ring. Each kind of error is noted once,
// with the place of the first and how many there are. Unless every position
// has its numbers, the ring is nil.
func (r *reader) positions(points []any, at string) (ring orb.Ring, ok bool) {
	type trouble struct{ first, count int }
	found := map[string]*trouble{}
	ring = make(orb.Ring, len(points))
	for i, v := range points {
		var kind string
		ring[i], kind = position(v)
		if kind == "" {
			continue
		}
		if found[kind] == nil {
			found[kind] = &trouble{first: i}
		}
		found[kind].count++
	}
	ok = true
	for _, kind := range []string{KindPosition, KindNotFinite, KindSwapped, KindOutOfRange, KindOutside} {
		if t := found[kind]; t != nil {
			severity := SeverityError
			if kind == KindOutside {
				severity = SeverityWarning
			}
			ok = ok && severity == SeverityWarning
			var place []orb.Point // where there are two numbers
			if kind != KindPosition && kind != KindNotFinite {
				place = ring[t.first : t.first+1]
			}
			r.say(kind, severity, fmt.Sprintf("%s/%d", at, t.first), t.count, place...)
		}
	}
	if found[KindPosition] != nil || found[KindNotFinite] != nil {
		return nil, false
	}
	return ring, ok
}

// position reads one position; a third number, the height, is dropped.
func position(v any) (p orb.Point, trouble string) {
	numbers, ok := v.([]any)
	if !ok || len(numbers) < 2 {
		return p, KindPosition
	}
	for i := range p {
		number, ok := numbers[i].(json.Number)
		if !ok {
			return p, KindPosition
		}
		var err error
		if p[i], err = strconv.ParseFloat(number.String(), 64); err != nil {
			return p, KindNotFinite
		}
	}
	switch {
	case LooksSwapped(p):
		return p, KindSwapped
	case !ValidPoint(p):
		return p, KindOutOfRange
	case !InService(p):
		return p, KindOutside
	}
	return p, ""
}

// checkHoles checks the rings of a polygon, each sound by itself, against each other.
func (r *reader) checkHoles(polygon orb.Polygon, at string) bool {
	shell := toLineString(polygon[0])
	ok := true
	for i, hole := range polygon[1:] {
		if geom.NewPolygon([]geom.LineString{shell, toLineString(hole)}).Validate() != nil {
			r.say(KindHole, SeverityError, fmt.Sprintf("%s/%d", at, i+1), 1, r.stated(hole[0]))
			ok = false
		}
	}
	if ok && len(polygon) > 2 && toPolygon(polygon).Validate() != nil {
		rings := make([]orb.Polygon, len(polygon)-1)
		for i, hole := range polygon[1:] {
			rings[i] = orb.Polygon{hole}
		}
		if a, b, place, found := r.overlapping(rings); found {
			r.note(KindHoles, SeverityError, at, fmt.Sprintf("第 %d 与第 %d 个环（内环）相互重叠", a+1, b+1), fmt.Sprintf("the holes that are rings %d and %d overlap", a+1, b+1), 1, place)
		} else {
			r.note(KindHoles, SeverityError, at, "内环把多边形切开", "the holes cut the polygon apart", 1, r.stated(polygon[1][0]))
		}
		ok = false
	}
	return ok
}

// checkParts checks the polygons of a feature, if each is sound, against each other.
func (r *reader) checkParts(m orb.MultiPolygon, at string) {
	if len(m) < 2 || slices.ContainsFunc(m, func(p orb.Polygon) bool { return p == nil }) {
		return
	}
	if toMultiPolygon(m).Validate() == nil {
		return
	}
	a, b, place, found := r.overlapping(m)
	if !found { // the comparison failed
		r.note(KindParts, SeverityError, at, "同一要素的多边形相互重叠", "the polygons of the feature overlap", 1, r.stated(m[0][0][0]))
		return
	}
	r.note(KindParts, SeverityError, at, fmt.Sprintf("同一要素的第 %d 与第 %d 个多边形相互重叠", a, b), fmt.Sprintf("polygons %d and %d of the feature overlap", a, b), 1, place)
}

// overlapping finds the first two polygons that share more than single points, and where, as the document states it.
func (r *reader) overlapping(polygons []orb.Polygon) (a, b int, at orb.Point, found bool) {
	boxes := make([]rtree.BulkItem, len(polygons))
	for i, p := range polygons {
		boxes[i] = rtree.BulkItem{Box: boxOf(p.Bound()), RecordID: i}
	}
	tree := rtree.BulkLoad(slices.Clone(boxes))
	for i := range polygons {
		_ = tree.RangeSearch(boxes[i].Box, func(j int) error {
			if j >= i || found && j > a {
				return nil
			}
			shared, err := geom.Intersection(toPolygon(polygons[i]).AsGeometry(), toPolygon(polygons[j]).AsGeometry())
			if err != nil || shared.IsEmpty() || shared.Dimension() == 0 {
				return nil
			}
			if box, ok := shared.Envelope().Center().XY(); ok {
				a, b, at, found = j, i, r.stated(orb.Point{box.X, box.Y}), true
			}
			return nil
		})
		if found {
			return a, b, at, true
		}
	}
	return 0, 0, orb.Point{}, false
}

// Conversions to and from the library that knows about crossings.

func toLineString(ring orb.Ring) geom.LineString {
	numbers := make([]float64, 0, 2*len(ring))
	for _, p := range ring {
		numbers = append(numbers, p[0], p[1])
	}
	return geom.NewLineString(geom.NewSequence(numbers, geom.DimXY))
}

func toPolygon(polygon orb.Polygon) geom.Polygon {
	rings := make([]geom.LineString, len(polygon))
	for i, ring := range polygon {
		rings[i] = toLineString(ring)
	}
	return geom.NewPolygon(rings)
}

func toMultiPolygon(m orb.MultiPolygon) geom.MultiPolygon {
	polygons := make([]geom.Polygon, len(m))
	for i, polygon := range m {
		polygons[i] = toPolygon(polygon)
	}
	return geom.NewMultiPolygon(polygons)
}

// fromGeometry returns the polygons of a geometry; points and lines, which an
// intersection may hold too, are dropped.
func fromGeometry(g geom.Geometry) orb.MultiPolygon {
	var m orb.MultiPolygon
	switch {
	case g.IsGeometryCollection():
		for _, part := range g.MustAsGeometryCollection().Dump() {
			m = append(m, fromGeometry(part)...)
		}
	case g.IsMultiPolygon():
		for _, part := range g.MustAsMultiPolygon().Dump() {
			m = append(m, fromGeometry(part.AsGeometry())...)
		}
	case g.IsPolygon() && !g.IsEmpty():
		var polygon orb.Polygon
		for _, ring := range g.MustAsPolygon().DumpRings() {
			points := ring.Coordinates()
			out := make(orb.Ring, points.Length())
			for i := range out {
				xy := points.GetXY(i)
				out[i] = orb.Point{xy.X, xy.Y}
			}
			polygon = append(polygon, out)
		}
		m = append(m, polygon)
	}
	return m
}
