package area

import (
	"maps"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

// Map is a snapshot of all cells with their geometry and staff. It never
// changes; neither may the cells it returns.
type Map struct {
	streets map[string]*street // by id
	sorted  []*Cell            // by code
	byID    map[string]*Cell
	byCode  map[string]*Cell
	retired map[string]*Cell // by code
	former  map[string]*Cell // the same, by id
	located []*Cell          // what locator's indexes mean
	locator *geo.Locator

	superseded chan struct{} // closed once Areas has a later one
}

// street is the cells of one street as of a version of its coverage.
type street struct {
	version int64
	cells   []*Cell
	retired map[string]*Cell // by code; without geometry
}

// Spot is what the map knows of a position.
type Spot struct {
	Place    access.Place
	Cell     *Cell  // nil outside every cell
	Street   string // id
	Coverage int64  // version of the street's coverage that this was found in
}

// Boundary is the id of the boundary that the spot lies in; "" outside every cell.
func (s Spot) Boundary() string {
	if s.Cell == nil {
		return ""
	}
	return s.Cell.Boundary
}

// Observe counts the coverage that the spot was found in as read, so that the
// update reruns when the cells changed since. Its fn must then ask the map
// anew; see Areas.Refresh.
func (s Spot) Observe(tx *store.Tx) { store.Observe(tx, coverages, s.Street, s.Coverage) }

// ranks of the kinds that positions are located in: of two that hold a
// position the lower goes first. What a micro cell holds, its basic one does too.
var ranks = map[Kind]int{Dedicated: 0, Basic: 1}

func newMap(streets map[string]*street) (*Map, error) {
	m := &Map{streets: streets, byID: map[string]*Cell{}, byCode: map[string]*Cell{}, retired: map[string]*Cell{}, former: map[string]*Cell{}, superseded: make(chan struct{})}
	for _, s := range streets {
		m.sorted = append(m.sorted, s.cells...)
		for code, c := range s.retired {
			m.retired[code], m.former[c.ID] = c, c
		}
	}
	slices.SortFunc(m.sorted, func(a, b *Cell) int { return strings.Compare(a.Code, b.Code) })
	var shapes []geo.Shape
	for _, c := range m.sorted {
		m.byID[c.ID], m.byCode[c.Code] = c, c
		if rank, ok := ranks[c.Kind]; ok {
			shapes = append(shapes, geo.Shape{Code: c.Code, Rank: rank, Geometry: c.Geometry})
			m.located = append(m.located, c)
		}
	}
	var err error
	m.locator, err = geo.NewLocator(shapes)
	return m, err
}

// Superseded is closed as soon as there is a later map.
func (m *Map) Superseded() <-chan struct{} { return m.superseded }

// ByID returns the cell with the id.
func (m *Map) ByID(id string) (*Cell, bool) {
	c, ok := m.byID[id]
	return c, ok
}

// ByCode returns the cell with the code.
func (m *Map) ByCode(code string) (*Cell, bool) {
	c, ok := m.byCode[code]
	return c, ok
}

// EverByID returns the cell with the id, also one that is retired and has no geometry.
func (m *Map) EverByID(id string) (*Cell, bool) { return either(m.byID, m.former, id) }

// EverByCode returns the cell with the code, also one that is retired and has no geometry.
func (m *Map) EverByCode(code string) (*Cell, bool) { return either(m.byCode, m.retired, code) }

func either(now, former map[string]*Cell, key string) (*Cell, bool) {
	if c, ok := now[key]; ok {
		return c, true
	}
	c, ok := former[key]
	return c, ok
}

// EverIn returns the ids of the cells that a community of a street has or had,
// sorted: a cell's code says which community it is in, for good.
func (m *Map) EverIn(street, community string) []string {
	var out []string
	if s := m.streets[street]; s != nil {
		for _, c := range append(slices.Collect(maps.Values(s.retired)), s.cells...) {
			if c.Place.Community == community {
				out = append(out, c.ID)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Cells returns all cells, by code.
func (m *Map) Cells() []*Cell { return m.sorted }

// Locate returns the cell that a WGS-84 position belongs to: the dedicated
// one, else the basic one. It allocates nothing.
func (m *Map) Locate(p orb.Point) (Spot, bool) {
	i, ok := m.locator.Locate(p)
	if !ok {
		return Spot{}, false
	}
	return m.spot(m.located[i]), true
}

// Nearest returns the cell nearest to a position and how far it is; the zero Spot where there are no cells.
func (m *Map) Nearest(p orb.Point) (Spot, float64) {
	i, metres := m.locator.Nearest(p)
	if i < 0 {
		return Spot{}, metres
	}
	return m.spot(m.located[i]), metres
}

func (m *Map) spot(c *Cell) Spot {
	return Spot{Place: c.Place, Cell: c, Street: c.Partition, Coverage: m.streets[c.Partition].version}
}
