package geo

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// collection wraps geometries, or whole features, into a document.
func collection(members ...string) []byte {
	for i, m := range members {
		if !strings.Contains(m, `"Feature"`) {
			members[i] = `{"type":"Feature","properties":{"code":"` + strconv.Itoa(i) + `"},"geometry":` + m + `}`
		}
	}
	return []byte(`{"type":"FeatureCollection","features":[` + strings.Join(members, ",") + `]}`)
}

func polygonOf(rings ...string) string {
	return `{"type":"Polygon","coordinates":[` + strings.Join(rings, ",") + `]}`
}

// ringOf writes "x y, x y" as a ring around 120,31, in thousandths of a degree.
func ringOf(points string) string {
	var out []string
	for p := range strings.SplitSeq(points, ",") {
		xy := strings.Fields(p)
		x, _ := strconv.ParseFloat(xy[0], 64)
		y, _ := strconv.ParseFloat(xy[1], 64)
		out = append(out, fmt.Sprintf("[%.6f,%.6f]", 120+x/1000, 31+y/1000))
	}
	return "[" + strings.Join(out, ",") + "]"
}

const (
	squareRing = "0 0,10 0,10 10,0 10,0 0"
	holeRing   = "3 3,3 7,7 7,7 3,3 3"
)

func TestReadFeaturesFindings(t *testing.T) {
	const at = "/features/0/geometry/coordinates"
	for name, c := range map[string]struct {
		geometry string
		want     []string // kind severity pointer
	}{
		"sound":            {polygonOf(ringOf(squareRing)), nil},
		"hole":             {polygonOf(ringOf(squareRing), ringOf(holeRing)), nil},
		"height":           {polygonOf(`[[120,31,4],[120.1,31,4],[120.1,31.1,5],[120,31,4]]`), nil},
		"multi":            {`{"type":"MultiPolygon","coordinates":[[` + ringOf(squareRing) + `],[` + ringOf("20 0,30 0,30 10,20 0") + `]]}`, nil},
		"unclosed":         {polygonOf(ringOf("0 0,10 0,10 10,0 10")), []string{"unclosed error " + at + "/0"}},
		"unclosed hole":    {polygonOf(ringOf(squareRing), ringOf("3 3,3 7,7 7,7 3")), []string{"unclosed error " + at + "/1"}},
		"too few":          {polygonOf(ringOf("0 0,10 0,0 0")), []string{"too_few_points error " + at + "/0"}},
		"too few, open":    {polygonOf(ringOf("0 0,10 0,10 10")), []string{"too_few_points error " + at + "/0", "unclosed error " + at + "/0"}},
		"empty ring":       {polygonOf(`[]`), []string{"too_few_points error " + at + "/0"}},
		"repeats only":     {polygonOf(ringOf("0 0,0 0,10 0,10 0,0 0")), []string{"too_few_points error " + at + "/0"}},
		"swapped":          {polygonOf(`[[31,120],[31.1,120],[31.1,120.1],[31,120]]`), []string{"swapped error " + at + "/0/0"}},
		"swapped and open": {polygonOf(`[[31,120],[31.1,120],[31.1,120.1],[31.1,120.2]]`), []string{"swapped error " + at + "/0/0", "unclosed error " + at + "/0"}},
		"one swapped":      {polygonOf(`[[120,31],[120.1,31],[31.1,120.1],[120,31]]`), []string{"swapped error " + at + "/0/2"}},
		"out of range":     {polygonOf(`[[120,31],[200,31],[500,900],[120,31]]`), []string{"out_of_range error " + at + "/0/1"}},
		"infinite":         {polygonOf(`[[120,31],[1e999,31],[120,32],[120,31]]`), []string{"not_finite error " + at + "/0/1"}},
		"one number":       {polygonOf(`[[120,31],[121],[120,32],[120,31]]`), []string{"position error " + at + "/0/1"}},
		"text for number":  {polygonOf(`[[120,31],["121",31],[120,32],[120,31]]`), []string{"position error " + at + "/0/1"}},
		"two things":       {polygonOf(`[[120,31],[121],[31,120],[120,31]]`), []string{"position error " + at + "/0/1", "swapped error " + at + "/0/2"}},
		"two rings":        {polygonOf(ringOf("0 0,10 0,10 10,0 10"), ringOf("3 3,3 7,3 3")), []string{"unclosed error " + at + "/0", "too_few_points error " + at + "/1"}},
		"bow tie":          {polygonOf(ringOf("0 0,10 10,10 0,0 10,0 0")), []string{"self_crossing error " + at + "/0"}},
		"touches itself":   {polygonOf(ringOf("0 0,10 0,5 5,10 10,0 10,5 5,0 0")), []string{"self_crossing error " + at + "/0"}},
		"spike":            {polygonOf(ringOf("0 0,10 0,15 0,10 0,10 10,0 0")), []string{"self_crossing error " + at + "/0"}},
		"flat":             {polygonOf(ringOf("0 0,5 0,10 0,0 0")), []string{"self_crossing error " + at + "/0"}},
		"hole outside":     {polygonOf(ringOf(squareRing), ringOf("13 3,13 7,17 7,13 3")), []string{"hole_outside error " + at + "/1"}},
		"hole across":      {polygonOf(ringOf(squareRing), ringOf(holeRing), ringOf("8 8,8 12,12 12,8 8")), []string{"hole_outside error " + at + "/2"}},
		"holes overlap":    {polygonOf(ringOf(squareRing), ringOf(holeRing), ringOf("5 5,5 9,9 9,9 5,5 5")), []string{"holes_overlap error " + at}},
		"parts overlap":    {`{"type":"MultiPolygon","coordinates":[[` + ringOf(squareRing) + `],[` + ringOf("5 5,15 5,15 15,5 5") + `]]}`, []string{"parts_overlap error " + at}},
		"clockwise":        {polygonOf(ringOf("0 0,0 10,10 10,10 0,0 0")), []string{"winding mended " + at + "/0"}},
		"hole wound":       {polygonOf(ringOf(squareRing), ringOf("3 3,7 3,7 7,3 7,3 3")), []string{"winding mended " + at + "/1"}},
		"repeated point":   {polygonOf(ringOf("0 0,10 0,10 0,10 0,10 10,0 10,0 0")), []string{"duplicate_points mended " + at + "/0"}},
		"abroad":           {polygonOf(`[[2,48],[3,48],[3,49],[2,48]]`), []string{"outside_service warning " + at + "/0/0"}},
		"null":             {`null`, []string{"no_geometry error /features/0/geometry"}},
		"empty":            {polygonOf(), []string{"no_geometry error " + at}},
		"point":            {`{"type":"Point","coordinates":[120,31]}`, []string{"geometry_type error /features/0/geometry/type"}},
		"no coordinates":   {`{"type":"Polygon"}`, []string{"structure error " + at}},
		"one level short":  {`{"type":"Polygon","coordinates":` + ringOf(squareRing) + `}`, []string{"position error " + at + "/0/0"}},
		"ring is a number": {`{"type":"Polygon","coordinates":[7]}`, []string{"structure error " + at + "/0"}},
		"part is a number": {`{"type":"MultiPolygon","coordinates":[7]}`, []string{"structure error " + at + "/0"}},
		"not a feature":    {`{"type":"Feature "}`, nil},
		"bad properties":   {`{"type":"Feature","properties":[],"geometry":` + polygonOf(ringOf(squareRing)) + `}`, []string{"structure error /features/0/properties"}},
	} {
		t.Run(name, func(t *testing.T) {
			document := collection(c.geometry)
			if name == "not a feature" {
				document, c.want = []byte(`{"type":"FeatureCollection","features":[{"type":"Polygon"}]}`), []string{"structure error /features/0"}
			}
			features, findings, err := ReadFeatures(document, WGS84)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			failed := false
			for _, f := range findings {
				got = append(got, f.Kind+" "+string(f.Severity)+" "+f.Pointer)
				failed = failed || f.Severity == SeverityError
				if f.ZH == "" || f.EN == "" || strings.Contains(f.ZH+f.EN, "%!") || f.Neighbour != -1 || f.Feature != 0 {
					t.Errorf("odd finding %+v", f)
				}
			}
			if name == "one level short" { // every ring is too short as well
				got = slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "position") })
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if failed == (len(features) == 1) {
				t.Errorf("%d features with findings %q", len(features), got)
			}
		})
	}
}

