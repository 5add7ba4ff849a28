package tile

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"wangge/geo"
)

// The tile 14/13654/6706 and how many degrees a unit of it is wide and high,
// nearly: shapes in its units are easier to read.
var sheet = ID{14, 13654, 6706}

func onSheet(units ...[2]float64) orb.Ring {
	bound := sheet.Bound()
	var ring orb.Ring
	for _, u := range units {
		ring = append(ring, orb.Point{
			bound.Min[0] + (u[0]+0.5)/Extent*(bound.Max[0]-bound.Min[0]),
			bound.Max[1] - (u[1]+0.5)/Extent*(bound.Max[1]-bound.Min[1]),
		})
	}
	return append(ring, ring[0])
}

func square(x, y, side float64) orb.Ring {
	return onSheet([2]float64{x, y}, [2]float64{x, y + side}, [2]float64{x + side, y + side}, [2]float64{x + side, y})
}

func reversed(r orb.Ring) orb.Ring {
	r = slices.Clone(r)
	slices.Reverse(r)
	return r
}

func TestShapes(t *testing.T) {
	block := []point{{100, 100}, {300, 100}, {300, 300}, {100, 300}}
	gap := []point{{150, 150}, {150, 250}, {250, 250}, {250, 150}}
	isle := []point{{190, 190}, {210, 190}, {210, 210}, {190, 210}}
	whole := []point{{-64, -64}, {4160, -64}, {4160, 4160}, {-64, 4160}}
	for _, c := range []struct {
		name  string
		shape orb.MultiPolygon
		want  [][]point
	}{
		{"counter-clockwise on the map", orb.MultiPolygon{{square(100, 100, 200)}}, [][]point{block}},
		{"clockwise on the map", orb.MultiPolygon{{reversed(square(100, 100, 200))}}, [][]point{block}},
		{"not closed", orb.MultiPolygon{{square(100, 100, 200)[:4]}}, [][]point{block}},
		{"points over and over", orb.MultiPolygon{{onSheet([2]float64{100, 100}, [2]float64{100, 300}, [2]float64{100, 300}, [2]float64{300, 300}, [2]float64{300, 100}, [2]float64{100, 100})}}, [][]point{block}},
		{"a hole, wound either way", orb.MultiPolygon{{square(100, 100, 200), square(150, 150, 100)}}, [][]point{block, gap}},
		{"a hole, wound the other way", orb.MultiPolygon{{square(100, 100, 200), reversed(square(150, 150, 100))}}, [][]point{block, gap}},
		{"an island in a hole, and before it", orb.MultiPolygon{{square(190, 190, 20)}, {square(100, 100, 200), square(150, 150, 100)}}, [][]point{isle, block, gap}},
		{"an island with a hole of its own", orb.MultiPolygon{{square(100, 100, 200), square(110, 110, 180)}, {square(150, 150, 100), square(190, 190, 20)}},
			[][]point{block, {{110, 110}, {110, 290}, {290, 290}, {290, 110}}, {{150, 150}, {250, 150}, {250, 250}, {150, 250}}, {{190, 190}, {190, 210}, {210, 210}, {210, 190}}}},
		{"parts that meet in points all around a gap", orb.MultiPolygon{{square(200, 100, 100)}, {square(100, 200, 100)}, {square(300, 200, 100)}, {square(200, 300, 100)}},
			[][]point{{{200, 100}, {300, 100}, {300, 200}, {200, 200}}, {{100, 200}, {200, 200}, {200, 300}, {100, 300}}, {{300, 200}, {400, 200}, {400, 300}, {300, 300}}, {{200, 300}, {300, 300}, {300, 400}, {200, 400}}}},
		{"up to the end of the buffer", orb.MultiPolygon{{square(4060, 100, 100)}}, [][]point{{{4060, 100}, {4160, 100}, {4160, 200}, {4060, 200}}}},
		{"a unit more", orb.MultiPolygon{{square(4060, 100, 101)}}, [][]point{{{4060, 100}, {4160, 100}, {4160, 201}, {4060, 201}}}},
		{"from the beginning of the buffer", orb.MultiPolygon{{square(100, -64, 100)}}, [][]point{{{100, -64}, {200, -64}, {200, 36}, {100, 36}}}},
		{"a unit before", orb.MultiPolygon{{square(100, -65, 100)}}, [][]point{{{100, -64}, {200, -64}, {200, 35}, {100, 35}}}},
		{"a hole outside", orb.MultiPolygon{{square(100, 100, 200), square(400, 400, 100)}}, [][]point{block}},
		{"a hole too small to see", orb.MultiPolygon{{square(100, 100, 200), square(150, 150, 0.3)}}, [][]point{block}},
		{"parts that meet along an edge", orb.MultiPolygon{
			{onSheet([2]float64{100, 100}, [2]float64{100, 300}, [2]float64{200, 300}, [2]float64{200, 100})},
			{onSheet([2]float64{200, 100}, [2]float64{200, 300}, [2]float64{300, 300}, [2]float64{300, 100})}},
			[][]point{block}},
		{"parts that meet in a point", orb.MultiPolygon{{square(100, 100, 100)}, {square(200, 200, 100)}},
			[][]point{{{100, 100}, {200, 100}, {200, 200}, {100, 200}}, {{200, 200}, {300, 200}, {300, 300}, {200, 300}}}},
		{"a spike", orb.MultiPolygon{{onSheet([2]float64{100, 100}, [2]float64{100, 300}, [2]float64{300, 300}, [2]float64{900, 300}, [2]float64{300, 300}, [2]float64{300, 100})}}, [][]point{block}},
		{"too narrow to see", orb.MultiPolygon{{onSheet([2]float64{100, 100}, [2]float64{100, 300}, [2]float64{100.3, 300}, [2]float64{100.3, 100})}}, nil},
		{"two narrow ends", orb.MultiPolygon{{onSheet([2]float64{100, 100}, [2]float64{100, 300}, [2]float64{300, 300}, [2]float64{300, 200.2}, [2]float64{500, 200.2}, [2]float64{500, 199.8}, [2]float64{300, 199.8}, [2]float64{300, 100})}}, [][]point{block}},
		{"a hole that opens to the side", orb.MultiPolygon{{square(100, 100, 200), square(100.3, 150, 100)}},
			[][]point{{{100, 100}, {300, 100}, {300, 300}, {100, 300}, {100, 250}, {200, 250}, {200, 150}, {100, 150}}}},
		{"a neck that closes", orb.MultiPolygon{{onSheet([2]float64{100, 100}, [2]float64{100, 200}, [2]float64{200, 200}, [2]float64{200, 150.2}, [2]float64{300, 150.2}, [2]float64{300, 200}, [2]float64{400, 200},
			[2]float64{400, 100}, [2]float64{300, 100}, [2]float64{300, 149.9}, [2]float64{200, 149.9}, [2]float64{200, 100})}},
			[][]point{{{100, 100}, {200, 100}, {200, 200}, {100, 200}}, {{300, 100}, {400, 100}, {400, 200}, {300, 200}}}},
		{"a point and a line", orb.MultiPolygon{{onSheet([2]float64{100, 100})}, {onSheet([2]float64{100, 100}, [2]float64{200, 100})}}, nil},
		{"nothing", orb.MultiPolygon{}, nil},
		{"rings of nothing", orb.MultiPolygon{{}, {nil}, {{}}}, nil},
		{"larger than the tile", orb.MultiPolygon{{square(-5000, -5000, 20000)}}, [][]point{whole}},
		{"larger than the world", orb.MultiPolygon{{{{-500, -500}, {500, -500}, {500, 500}, {-500, 500}, {-500, -500}}}}, [][]point{whole}},
		{"a ring around the tile", orb.MultiPolygon{{square(-5000, -5000, 20000), square(-4000, -4000, 18000)}}, nil},
		{"teeth that reach in", orb.MultiPolygon{{onSheet([2]float64{-500, 100}, [2]float64{100, 100}, [2]float64{100, 200}, [2]float64{-500, 200}, [2]float64{-500, 300}, [2]float64{100, 300}, [2]float64{100, 400}, [2]float64{-900, 400}, [2]float64{-900, 100})}},
			[][]point{{{-64, 100}, {100, 100}, {100, 200}, {-64, 200}}, {{-64, 300}, {100, 300}, {100, 400}, {-64, 400}}}},
		{"along the side of the buffer", orb.MultiPolygon{{square(-564, 100, 500)}}, nil},
	} {
		d, err := Draw([]Shape{{7, c.shape}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got [][]point
		if features := polygons(t, d, sheet); len(features) > 0 {
			got = features[0].rings
			if err := simple(got); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if !slices.EqualFunc(got, c.want, sameRing) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// sameRing says whether two rings differ at most in where they begin.
func sameRing(a, b []point) bool {
	i := slices.Index(a, b[0])
	return i >= 0 && slices.Equal(append(slices.Clone(a[i:]), a[:i]...), b)
}

func TestDrawRefuses(t *testing.T) {
	ring := square(0, 0, 10)
	for _, c := range []struct {
		shapes []Shape
		want   string
	}{
		{[]Shape{{3, orb.MultiPolygon{{ring}}}, {3, nil}}, "two shapes have the id 3"},
		{[]Shape{{4, orb.MultiPolygon{{{{120, 31}, {math.NaN(), 31}, {120, 32}}}}}}, "shape 4: a coordinate is not a number"},
		{[]Shape{{5, orb.MultiPolygon{{ring, {{120, 31}, {120, math.NaN()}, {120, 32}}}}}}, "shape 5: a coordinate is not a number"},
	} {
		if _, err := Draw(c.shapes); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// Vertices that a neighbour has on an edge, and the edge's own shape has not,
// are taken to be in it: rounded to 7 decimals they lie beside it.
func TestVerticesOnEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for round := range 500 {
		length := math.Pow(10, -4+3*rng.Float64()) // of an edge, 10 m to 10 km
		angle := rng.Float64() * 2 * math.Pi
		if round%2 > 0 { // nearly along an axis
			angle = float64(rng.IntN(4))*math.Pi/2 + math.Pow(10, -8+4*rng.Float64())
		}
		east, north := length*math.Cos(angle), length*math.Sin(angle)
		a := geo.Snap(orb.Point{120.6 + rng.Float64(), 31.2 + rng.Float64()})
		b := geo.Snap(orb.Point{a[0] + east, a[1] + north})
		left := geo.Snap(orb.Point{a[0] + east/2 - north, a[1] + north/2 + east})
		right := geo.Snap(orb.Point{a[0] + east/2 + north, a[1] + north/2 - east})
		shapes := []Shape{{1, orb.MultiPolygon{{{a, b, left, a}}}}}
		from := a
		pieces := 2 + rng.IntN(4)
		for k := 1; k <= pieces; k++ {
			share := float64(k) / float64(pieces)
			to := orb.Point{a[0] + (b[0]-a[0])*share, a[1] + (b[1]-a[1])*share}
			if k < pieces { // as other programs round
				to[0], to[1] = to[0]+2e-7*(rng.Float64()-0.5), to[1]+2e-7*(rng.Float64()-0.5)
			}
			to = geo.Snap(to)
			shapes = append(shapes, Shape{uint64(k + 1), orb.MultiPolygon{{{from, to, right, from}}}})
			from = to
		}
		g, at, err := newGraph(shapes)
		if err != nil {
			t.Fatal(err)
		}
		g.node(at)
		g.round()
		sides := map[step]bool{}
		for a, b := range g.edges() {
			sides[step{a, b}] = true
		}
		alone := 0
		for s := range sides {
			if !sides[step{s.to, s.from}] {
				alone++
			}
		}
		if alone != 4 {
			t.Fatalf("round %d, %g degrees: %d edges of one shape only, want the 4 outer ones", round, length, alone)
		}
	}
}

// Neighbouring tiles show the same in the strip that both show.
func TestNeighbouringTilesAgree(t *testing.T) {
	shapes := city(t, 4, 4)
	d, err := Draw(shapes)
	if err != nil {
		t.Fatal(err)
	}
	bound := shapes[0].Geometry.Bound()
	compared := 0
	for z := uint32(12); z <= 20; z++ {
		for k := range uint32(12) {
			id := over(bound.Center(), z)
			id.X += k
			for _, next := range []ID{{z, id.X + 1, id.Y}, {z, id.X, id.Y + 1}} {
				x, y := int64(next.X-id.X)*Extent, int64(next.Y-id.Y)*Extent
				here, there := strip(polygons(t, d, id), x, y), strip(polygons(t, d, next), 0, 0)
				for i := range shapes {
					for p := range here[uint64(i)] {
						if both(p, x, y) && !there[uint64(i)][p] {
							t.Fatalf("%v has %v of cell %d, %v has not", id, p, i, next)
						}
						compared++
					}
					for p := range there[uint64(i)] {
						if both(p, x, y) && !here[uint64(i)][p] {
							t.Fatalf("%v has %v of cell %d, %v has not", next, p, i, id)
						}
					}
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d points were compared", compared)
	}
}

// strip gives the points of features by id, moved west and north.
func strip(features []decodedFeature, x, y int64) map[uint64]map[point]bool {
	out := map[uint64]map[point]bool{}
	for _, f := range features {
		out[f.id] = map[point]bool{}
		for _, ring := range f.rings {
			for _, p := range ring {
				out[f.id][point{p.x - x, p.y - y}] = true
			}
		}
	}
	return out
}

// both says whether a point of a tile is well within what the tile x west and
// y north of it shows too.
func both(p point, x, y int64) bool {
	in := func(v, far int64) bool { return -buffer < v && v < far }
	far := func(v int64) int64 {
		if v > 0 {
			return buffer
		}
		return Extent + buffer
	}
	return in(p.x, far(x)) && in(p.y, far(y))
}

func TestDrawIsDeterministic(t *testing.T) {
	shapes := city(t, 2, 2)
	d, err := Draw(shapes)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := Draw(shapes)
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Fatal("another drawing of the same", err)
		}
	}
}

func TestMeeting(t *testing.T) {
	d, err := Draw([]Shape{
		{1, orb.MultiPolygon{{square(100, 100, 10)}}},
		{2, orb.MultiPolygon{{square(-165, 100, 100)}}}, // up to one short of the buffer
		{3, orb.MultiPolygon{{square(-164, 100, 100)}}},
		{4, nil},
		{5, orb.MultiPolygon{{square(-9999, -9999, 30000)}}},
		{6, orb.MultiPolygon{{square(100, 4160, 100)}}},
		{7, orb.MultiPolygon{{square(100, 4161, 100)}}}, // from one past the buffer
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[ID][]int{
		sheet:                        {0, 2, 4, 5},
		{14, sheet.X - 1, sheet.Y}:   {1, 2, 4},
		{14, sheet.X, sheet.Y + 1}:   {4, 5, 6},
		{14, sheet.X + 20, sheet.Y}:  nil,
		{}:                           {0, 1, 2, 4, 5, 6},
		{22, 255 * sheet.X, sheet.Y}: nil,
	} {
		if got := d.Intersecting(id); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", id, got, want)
		}
	}
}
