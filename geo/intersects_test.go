package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

func TestIntersects(t *testing.T) {
	square := orb.Polygon{{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}, {{4, 4}, {4, 6}, {6, 6}, {6, 4}, {4, 4}}}
	corner := orb.Polygon{{{20, 0}, {30, 0}, {30, 10}, {20, 0}}} // a triangle: nothing in the north-west of its box
	m := orb.MultiPolygon{square, corner}
	for name, c := range map[string]struct {
		box  orb.Bound
		want bool
	}{
		"around everything":          {orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, true},
		"inside":                     {orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{2, 2}}, true},
		"a point inside":             {orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{1, 1}}, true},
		"a point on an edge":         {orb.Bound{Min: orb.Point{0, 5}, Max: orb.Point{0, 5}}, true},
		"in the hole":                {orb.Bound{Min: orb.Point{4.5, 4.5}, Max: orb.Point{5.5, 5.5}}, false},
		"touching the hole's edge":   {orb.Bound{Min: orb.Point{4, 4.5}, Max: orb.Point{5.5, 5.5}}, true},
		"around the hole":            {orb.Bound{Min: orb.Point{3, 3}, Max: orb.Point{7, 7}}, true},
		"across, no vertex inside":   {orb.Bound{Min: orb.Point{-1, 1}, Max: orb.Point{11, 2}}, true},
		"touching a corner":          {orb.Bound{Min: orb.Point{10, 10}, Max: orb.Point{12, 12}}, true},
		"a centimetre off":           {orb.Bound{Min: orb.Point{10.0000001, 10}, Max: orb.Point{12, 12}}, false},
		"between the two":            {orb.Bound{Min: orb.Point{11, 0}, Max: orb.Point{19, 10}}, false},
		"in the triangle's box only": {orb.Bound{Min: orb.Point{20, 8}, Max: orb.Point{22, 10}}, false},
		"touching its long side":     {orb.Bound{Min: orb.Point{20, 5}, Max: orb.Point{25, 10}}, true},
		"inside out":                 {orb.Bound{Min: orb.Point{2, 1}, Max: orb.Point{1, 2}}, false},
	} {
		if got := Intersects(m, c.box); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if Intersects(orb.MultiPolygon{{}}, orb.Bound{Max: orb.Point{1, 1}}) {
		t.Error("a polygon of nothing intersects a box")
	}
}

// What Intersects says is what the geometry library says, on stars and boxes of whole grid units.
func TestMeetsAsTheLibraryDoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 7))
	unit := func(v float64) float64 { return math.Round(v) / gridPerDegree }
	met := 0
	for range 3000 {
		var ring orb.Ring
		for i, n := 0, 3+rng.IntN(9); i < n; i++ {
			angle, r := (float64(i)+rng.Float64()*0.8)/float64(n)*2*math.Pi, 5+rng.Float64()*60
			ring = append(ring, orb.Point{120 + unit(r*math.Cos(angle)), 31 + unit(r*math.Sin(angle))})
		}
		polygon := orb.Polygon{append(ring, ring[0])}
		west, south := unit(rng.Float64()*120-70), unit(rng.Float64()*120-70)
		box := orb.Bound{Min: orb.Point{120 + west, 31 + south}, Max: orb.Point{120 + west + unit(float64(rng.IntN(30))), 31 + south + unit(float64(rng.IntN(30)))}}
		star, sides := inUnits(polygon).AsGeometry(), inUnits(box.ToPolygon()).AsGeometry()
		if star.Validate() != nil || sides.Validate() != nil {
			continue // rounding folded the star, or the box is a line
		}
		want := geom.Intersects(star, sides)
		if want {
			met++
		}
		if got := Intersects(orb.MultiPolygon{polygon}, box); got != want {
			t.Fatalf("%v and %v: %v", polygon, box, got)
		}
	}
	if met < 300 || met > 2700 {
		t.Errorf("%d of 3000 met", met)
	}
}

// inUnits is a polygon in whole grid units from 120° E, 31° N.
func inUnits(p orb.Polygon) geom.Polygon {
	var rings []geom.LineString
	for _, ring := range p {
		var flat []float64
		for _, v := range ring {
			flat = append(flat, math.Round((v[0]-120)*gridPerDegree), math.Round((v[1]-31)*gridPerDegree))
		}
		rings = append(rings, geom.NewLineString(geom.NewSequence(flat, geom.DimXY)))
	}
	return geom.NewPolygon(rings)
}
