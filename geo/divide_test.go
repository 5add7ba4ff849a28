package geo

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Lines in all directions through each cell of a real place, straight and
// bent, divide it into two parts that are together what it was, but for the
// millimetres of the grid beside edges of hundreds of metres, or enter it more than once: every cell is divided by most of them.
func TestDivide(t *testing.T) {
	cells, err := Tessellate(park(t), nil, 0, []int{1500})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < 1500; n += 60 {
		cell := cells[0][n]
		m := orb.MultiPolygon{cell}
		c, _ := planar.CentroidArea(m)
		reach, divided := m.Bound().Max[0]-m.Bound().Min[0]+m.Bound().Max[1]-m.Bound().Min[1], 0
		for k := range 24 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 12)
			line := orb.LineString{{c[0] - cos*reach, c[1] - sin*reach}, {c[0] + cos*reach, c[1] + sin*reach}}
			if k%2 == 1 { // bent within the cell
				line = orb.LineString{line[0], {c[0] - sin*reach/40, c[1] + cos*reach/40}, line[1]}
			}
			left, right, why := Divide(m, line)
			runs := entered(m, line)
			if why != "" {
				if why == KindLineCrosses && runs < 2 || why != KindLineCrosses {
					t.Errorf("cell %d, line %d enters %d times: %s", n, k, runs, why)
				}
				continue
			}
			if divided++; runs != 1 {
				t.Errorf("cell %d, line %d enters %d times, and divides it", n, k, runs)
			}
			whole, err := Union(left, right)
			if err != nil {
				t.Fatal(err)
			}
			for _, side := range [][2]orb.MultiPolygon{{whole, m}, {m, whole}} {
				if rest, err := Difference(side[0], side[1]); err != nil || AreaM2(rest) > 1 {
					t.Errorf("cell %d, line %d: %.3f m² too much or too little, %v", n, k, AreaM2(rest), err)
				}
			}
			if a, b, of := AreaM2(left), AreaM2(right), AreaM2(m); a < of/20 || b < of/20 || math.Abs(a+b-of) > 1 {
				t.Errorf("cell %d, line %d: %.1f and %.1f m² of %.1f", n, k, a, b, of)
			}
			if p := (orb.Point{line[0][0], line[0][1]}); leftOf(p, line[len(line)-1], Middle(left)) < leftOf(p, line[len(line)-1], Middle(right)) {
				t.Errorf("cell %d, line %d: left and right are the other way round", n, k)
			}
		}
		if divided < 12 {
			t.Errorf("cell %d is divided by %d lines of 24", n, divided)
		}
	}
}

// leftOf is positive on the left of the way from a to b.
func leftOf(a, b, p orb.Point) float64 { return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0]) }

// entered counts, step by step, how often a line goes into a shape.
func entered(m orb.MultiPolygon, line orb.LineString) (runs int) {
	was := false
	for i := 0; i+1 < len(line); i++ {
		for k := range 4000 {
			f := float64(k) / 4000
			is := planar.MultiPolygonContains(m, orb.Point{line[i][0] + f*(line[i+1][0]-line[i][0]), line[i][1] + f*(line[i+1][1]-line[i][1])})
			if is && !was {
				runs++
			}
			was = is
		}
	}
	return runs
}

// What does not divide says why; holes and other parts go with a side.
func TestDivideShapes(t *testing.T) {
	at := func(x, y float64) orb.Point { return Snap(orb.Point{120.6 + x/1000, 31.3 + y/1000}) }
	box := func(w, s, e, n float64) orb.Ring { return orb.Ring{at(w, s), at(e, s), at(e, n), at(w, n), at(w, s)} }
	path := func(xy ...float64) (out orb.LineString) {
		for i := 0; i < len(xy); i += 2 {
			out = append(out, at(xy[i], xy[i+1]))
		}
		return out
	}
	hole := box(6, 6, 8, 8)
	hole.Reverse()
	holed := orb.MultiPolygon{{box(0, 0, 10, 10), hole}}
	u := orb.MultiPolygon{{orb.Ring{at(0, 0), at(10, 0), at(10, 10), at(7, 10), at(7, 3), at(3, 3), at(3, 10), at(0, 10), at(0, 0)}}}
	two := orb.MultiPolygon{{box(0, 0, 10, 10)}, {box(12, 0, 14, 2)}}
	for _, c := range []struct {
		name        string
		m           orb.MultiPolygon
		line        orb.LineString
		why         string
		left, right int // rings
	}{
		{"across", holed, path(5, -1, 5, 11), "", 1, 2},
		{"from corner to corner", orb.MultiPolygon{{box(0, 0, 10, 10)}}, path(0, 0, 10, 10), "", 1, 1},
		{"from edge to edge", orb.MultiPolygon{{box(0, 0, 10, 10)}}, path(0, 5, 4, 6, 10, 5), "", 1, 1},
		{"along an edge, then across", orb.MultiPolygon{{box(0, 0, 10, 10)}}, path(0, -1, 0, 5, 11, 5), "", 1, 1},
		{"with another part", two, path(5, 11, 5, -1), "", 2, 1},
		{"begins inside", holed, path(5, 5, 5, 11), KindLineShort, 0, 0},
		{"beside it", holed, path(20, 0, 20, 10), KindLineShort, 0, 0},
		{"along an edge", holed, path(0, -1, 0, 11), KindLineShort, 0, 0},
		{"a point", holed, path(5, 5, 5, 5), KindLineShort, 0, 0},
		{"through the hole", holed, path(7, -1, 7, 11), KindLineTouches, 0, 0},
		{"twice", u, path(-1, 6, 11, 6), KindLineCrosses, 0, 0},
		{"over both parts", two, path(-1, 1, 15, 1), KindLineCrosses, 0, 0},
		{"in a loop", holed, path(-1, 1, 5, 1, 5, 3, 2, 3, 2, -1), KindLineCrossesSelf, 0, 0},
	} {
		left, right, why := Divide(c.m, c.line)
		rings := func(m orb.MultiPolygon) (n int) {
			for _, p := range m {
				n += len(p)
			}
			return n
		}
		if why != c.why || rings(left) != c.left || rings(right) != c.right {
			t.Errorf("%s: %q with %d and %d rings, want %q with %d and %d", c.name, why, rings(left), rings(right), c.why, c.left, c.right)
		}
		if why == "" && math.Abs(AreaM2(left)+AreaM2(right)-AreaM2(c.m)) > 0.01 {
			t.Errorf("%s: %v and %v of %v m²", c.name, AreaM2(left), AreaM2(right), AreaM2(c.m))
		}
	}
}
