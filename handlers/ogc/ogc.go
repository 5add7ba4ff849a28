// Package ogc answers OGC API - Features - Part 1: Core (OGC 17-069r4, version
// 1.0.1) with the classes core, geojson and oas30, so that GDAL, QGIS and
// other map programs read cells and tickets. It knows no HTTP: a handler gives
// it what was asked, and puts its documents on the wire.
package ogc

import (
	"strings"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/ticket"
	"wangge/handlers/wire"
)

// Media types of what is answered.
const (
	JSON    = "application/json"
	GeoJSON = "application/geo+json"
	OpenAPI = "application/vnd.oai.openapi+json;version=3.0"
)

// crs84 is the only reference system: WGS-84, longitude first.
const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// Features is the two collections under one address.
type Features struct {
	areas   *area.Areas
	tickets *ticket.Tickets
	base    string // address of the landing page
}

// New makes the collections. publicURL is where clients reach the server,
// such as https://grid.example.org; links begin with it.
func New(areas *area.Areas, tickets *ticket.Tickets, publicURL string) *Features {
	return &Features{areas, tickets, strings.TrimSuffix(publicURL, "/") + "/ogc"}
}

// Link is a web link (RFC 8288).
type Link struct {
	Href  string `json:"href"`
	Rel   string `json:"rel"`
	Type  string `json:"type"`
	Title string `json:"title,omitempty"`
}

// Landing is the landing page.
type Landing struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Links       []Link `json:"links"`
}

// Text picks the language of a text.
type Text func(domain.Text) string

// Landing returns the landing page (requirement /req/core/root-success).
func (s *Features) Landing(text Text) Landing {
	return Landing{
		Title:       text(domain.T("网格与诉求", "Grid cells and tickets")),
		Description: text(domain.T("当前网格的边界与居民诉求的位置。未登录时诉求为脱敏的公开视图。", "Boundaries of today's grid cells and positions of residents' issues. Without sign-in, issues are shown in their public form.")),
		Links: []Link{
			{s.base, "self", JSON, ""},
			{s.base + "/api", "service-desc", OpenAPI, "OpenAPI 3.0"},
			{s.base + "/conformance", "conformance", JSON, ""},
			{s.base + "/collections", "data", JSON, ""},
		},
	}
}

// Conformance is the declaration of conformance classes.
type Conformance struct {
	ConformsTo []string `json:"conformsTo"`
}

// Conformance returns it (requirement /req/core/conformance-success).
func (s *Features) Conformance() Conformance {
	const class = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
	return Conformance{[]string{class + "core", class + "geojson", class + "oas30"}}
}

// Collections is the list of collections.
type Collections struct {
	Links       []Link       `json:"links"`
	Collections []Collection `json:"collections"`
}

// Collection describes one.
type Collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Extent      *Extent  `json:"extent,omitempty"`
	ItemType    string   `json:"itemType"`
	CRS         []string `json:"crs"`
	Links       []Link   `json:"links"`
}

// Extent is where and when the features are.
type Extent struct {
	Spatial  Spatial   `json:"spatial"`
	Temporal *Temporal `json:"temporal,omitempty"`
}

// Spatial is a box: west, south, east, north.
type Spatial struct {
	BBox [][4]float64 `json:"bbox"`
	CRS  string       `json:"crs"`
}

// Temporal is an interval of times in UTC.
type Temporal struct {
	Interval [][2]wire.Time `json:"interval"`
	TRS      string         `json:"trs"`
}

// The collections.
const (
	cells   = "cells"
	tickets = "tickets"
)

// Collections returns both (requirement /req/core/fc-md-success).
func (s *Features) Collections(text Text) Collections {
	return Collections{
		Links:       []Link{{s.base + "/collections", "self", JSON, ""}},
		Collections: []Collection{s.describe(cells, text), s.describe(tickets, text)},
	}
}

// Collection returns one (requirement /req/core/sfc-md-success); ErrNotFound.
func (s *Features) Collection(id string, text Text) (Collection, error) {
	if id != cells && id != tickets {
		return Collection{}, domain.ErrNotFound
	}
	return s.describe(id, text), nil
}

func (s *Features) describe(id string, text Text) Collection {
	c := Collection{ID: id, ItemType: "feature", CRS: []string{crs84}, Links: []Link{
		{s.base + "/collections/" + id, "self", JSON, ""},
		{s.base + "/collections/" + id + "/items", "items", GeoJSON, ""},
	}}
	if id == cells {
		c.Title = text(domain.T("网格", "Grid cells"))
		c.Description = text(domain.T("当前的网格及其边界；要素的时间为边界生效之时（validFrom）",
			"The grid cells of today with their boundaries; the time of a feature is when its boundary came into force (validFrom)"))
		c.Extent = s.cellsExtent()
		return c
	}
	c.Title = text(domain.T("诉求", "Tickets"))
	c.Description = text(domain.T("居民诉求；未登录时只有公开类别，位置取约 50 米方格的中心；要素的时间为上报时间，未登录时到日（北京时间）",
		"Residents' issues; without sign-in only public categories, at the middle of a square of about 50 m; the time of a feature is its report, without sign-in the day of it in China"))
	c.Extent = s.ticketsExtent()
	return c
}
