package geo

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// gridPerDegree is the resolution of located coordinates: points and vertices
// are rounded to 1e-7 degrees, about a centimetre, and every decision after
// that is made in integers.
const gridPerDegree = 1e7

// Snap rounds a point to the grid that cells are located on.
func Snap(p orb.Point) orb.Point {
	x, y := snap(p)
	return orb.Point{x / gridPerDegree, y / gridPerDegree}
}

// snap gives the grid coordinates as whole floats, exact as integers.
func snap(p orb.Point) (x, y float64) {
	return math.Floor(p[0]*gridPerDegree + 0.5), math.Floor(p[1]*gridPerDegree + 0.5)
}

// Shape is one cell of a coverage. Where shapes overlap the lower Rank goes
// first (dedicated 0, basic 1), then the lower Code. Rings may wind either
// way; the polygons of one shape must not overlap each other.
type Shape struct {
	Code     string
	Rank     int
	Geometry orb.MultiPolygon
}

// Locator finds the cell of a point. It never changes once built, so that any
// number of goroutines may use it without a lock.
//
// Cells are half-open: of two cells that share an edge or a corner with
// identical vertices, a point on it belongs to exactly one, as it would if it
// lay a hair further east and a hair of that further north. At the border of
// the coverage such a point therefore belongs to one cell or to none.
//
// A raster of square tiles answers for most points: a tile inside one cell
// names it. A tile that a boundary touches names the candidates in their
// order, each decided by an exact crossing test.
type Locator struct {
	order []int32 // position by precedence → index of the caller's shape
	cells []chain // by position

	originX, originY float64 // south-west corner, in grid units
	spanX, spanY     float64 // furthest offset from it that any vertex has
	tile             uint32  // side of a tile in grid units
	columns          uint32  // blocks in a row of blocks
	blocks           []int32 // offset of the block's tiles, or none
	tiles            []int32 // a position, none, or a list as listAt tells
	lists            []int32 // candidate positions, each list ended by none or a certain cell
}

// none marks a tile that no cell touches, a block without tiles, and the end
// of a list behind which there is nothing.
const none = -1

// listAt turns a tile below none into the offset of its list, and the end of
// a list below none into the position of the cell that holds the whole tile.
func listAt(t int32) int32 { return -2 - t }

// Tiles come in square blocks of 16 × 16, made only where there are cells.
const (
	blockBits = 4
	blockMask = 1<<blockBits - 1
	blockSize = 1 << (2 * blockBits)
)

// NewLocator builds the index, in about 2.5 kB of memory a cell. It refuses
// shapes without rings, open or short rings, coordinates off the globe, and
// shapes wider than half of it.
func NewLocator(shapes []Shape) (*Locator, error) {
	l := &Locator{order: make([]int32, len(shapes)), cells: make([]chain, len(shapes))}
	for i := range shapes {
		l.order[i] = int32(i)
	}
	slices.SortStableFunc(l.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(shapes[a].Rank, shapes[b].Rank), cmp.Compare(shapes[a].Code, shapes[b].Code))
	})
	for position, index := range l.order {
		c, err := newChain(shapes[index].Geometry)
		if err != nil {
			return nil, fmt.Errorf("cell %q: %w", shapes[index].Code, err)
		}
		l.cells[position] = c
	}
	if len(shapes) > 0 {
		l.build()
	}
	return l, nil
}

// Locate returns the index of the shape that p belongs to. It allocates nothing.
func (l *Locator) Locate(p orb.Point) (index int, ok bool) {
	x, y := snap(p)
	dx, dy := x-l.originX, y-l.originY
	if len(l.blocks) == 0 || !(dx >= 0 && dx <= l.spanX && dy >= 0 && dy <= l.spanY) {
		return -1, false
	}
	column, row := uint32(dx)/l.tile, uint32(dy)/l.tile
	block := l.blocks[row>>blockBits*l.columns+column>>blockBits]
	if block == none {
		return -1, false
	}
	t := l.tiles[uint32(block)+(row&blockMask)<<blockBits+column&blockMask]
	if t < none {
		t = l.decide(l.lists[listAt(t):], int64(x), int64(y))
	}
	if t == none {
		return -1, false
	}
	return int(l.order[t]), true
}

// decide returns the first candidate of a list that holds the grid point, or none.
func (l *Locator) decide(list []int32, x, y int64) int32 {
	for _, c := range list {
		switch {
		case c == none:
			return none
		case c < none:
			return listAt(c)
		case l.cells[c].contains(x, y):
			return c
		}
	}
	return none
}

// Nearest returns the shape closest to p and its distance in metres: the
// shape that holds p, at 0, or else the one with the nearest boundary. It
// looks at the box of every cell, and is exact to a per cent up to some 100 km.
// Without shapes, or for a point that is not finite, the index is -1.
func (l *Locator) Nearest(p orb.Point) (index int, metres float64) {
	if i, ok := l.Locate(p); ok {
		return i, 0
	}
	east, north := metresPerDegree(p[1])
	plane := plane{p[0] * gridPerDegree, p[1] * gridPerDegree, east / gridPerDegree, north / gridPerDegree}
	index, metres = -1, math.Inf(1)
	for position := range l.cells {
		if c := &l.cells[position]; plane.toBox(c) < metres {
			if d := plane.toChain(c); d < metres {
				index, metres = int(l.order[position]), d
			}
		}
	}
	return index, metres
}

// plane measures metres from a point given in grid units.
type plane struct{ x, y, east, north float64 }

func (o plane) toBox(c *chain) float64 {
	dx := max(float64(c.minX)-o.x, o.x-float64(c.maxX), 0)
	dy := max(float64(c.minY)-o.y, o.y-float64(c.maxY), 0)
	return math.Hypot(dx*o.east, dy*o.north)
}

// toChain ignores the edges that only tie one ring of the chain to another.
func (o plane) toChain(c *chain) float64 {
	best := math.Inf(1)
	for _, ring := range c.rings() {
		ax, ay := o.metres(ring[0])
		for _, v := range ring[1:] {
			bx, by := o.metres(v)
			dx, dy := bx-ax, by-ay
			t := 0.0
			if length := dx*dx + dy*dy; length > 0 {
				t = min(max(-(ax*dx+ay*dy)/length, 0), 1)
			}
			best = min(best, math.Hypot(ax+t*dx, ay+t*dy))
			ax, ay = bx, by
		}
	}
	return best
}

func (o plane) metres(v vertex) (x, y float64) {
	return (float64(v.x) - o.x) * o.east, (float64(v.y) - o.y) * o.north
}
