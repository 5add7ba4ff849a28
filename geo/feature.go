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
	MaxVertices   = 5_000_000  // arrays in all
	MaxFeatures   = 100_000    // more than the cells of a large city, micro ones too
	MaxValues     = 10_000_000 // of arrays and objects in all
	MaxRingPoints = 20_000     // checking a ring for crossings can take time quadratic in this
)

// Feature is a feature of an imported document that can be used.
type Feature struct {
	Index    int              // its place in the document
	Geometry orb.MultiPolygon // WGS-84, on the grid of Snap, rings wound as RFC 7946 asks
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
		r.conclude()
	}
	return features, r.findings, nil
}

var notACollection = &DocumentError{"not_feature_collection", "不是 GeoJSON FeatureCollection", "not a GeoJSON FeatureCollection"}

// checkSize looks at brackets and commas only, so that no parser recurses into
// or allocates for a document that is refused anyway.
func checkSize(data []byte) error {
	depth, arrays, values, features, quoted := 0, 0, 0, 0, false
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
					return tooMany(MaxVertices, "坐标点", "positions")
				}
			}
		case c == ',':
			if values++; values >= MaxValues {
				return tooMany(MaxValues, "数值", "values")
			}
			if depth == 2 { // between features
				if features++; features >= MaxFeatures {
					return tooMany(MaxFeatures, "要素", "features")
				}
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return nil
}

func tooMany(most int, zh, en string) error {
	return &DocumentError{"too_large", fmt.Sprintf("%s超过 %d 个", zh, most), fmt.Sprintf("more than %d %s", most, en)}
}

// reader reads the features of one document and notes what it finds.
type reader struct {
	datum    Datum
	findings []Finding
	index    int    // of the feature being read
	notes    []note // about it
}

// note is a finding on the way: what is the same in a feature is counted, and the first has the place.
type note struct {
	Finding
	zhNear, enNear string
}

func (r *reader) note(kind string, severity Severity, pointer, zh, en string, count int, at ...orb.Point) {
	for i := range r.notes {
		if n := &r.notes[i]; n.Kind == kind && n.Severity == severity && n.ZH == zh {
			n.Count += count
			return
		}
	}
	n := note{Finding: Finding{Feature: r.index, Pointer: fmt.Sprintf("/features/%d%s", r.index, pointer),
		Kind: kind, Severity: severity, Count: count, Neighbour: -1, ZH: zh, EN: en}}
	if len(at) > 0 {
		n.zhNear, n.enNear = near(at[0])
	}
	r.notes = append(r.notes, n)
}

// conclude finds the sentences for the notes about a feature.
func (r *reader) conclude() {
	for _, n := range r.notes {
		n.ZH, n.EN = n.ZH+n.zhNear, n.EN+n.enNear
		if n.Count > 1 {
			n.ZH, n.EN = fmt.Sprintf("%s（共 %d 处）", n.ZH, n.Count), fmt.Sprintf("%s (%d of them)", n.EN, n.Count)
		}
		r.findings = append(r.findings, n.Finding)
	}
	r.notes = nil
}

// say notes a finding that has its sentence in words; the place is in the document's datum.
func (r *reader) say(kind string, severity Severity, pointer string, count int, at ...orb.Point) {
	r.note(kind, severity, pointer, words[kind][0], words[kind][1], count, at...)
}

// stated is a WGS-84 position as the document states it.
func (r *reader) stated(p orb.Point) orb.Point { return FromWGS84(p, r.datum) }

func (r *reader) structure(pointer, zh, en string) {
	r.note(KindStructure, SeverityError, pointer, "结构有误：应为"+zh, "must be "+en, 1)
}

func (r *reader) feature(index int, member json.RawMessage) (Feature, bool) {
	r.index = index
	object := members(member)
	if text(object["type"]) != "Feature" {
		r.structure("", " Feature 对象", "a Feature")
		return Feature{}, false
	}
	if p := object["properties"]; !isNull(p) && p[0] != '{' {
		r.structure("/properties", "对象或 null", "an object or null")
	}
	geometry := r.geometry(object["geometry"])
	for _, f := range r.notes {
		if f.Severity == SeverityError {
			return Feature{}, false
		}
	}
	return Feature{Index: index, Geometry: geometry}, true
}

// members of an object as they stand; nil for what is none. Only what is used
// of them is read further: the rest may be very many values.
func members(v json.RawMessage) (out map[string]json.RawMessage) {
	_ = json.Unmarshal(v, &out) // what is no object has no members
	return out
}

// text is "" for what is no text.
func text(v json.RawMessage) (out string) {
	_ = json.Unmarshal(v, &out)
	return out
}

func isNull(v json.RawMessage) bool { return v == nil || string(v) == "null" }

func (r *reader) geometry(v json.RawMessage) orb.MultiPolygon {
	const at = "/geometry"
	if isNull(v) {
		r.note(KindNoGeometry, SeverityError, at, "缺少几何图形", "the feature has no geometry", 1)
		return nil
	}
	object := members(v)
	if object == nil {
		r.structure(at, "对象", "an object")
		return nil
	}
	kind := text(object["type"])
	if kind != "Polygon" && kind != "MultiPolygon" {
		r.note(KindGeometryType, SeverityError, at+"/type", "几何类型应为 Polygon 或 MultiPolygon", "the geometry must be a Polygon or MultiPolygon", 1)
		return nil
	}
	var coordinates []any
	decoder := json.NewDecoder(bytes.NewReader(object["coordinates"]))
	decoder.UseNumber()
	_ = decoder.Decode(&coordinates) // nil for what is no array
	var m orb.MultiPolygon
	switch {
	case coordinates == nil:
		r.structure(at+"/coordinates", "数组", "an array")
		return nil
	case len(coordinates) == 0:
		r.note(KindNoGeometry, SeverityError, at+"/coordinates", "几何图形为空", "the geometry is empty", 1)
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
