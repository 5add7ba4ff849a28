package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// keyBits is the number of bits a key spends on each axis. The squares of the
// curve are then 2.4 m wide at the equator and 1.2 m high, and a key has 48
// bits, so that it survives being read as a floating-point number.
const keyBits = 24

// KeyRange is a run of keys, both ends included.
type KeyRange struct{ From, To int64 }

// Key is the place of p along a Hilbert curve over the world: never negative,
// and close for points that are close. Coordinates beyond the world count as
// its border.
func Key(p orb.Point) int64 { return hilbert(square(p)) }

// square is the square of the curve that p lies in.
func square(p orb.Point) (x, y uint32) {
	axis := func(v, from, length float64) uint32 {
		const squares = 1 << keyBits
		v = (v - from) / length * squares
		if !(v > 0) { // not-a-number too
			return 0
		}
		return uint32(math.Min(v, squares-1))
	}
	return axis(p[0], -180, 360), axis(p[1], -90, 180)
}

func hilbert(x, y uint32) int64 {
	var key int64
	for bit := keyBits - 1; bit >= 0; bit-- {
		rx, ry := x>>bit&1, y>>bit&1
		key = key<<2 | int64(3*rx^ry)
		if ry == 0 { // turn the quadrant to the curve's base position
			if rx == 1 {
				x, y = ^x, ^y
			}
			x, y = y, x
		}
	}
	return key
}

// Ranges returns at most limit ranges (and never fewer than one), sorted and
// disjoint, that hold the key of every point of the box, its border included.
// They hold keys from outside the box too, more so when limit is small: filter
// what they find. A box whose minimum exceeds its maximum is empty: no ranges.
func Ranges(box orb.Bound, limit int) []KeyRange {
	if !(box.Min[0] <= box.Max[0] && box.Min[1] <= box.Max[1]) {
		return nil
	}
	var w keyWalk
	w.minX, w.minY = square(box.Min)
	w.maxX, w.maxY = square(box.Max)
	// Down to a 32nd of the longer side the blocks follow the box closely
	// enough, and their number stays in the low hundreds.
	for w.smallest = 1; w.smallest<<5 <= max(w.maxX-w.minX, w.maxY-w.minY); w.smallest <<= 1 {
	}
	w.block(0, 0, 1<<keyBits)
	return coarsen(w.found, max(limit, 1))
}

// keyWalk collects the blocks of the curve that touch a box.
type keyWalk struct {
	minX, minY, maxX, maxY uint32
	smallest               uint32 // side of the blocks no longer divided
	found                  []KeyRange
}

func (w *keyWalk) block(x, y, side uint32) {
	endX, endY := x+side-1, y+side-1
	if x > w.maxX || y > w.maxY || endX < w.minX || endY < w.minY {
		return
	}
	inside := x >= w.minX && y >= w.minY && endX <= w.maxX && endY <= w.maxY
	if inside || side <= w.smallest {
		// A block is one run of the curve, aligned to its size.
		keys := int64(side) * int64(side)
		from := hilbert(x, y) &^ (keys - 1)
		w.found = append(w.found, KeyRange{from, from + keys - 1})
		return
	}
	half := side / 2
	w.block(x, y, half)
	w.block(x+half, y, half)
	w.block(x, y+half, half)
	w.block(x+half, y+half, half)
}

// coarsen sorts the ranges and joins neighbours until at most limit are left,
// the ones with the smallest gaps first.
func coarsen(ranges []KeyRange, limit int) []KeyRange {
	slices.SortFunc(ranges, func(a, b KeyRange) int { return cmp.Compare(a.From, b.From) })
	gaps := make([]int64, 0, len(ranges))
	for i := 1; i < len(ranges); i++ {
		gaps = append(gaps, ranges[i].From-ranges[i-1].To-1)
	}
	slices.SortFunc(gaps, func(a, b int64) int { return cmp.Compare(b, a) })
	joined := int64(0) // gaps up to this size are closed
	if len(gaps) >= limit {
		joined = gaps[limit-1]
	}
	out := ranges[:1]
	for _, r := range ranges[1:] {
		if last := &out[len(out)-1]; r.From-last.To-1 <= joined {
			last.To = r.To
		} else {
			out = append(out, r)
		}
	}
	return out
}
