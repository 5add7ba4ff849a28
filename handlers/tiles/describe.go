package tiles

import (
	"context"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
)

// deepest is the zoom up to which clients fetch tiles, and from which on they
// enlarge them: 4096 units a tile are 13 cm each there, at 31° north.
const deepest = 16

// TileJSON describes a layer (https://github.com/mapbox/tilejson-spec/tree/master/3.0.0).
type TileJSON struct {
	TileJSON     string        `json:"tilejson"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Attribution  string        `json:"attribution,omitempty"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       *[4]float64   `json:"bounds,omitempty"` // west, south, east, north
	Center       *[3]float64   `json:"center,omitempty"` // lon, lat, zoom to begin with
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// VectorLayer is a layer in the tiles.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"` // property to type and meaning
}

// description is what a layer says of itself.
type description struct {
	name, about domain.Text
	fields      map[string]domain.Text
	from        int    // the zoom before which nothing is in it
	whose       string // whose the data are; "": the cities'
}

func (*Tiles) describeCells() description {
	return description{
		name: domain.T("网格", "Grid cells"), about: domain.T("当前网格边界，诉求、走访与户数", "boundaries of today, with figures of tickets, visits and households"),
		fields: figureFields(map[string]domain.Text{
			"code": domain.T("String: 网格代码", "String: code of the cell"), "name": domain.T("String: 名称", "String: its name"),
			"kind": domain.T("String: basic、dedicated 或 micro", "String: basic, dedicated or micro"), "community": domain.T("String: 社区代码", "String: code of its community"),
			"street": domain.T("String: 街道代码", "String: code of its street"),
		}),
	}
}

func (*Tiles) describeTickets() description {
	return description{
		name: domain.T("诉求", "Tickets"), about: domain.T("在办诉求；重叠的聚合为一点", "open tickets; those that would lie on one another as one point"),
		fields: map[string]domain.Text{
			"count": domain.T("Number: 此点的诉求数", "Number: tickets at this point"), "overdue": domain.T("Number: 其中超期的", "Number: those of them past their deadline"),
			"state_…":    domain.T("Number: 其中各状态的件数，如 state_reported（仅多件，没有的不给出）", "Number: those in each state, as state_reported (of several tickets; absent where there are none)"),
			"category_…": domain.T("Number: 其中各类别的件数，如 category_noise", "Number: those of each category, as category_noise"),
			"id":         domain.T("String: 编号（仅单件，下同）", "String: id of a single ticket, as all below"), "number": domain.T("String: 受理编号", "String: receipt number"),
			"category": domain.T("String: 类别", "String: category"), "state": domain.T("String: 状态", "String: state"),
			"urgency": domain.T("String: 紧急程度", "String: urgency"), "dueAt": domain.T("String: 办结期限", "String: when it should be resolved, RFC 3339"),
		},
	}
}

// Describe returns the TileJSON of a request's layer, in the language that text
// picks; its tiles are asked for with this query, "" for none. Errors: ErrNotFound, ErrForbidden.
func (s *Tiles) Describe(ctx context.Context, q Request, query string, text func(domain.Text) string) (*TileJSON, error) {
	layer, actor := q.Layer, q.Actor
	l, ok := layers[layer]
	if !ok {
		return nil, domain.ErrNotFound
	}
	if !l.gate(actor) {
		return nil, domain.ErrForbidden
	}
	cells := s.areas.Map().Cells()
	if !q.At.IsZero() {
		d, err := s.drawingAt(ctx, q)
		if err != nil {
			return nil, err
		}
		cells = d.cells
	}
	return s.describe(actor, layer, l, "/tiles/"+layer+eachTile+query, cells, text), nil
}

// eachTile follows the path of a layer.
const eachTile = "/{z}/{x}/{y}.mvt"

// describe is the TileJSON of a layer over cells whose tiles are at a path, for an actor who has a part in it.
func (s *Tiles) describe(actor access.Actor, name string, l layer, path string, cells []*area.Cell, text func(domain.Text) string) *TileJSON {
	d := l.description(s)
	fields := make(map[string]string, len(d.fields))
	for name, f := range d.fields {
		fields[name] = text(f)
	}
	whose := d.whose
	if whose == "" {
		var cities []string
		for _, root := range s.areas.Tree().Roots() {
			cities = append(cities, root.Name)
		}
		whose = strings.Join(cities, "、")
	}
	out := &TileJSON{
		TileJSON: "3.0.0", Name: text(d.name), Description: text(d.about), Attribution: whose, Scheme: "xyz",
		Tiles: []string{s.url + path}, MinZoom: d.from, MaxZoom: deepest,
		VectorLayers: []VectorLayer{{ID: name, Description: text(d.about), MinZoom: d.from, MaxZoom: deepest, Fields: fields}},
	}
	extent(cells, actor, out, l.beyond)
	return out
}

// extent sets the bounds, which are those of all cells and what may lie so
// many metres beyond them: outside of them a map asks for no tile. It begins
// with the cells whose figures the actor sees; with all, for who sees none.
func extent(cells []*area.Cell, actor access.Actor, out *TileJSON, beyond float64) {
	var scope, all *orb.Bound
	grow := func(b *orb.Bound, by orb.Bound) *orb.Bound {
		if b != nil {
			by = b.Union(by)
		}
		return &by
	}
	for _, c := range cells {
		all = grow(all, c.Bound())
		if access.SeesFigures(actor, c.Place) {
			scope = grow(scope, c.Bound())
		}
	}
	if all == nil {
		return
	}
	if scope == nil {
		scope = all
	}
	reach := *all
	if beyond > 0 {
		reach = geo.BoundPad(reach, beyond)
	}
	out.Bounds = &[4]float64{reach.Min[0], reach.Min[1], reach.Max[0], reach.Max[1]}
	middle := scope.Center()
	out.Center = &[3]float64{middle[0], middle[1], zoomFor(*scope)}
}

// zoomFor is the deepest zoom at which a box is no larger than a tile.
func zoomFor(box orb.Bound) float64 {
	width, height := box.Max[0]-box.Min[0], (box.Max[1]-box.Min[1])/math.Cos(box.Center()[1]*math.Pi/180) // in degrees of longitude
	return min(math.Floor(math.Log2(360/max(width, height))), deepest)
}
