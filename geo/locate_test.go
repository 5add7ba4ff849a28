package geo

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

func locator(t testing.TB, shapes []Shape) *Locator {
	t.Helper()
	l, err := NewLocator(shapes)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Every point inside the coverage, on edges and corners too, has exactly one
// cell, and the raster names it; outside there is none.
func TestLocatePartition(t *testing.T) {
	shapes := coverage(24, 20, 6)
	l, reference := locator(t, shapes), newBoxes(t, shapes)
	bound := orb.Bound{Min: orb.Point{120.005, 31.005}, Max: orb.Point{120.115, 31.095}} // wholly inside
	around := orb.Bound{Min: orb.Point{119.98, 30.98}, Max: orb.Point{120.14, 31.12}}
	rng := rand.New(rand.NewPCG(5, 5))
	check := func(p orb.Point) {
		count, want := reference.hits(p)
		got, ok := l.Locate(p)
		switch {
		case count > 1, count == 0 && bound.Contains(p):
			t.Fatalf("%v is in %d cells", p, count)
		case ok != (count == 1), ok && got != want:
			t.Fatalf("%v is located in %d (%v), want %d (%d hits)", p, got, ok, want, count)
		}
	}
	points := 0
	for _, s := range shapes {
		ring := s.Geometry[0][0]
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			check(a)
			for range 40 {
				f := rng.Float64()
				check(orb.Point{a[0] + (b[0]-a[0])*f, a[1] + (b[1]-a[1])*f})
				check(orb.Point{a[0], a[1] + (b[1]-a[1])*f}) // level with a vertex
				points += 2
			}
		}
	}
	for ; points < 3_000_000; points++ {
		p := Snap(randomIn(rng, around))
		check(p)
		if i, ok := l.Locate(p); ok && points%20 == 0 && !planar.MultiPolygonContains(shapes[i].Geometry, p) {
			t.Fatalf("%v is located in %d, orb disagrees", p, i)
		}
	}
}

// Points exactly on an edge need edges that pass through points of the grid.
func TestLocateOnGridEdges(t *testing.T) {
	at := func(x, y int) orb.Point {
		return orb.Point{120 + float64(x)/gridPerDegree, 31 + float64(y)/gridPerDegree}
	}
	ring := func(xy ...int) orb.MultiPolygon {
		var r orb.Ring
		for i := 0; i < len(xy); i += 2 {
			r = append(r, at(xy[i], xy[i+1]))
		}
		return orb.MultiPolygon{{append(r, r[0])}}
	}
	// A square of 120 units cut by lines of several slopes through its centre.
	corners := [][2]int{{0, 0}, {60, 0}, {120, 0}, {120, 30}, {120, 120}, {90, 120}, {0, 120}, {0, 40}}
	var shapes []Shape
	for i, c := range corners {
		d := corners[(i+1)%len(corners)]
		shapes = append(shapes, Shape{Code: string(rune('a' + i)), Geometry: ring(c[0], c[1], d[0], d[1], 60, 60)})
	}
	l, reference := locator(t, shapes), newBoxes(t, shapes)
	for x := -3; x <= 123; x++ {
		for y := -3; y <= 123; y++ {
			count, want := reference.hits(at(x, y))
			inside := x >= 0 && x < 120 && y >= 0 && y < 120 // half-open: south and west belong
			if got, ok := l.Locate(at(x, y)); ok != inside || inside != (count == 1) || ok && got != want {
				t.Fatalf("%d,%d: located in %d (%v), %d hits, want inside %v", x, y, got, ok, count, inside)
			}
		}
	}
}

func square4(x, y, side float64) orb.Ring {
	return orb.Ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
}

