package tile

import (
	"fmt"
	"math"
	"math/big"
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
// on one side, and the rim, of edges with a shape on one side only, is one loop.
// Rounding alone has to see to it where it is not helped by simplifying.
func TestGraphStaysACoverage(t *testing.T) {
	for name, shapes := range map[string][]Shape{"city": city(t, 13, 13), "narrow": narrow(60, 40)} {
		for _, simplified := range []bool{true, false} {
			g, at, err := newGraph(shapes)
			if err != nil {
				t.Fatal(err)
			}
			g.node(at)
			for z := deepest; z >= 0; z-- {
				g.round()
				if simplified {
					if err := planar(g); err != nil {
						t.Fatalf("%s at zoom %d, rounded: %v", name, z, err)
					}
					g.simplify()
				}
				if err := planar(g); err != nil {
					t.Fatalf("%s at zoom %d, simplified %v: %v", name, z, simplified, err)
				}
				if loops, err := rim(g); err != nil || loops != 1 && z > 5 {
					t.Fatalf("%s at zoom %d, simplified %v: the rim has %d loops, %v", name, z, simplified, loops, err)
				}
			}
		}
	}
}

// Triangles that do not cross do not cross after rounding, however close they
// are to each other and whichever way round.
func TestRoundCrossesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for range 2000 {
		g := triangles(rng, 30, 60)
		if err := planar(g); err != nil {
			t.Fatalf("before: %v", err)
		}
		before := fmt.Sprint(g.points, g.walks)
		for range 4 {
			g.round()
			if err := planar(g); err != nil {
				t.Fatalf("%s: %v", before, err)
			}
		}
	}
}

// triangles makes a graph of as many as were found without conflicts in some
// tries, each a shape, on a grid of units.
func triangles(rng *rand.Rand, grid int64, tries int) *graph {
	g := &graph{}
	var edges []segment
	var corners []point
	for range tries {
		var c [3]point
		for k := range c {
			c[k] = point{rng.Int64N(grid), rng.Int64N(grid)}
			if len(corners) > 0 && rng.IntN(3) == 0 {
				c[k] = corners[rng.IntN(len(corners))]
			}
		}
		if turn(c[0], c[1], c[2]) < 0 {
			c[1], c[2] = c[2], c[1]
		}
		sides := []segment{{c[0], c[1]}, {c[1], c[2]}, {c[2], c[0]}}
		if turn(c[0], c[1], c[2]) == 0 || slices.ContainsFunc(edges, func(e segment) bool {
			return slices.ContainsFunc(sides, func(s segment) bool { return conflict(e, s) || e == s })
		}) {
			continue
		}
		edges, corners = append(edges, sides...), append(corners, c[:]...)
		g.rings = append(g.rings, ring{int32(len(g.rings)), int32(len(corners))})
	}
	g.number(corners, make([]orb.Point, len(corners)))
	return g
}

// rim counts the loops of edges that have a shape on one side only.
func rim(g *graph) (loops int, err error) {
	sides := map[step]int{}
	for a, b := range g.edges() {
		sides[step{a, b}]++
	}
	next := map[int32][]int32{}
	for s, n := range sides {
		if n > 1 {
			return 0, fmt.Errorf("%d shapes on one side of an edge", n)
		}
		if sides[step{s.to, s.from}] == 0 {
			next[s.from] = append(next[s.from], s.to)
		}
	}
	for first := range next {
		if len(next[first]) == 0 {
			continue
		}
		loops++
		for v := first; len(next[v]) > 0; {
			last := len(next[v]) - 1
			to := next[v][last]
			next[v] = next[v][:last]
			v = to
		}
	}
	return loops, nil
}

// What is drawn over a coverage, across its lines, leaves it a coverage.
func TestGraphUnderneathStaysACoverage(t *testing.T) {
	cells := city(t, 4, 4)
	shapes := slices.Clone(cells)
	rng := rand.New(rand.NewPCG(7, 7))
	for range 40 {
		x, y := 120.6+0.04*rng.Float64(), 31.2+0.04*rng.Float64()
		var ring orb.Ring
		for k := range 7 {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / 7)
			r := 0.001 + 0.004*rng.Float64()
			ring = append(ring, geo.Snap(orb.Point{x + r*cos, y + r*sin}))
		}
		shapes = append(shapes, Shape{uint64(len(shapes) + 1), orb.MultiPolygon{{append(ring, ring[0])}}})
	}
	g, at, err := newGraph(shapes)
	if err != nil {
		t.Fatal(err)
	}
	g.node(at)
	for z := deepest; z >= 8; z-- {
		g.round()
		g.simplify()
		under := *g
		under.rings = slices.DeleteFunc(slices.Clone(g.rings), func(r ring) bool { return int(r.shape) >= len(cells) })
		if err := planar(&under); err != nil {
			t.Fatalf("zoom %d: %v", z, err)
		}
		if loops, err := rim(&under); err != nil || loops != 1 {
			t.Fatalf("zoom %d: the rim has %d loops, %v", z, loops, err)
		}
	}
}

// What an edge passes is found by the least and the greatest share of its way
// that is in the square, in fractions.
func TestPasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	at := func(n int64) point { return point{rng.Int64N(n), rng.Int64N(n)} }
	met := 0
	for range 200_000 {
		p, q, v := at(9), at(9), at(4)
		if want := meets(p, q, v); throughUnit(p, q, v) != want {
			t.Fatalf("from %v to %v past %v: want %v", p, q, v, want)
		} else if want {
			met++
		}
	}
	if met < 20_000 {
		t.Errorf("only %d met", met)
	}
}

func meets(p, q, v point) bool {
	low, high := big.NewRat(0, 1), big.NewRat(1, 1)
	clip := func(from, to, near, far int64) bool {
		if from == to {
			return from >= near && from <= far
		}
		a, b := big.NewRat(near-from, to-from), big.NewRat(far-from, to-from)
		if a.Cmp(b) > 0 {
			a, b = b, a
		}
		if a.Cmp(low) > 0 {
			low = a
		}
		if b.Cmp(high) < 0 {
			high = b
		}
		return true
	}
	if !clip(p.x, q.x, 2*v.x, 2*v.x+2) || !clip(p.y, q.y, 2*v.y, 2*v.y+2) || low.Cmp(high) > 0 {
		return false
	}
	inside := func(from, to, far int64, share *big.Rat) bool { // short of the eastern or southern side
		at := new(big.Rat).Mul(share, big.NewRat(to-from, 1))
		return at.Add(at, big.NewRat(from, 1)).Cmp(big.NewRat(far, 1)) < 0
	}
	middle := new(big.Rat).Mul(new(big.Rat).Add(low, high), big.NewRat(1, 2))
	for _, share := range []*big.Rat{low, middle, high} {
		if inside(p.x, q.x, 2*v.x+2, share) && inside(p.y, q.y, 2*v.y+2, share) {
			return true
		}
	}
	return false
}
