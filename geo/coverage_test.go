package geo

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/rtree"
)

// coverage makes columns × rows crooked cells around Suzhou that share their
// boundaries vertex by vertex, every side bent at perSide-1 places.
func coverage(columns, rows, perSide int) []Shape {
	rng := rand.New(rand.NewPCG(uint64(columns), uint64(rows)))
	const step = 0.005
	shift := func(v, amount float64) float64 { return v + (rng.Float64()-0.5)*amount }
	at := func(x, y float64) orb.Point {
		return Snap(orb.Point{120 + shift(x*step, 0.3*step), 31 + shift(y*step, 0.3*step)})
	}
	corner := make([][]orb.Point, columns+1)
	for i := range corner {
		for j := range rows + 1 {
			corner[i] = append(corner[i], at(float64(i), float64(j)))
		}
	}
	side := func(a, b orb.Point) []orb.Point { // without its last point
		out := []orb.Point{a}
		for k := 1; k < perSide; k++ {
			t := float64(k) / float64(perSide)
			out = append(out, Snap(orb.Point{
				shift(a[0]+(b[0]-a[0])*t, 0.04*step), shift(a[1]+(b[1]-a[1])*t, 0.04*step)}))
		}
		return append(out, b)
	}
	east := make([][][]orb.Point, columns+1) // from corner i,j to i+1,j
	north := make([][][]orb.Point, columns+1)
	for i := range corner {
		for j := range corner[i] {
			var e, n []orb.Point
			if i < columns {
				e = side(corner[i][j], corner[i+1][j])
			}
			if j < rows {
				n = side(corner[i][j], corner[i][j+1])
			}
			east[i], north[i] = append(east[i], e), append(north[i], n)
		}
	}
	var shapes []Shape
	for i := range columns {
		for j := range rows {
			ring := orb.Ring(append([]orb.Point{}, east[i][j]...))
			ring = append(ring, north[i+1][j][1:]...)
			for k := perSide - 1; k >= 0; k-- {
				ring = append(ring, east[i][j+1][k])
			}
			for k := perSide - 1; k >= 0; k-- {
				ring = append(ring, north[i][j][k])
			}
			shapes = append(shapes, Shape{Code: fmt.Sprintf("%05d", len(shapes)), Rank: 1, Geometry: orb.MultiPolygon{{ring}}})
		}
	}
	return shapes
}

// hits counts the shapes that hold p, by the crossing test alone, among those
// whose box does.
func (b *boxes) hits(p orb.Point) (count, last int) {
	x, y := snap(p)
	b.at(p, func(i int) {
		if b.chains[i].contains(int64(x), int64(y)) {
			count, last = count+1, i
		}
	})
	return count, last
}

// boxes finds shapes by their box in an R-tree, the ordinary way.
type boxes struct {
	tree   *rtree.RTree
	chains []chain
}

func newBoxes(t testing.TB, shapes []Shape) *boxes {
	t.Helper()
	b := &boxes{chains: make([]chain, len(shapes))}
	items := make([]rtree.BulkItem, len(shapes))
	for i, s := range shapes {
		bound := s.Geometry.Bound()
		items[i] = rtree.BulkItem{RecordID: i, Box: rtree.Box{
			MinX: bound.Min[0], MinY: bound.Min[1], MaxX: bound.Max[0], MaxY: bound.Max[1]}}
		var err error
		if b.chains[i], err = newChain(s.Geometry); err != nil {
			t.Fatal(err)
		}
	}
	b.tree = rtree.BulkLoad(items)
	return b
}

func (b *boxes) at(p orb.Point, visit func(i int)) {
	const wide = 1e-7 // the query point may be rounded by half of this
	b.tree.RangeSearch(rtree.Box{MinX: p[0] - wide, MinY: p[1] - wide, MaxX: p[0] + wide, MaxY: p[1] + wide},
		func(i int) error { visit(i); return nil })
}
