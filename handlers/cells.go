package handlers

import (
	"math"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// cellOut is a cell with its boundary, in the datum asked for.
type cellOut struct {
	cellFacts
	BBox     [4]float64  `json:"bbox"` // west, south, east, north
	Geometry geometryOut `json:"geometry"`
}

// cellFacts is all of a cell but its shape.
type cellFacts struct {
	Code      string           `json:"code"`
	Name      string           `json:"name"`
	Kind      area.Kind        `json:"kind"`
	Community *namedOut        `json:"community"`
	Centre    *web.PositionOut `json:"centre"`
	AreaM2    float64          `json:"areaM2"`
	Boundary  boundaryRef      `json:"boundary"`
	Staff     *[]postOut       `json:"staff,omitempty"` // shown to staff
	Covers    *[]coverOut      `json:"covers,omitempty"`
	Version   int64            `json:"version"`
	Place     *placeOut        `json:"place,omitempty"` // of /v1/cells/at
}

type boundaryRef struct {
	ID        string    `json:"id"`
	ValidFrom wire.Time `json:"validFrom"`
}

type postOut struct {
	Account orgRefOut  `json:"account"`
	Role    postRole   `json:"role"`
	From    *wire.Time `json:"from"`
	Until   *wire.Time `json:"until"`

	Published *contactOut `json:"published"` // null: the public does not see the post
}

// contactOut is how somebody is reached, as it is published.
type contactOut struct {
	Name  *string `json:"name"`
	Phone *string `json:"phone"`
	Hours *string `json:"hours"`
}

func contactTo(c area.Contact) *contactOut {
	return &contactOut{optional(c.Name), optional(c.Phone), optional(c.Hours)}
}

type coverOut struct {
	Account orgRefOut  `json:"account"`
	For     orgRefOut  `json:"for"`
	From    *wire.Time `json:"from"`
	Until   *wire.Time `json:"until"`
}

// geometryOut is a boundary as GeoJSON (RFC 7946).
type geometryOut struct {
	Type        string           `json:"type"`
	Coordinates orb.MultiPolygon `json:"coordinates"`
}

// featureOut is a cell as GeoJSON.
type featureOut struct {
	Type       string      `json:"type"`
	ID         string      `json:"id"`
	BBox       [4]float64  `json:"bbox"`
	Geometry   geometryOut `json:"geometry"`
	Properties cellFacts   `json:"properties"`
}

type boundaryOut struct {
	ID        string      `json:"id"`
	ValidFrom wire.Time   `json:"validFrom"`
	ValidTo   *wire.Time  `json:"validTo"`
	AreaM2    float64     `json:"areaM2"`
	Geometry  geometryOut `json:"geometry"`
}

// shape renders a boundary in a datum, to about a centimetre.
func shape(g orb.MultiPolygon, d geo.Datum) (geometryOut, [4]float64) {
	g = g.Clone()
	for _, polygon := range g {
		for _, ring := range polygon {
			for i, p := range ring {
				ring[i] = geo.Snap(geo.FromWGS84(p, d))
			}
		}
	}
	b := g.Bound()
	return geometryOut{"MultiPolygon", g}, [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
}

// staffOf names the people of cells.
func (r *apiRequest) staffOf(cells []*area.Cell) (named func(account string) orgRefOut, err error) {
	people := map[string]bool{}
	for _, c := range cells {
		for _, p := range c.Posts {
			people[p.Account] = true
		}
		for _, v := range c.Covers {
			people[v.Account], people[v.For] = true, true
		}
	}
	n, err := r.peopleOf(people)
	if err != nil {
		return nil, err
	}
	return func(id string) orgRefOut { return orgRefOut{id, n.people[id].Name} }, nil
}

// cellOut renders a cell, with the names of its people for who may see them.
func (r *apiRequest) cellOut(c *area.Cell, d geo.Datum, named func(string) orgRefOut) cellOut {
	out := cellOut{cellFacts: cellFacts{
		Code: c.Code, Name: c.Name, Kind: c.Kind, Community: r.placeOut(c.Place).Community, Centre: web.PositionTo(c.Centre, d, nil),
		AreaM2: math.Round(c.AreaM2*10) / 10, Boundary: boundaryRef{c.Boundary, wire.Time(c.Since)}, Version: c.Version,
	}}
	out.Geometry, out.BBox = shape(c.Geometry, d)
	if !access.SeesStaff(r.Actor) {
		return out
	}
	staff, covers := []postOut{}, []coverOut{}
	for _, p := range c.Posts {
		post := postOut{Account: named(p.Account), Role: postWords[p.Role], From: (*wire.Time)(optional(p.From)), Until: (*wire.Time)(optional(p.Until))}
		if !p.Published.IsZero() {
			post.Published = contactTo(p.Published)
		}
		staff = append(staff, post)
	}
	for _, v := range c.Covers {
		covers = append(covers, coverOut{named(v.Account), named(v.For), (*wire.Time)(optional(v.From)), (*wire.Time)(optional(v.Until))})
	}
	out.Staff, out.Covers = &staff, &covers
	return out
}

func (c cellOut) feature() featureOut {
	return featureOut{"Feature", c.Code, c.BBox, c.Geometry, c.cellFacts}
}

// wantsGeoJSON reports whether the caller prefers GeoJSON to plain JSON.
func (r *apiRequest) wantsGeoJSON() bool {
	return strings.Contains(r.Header("Accept"), web.GeoJSON)
}

func listCells(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	q := area.CellQuery{Area: r.Query.Get("area"), Kind: area.Kind(r.Query.Get("kind")), Limit: limit, Cursor: cursor}
	if box, given, err := r.BBox(d); err != nil {
		return nil, err
	} else if given {
		q.BBox = &box
	}
	at, err := r.Instant("at")
	if err != nil {
		return nil, err
	}
	var found []*area.Cell
	var next string
	if at.IsZero() {
		found, next, err = r.Areas.Cells(r.Actor, q)
	} else {
		q.At = &at
		found, next, err = r.Areas.CellsAt(r.Ctx, q)
	}
	if err != nil {
		return nil, err
	}
	named, err := r.staffOf(found)
	if err != nil {
		return nil, err
	}
	if !r.wantsGeoJSON() {
		return web.Items(`{"items":`, mapEach(found, func(c *area.Cell) cellOut { return r.cellOut(c, d, named) }), next), nil
	}
	out := web.Items(`{"type":"FeatureCollection","features":`, mapEach(found, func(c *area.Cell) featureOut { return r.cellOut(c, d, named).feature() }), next)
	out.ContentType = web.GeoJSON
	return out, nil
}

func getCell(r *apiRequest) (*web.Reply, error) {
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	var at *time.Time
	if t, err := r.Instant("at"); err != nil {
		return nil, err
	} else if !t.IsZero() {
		at = &t
	}
	c, err := r.Areas.CellByCode(r.Ctx, r.Actor, r.Param("code"), at)
	if err != nil {
		return nil, err
	}
	if c.Ended != "" && at == nil { // what it was, the boundaries and the time tell
		return nil, domain.ErrNotFound
	}
	return r.cellReply(c, d)
}

func (r *apiRequest) cellReply(c *area.Cell, d geo.Datum) (*web.Reply, error) {
	named, err := r.staffOf([]*area.Cell{c})
	if err != nil {
		return nil, err
	}
	out := r.cellOut(c, d, named)
	if r.wantsGeoJSON() {
		return &web.Reply{Status: 200, Body: out.feature(), Version: c.Version, ContentType: web.GeoJSON}, nil
	}
	return web.Versioned(out, c.Version), nil
}

func listBoundaries(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	versions, next, err := r.Areas.BoundaryPage(r.Ctx, r.Param("code"), limit, cursor)
	if err != nil {
		return nil, err
	}
	items := make([]boundaryOut, len(versions))
	for i, b := range versions {
		g, _ := shape(b.Geometry, d)
		items[i] = boundaryOut{b.ID, wire.Time(b.ValidFrom), (*wire.Time)(optional(b.ValidTo)), math.Round(b.AreaM2*10) / 10, g}
	}
	return web.Listed(items, next), nil
}