// A sentence says where; what is the same in one feature is said once, with how often.
func TestFindingsSayWhere(t *testing.T) {
	parts := func(rings ...string) string {
		for i, r := range rings {
			rings[i] = "[" + ringOf(r) + "]"
		}
		return `{"type":"MultiPolygon","coordinates":[` + strings.Join(rings, ",") + `]}`
	}
	for _, c := range []struct{ geometry, want string }{
		{polygonOf(ringOf("0 0,10 10,10 0,0 10,0 0")), "the ring crosses or touches itself, near 120.005000,31.005000"},
		{polygonOf(ringOf("0 0,10 0,5 5,10 10,0 10,5 5,0 0")), "the ring crosses or touches itself, near 120.005000,31.005000"},
		{polygonOf(ringOf("0 0,10 0,10 10,5 10,5 0,0 10,0 0")), "the ring crosses or touches itself, near 120.005000,31.000000"},
		{polygonOf(ringOf("0 0,10 0,15 0,10 0,10 10,0 0")), "the ring crosses or touches itself, near 120.010000,31.000000"},
		{polygonOf(ringOf("0 0,10 0,10 10,0 10")), "the ring is not closed: its last point must equal its first, near 120.000000,31.010000"},
		{polygonOf(`[[31,120],[31.1,120],[31.1,120.1],[31,120]]`), "longitude and latitude look swapped: longitude comes first, near 31.000000,120.000000 (4 of them)"},
		{polygonOf(ringOf("0 0,10 0,10 0,10 0,10 10,0 10,0 0")), "a repeated point was dropped, near 120.010000,31.000000 (2 of them)"},
		{parts("0 0,0 10,10 10,10 0,0 0", "20 0,20 10,30 10,30 0,20 0"), "the ring was wound the wrong way and has been turned, near 120.000000,31.000000 (2 of them)"},
		{parts("20 0,30 0,30 10,20 10,20 0", "0 0,10 0,10 10,0 10,0 0", "8 0,12 0,12 10,8 10,8 0"), "polygons 1 and 2 of the feature overlap, near 120.009000,31.005000"},
		{parts("0 0,10 0,10 10,0 10,0 0", "10 0,20 0,20 10,10 10,10 0"), "polygons 0 and 1 of the feature overlap, near 120.010000,31.005000"},
		{polygonOf(ringOf("0 0,10 0,10 10,0 10,0 0"), ringOf("1 1,1 5,5 5,5 1,1 1"), ringOf("4 4,4 8,8 8,8 4,4 4")), "the holes that are rings 1 and 2 overlap, near 120.004500,31.004500"},
		{polygonOf(ringOf("0 0,10 0,10 10,0 10,0 0"), ringOf("13 3,13 7,17 7,13 3")), "the hole is not inside its shell, near 120.013000,31.003000"},
	} {
		_, findings, err := ReadFeatures(collection(c.geometry), WGS84)
		if err != nil || len(findings) != 1 || findings[0].EN != c.want {
			t.Errorf("%s\n got %+v, %v\nwant %s", c.geometry, findings, err, c.want)
		}
	}
	// The place is told as the file has it.
	_, findings, _ := ReadFeatures(collection(polygonOf(ringOf("0 0,10 10,10 0,0 10,0 0"))), GCJ02)
	if len(findings) != 1 || findings[0].EN != "the ring crosses or touches itself, near 120.005000,31.005000" {
		t.Errorf("%+v", findings)
	}
}

