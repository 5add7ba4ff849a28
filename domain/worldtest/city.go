// Package worldtest gives the tests of the domain one small city to stand on:
// its areas and cells, a store on an engine, and people of the roles. The
// world of a package keeps only what the package is about.
package worldtest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/geo"
)

// Noon is when most tests begin, in China.
var Noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// The city by code: two streets in one county, one in another.
const (
	City    = "3205"
	County  = "320508"
	Jia     = "320508001"
	Yi      = "320508002"
	Bing    = "320506001" // in the other county
	JiaOne  = Jia + "001" // communities
	JiaTwo  = Jia + "002"
	YiOne   = Yi + "001"
	BingOne = Bing + "001"

	East  = JiaOne + "001" // cells
	West  = JiaOne + "002"
	Park  = JiaOne + "003" // dedicated, inside east
	North = JiaTwo + "001"
	Other = YiOne + "001"
	Far   = BingOne + "001"
)

// Areas are the city's, as a file.
const Areas = `level,code,name,parent_code
city,3205,苏州市,
county,320508,姑苏区,3205
county,320506,吴中区,3205
street,320508001,甲街道,320508
street,320508002,乙街道,320508
street,320506001,丙街道,320506
community,320508001001,甲一社区,320508001
community,320508001002,甲二社区,320508001
community,320508002001,乙一社区,320508002
community,320506001001,丙一社区,320506001
`

// At are positions in the cells, where only they are, and outside every cell.
var At = map[string]orb.Point{
	East: {120.607, 31.307}, West: {120.595, 31.305}, Park: {120.603, 31.303}, North: {120.605, 31.315}, Other: {120.645, 31.305}, Far: {120.705, 31.305},
	"beside jia": {120.615, 31.305}, "beside yi": {120.635, 31.305}, "at sea": {122.5, 31},
}

// Cells are the city's.
var Cells = []Cell{
	{Code: East, Ground: Square(120.6, 31.3, 0.01)}, {Code: West, Ground: Square(120.59, 31.3, 0.01)},
	{Code: Park, Kind: area.Dedicated, Ground: Square(120.602, 31.302, 0.002)},
	{Code: North, Ground: Square(120.6, 31.31, 0.01)}, {Code: Other, Ground: Square(120.64, 31.3, 0.01)}, {Code: Far, Ground: Square(120.7, 31.3, 0.01)},
}

// Cell is one to draw: a basic one named 网格 where nothing else is said.
type Cell struct {
	Code   string
	Kind   area.Kind
	Name   string
	Parent string // code of the cell that a micro one is part of
	Ground orb.MultiPolygon
}

// Square lies north and east of its corner, in degrees.
func Square(west, south, edge float64) orb.MultiPolygon {
	return Box(west, south, west+edge, south+edge)
}

// Box lies between its sides, in degrees.
func Box(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

// CellFile is the cells as an import takes them.
func CellFile(cells ...Cell) []byte {
	var features []map[string]any
	for _, c := range cells {
		if c.Kind == "" {
			c.Kind = area.Basic
		}
		if c.Name == "" {
			c.Name = "网格"
		}
		properties := map[string]any{"code": c.Code, "name": c.Name, "kind": c.Kind}
		if c.Parent != "" {
			properties["parent"] = c.Parent
		}
		features = append(features, map[string]any{"type": "Feature", "properties": properties,
			"geometry": map[string]any{"type": "MultiPolygon", "coordinates": c.Ground}})
	}
	data, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		panic(err)
	}
	return data
}

// Import takes in a file of areas.
func Import(tb testing.TB, areas *area.Areas, now time.Time, file string) {
	tb.Helper()
	Must(areas.ImportAreas(tb.Context(), access.Program, now, strings.NewReader(file), area.AreaImport{}))(tb)
	Must(0, areas.Refresh(tb.Context()))(tb)
}

// Draw puts cells on the map.
func Draw(tb testing.TB, areas *area.Areas, now time.Time, cells ...Cell) area.Report {
	tb.Helper()
	report := Must(areas.ImportCells(tb.Context(), access.Program, now, CellFile(cells...), area.CellImport{Datum: geo.WGS84}))(tb)
	Must(0, areas.Refresh(tb.Context()))(tb)
	return report
}

// ID is that of an area or cell by its code, "" for "".
func ID(tb testing.TB, areas *area.Areas, code string) string {
	tb.Helper()
	return scope(tb, areas, code).ID
}

func scope(tb testing.TB, areas *area.Areas, code string) access.Scope {
	tb.Helper()
	if a, ok := areas.Tree().ByCode(code); ok {
		return access.Scope{Level: a.Level, ID: a.ID}
	}
	if c, ok := areas.Map().ByCode(code); ok {
		return access.Scope{Level: access.Cell, ID: c.ID}
	}
	if code != "" {
		tb.Fatalf("no area or cell %s", code)
	}
	return access.Scope{}
}
