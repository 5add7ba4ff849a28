package tile

import (
	"math/rand/v2"
	"testing"
)

// Squares of a board cut into four triangles each: any choice of triangles
// becomes as many shells as there are groups of triangles that hang together
// by their sides, and as large.
func TestTraceJoinsTriangles(t *testing.T) {
	const board = 4
	type piece struct{ x, y, quarter int } // north, east, south, west
	step := [4][2]int{{0, -1}, {1, 0}, {0, 1}, {-1, 0}}
	rng := rand.New(rand.NewPCG(9, 9))
	for range 2000 {
		taken, apart := map[piece]bool{}, map[piece]bool{}
		var rings [][]point
		for x := range board {
			for y := range board {
				west, north := 2*int64(x), 2*int64(y)
				corners := []point{{west, north}, {west + 2, north}, {west + 2, north + 2}, {west, north + 2}, {west, north}}
				for q := range 4 {
					if p := (piece{x, y, q}); rng.IntN(5) < 3 {
						taken[p], apart[p] = true, true
						rings = append(rings, []point{corners[q], corners[q+1], {west + 1, north + 1}})
					}
				}
			}
		}
		var spread func(p piece)
		spread = func(p piece) {
			if apart[p] {
				delete(apart, p)
				spread(piece{p.x, p.y, (p.quarter + 1) % 4})
				spread(piece{p.x, p.y, (p.quarter + 3) % 4})
				spread(piece{p.x + step[p.quarter][0], p.y + step[p.quarter][1], (p.quarter + 2) % 4})
			}
		}
		groups := 0
		for p := range taken {
			if apart[p] {
				groups++
				spread(p)
			}
		}
		got := arrange(untangled(rings))
		shells := 0
		for _, ring := range got {
			if area2([][]point{ring}) > 0 {
				shells++
			}
		}
		if err := simple(got); err != nil || shells != groups || area2(got) != int64(2*len(taken)) {
			t.Fatalf("%v: %d shells for %d groups in %v, %v", taken, shells, groups, got, err)
		}
		for x := range board {
			for y := range board {
				for q := range 4 {
					at := func(i, axis int) float64 { return 2*float64(i) + 1.01 + 0.7*float64(step[q][axis]) }
					if holds(got, at(x, 0), at(y, 1)) != taken[piece{x, y, q}] {
						t.Fatalf("%v: not so at %d,%d,%d in %v", taken, x, y, q, got)
					}
				}
			}
		}
	}
}
