package geo

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

// park is the real outline of the Suzhou Industrial Park.
func park(t *testing.T) orb.Polygon {
	t.Helper()
	data, err := os.ReadFile("testdata/suzhou_industrial_park.geojson")
	if err != nil {
		t.Fatal(err)
	}
	features, _, err := ReadFeatures(data, WGS84)
	if err != nil || len(features) != 1 {
		t.Fatal(features, err)
	}
	return features[0].Geometry[0]
}

// buildings are the centroids of the real buildings around Gusu's centre.
func buildings(t *testing.T) []orb.Point {
	t.Helper()
	f, err := os.Open("testdata/suzhou_gusu_buildings.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var points []orb.Point
	for _, row := range rows[1:] {
		points = append(points, pointOf(t, row[0], row[1]))
	}
	return points
}

func inside(t *testing.T, polygon orb.Polygon) func(orb.Point) bool {
	t.Helper()
	c, err := newChain(orb.MultiPolygon{polygon})
	if err != nil {
		t.Fatal(err)
	}
	return func(p orb.Point) bool { x, y := snap(p); return c.contains(int64(x), int64(y)) }
}

func repeat(n, cells int) []int { return slices.Repeat([]int{cells}, n) }

// checkPartition holds cells to what Tessellate promises of them and returns
// them as features.
func checkPartition(t *testing.T, outline orb.Polygon, groups [][]orb.Polygon, parts []int) []Feature {
	t.Helper()
	var features []Feature
	sum := 0.0
	sides := map[[2]orb.Point]int{}
	for i, cells := range groups {
		if len(cells) != parts[i] {
			t.Fatalf("group %d has %d cells, want %d", i, len(cells), parts[i])
		}
		for _, cell := range cells {
			if err := toPolygon(cell).Validate(); err != nil || len(cell) != 1 || ringAreaM2(cell[0]) <= 0 {
				t.Fatalf("cell %d is not a simple counter-clockwise ring: %v", len(features), err)
			}
			for k := 1; k < len(cell[0]); k++ {
				a, b := cell[0][k-1], cell[0][k]
				if a != Snap(a) {
					t.Fatalf("%v is off the grid", a)
				}
				sides[[2]orb.Point{a, b}]++
			}
			sum += AreaM2(orb.MultiPolygon{cell})
			features = append(features, Feature{Index: len(features), Geometry: orb.MultiPolygon{cell}})
		}
	}
	if want := AreaM2(orb.MultiPolygon{outline}); len(groups) != len(parts) || math.Abs(sum-want) > 1 {
		t.Fatalf("%d groups cover %.1f m² of %.1f", len(groups), sum, want)
	}
	// Every side has one cell on its left and at most one on its right; those
	// without are the outline, each within a centimetre of one of its edges.
	border, _ := newChain(orb.MultiPolygon{outline})
	for side, n := range sides {
		if n != 1 || sides[[2]orb.Point{side[1], side[0]}] > 1 {
			t.Fatalf("side %v has %d cells on its left", side, n)
		}
		if sides[[2]orb.Point{side[1], side[0]}] == 0 {
			for _, end := range side {
				east, north := metresPerDegree(end[1])
				edge := plane{end[0] * gridPerDegree, end[1] * gridPerDegree, east / gridPerDegree, north / gridPerDegree}
				if off := edge.toChain(&border); off > 0.01 {
					t.Fatalf("side %v has no neighbour and is %.3f m off the outline", side, off)
				}
			}
		}
	}
	return features
}

func TestTessellateSuzhou(t *testing.T) {
	outline, points := park(t), buildings(t)
	inPark := inside(t, outline)
	outside := slices.DeleteFunc(slices.Clone(points), inPark)
	if len(points) != 8242 || len(outside) != 7607 {
		t.Fatalf("%d buildings, %d outside the park", len(points), len(outside))
	}
	pieces, err := Subtract(ConvexHull(outside), outline)
	if err != nil || len(pieces) == 0 {
		t.Fatal(pieces, err)
	}
	gusu := pieces[0]

	begin := time.Now()
	parkParts, gusuParts := repeat(165, 3), repeat(50, 4)
	parkCells, err := Tessellate(outline, points, 2000, parkParts)
	if err != nil {
		t.Fatal(err)
	}
	gusuCells, err := Tessellate(gusu, points, 2000, gusuParts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("695 cells in %v", time.Since(begin))

	features := checkPartition(t, outline, parkCells, parkParts)
	features = append(features, checkPartition(t, gusu, gusuCells, gusuParts)...)
	if findings := CheckOverlaps(features, 0.1); len(findings) != 0 {
		t.Errorf("%d overlaps, first %+v", len(findings), findings[0])
	}
	wiggly := 0
	shapes := make([]Shape, len(features))
	for i, f := range features {
		shapes[i].Geometry = f.Geometry
		n := len(f.Geometry[0][0]) - 1
		if n < 8 {
			t.Errorf("cell %d has %d vertices", i, n)
		}
		if n > 40 {
			wiggly++ // the outline itself has more in places
		}
	}
	if wiggly > len(features)/30 {
		t.Errorf("%d cells of more than 40 vertices", wiggly)
	}

	reference, inGusu := newBoxes(t, shapes), inside(t, gusu)
	rng := rand.New(rand.NewPCG(7, 7))
	for _, area := range []orb.Polygon{outline, gusu} {
		bound := area.Bound()
		for range 500_000 {
			p := randomIn(rng, bound)
			want := 0
			if inPark(p) || inGusu(p) {
				want = 1
			}
			if n, _ := reference.hits(p); n != want {
				t.Fatalf("%v is in %d cells, want %d", p, n, want)
			}
		}
	}

	again, err := Tessellate(gusu, points, 2000, gusuParts)
	if err != nil || !reflect.DeepEqual(again, gusuCells) {
		t.Errorf("the same input gives other cells: %v", err)
	}
}

// Cells are smaller where points are dense, and all weigh about the same.
func TestTessellateFollowsDensity(t *testing.T) {
	outline := orb.Polygon{square4(120, 31, 0.06)}
	rng := rand.New(rand.NewPCG(8, 8))
	var points []orb.Point
	for range 3000 {
		points = append(points, randomIn(rng, orb.Bound{Min: orb.Point{120, 31}, Max: orb.Point{120.03, 31.06}}))
	}
	groups, err := Tessellate(outline, points, 20_000, repeat(10, 4))
	if err != nil {
		t.Fatal(err)
	}
	mean := (AreaM2(orb.MultiPolygon{outline}) + 3000*20_000) / 40
	west, uneven := 0, 0
	for _, cells := range groups {
		for _, cell := range cells {
			weight, holds := AreaM2(orb.MultiPolygon{cell}), inside(t, cell)
			for _, p := range points {
				if holds(p) {
					weight += 20_000
				}
			}
			if weight < mean/2 || weight > mean*2 {
				uneven++
			}
			if cell.Bound().Center()[0] < 120.03 {
				west++
			}
		}
	}
	// The western half holds 81 % of the weight.
	if west < 28 || west > 36 || uneven > 2 {
		t.Errorf("%d of 40 cells are in the dense half, %d uneven", west, uneven)
	}
}

// Odd outlines come out whole too.
func TestTessellateShapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	star := func(corners int, ragged float64) orb.Polygon {
		var ring orb.Ring
		for i := range corners {
			angle := 2 * math.Pi * float64(i) / float64(corners)
			r := 0.03 * (1 - ragged*rng.Float64())
			ring = append(ring, Snap(orb.Point{120.6 + r*math.Cos(angle), 31.3 + r*math.Sin(angle)}))
		}
		return orb.Polygon{append(ring, ring[0])}
	}
	outlines := []orb.Polygon{
		{{{120, 31}, {120.05, 31}, {120.05, 31.01}, {120.01, 31.01}, {120.01, 31.04}, {120.05, 31.04}, {120.05, 31.05}, {120, 31.05}, {120, 31}}}, // C
		{{{120, 31}, {120.1, 31.0005}, {120.1, 31.0055}, {120, 31.005}, {120, 31}}},                                                               // long
		{{{120, 31}, {120, 31.04}, {120.04, 31}, {120, 31}}},                                                                                      // clockwise triangle
	}
	for i := range 30 {
		outlines = append(outlines, star(5+3*i, 0.7))
	}
	for i, outline := range outlines {
		parts := []int{1, 5, 2, 7, 1, 3}[:1+i%6]
		groups, err := Tessellate(outline, nil, 0, parts)
		if err != nil {
			t.Fatalf("outline %d: %v", i, err)
		}
		checkPartition(t, outline, groups, parts)
	}
}

func TestTessellateRefuses(t *testing.T) {
	sound := orb.Polygon{square4(120, 31, 0.02)}
	for name, c := range map[string]struct {
		outline orb.Polygon
		parts   []int
	}{
		"nothing":        {nil, []int{1}},
		"with a hole":    {orb.Polygon{sound[0], square4(120.005, 31.005, 0.01)}, []int{1}},
		"self-crossing":  {orb.Polygon{{{120, 31}, {120.1, 31.1}, {120.1, 31}, {120, 31.1}, {120, 31}}}, []int{1}},
		"no groups":      {sound, nil},
		"an empty group": {sound, []int{2, 0}},
		"too many cells": {orb.Polygon{square4(120, 31, 0.00001)}, []int{5000}},
	} {
		if _, err := Tessellate(c.outline, nil, 0, c.parts); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHullAndSubtract(t *testing.T) {
	hull := ConvexHull([]orb.Point{{120, 31}, {120.02, 31}, {120.01, 31.005}, {120.02, 31.02}, {120, 31.02}, {120.01, 31.01}})
	if a, want := AreaM2(orb.MultiPolygon{hull}), AreaM2(orb.MultiPolygon{{square4(120, 31, 0.02)}}); math.Abs(a-want) > 0.1 {
		t.Errorf("the hull has %.1f m², want %.1f", a, want)
	}
	if h := ConvexHull([]orb.Point{{120, 31}, {121, 32}, {122, 33}}); h != nil {
		t.Errorf("points on a line have the hull %v", h)
	}
	if h := ConvexHull(nil); h != nil {
		t.Errorf("no points have the hull %v", h)
	}
	// A bar across a square leaves two pieces, the larger first.
	pieces, err := Subtract(orb.Polygon{square4(120, 31, 0.02)},
		orb.Polygon{{{119, 31.004}, {121, 31.004}, {121, 31.008}, {119, 31.008}, {119, 31.004}}})
	if err != nil || len(pieces) != 2 || pieces[0].Bound().Max[1] != 31.02 || pieces[1].Bound().Max[1] != 31.004 {
		t.Errorf("%v, %v", pieces, err)
	}
	if pieces, err := Subtract(orb.Polygon{square4(120, 31, 0.02)}, orb.Polygon{square4(119, 30, 3)}); err != nil || len(pieces) != 0 {
		t.Errorf("nothing left: %v, %v", pieces, err)
	}
}
