package area

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/table"
	"wangge/geo"
)

// divider is a line that divides a cell in two.
type divider struct {
	at         string         // the pointer to its geometry in what was sent
	line       orb.LineString // WGS-84
	code, name string         // of the new cell, as far as said
	keeps      string         // which part keeps the code: left, right or larger
}

// lineMost is how many vertices it has at most.
const lineMost = 1000

// readDivider reads a LineString, alone or as a Feature whose properties say
// code, name and keeps; nil when the document is something else.
func readDivider(data []byte, datum geo.Datum) (*divider, error) {
	document, drawn, at := lineOf(data)
	if drawn == nil {
		return nil, nil
	}
	d, bad := &divider{at: at, keeps: "larger"}, &domain.InvalidError{}
	var g struct {
		Coordinates [][]*float64 `json:"coordinates"` // null is none: programs write it for what is no number
	}
	if err := json.Unmarshal(drawn, &g); err != nil || len(g.Coordinates) < 2 || len(g.Coordinates) > lineMost {
		bad.Add(d.at+"/coordinates", domain.Textf("应为 2 到 %d 个位置", "must be 2 to %d positions", lineMost))
	}
	for i, c := range g.Coordinates[:min(len(g.Coordinates), lineMost)] {
		if len(c) < 2 || c[0] == nil || c[1] == nil || !geo.ValidPoint(orb.Point{*c[0], *c[1]}) {
			bad.Add(fmt.Sprintf("%s/coordinates/%d", d.at, i), domain.T("应为经度、纬度", "must be longitude and latitude"))
			continue
		}
		d.line = append(d.line, geo.ToWGS84(orb.Point{*c[0], *c[1]}, datum))
	}
	d.code, d.name = textOf(document.Properties["code"]), textOf(document.Properties["name"])
	if keeps := document.Properties["keeps"]; keeps != nil && string(keeps) != "null" {
		if d.keeps = textOf(keeps); !KeepsWords.Has(d.keeps) {
			bad.Add("/properties/keeps", KeepsWords.Fault())
		}
	}
	return d, bad.Err()
}

// lined is a document that may be a line.
type lined struct {
	Type       string                     `json:"type"`
	Geometry   json.RawMessage            `json:"geometry"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// lineOf finds the LineString of a document, and where it is; nil when it is something else.
func lineOf(data []byte) (document lined, drawn []byte, at string) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	_ = json.Unmarshal(data, &document) // what cannot be read is read as parts, and found to be none
	if drawn, at = data, ""; document.Type == "Feature" {
		drawn, at = document.Geometry, "/geometry"
	}
	var kind struct {
		Type string `json:"type"`
	}
	if _ = json.Unmarshal(drawn, &kind); kind.Type != "LineString" {
		return document, nil, ""
	}
	return document, drawn, at
}

// IsLine reports whether a body for SplitCell is a line, not the parts.
func IsLine(body []byte) bool {
	_, drawn, _ := lineOf(body)
	return drawn != nil
}

var divideFaults = map[string]domain.Text{
	geo.KindLineShort:       domain.T("线须从网格外进入并穿出", "the line must come in from outside of the cell, and leave it"),
	geo.KindLineCrosses:     domain.T("线穿过网格不止一次，分出的不止两部分", "the line enters the cell more than once: it would make more than two parts"),
	geo.KindLineTouches:     domain.T("线在网格内碰到边界或空洞", "inside of the cell, the line touches its edge or a hole"),
	geo.KindLineCrossesSelf: domain.T("线与自身相交", "the line crosses itself"),
}

// divide makes the parts of a cell on both sides of a line: that which keeps
// the code, and the new one. With a finding there are none.
func (p *cellPlan) divide(c *Cell, d *divider) (parts []feature, noticed []table.Finding, err error) {
	left, right, why := geo.Divide(c.Geometry, d.line)
	if why != "" {
		p.note(table.Finding{Pointer: d.at, Feature: -1, Kind: why, Detail: divideFaults[why]})
		return nil, nil, nil
	}
	kept, fresh := left, right
	if d.keeps == "right" || d.keeps == "larger" && geo.AreaM2(right) > geo.AreaM2(left) {
		kept, fresh = right, left
	}
	code, name := d.code, d.name
	if code == "" {
		code = p.freeCode(c)
	}
	if name == "" {
		if name = c.Name + "2"; utf8.RuneCountInString(name) > nameMost {
			name = c.Name
		}
	}
	var features []any
	for _, part := range []struct {
		code, name string
		shape      orb.MultiPolygon
	}{{c.Code, c.Name, kept}, {code, name, fresh}} {
		features = append(features, map[string]any{"type": "Feature", "properties": map[string]string{"code": part.code, "name": part.name},
			"geometry": map[string]any{"type": "MultiPolygon", "coordinates": part.shape}})
	}
	body, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		return nil, nil, err
	}
	return readCells(body, geo.WGS84) // as if they had been sent
}

// freeCode is the first code beside a cell's that was never given; "" when there is none.
func (p *cellPlan) freeCode(c *Cell) string {
	prefix := p.scheme.prefix(c.Code)
	if prefix == "" {
		return ""
	}
	width := p.scheme.Digits
	for n := 1; len(fmt.Sprint(n)) <= width && n < 1_000_000; n++ {
		code := fmt.Sprintf("%s%0*d", prefix, width, n)
		if _, ever := p.m.EverByCode(code); !ever {
			return code
		}
	}
	return ""
}

// rounded is what a line's ends on the edge may add or take, in square metres,
// since they are on the grid: some millimetres beside long edges.
func rounded(c *Cell) float64 {
	b := c.Bound()
	return 0.006 * geo.Distance(b.Min, b.Max)
}

// aboutDivider has the findings point into the line that was sent.
func (p *cellPlan) aboutDivider(d *divider) {
	for i, f := range p.report.Findings {
		p.report.Findings[i].Pointer, p.report.Findings[i].Feature = d.at, -1
		for property, sent := range map[string]string{"code": "code", "name": "name", "community": "code"} { // which the code says
			if strings.HasSuffix(f.Pointer, "/properties/"+property) {
				p.report.Findings[i].Pointer = "/properties/" + sent
			}
		}
	}
}
