package tile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/rtree"

	"wangge/geo"
)

// segment is an edge that was checked, by index.
type segment struct{ a, b point }

// planar looks for edges of a graph that cross, overlap, or pass through a
// vertex of another, with an R-tree and its own arithmetic.
func planar(g *graph) error {
	edges := map[segment]bool{}
	for a, b := range g.edges() {
		p, q := g.points[a], g.points[b]
		if compare(p, q) > 0 {
			p, q = q, p
		}
		edges[segment{p, q}] = true
	}
	var list []segment
	var items []rtree.BulkItem
	for s := range edges {
		items = append(items, rtree.BulkItem{RecordID: len(list), Box: boxOf(s)})
		list = append(list, s)
	}
	tree := rtree.BulkLoad(items)
	for i, s := range list {
		err := tree.RangeSearch(boxOf(s), func(j int) error {
			if i < j && conflict(s, list[j]) {
				return fmt.Errorf("%v and %v", s, list[j])
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func boxOf(s segment) rtree.Box {
	return rtree.Box{MinX: float64(min(s.a.x, s.b.x)), MinY: float64(min(s.a.y, s.b.y)),
		MaxX: float64(max(s.a.x, s.b.x)), MaxY: float64(max(s.a.y, s.b.y))}
}

// conflict says whether two edges have more in common than one end.
func conflict(s, t segment) bool {
	side := func(u segment, p point) int {
		v := (u.b.x-u.a.x)*(p.y-u.a.y) - (u.b.y-u.a.y)*(p.x-u.a.x)
		switch {
		case v > 0:
			return 1
		case v < 0:
			return -1
		}
		return 0
	}
	inside := func(u segment, p point) bool { // on u but no end of it
		return side(u, p) == 0 && p != u.a && p != u.b &&
			min(u.a.x, u.b.x) <= p.x && p.x <= max(u.a.x, u.b.x) && min(u.a.y, u.b.y) <= p.y && p.y <= max(u.a.y, u.b.y)
	}
	if inside(s, t.a) || inside(s, t.b) || inside(t, s.a) || inside(t, s.b) {
		return true
	}
	return side(s, t.a)*side(s, t.b) < 0 && side(t, s.a)*side(t, s.b) < 0
}

// A coverage stays one at every zoom: nothing crosses, no edge has two shapes
// on one side, and the rim, which has one on one side only, goes round what is
// drawn without a gap inside.
func TestGraphStaysACoverage(t *testing.T) {
	for name, shapes := range map[string][]Shape{"city": city(t, 13, 13), "narrow": narrow(60, 40)} {
		g, at, err := newGraph(shapes)
		if err != nil {
			t.Fatal(err)
		}
		g.node(at)
		for z := deepest; z >= 0; z-- {
			g.round()
			if err := planar(g); err != nil {
				t.Fatalf("%s at zoom %d, rounded: %v", name, z, err)
			}
			g.simplify()
			if err := planar(g); err != nil {
				t.Fatalf("%s at zoom %d, simplified: %v", name, z, err)
			}
			sides := map[step]int{}
			for a, b := range g.edges() {
				sides[step{a, b}]++
			}
			next, edges := map[int32]int32{}, 0
			for s, n := range sides {
				if n > 1 {
					t.Fatalf("%s at zoom %d: %d shapes on one side of an edge", name, z, n)
				}
				if sides[step{s.to, s.from}] == 0 {
					next[s.from] = s.to
					edges++
				}
			}
			loops := 0
			for len(next) > 0 {
				loops++
				for v := range next {
					for to, ok := next[v]; ok; to, ok = next[v] {
						delete(next, v)
						v = to
						edges--
					}
					break
				}
			}
			if edges != 0 || loops > 1 && z > 5 {
				t.Fatalf("%s at zoom %d: the rim has %d loops", name, z, loops)
			}
		}
	}
}

// narrow makes strips one above the other, from half a metre to a hundred high,
// that share crooked lines with vertices in other places than the next line's.
func narrow(strips, bends int) []Shape {
	rng := rand.New(rand.NewPCG(5, 5))
	const wide = 0.02
	line := func(south, wobble float64) (points []orb.Point) {
		points = append(points, orb.Point{120.6, south})
		for k := 1; k < bends; k++ {
			east := (float64(k) + rng.Float64()*0.9) / float64(bends+1)
			points = append(points, orb.Point{120.6 + wide*east, south + wobble*rng.Float64()})
		}
		return append(points, orb.Point{120.6 + wide, south})
	}
	south := 31.3
	below := line(south, 0)
	var shapes []Shape
	for i := range strips {
		height := 5e-6 * math.Pow(200, rng.Float64())
		south += height
		above := line(south, height*0.9)
		south += height * 0.9
		ring := append(orb.Ring{}, below...)
		for _, p := range slices.Backward(above) {
			ring = append(ring, p)
		}
		for k, p := range ring {
			ring[k] = geo.Snap(p)
		}
		shapes = append(shapes, Shape{uint64(i + 1), orb.MultiPolygon{{append(ring, ring[0])}}})
		below = above
	}
	return shapes
}
