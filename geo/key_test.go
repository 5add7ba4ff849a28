package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// The curve visits every square once, each a neighbour of the one before.
func TestHilbertIsOneCurve(t *testing.T) {
	const side = 64
	at := map[int64][2]uint32{}
	for x := range uint32(side) {
		for y := range uint32(side) {
			at[hilbert(x, y)] = [2]uint32{x, y}
		}
	}
	for k := int64(1); k < side*side; k++ {
		a, here := at[k-1]
		b, there := at[k]
		if dx, dy := int(a[0])-int(b[0]), int(a[1])-int(b[1]); !here || !there || dx*dx+dy*dy != 1 {
			t.Fatalf("key %d is at %v, key %d at %v", k-1, a, k, b)
		}
	}
}

func TestKeyIsBounded(t *testing.T) {
	for _, p := range []orb.Point{{-180, -90}, {180, 90}, {180, -90}, {0, 0}, {500, 900}, {-500, -900},
		{math.NaN(), math.NaN()}, {math.Inf(1), math.Inf(-1)}} {
		if k := Key(p); k < 0 || k >= 1<<(2*keyBits) {
			t.Errorf("Key(%v) = %d", p, k)
		}
	}
	// Two points 5 m apart have different keys.
	if Key(orb.Point{120.7, 31.3}) == Key(orb.Point{120.7 + 5/95000.0, 31.3}) ||
		Key(orb.Point{120.7, 31.3}) == Key(orb.Point{120.7, 31.3 + 5/111000.0}) {
		t.Error("5 m make no difference")
	}
}

func TestRangesCoverTheBox(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	for i := range 2_000 {
		centre := randomIn(rng, world)
		size := math.Pow(10, -5+7*rng.Float64()) // a metre to a continent
		box := orb.Bound{Min: centre, Max: orb.Point{centre[0] + size*rng.Float64(), centre[1] + size*rng.Float64()}}
		limit := 1 + i%40
		ranges := Ranges(box, limit)
		if len(ranges) == 0 || len(ranges) > limit {
			t.Fatalf("%v: %d ranges, at most %d asked", box, len(ranges), limit)
		}
		for j, r := range ranges {
			if r.From > r.To || r.From < 0 || j > 0 && r.From <= ranges[j-1].To {
				t.Fatalf("%v: ranges not sorted and disjoint: %v", box, ranges)
			}
		}
		points := []orb.Point{box.Min, box.Max, box.LeftTop(), box.RightBottom(), box.Center()}
		for range 50 {
			points = append(points, randomIn(rng, box))
		}
		for _, p := range points {
			if !inRanges(ranges, Key(p)) {
				t.Fatalf("%v: the key of %v is in no range of %v", box, p, ranges)
			}
		}
	}
}

func inRanges(ranges []KeyRange, k int64) bool {
	for _, r := range ranges {
		if k >= r.From && k <= r.To {
			return true
		}
	}
	return false
}

// A city-sized box must not drag in much of the world around it.
func TestRangesAreTight(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	around := orb.Bound{Min: orb.Point{119.9, 30.7}, Max: orb.Point{121.4, 32.1}}
	found, inside := 0, 0
	for range 300 {
		corner := randomIn(rng, around)
		box := orb.Bound{Min: corner, Max: orb.Point{corner[0] + 0.05, corner[1] + 0.04}}
		ranges := Ranges(box, 24)
		for range 500 {
			p := randomIn(rng, around)
			if inRanges(ranges, Key(p)) {
				found++
				if box.Contains(p) {
					inside++
				}
			}
		}
	}
	if float64(inside) < 0.7*float64(found) {
		t.Errorf("only %d of %d points found are in the box", inside, found)
	}
}

func TestRangesOddBoxes(t *testing.T) {
	if r := Ranges(orb.Bound{Min: orb.Point{2, 2}, Max: orb.Point{1, 3}}, 8); r != nil {
		t.Errorf("an empty box has %v", r)
	}
	if r := Ranges(orb.Bound{Min: orb.Point{math.NaN(), 2}, Max: orb.Point{1, 3}}, 8); r != nil {
		t.Errorf("not a box has %v", r)
	}
	if r := Ranges(orb.Bound{Min: orb.Point{-999, -999}, Max: orb.Point{999, 999}}, 0); len(r) != 1 || r[0] != (KeyRange{0, 1<<(2*keyBits) - 1}) {
		t.Errorf("the world has %v", r)
	}
}