// One bad feature says all that is wrong with it and does not hold up the others.
func TestReadFeaturesKeepsTheGoodOnes(t *testing.T) {
	features, findings, err := ReadFeatures(collection(
		polygonOf(ringOf(squareRing)),
		polygonOf(ringOf("0 0,10 0,10 10,0 10")),
		`{"type":"Feature","properties":{"code":32050500300412345678,"leads":["甲"]},"geometry":`+polygonOf(ringOf("0 0,0 10,10 10,10 0,0 0"))+`}`,
		polygonOf(ringOf("0 0,10 10,10 0,0 10,0 0")),
	), WGS84)
	if err != nil || len(features) != 2 || features[0].Index != 0 || features[1].Index != 2 {
		t.Fatalf("%v, %v", features, err)
	}
	if len(findings) != 3 || findings[0].Feature != 1 || findings[1].Feature != 2 || findings[2].Feature != 3 {
		t.Errorf("findings %+v", findings)
	}
	if ringAreaM2(features[1].Geometry[0][0]) <= 0 {
		t.Error("a clockwise shell was not turned")
	}
}

// The same square stated in any datum is read as the same cell, to the grid.
func TestReadFeaturesDatum(t *testing.T) {
	for _, d := range []Datum{WGS84, CGCS2000, GCJ02, BD09} {
		var points []string
		for _, p := range square4(120.7, 31.3, 0.01) {
			q := FromWGS84(p, d)
			points = append(points, fmt.Sprintf("[%.9f,%.9f]", q[0], q[1]))
		}
		features, findings, err := ReadFeatures(collection(polygonOf("["+strings.Join(points, ",")+"]")), d)
		if err != nil || len(features) != 1 || len(findings) != 0 {
			t.Fatalf("%s: %v %v %v", d, features, findings, err)
		}
		for i, p := range features[0].Geometry[0][0] {
			if want := square4(120.7, 31.3, 0.01)[i]; degreesApart(p, want) > 1.1e-7 {
				t.Errorf("%s: %v, want %v", d, p, want)
			}
		}
	}
}

