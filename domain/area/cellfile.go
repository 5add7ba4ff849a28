package area

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/table"
	"wangge/geo"
)

// feature is what a file says of one cell.
type feature struct {
	index     int
	code      string
	name      string
	kind      Kind
	community string           // code; "" where the file leaves it to the cell's code
	parent    string           // code of a basic cell
	geometry  orb.MultiPolygon // nil where it cannot be used
}

// readCells reads a GeoJSON FeatureCollection of cells. A feature has the
// properties code, name, kind (basic when absent), community (a code, needed
// only where the cell's own does not begin with it) and, for a micro cell,
// parent (the code of its basic cell); others are let be. Everything wrong with the geometry is a
// finding; an InvalidError says that the document as a whole cannot be read.
func readCells(data []byte, datum geo.Datum) ([]feature, []table.Finding, error) {
	usable, noticed, err := geo.ReadFeatures(data, datum)
	if unreadable := (*geo.DocumentError)(nil); errors.As(err, &unreadable) {
		return nil, nil, domain.Invalid("", domain.T(unreadable.ZH, unreadable.EN))
	}
	if err != nil {
		return nil, nil, err
	}
	out := properties(data)
	for _, u := range usable {
		out[u.Index].geometry = canonical(u.Geometry)
	}
	findings := make([]table.Finding, len(noticed))
	for i, n := range noticed {
		findings[i] = table.Finding{Pointer: n.Pointer, Feature: n.Feature, Code: out[n.Feature].code, AreaM2: n.AreaM2,
			Kind: n.Kind, Warning: n.Severity != geo.SeverityError, Detail: domain.T(n.ZH, n.EN)}
	}
	return out, findings, nil
}

// readBoundary reads one polygon: a GeoJSON Feature, Polygon or MultiPolygon,
// and says by which pointer it lies in the document. It is nil where it cannot be used.
func readBoundary(data []byte, datum geo.Datum) (m orb.MultiPolygon, noticed []table.Finding, at string, err error) {
	var head struct {
		Type string `json:"type"`
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil { // an error of its syntax, which speaks of nothing but JSON
		return nil, nil, "", domain.Invalid("", domain.T("不是有效的 JSON："+err.Error(), "not valid JSON: "+err.Error()))
	}
	_ = json.Unmarshal(data, &head) // what has no such type is read as a polygon, and found not to be one
	feature, above := data, "/features/0"
	if at = "/geometry"; head.Type != "Feature" {
		feature, above, at = slices.Concat([]byte(`{"type":"Feature","properties":null,"geometry":`), data, []byte("}")), above+at, ""
	}
	features, noticed, err := readCells(slices.Concat([]byte(`{"type":"FeatureCollection","features":[`), feature, []byte("]}")), datum)
	if err != nil {
		return nil, nil, "", err
	}
	for i, f := range noticed {
		noticed[i].Pointer, noticed[i].Feature = strings.TrimPrefix(f.Pointer, above), -1
	}
	return features[0].geometry, noticed, at, nil
}

// properties reads those of every feature, with or without a usable geometry,
// so that all faults are found at once. The document is known to be a collection.
func properties(data []byte) []feature {
	var document struct {
		Features []json.RawMessage `json:"features"`
	}
	_ = json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &document) // ReadFeatures has
	out := make([]feature, len(document.Features))
	for i, member := range document.Features {
		var f struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		_ = json.Unmarshal(member, &f) // what is no feature has been noticed, and has no properties
		text := func(name string) string { return textOf(f.Properties[name]) }
		out[i] = feature{index: i, code: text("code"), name: text("name"), kind: cmp.Or(Kind(text("kind")), Basic),
			community: text("community"), parent: text("parent")}
	}
	return out
}

// textOf is a text, or a number as the document writes it, so that a long code keeps its digits; "" for anything else.
func textOf(v json.RawMessage) string {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(v, &text) == nil:
		return strings.TrimSpace(text)
	case json.Unmarshal(v, &number) == nil:
		return number.String()
	}
	return ""
}

// canonical gives the same polygon the same form, wherever its rings begin:
// each with its least point, the polygons and holes in the order of these.
func canonical(m orb.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, len(m))
	for i, polygon := range m {
		for _, ring := range polygon {
			open := ring[:len(ring)-1]
			least := 0
			for j := range open {
				if comparePoints(open[j], open[least]) < 0 {
					least = j
				}
			}
			turned := slices.Concat(open[least:], open[:least], orb.Ring{open[least]})
			out[i] = append(out[i], turned)
		}
		slices.SortFunc(out[i][1:], func(a, b orb.Ring) int { return comparePoints(a[0], b[0]) })
	}
	slices.SortFunc(out, func(a, b orb.Polygon) int { return comparePoints(a[0][0], b[0][0]) })
	return out
}

func comparePoints(a, b orb.Point) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

func (f feature) fault(property, kind string, detail domain.Text) table.Finding {
	return table.Finding{Pointer: fmt.Sprintf("/features/%d/properties/%s", f.index, property), Feature: f.index, Code: f.code, Kind: kind, Detail: detail}
}
