package tiles

import (
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
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
}

func describeCells() description {
	return description{
		domain.T("网格", "Grid cells"), domain.T("当前网格边界，在办、超期诉求数与待走访数", "boundaries of today, with figures of open and overdue tickets and of visits due"),
		map[string]domain.Text{
			"code": domain.T("String: 网格代码", "String: code of the cell"), "name": domain.T("String: 名称", "String: its name"),
			"kind": domain.T("String: basic、dedicated 或 micro", "String: basic, dedicated or micro"), "community": domain.T("String: 社区代码", "String: code of its community"),
			"open":      domain.T("Number: 在办诉求数，有权查看时给出", "Number: open tickets, where the caller may list them"),
			"overdue":   domain.T("Number: 其中超期的", "Number: those of them past their deadline"),
			"visitsDue": domain.T("Number: 待走访数，含逾期，有权查看时给出", "Number: visits due now, overdue ones too, where the caller may list them"),
		},
	}
}

func describeTickets() description {
	return description{
		domain.T("诉求", "Tickets"), domain.T("在办诉求；重叠的聚合为一点", "open tickets; those that would lie on one another as one point"),
		map[string]domain.Text{
			"count": domain.T("Number: 此点的诉求数", "Number: tickets at this point"), "overdue": domain.T("Number: 其中超期的", "Number: those of them past their deadline"),
			"id": domain.T("String: 编号（仅单件，下同）", "String: id of a single ticket, as all below"), "number": domain.T("String: 受理编号", "String: receipt number"),
			"category": domain.T("String: 类别", "String: category"), "state": domain.T("String: 状态", "String: state"),
			"urgency": domain.T("String: 紧急程度", "String: urgency"), "dueAt": domain.T("String: 办结期限", "String: when it should be resolved, RFC 3339"),
		},
	}
}

// Describe returns a layer's TileJSON, in the language that text picks. Its
// bounds are those of the cells whose figures the actor sees; of all, for who sees none.
// Errors: ErrNotFound, ErrForbidden.
func (s *Tiles) Describe(actor access.Actor, layer string, text func(domain.Text) string) (*TileJSON, error) {
	l, ok := layers[layer]
	if !ok {
		return nil, domain.ErrNotFound
	}
	if !l.gate(actor) {
		return nil, domain.ErrForbidden
	}
	d := l.description()
	fields := make(map[string]string, len(d.fields))
	for name, f := range d.fields {
		fields[name] = text(f)
	}
	var cities []string
	for _, root := range s.areas.Tree().Roots() {
		cities = append(cities, root.Name)
	}
	return &TileJSON{
		TileJSON: "3.0.0", Name: text(d.name), Description: text(d.about), Attribution: strings.Join(cities, "、"), Scheme: "xyz",
		Tiles: []string{s.url + "/tiles/" + layer + "/{z}/{x}/{y}.mvt"}, MaxZoom: deepest, Bounds: s.bounds(actor),
		VectorLayers: []VectorLayer{{ID: layer, Description: text(d.about), MaxZoom: deepest, Fields: fields}},
	}, nil
}

func (s *Tiles) bounds(actor access.Actor) *[4]float64 {
	var scope, all *orb.Bound
	grow := func(b *orb.Bound, by orb.Bound) *orb.Bound {
		if b != nil {
			by = b.Union(by)
		}
		return &by
	}
	for _, c := range s.areas.Map().Cells() {
		all = grow(all, c.Bound())
		if access.SeesFigures(actor, c.Place) {
			scope = grow(scope, c.Bound())
		}
	}
	if scope == nil {
		scope = all
	}
	if scope == nil {
		return nil
	}
	return &[4]float64{scope.Min[0], scope.Min[1], scope.Max[0], scope.Max[1]}
}