func TestReadFeaturesDocumentErrors(t *testing.T) {
	deep := strings.Repeat("[", 1_000_000)
	for name, c := range map[string]struct{ document, kind string }{
		"nothing":            {"", "malformed"},
		"cut off":            {`{"type":"FeatureCollection","features":[`, "malformed"},
		"two documents":      {`{"type":"FeatureCollection","features":[]} {}`, "malformed"},
		"null":               {`null`, "not_feature_collection"},
		"array":              {`[]`, "not_feature_collection"},
		"geometry":           {polygonOf(ringOf(squareRing)), "not_feature_collection"},
		"features missing":   {`{"type":"FeatureCollection"}`, "not_feature_collection"},
		"features null":      {`{"type":"FeatureCollection","features":null}`, "not_feature_collection"},
		"features an object": {`{"type":"FeatureCollection","features":{}}`, "not_feature_collection"},
		"other case":         {`{"Type":"FeatureCollection","Features":[]}`, "not_feature_collection"},
		"1 MB of brackets":   {deep, "too_deep"},
		"deep in a property": {`{"type":"FeatureCollection","features":[{"properties":` + deep, "too_deep"},
		"too many features":  {`{"type":"FeatureCollection","features":[` + strings.Repeat("1,", MaxFeatures) + "1]}", "too_large"},
		"too many values":    {`{"type":"FeatureCollection","features":[{"properties":{"a":[` + strings.Repeat("1,", MaxValues) + "1]}}]}", "too_large"},
		"too many positions": {`[` + strings.Repeat("[],", MaxVertices), "too_large"},
	} {
		begin := time.Now()
		_, _, err := ReadFeatures([]byte(c.document), WGS84)
		var failure *DocumentError
		if !errors.As(err, &failure) || failure.Kind != c.kind || failure.ZH == "" {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
		if took := time.Since(begin); took > time.Minute { // milliseconds, unless depth or size cost more than their bytes
			t.Errorf("%s: took %v", name, took)
		}
	}
	// Brackets in a string are text, and a byte order mark is not an error.
	document := "\ufeff" + `{"type":"FeatureCollection","name":"` + strings.Repeat(`[\"`, 200) + `","features":[]}`
	if _, _, err := ReadFeatures([]byte(document), WGS84); err != nil {
		t.Error(err)
	}
}

func TestReadFeaturesRingLimit(t *testing.T) {
	ring := "[" + strings.Repeat("[120,31],", MaxRingPoints) + "[120,31]]"
	_, findings, err := ReadFeatures(collection(polygonOf(ring)), WGS84)
	if err != nil || len(findings) != 1 || findings[0].Kind != KindTooMany {
		t.Errorf("%+v, %v", findings, err)
	}
}

func FuzzReadFeatures(f *testing.F) {
	f.Add(collection(polygonOf(ringOf(squareRing), ringOf(holeRing)), `null`), "wgs84")
	f.Add(collection(polygonOf(ringOf("0 0,10 10,10 0,0 10,0 0")), polygonOf(`[[31,120],[1e999],[],[31,120]]`)), "gcj02")
	f.Add(collection(`{"type":"MultiPolygon","coordinates":[[`+ringOf(squareRing)+`],[`+ringOf("5 5,15 5,15 15,5 5")+`]]}`), "bd09")
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":[],"geometry":7}, 3, null]}`), "")
	f.Fuzz(func(t *testing.T, data []byte, datum string) {
		features, findings, err := ReadFeatures(data, Datum(datum))
		if err != nil {
			var failure *DocumentError
			if !errors.As(err, &failure) || features != nil || findings != nil {
				t.Fatalf("%v beside %v, %v", err, features, findings)
			}
			return
		}
		var shapes []Shape
		for _, f := range features {
			shapes = append(shapes, Shape{Code: strconv.Itoa(f.Index), Geometry: f.Geometry})
			if err := toMultiPolygon(f.Geometry).Validate(); err != nil {
				t.Errorf("feature %d is accepted: %v", f.Index, err)
			}
			for _, polygon := range f.Geometry {
				for i, ring := range polygon {
					if ringAreaM2(ring) > 0 != (i == 0) {
						t.Errorf("feature %d, ring %d is wound the wrong way", f.Index, i)
					}
				}
			}
		}
		for _, s := range shapes {
			if b := s.Geometry.Bound(); b.Max[0]-b.Min[0] <= 180 {
				if _, err := NewLocator([]Shape{s}); err != nil {
					t.Errorf("feature %s is accepted: %v", s.Code, err)
				}
			}
		}
		for _, finding := range findings {
			if !resolves(data, finding.Pointer) {
				t.Errorf("%s points nowhere", finding.Pointer)
			}
		}
	})
}

// resolves reports whether a pointer names something in the document, or a
// member that is missing from an object that is there.
func resolves(data []byte, pointer string) bool {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return true // numbers beyond float64: not for this check
	}
	tokens := strings.Split(pointer, "/")[1:]
	for i, token := range tokens {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[token]
			if !ok {
				return i == len(tokens)-1
			}
			v = next
		case []any:
			n, err := strconv.Atoi(token)
			if err != nil || n < 0 || n >= len(at) {
				return false
			}
			v = at[n]
		default:
			return false
		}
	}
	return true
}