func TestLocatePrecedence(t *testing.T) {
	shapes := []Shape{
		{"b", 1, orb.MultiPolygon{{square4(120, 31, 0.02)}}},
		{"a", 1, orb.MultiPolygon{{square4(120.01, 31, 0.02)}}},                                  // overlaps b, lower code
		{"z", 0, orb.MultiPolygon{{square4(120.004, 31.004, 0.002)}, {square4(121, 31, 0.002)}}}, // dedicated, in two parts
		{"h", 1, orb.MultiPolygon{{square4(120, 31.05, 0.02), square4(120.005, 31.055, 0.01)}}},  // with a hole
	}
	l := locator(t, shapes)
	for _, c := range []struct {
		p    orb.Point
		want int
	}{
		{orb.Point{120.001, 31.001}, 0},
		{orb.Point{120.015, 31.01}, 1},
		{orb.Point{120.0299, 31.0199}, 1},
		{orb.Point{120.005, 31.005}, 2},
		{orb.Point{121.001, 31.001}, 2},
		{orb.Point{120.5, 31.0045}, -1}, // between the two parts
		{orb.Point{120.001, 31.051}, 3},
		{orb.Point{120.01, 31.06}, -1}, // in the hole
		{orb.Point{120.019, 31.06}, 3},
		{orb.Point{31.005, 120.005}, -1},
		{orb.Point{math.NaN(), 31}, -1},
		{orb.Point{120.001, math.Inf(-1)}, -1},
	} {
		if got, ok := l.Locate(c.p); got != c.want || ok != (c.want >= 0) {
			t.Errorf("%v is located in %d (%v), want %d", c.p, got, ok, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	l := locator(t, []Shape{
		{"a", 1, orb.MultiPolygon{{square4(120, 31, 0.01)}}},
		{"b", 1, orb.MultiPolygon{{square4(120.02, 31, 0.01)}, {square4(120.05, 31, 0.01)}}},
	})
	for _, c := range []struct {
		p      orb.Point
		want   int
		metres float64
	}{
		{orb.Point{120.005, 31.005}, 0, 0},
		{orb.Point{120.014, 31.005}, 0, Distance(orb.Point{120.01, 31.005}, orb.Point{120.014, 31.005})},
		{orb.Point{120.016, 31.005}, 1, Distance(orb.Point{120.016, 31.005}, orb.Point{120.02, 31.005})},
		{orb.Point{120.045, 31.005}, 1, Distance(orb.Point{120.045, 31.005}, orb.Point{120.05, 31.005})},
		{orb.Point{120.04, 31.02}, 1, Distance(orb.Point{120.04, 31.02}, orb.Point{120.03, 31.01})},
		{orb.Point{120.005, 30.99}, 0, Distance(orb.Point{120.005, 30.99}, orb.Point{120.005, 31})},
	} {
		if got, metres := l.Nearest(c.p); got != c.want || math.Abs(metres-c.metres) > 0.005*c.metres {
			t.Errorf("%v is nearest to %d at %.1f m, want %d at %.1f m", c.p, got, metres, c.want, c.metres)
		}
	}
	for _, p := range []orb.Point{{math.NaN(), 31}, {120, math.Inf(1)}} {
		if got, metres := l.Nearest(p); got != -1 || !math.IsInf(metres, 1) {
			t.Errorf("%v is nearest to %d at %v m", p, got, metres)
		}
	}
}

func TestLocatorRefuses(t *testing.T) {
	for name, m := range map[string]orb.MultiPolygon{
		"no boundary":     {},
		"fewer than four": {{{{120, 31}, {121, 31}, {120, 31}}}},
		"not closed":      {{{{120, 31}, {121, 31}, {121, 32}, {120, 32}}}},
		"off the globe":   {{square4(31, 120, 0.1)}},
		"half the globe":  {{{{-170, 0}, {170, 0}, {170, 10}, {-170, 0}}}},
	} {
		if _, err := NewLocator([]Shape{{Code: "x", Geometry: m}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	empty := locator(t, nil)
	if i, ok := empty.Locate(orb.Point{120, 31}); ok || i != -1 {
		t.Error("an empty coverage holds a point")
	}
	if i, m := empty.Nearest(orb.Point{120, 31}); i != -1 || !math.IsInf(m, 1) {
		t.Error("an empty coverage has a nearest cell")
	}
}

func TestLocateAllocatesNothing(t *testing.T) {
	l := locator(t, coverage(10, 10, 6))
	p := orb.Point{120.02, 31.02}
	if n := testing.AllocsPerRun(1000, func() { p[0] += 1e-5; l.Locate(p) }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}

// One far-away cell must not make the index large or slow for the others.
func TestLocatorStaysSmall(t *testing.T) {
	shapes := coverage(40, 25, 6)
	far := Shape{Code: "far", Geometry: orb.MultiPolygon{{square4(116.4, 39.9, 0.005)}}}
	for name, s := range map[string][]Shape{"1,000 cells": shapes, "and a far one": append(shapes[:1000:1000], far)} {
		begin := time.Now()
		l := locator(t, s)
		took := time.Since(begin)
		bytes := 4 * (len(l.tiles) + len(l.blocks) + len(l.lists))
		t.Logf("%s: %v, %d kB", name, took, bytes/1000)
		if bytes > 8_000_000 {
			t.Errorf("%s: %d bytes", name, bytes)
		}
		if took > time.Minute { // about 20 ms
			t.Errorf("%s: %v", name, took)
		}
		if i, ok := l.Locate(orb.Point{120.02, 31.02}); !ok || i >= 1000 {
			t.Errorf("%s: located in %d", name, i)
		}
	}
}

// BenchmarkLocate has 30,000 cells of 24 vertices and random points in them;
// "orb" answers the same by planar containment behind an R-tree.
func BenchmarkLocate(b *testing.B) {
	shapes := coverage(200, 150, 6)
	begin := time.Now()
	l, reference := locator(b, shapes), newBoxes(b, shapes)
	b.Logf("built in %v, %d MB", time.Since(begin), 4*(len(l.tiles)+len(l.blocks)+len(l.lists))/1_000_000)
	rng := rand.New(rand.NewPCG(6, 6))
	points := make([]orb.Point, 1<<20)
	for i := range points {
		points[i] = Snap(randomIn(rng, orb.Bound{Min: orb.Point{120, 31}, Max: orb.Point{121, 31.75}}))
	}
	ordinary := func(p orb.Point, cell int) (found bool) {
		reference.at(p, func(i int) { found = found || i == cell && planar.MultiPolygonContains(shapes[i].Geometry, p) })
		return found
	}
	for _, p := range points[:200_000] { // orb counts an edge to both of its cells
		if i, ok := l.Locate(p); ok && !ordinary(p, i) {
			b.Fatalf("%v: located in %d, orb disagrees", p, i)
		}
	}
	b.Run("raster", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			l.Locate(points[i%len(points)])
		}
	})
	b.Run("orb", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			p := points[i%len(points)]
			reference.at(p, func(j int) { planar.MultiPolygonContains(shapes[j].Geometry, p) })
		}
	})
}
