package geo

import (
	"math"
	"slices"
)

// tilesPerCell is how many tiles a cell's box has on average: enough for nine
// in ten tiles of a compact cell to lie wholly inside it.
const tilesPerCell = 640

// build lays the raster out and draws the cells on it in their order.
func (l *Locator) build() {
	minX, minY := int64(math.MaxInt64), int64(math.MaxInt64)
	maxX, maxY := int64(math.MinInt64), int64(math.MinInt64)
	area := 0.0
	for i := range l.cells {
		c := &l.cells[i]
		minX, maxX = min(minX, int64(c.minX)), max(maxX, int64(c.maxX))
		minY, maxY = min(minY, int64(c.minY)), max(maxY, int64(c.maxY))
		area += (float64(c.maxX) - float64(c.minX)) * (float64(c.maxY) - float64(c.minY))
	}
	l.originX, l.originY = float64(minX), float64(minY)
	l.spanX, l.spanY = float64(maxX-minX), float64(maxY-minY)

	// Cells far apart have few tiles but many empty blocks between them:
	// coarser tiles then keep the table of blocks to a few megabytes.
	n := float64(len(l.cells))
	side := max(1, math.Sqrt(area/(n*tilesPerCell)))
	for block := side * (1 << blockBits); (l.spanX/block+1)*(l.spanY/block+1) > 1<<20; block *= 2 {
		side *= 2
	}
	l.tile = uint32(math.Ceil(side))
	l.columns = uint32(l.spanX)/l.tile>>blockBits + 1
	rows := uint32(l.spanY)/l.tile>>blockBits + 1
	l.blocks = slices.Repeat([]int32{none}, int(l.columns*rows))

	b := builder{Locator: l, steps: map[step]int32{}, tile: int64(l.tile), originX: minX, originY: minY,
		lastColumn: (maxX - minX) / int64(l.tile), lastRow: (maxY - minY) / int64(l.tile)}
	for position := range l.cells {
		b.draw(int32(position))
	}
	l.tiles, l.lists = slices.Clip(l.tiles), slices.Clip(l.lists)
}

// builder draws cells on the raster of a locator.
type builder struct {
	*Locator
	steps               map[step]int32
	tile                int64
	originX, originY    int64
	lastColumn, lastRow int64
	crossings           []int64
}

// step is a tile's content joined by one more cell; equal contents share one list.
type step struct {
	before, cell int32
	certain      bool
}

func (b *builder) draw(position int32) {
	c := &b.cells[position]
	rings := c.rings()
	for _, ring := range rings {
		for i := 1; i < len(ring); i++ {
			b.edge(position, ring[i-1], ring[i])
		}
	}
	first, last := b.row(int64(c.minY)), b.row(int64(c.maxY))
	for row := first; row <= last; row++ {
		b.fill(position, rings, row)
	}
}

func (b *builder) row(y int64) int64 { return min(max((y-b.originY)/b.tile, 0), b.lastRow) }
func (b *builder) column(x int64) int64 {
	return min(max((x-b.originX)/b.tile, 0), b.lastColumn)
}

// edge marks every tile that the edge passes through, or passes by within a grid unit.
func (b *builder) edge(position int32, a, z vertex) {
	if a.y > z.y {
		a, z = z, a
	}
	ax, ay, zx, zy := int64(a.x), int64(a.y), int64(z.x), int64(z.y)
	for row := b.row(ay - 1); row <= b.row(zy+1); row++ {
		south := b.originY + row*b.tile
		from, to := max(ay, min(south-1, zy)), min(zy, max(south+b.tile, ay))
		x1, x2 := ax, zx
		if zy > ay {
			x1 = ax + (zx-ax)*(from-ay)/(zy-ay)
			x2 = ax + (zx-ax)*(to-ay)/(zy-ay)
		}
		for column := b.column(min(x1, x2) - 2); column <= b.column(max(x1, x2)+2); column++ {
			b.mark(position, column, row, false)
		}
	}
}

// fill marks the tiles of a row that lie wholly inside the cell. The tiles
// the boundary touches are marked already, so the crossings of one line
// through the row tell for all the others.
func (b *builder) fill(position int32, rings [][]vertex, row int64) {
	y := b.originY + row*b.tile + b.tile/2
	b.crossings = b.crossings[:0]
	for _, ring := range rings {
		for i := 1; i < len(ring); i++ {
			p, q := ring[i-1], ring[i]
			if py, qy := int64(p.y), int64(q.y); (py <= y) != (qy <= y) {
				b.crossings = append(b.crossings, int64(p.x)+(int64(q.x)-int64(p.x))*(y-py)/(qy-py))
			}
		}
	}
	slices.Sort(b.crossings)
	for i := 0; i+1 < len(b.crossings); i += 2 {
		for column := b.column(b.crossings[i]); column <= b.column(b.crossings[i+1]); column++ {
			b.mark(position, column, row, true)
		}
	}
}

// mark adds a cell to what a tile holds, unless an earlier cell holds the
// whole tile or the cell's own boundary was marked there.
func (b *builder) mark(position int32, column, row int64, certain bool) {
	tile := b.at(column, row)
	before := *tile
	open := []int32(nil) // the candidates so far
	switch {
	case before >= 0:
		return
	case before < none:
		open = b.lists[listAt(before):]
		n := slices.IndexFunc(open, func(c int32) bool { return c < 0 })
		if open[n] != none || open[n-1] == position {
			return
		}
		open = open[:n]
	case certain:
		*tile = position
		return
	}
	key := step{before, position, certain}
	list, known := b.steps[key]
	if !known {
		list = listAt(int32(len(b.lists)))
		b.lists = append(b.lists, open...)
		if certain {
			b.lists = append(b.lists, listAt(position))
		} else {
			b.lists = append(b.lists, position, none)
		}
		b.steps[key] = list
	}
	*tile = list
}

// at is the tile, its block made if it has none yet.
func (b *builder) at(column, row int64) *int32 {
	block := &b.blocks[row>>blockBits*int64(b.columns)+column>>blockBits]
	if *block == none {
		*block = int32(len(b.tiles))
		b.tiles = append(b.tiles, emptyBlock[:]...)
	}
	return &b.tiles[int64(*block)+(row&blockMask)<<blockBits+column&blockMask]
}

var emptyBlock = func() (tiles [blockSize]int32) {
	for i := range tiles {
		tiles[i] = none
	}
	return tiles
}()
