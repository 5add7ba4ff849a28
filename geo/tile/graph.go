package tile

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/paulmach/orb"
)

// graph is the lines of a drawing at some zoom: the vertices, each once, and
// the rings that run through them. What neighbours share they so have only
// once, and whatever is done to it is done for both.
type graph struct {
	codes  []uint64 // Morton numbers of the vertices, ascending
	points []point  // where they are
	walks  []int32  // vertices of the rings, one ring after the other
	rings  []ring   // by shape
	found  []int32  // room for within
}

// ring says which shape a ring belongs to and where in walks it ends.
type ring struct{ shape, end int32 }

// walk goes over the rings.
func (g *graph) walk() iter.Seq2[int32, []int32] {
	return func(yield func(int32, []int32) bool) {
		start := int32(0)
		for _, r := range g.rings {
			if !yield(r.shape, g.walks[start:r.end:r.end]) {
				return
			}
			start = r.end
		}
	}
}

// newGraph projects shapes, shells wound one way and holes the other. It also
// gives the WGS-84 positions of the vertices.
func newGraph(shapes []Shape) (*graph, []orb.Point, error) {
	g := &graph{}
	var given []orb.Point
	var projected []point
	for i, s := range shapes {
		for _, polygon := range s.Geometry {
			for k, r := range polygon {
				if len(r) > 1 && r[0] == r[len(r)-1] {
					r = r[1:]
				}
				points, err := read(r)
				if err != nil {
					return nil, nil, fmt.Errorf("shape %d: %w", s.ID, err)
				}
				if (twiceArea(points) > 0) != (k == 0) {
					r = slices.Clone(r)
					slices.Reverse(r)
					slices.Reverse(points)
				}
				given, projected = append(given, r...), append(projected, points...)
				if len(r) > 0 {
					g.rings = append(g.rings, ring{int32(i), int32(len(given))})
				}
			}
		}
	}
	return g, g.number(projected, given), nil
}

// number makes vertices of the positions along all rings and gives where, by
// what was given, they are.
func (g *graph) number(projected []point, given []orb.Point) []orb.Point {
	type corner struct {
		code  uint64
		place int32 // in walks
	}
	corners := make([]corner, len(projected))
	for i, p := range projected {
		corners[i] = corner{morton(p), int32(i)}
	}
	slices.SortFunc(corners, func(a, b corner) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.place, b.place))
	})
	g.walks = make([]int32, len(corners))
	var at []orb.Point
	for i, c := range corners {
		if i == 0 || c.code != corners[i-1].code {
			g.codes, g.points = append(g.codes, c.code), append(g.points, place(c.code))
			at = append(at, given[c.place])
		}
		g.walks[c.place] = int32(len(at) - 1)
	}
	return at
}

func read(ring orb.Ring) ([]point, error) {
	out := make([]point, len(ring))
	for i, p := range ring {
		if p[0] != p[0] || p[1] != p[1] {
			return nil, errors.New("a coordinate is not a number")
		}
		out[i] = project(p)
	}
	return out, nil
}

// within gives the vertices of a box, its border included. It looks for them
// around a vertex that is near. The answer is good until the next call.
func (g *graph) within(low, high point, near int32) []int32 {
	g.found = g.found[:0]
	// Squares as large as the box: it meets two each way at most.
	side := uint(0)
	for max(high.x-low.x, high.y-low.y)>>side != 0 {
		side++
	}
	for y := low.y >> side; y <= high.y>>side; y++ {
		for x := low.x >> side; x <= high.x>>side; x++ {
			square := morton(point{x, y}) << (2 * side)
			from := seek(g.codes, int(near), square)
			to := seek(g.codes, from, square+1<<(2*side))
			g.collect(from, to, side, low, high)
		}
	}
	return g.found
}

// collect takes the vertices of the box out of a run, which is a square.
func (g *graph) collect(from, to int, side uint, low, high point) {
	if to-from > 32 && side > 0 {
		g.quarter(from, to, side-1, low, high)
		return
	}
	for i := from; i < to; i++ {
		if p := g.points[i]; p.x >= low.x && p.x <= high.x && p.y >= low.y && p.y <= high.y {
			g.found = append(g.found, int32(i))
		}
	}
}

func (g *graph) quarter(from, to int, side uint, low, high point) {
	for from < to {
		// The square that the next vertex lies in, and where it ends.
		square := g.codes[from] >> (2 * side)
		n, _ := slices.BinarySearch(g.codes[from:to], (square+1)<<(2*side))
		p := place(square)
		if p.x >= low.x>>side && p.x <= high.x>>side && p.y >= low.y>>side && p.y <= high.y>>side {
			g.collect(from, from+n, side, low, high)
		}
		from += n
	}
}

// seek is the first place in sorted codes that is not below code, looked for
// with growing steps from a place that is near.
func seek(codes []uint64, near int, code uint64) int {
	low, high := near, near // codes below low are smaller, from high on they are not
	for step := 1; high < len(codes) && codes[high] < code; step *= 2 {
		low, high = high+1, min(high+step, len(codes))
	}
	if high == near {
		for step := 1; low > 0 && codes[low-1] >= code; step *= 2 {
			low, high = max(low-step, 0), low-1
		}
	}
	n, _ := slices.BinarySearch(codes[low:high], code)
	return low + n
}

// network lists the neighbours of every vertex, ascending: others from first
// to last.
type network struct {
	first, last []int32
	others      []int32
}

func (n *network) of(v int32) []int32 { return n.others[n.first[v]:n.last[v]] }

func (g *graph) network() *network {
	size := make([]int32, len(g.points)+1)
	for a, b := range g.edges() {
		size[a]++
		size[b]++
	}
	n := &network{first: make([]int32, len(g.points)), last: make([]int32, len(g.points))}
	total := int32(0)
	for v := range n.first {
		n.first[v], n.last[v] = total, total
		total += size[v]
	}
	n.others = make([]int32, total)
	for a, b := range g.edges() {
		n.others[n.last[a]], n.others[n.last[b]] = b, a
		n.last[a]++
		n.last[b]++
	}
	for v := range n.first {
		list := n.of(int32(v))
		slices.Sort(list)
		n.last[v] = n.first[v] + int32(len(slices.Compact(list)))
	}
	return n
}

// edges goes over the edges of all rings, each as often as it is passed.
func (g *graph) edges() iter.Seq2[int32, int32] {
	return func(yield func(int32, int32) bool) {
		for _, walk := range g.walk() {
			a := walk[len(walk)-1]
			for _, b := range walk {
				if a != b && !yield(a, b) {
					return
				}
				a = b
			}
		}
	}
}
