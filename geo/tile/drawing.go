package tile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// deepest is the last zoom that geometry is kept for; its unit is 4 cm wide at
// the equator. Deeper zooms show the same, larger.
const deepest = 18

// Shape is what is drawn: a WGS-84 geometry and the number of its feature.
type Shape struct {
	ID       uint64
	Geometry orb.MultiPolygon
}

// Drawing is a set of shapes ready to be put into tiles. It never changes.
type Drawing struct {
	ids    []uint64
	boxes  []box // of the shapes, in units of the deepest zoom
	levels [deepest + 1]level
}

type box struct{ minX, minY, maxX, maxY int32 }

// level holds what a zoom shows of each shape, as commands that begin at the
// north-western corner of the shape's box at that zoom: nothing where the
// shape has vanished.
type level struct {
	starts []uint32
	data   []byte
}

// Draw prepares shapes for all zooms, lines that shapes share once for all of
// them: neighbours have the same line between them in every tile, and cells
// that cover an area show it without gaps or overlaps. Vertices of one shape
// within 3 cm of an edge of another count as on it. Shapes may overlap too, as
// a park and the cells it lies over. Between two drawings nothing is shared, so
// shapes that touch belong in one.
//
// What becomes narrower than a unit, an eighth of a pixel, vanishes,
// and its neighbours have the place; so a drawing that is itself so small at a
// zoom vanishes there.
//
// Coordinates that web mercator does not show, beyond 85.05° north and south,
// count as its border. The errors are two shapes with one id and a coordinate
// that is not a number.
func Draw(shapes []Shape) (*Drawing, error) {
	d := &Drawing{ids: make([]uint64, len(shapes)), boxes: make([]box, len(shapes))}
	known := make(map[uint64]bool, len(shapes))
	for i, s := range shapes {
		if known[s.ID] {
			return nil, fmt.Errorf("two shapes have the id %d", s.ID)
		}
		known[s.ID], d.ids[i] = true, s.ID
	}
	g, at, err := newGraph(shapes)
	if err != nil {
		return nil, err
	}
	g.node(at)
	for z := deepest; z >= 0; z-- {
		g.round()
		if z == deepest {
			d.measure(g)
		}
		g.simplify()
		d.levels[z] = d.level(g, z)
	}
	return d, nil
}

// measure takes the boxes of the shapes.
func (d *Drawing) measure(g *graph) {
	for i := range d.boxes {
		d.boxes[i] = box{math.MaxInt32, math.MaxInt32, -1, -1}
	}
	for shape, walk := range g.walk() {
		b := &d.boxes[shape]
		for _, v := range walk {
			x, y := int32(g.points[v].x), int32(g.points[v].y)
			*b = box{min(b.minX, x), min(b.minY, y), max(b.maxX, x), max(b.maxY, y)}
		}
	}
}

// level encodes what a zoom shows.
func (d *Drawing) level(g *graph, z int) level {
	l := level{starts: make([]uint32, len(d.ids)+1)}
	var rings [][]point
	for i, r := range g.rings {
		start := int32(0)
		if i > 0 {
			start = g.rings[i-1].end
		}
		points := make([]point, 0, r.end-start)
		for _, v := range g.walks[start:r.end] {
			points = append(points, g.points[v])
		}
		rings = append(rings, points)
		if i+1 < len(g.rings) && g.rings[i+1].shape == r.shape {
			continue
		}
		l.data = appendRings(l.data, arrange(rings), d.boxes[r.shape].corner(z))
		l.starts[r.shape+1] = uint32(len(l.data))
		rings = rings[:0]
	}
	for i := range d.ids {
		l.starts[i+1] = max(l.starts[i+1], l.starts[i]) // zero for a shape without rings
	}
	l.data = slices.Clone(l.data) // to its size
	return l
}

// corner is the north-western corner at a zoom.
func (b box) corner(z int) point {
	return point{int64(b.minX) >> (deepest - z), int64(b.minY) >> (deepest - z)}
}

func (l *level) of(shape int) []byte { return l.data[l.starts[shape]:l.starts[shape+1]] }

// Intersecting lists the shapes whose box intersects the tile and the strip around it
// that tiles show too, in the order they were drawn in.
func (d *Drawing) Intersecting(t ID) []int {
	v := d.view(t)
	var out []int
	for i, b := range d.boxes {
		if v.sideOf(b) != apart {
			out = append(out, i)
		}
	}
	return out
}

// view is a drawing as seen by a tile.
type view struct {
	drawing *Drawing
	zoom    int   // whose geometry is shown
	up      int   // how often that is doubled
	origin  point // of the tile, in units of zoom
	// What the tile shows, in units of the deepest zoom: from here, to but
	// not including there.
	from, to point
}

func (d *Drawing) view(t ID) view {
	v := view{drawing: d, zoom: min(int(t.Z), deepest)}
	v.up = int(t.Z) - v.zoom
	const size, rim = Extent, buffer
	v.origin = point{int64(t.X) * size >> v.up, int64(t.Y) * size >> v.up}
	down := deepest - v.zoom
	near, far := int64(rim)>>v.up, int64(size+rim)>>v.up+1
	v.from = point{(v.origin.x - near) << down, (v.origin.y - near) << down}
	v.to = point{(v.origin.x + far) << down, (v.origin.y + far) << down}
	return v
}

// side says how a shape lies to what a tile shows.
type side int

const (
	apart side = iota
	across
	within
)

func (v *view) sideOf(b box) side {
	minX, minY, maxX, maxY := int64(b.minX), int64(b.minY), int64(b.maxX), int64(b.maxY)
	switch {
	case maxX < v.from.x || maxY < v.from.y || minX >= v.to.x || minY >= v.to.y:
		return apart
	case minX >= v.from.x && minY >= v.from.y && maxX < v.to.x && maxY < v.to.y:
		return within
	}
	return across
}

// append writes the commands of a shape in the tile.
func (v *view) append(to []byte, shape int, s side, c *cutter) []byte {
	data := v.drawing.levels[v.zoom].of(shape)
	if len(data) == 0 {
		return to
	}
	corner := v.drawing.boxes[shape].corner(v.zoom)
	corner.x, corner.y = corner.x-v.origin.x, corner.y-v.origin.y
	if s == within && v.up == 0 {
		x, n := binary.Uvarint(data[1:])
		y, m := binary.Uvarint(data[1+n:])
		to = appendPoint(append(to, moveToOne), point{corner.x + unzigzag(x), corner.y + unzigzag(y)})
		return append(to, data[1+n+m:]...)
	}
	c.rings, c.points = readRings(data, corner, c.rings[:0], c.points[:0])
	for _, ring := range c.rings {
		for i, p := range ring {
			ring[i] = point{p.x << v.up, p.y << v.up}
		}
	}
	return appendRings(to, c.cut(c.rings), point{})
}
