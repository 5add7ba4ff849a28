package geo

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"
)

// Limits of a document. Each position of a boundary is one array.
const (
	MaxDepth      = 64
	MaxVertices   = 5_000_000 // arrays in all
	MaxRingPoints = 20_000    // checking a ring for crossings can take time quadratic in this
)

// Feature is a feature of an imported document that can be used.
type Feature struct {
	Index      int              // its place in the document
	Properties map[string]any   // numbers are json.Number, so that a code of 20 digits stays one
	Geometry   orb.MultiPolygon // WGS-84, on the grid of Snap, rings wound as RFC 7946 asks
}

// ReadFeatures reads a GeoJSON FeatureCollection of Polygons and
// MultiPolygons stated in datum d. Features that cannot be used are left out
// and everything wrong with them is among the findings, as is what was mended
// in the others. The error is a *DocumentError.
func ReadFeatures(data []byte, d Datum) ([]Feature, []Finding, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkSize(data); err != nil {
		return nil, nil, err
	}
	var document map[string]json.RawMessage
	if err := json.Unmarshal(data, &document); err != nil {
		if json.Valid(data) {
			return nil, nil, notACollection
		}
		return nil, nil, &DocumentError{"malformed", "不是有效的 JSON：" + err.Error(), "not valid JSON: " + err.Error()}
	}
	var members []json.RawMessage
	if string(document["type"]) != `"FeatureCollection"` || json.Unmarshal(document["features"], &members) != nil || members == nil {
		return nil, nil, notACollection
	}
	r := reader{datum: d}
	var features []Feature
	for i, member := range members {
		if f, ok := r.feature(i, member); ok {
			features = append(features, f)
		}
	}
	return features, r.findings, nil
}

var notACollection = &DocumentError{"not_feature_collection", "不是 GeoJSON FeatureCollection", "not a GeoJSON FeatureCollection"}

// checkSize looks at brackets only, so that no parser recurses into or
// allocates for a document that is refused anyway.
func checkSize(data []byte) error {
	depth, arrays, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted:
			if c == '\\' {
				i++
			}
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '[' || c == '{':
			if depth++; depth > MaxDepth {
				return &DocumentError{"too_deep", fmt.Sprintf("嵌套超过 %d 层", MaxDepth), fmt.Sprintf("nested deeper than %d levels", MaxDepth)}
			}
			if c == '[' {
				if arrays++; arrays > MaxVertices {
					return &DocumentError{"too_large", fmt.Sprintf("坐标点超过 %d 个", MaxVertices), fmt.Sprintf("more than %d positions", MaxVertices)}
				}
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return nil
}

// reader reads the features of one document and notes what it finds.
type reader struct {
	datum    Datum
	findings []Finding
	index    int // of the feature being read
}

func (r *reader) note(kind string, severity Severity, pointer, zh, en string) {
	r.findings = append(r.findings, Finding{Feature: r.index, Pointer: fmt.Sprintf("/features/%d%s", r.index, pointer),
		Kind: kind, Severity: severity, Neighbour: -1, ZH: zh, EN: en})
}

// count notes a finding about a ring that has its sentence in words.
func (r *reader) count(kind string, severity Severity, pointer string, n int) {
	zh, en := sentence(kind, n)
	r.note(kind, severity, pointer, zh, en)
}

func (r *reader) structure(pointer, zh, en string) {
	r.note(KindStructure, SeverityError, pointer, "结构有误：应为"+zh, "must be "+en)
}

func (r *reader) feature(index int, member json.RawMessage) (Feature, bool) {
	r.index = index
	noted := len(r.findings)
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(member))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil || object["type"] != "Feature" {
		r.structure("", " Feature 对象", "a Feature")
		return Feature{}, false
	}
	properties, ok := object["properties"].(map[string]any)
	if !ok && object["properties"] != nil {
		r.structure("/properties", "对象或 null", "an object or null")
	}
	geometry := r.geometry(object["geometry"])
	for _, f := range r.findings[noted:] {
		if f.Severity == SeverityError {
			return Feature{}, false
		}
	}
	return Feature{Index: index, Properties: properties, Geometry: geometry}, true
}

func (r *reader) geometry(v any) orb.MultiPolygon {
	const at = "/geometry"
	if v == nil {
		r.note(KindNoGeometry, SeverityError, at, "缺少几何图形", "the feature has no geometry")
		return nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		r.structure(at, "对象", "an object")
		return nil
	}
	coordinates, ok := object["coordinates"].([]any)
	var m orb.MultiPolygon
	switch kind := object["type"]; {
	case kind != "Polygon" && kind != "MultiPolygon":
		r.note(KindGeometryType, SeverityError, at+"/type", "几何类型应为 Polygon 或 MultiPolygon", "the geometry must be a Polygon or MultiPolygon")
		return nil
	case !ok:
		r.structure(at+"/coordinates", "数组", "an array")
		return nil
	case len(coordinates) == 0:
		r.note(KindNoGeometry, SeverityError, at+"/coordinates", "几何图形为空", "the geometry is empty")
		return nil
	case kind == "Polygon":
		m = orb.MultiPolygon{r.polygon(coordinates, at+"/coordinates")}
	default:
		for i, part := range coordinates {
			m = append(m, r.polygon(part, fmt.Sprintf("%s/coordinates/%d", at, i)))
		}
	}
	r.checkParts(m, at+"/coordinates")
	return m
}

// polygon returns nil when it has noted an error about the polygon.
func (r *reader) polygon(v any, at string) orb.Polygon {
	rings, ok := v.([]any)
	if !ok || len(rings) == 0 {
		r.structure(at, "边界环的数组", "an array of rings")
		return nil
	}
	polygon := make(orb.Polygon, 0, len(rings))
	for i, v := range rings {
		if ring := r.ring(v, fmt.Sprintf("%s/%d", at, i), i > 0); ring != nil {
			polygon = append(polygon, ring)
		}
	}
	if len(polygon) < len(rings) || !r.checkHoles(polygon, at) {
		return nil
	}
	return polygon
}
