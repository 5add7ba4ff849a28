package area

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/geo"
)

func lineBody(t *testing.T, properties map[string]string, datum geo.Datum, line ...orb.Point) []byte {
	t.Helper()
	for i, p := range line {
		line[i] = geo.FromWGS84(p, datum)
	}
	geometry := map[string]any{"type": "LineString", "coordinates": line}
	var document any = geometry
	if properties != nil {
		document = map[string]any{"type": "Feature", "geometry": geometry, "properties": properties}
	}
	data, err := json.Marshal(document)
	must(t, err)
	return data
}

// A line makes two cells of one, which are what it was, with its people in both.
func TestSplitByALine(t *testing.T) {
	s := openPair(t)
	before := s.shapes(t)
	at := func(x, y float64) orb.Point { return orb.Point{120.7 + x/100, 31.3 + y/100} }
	split := func(body []byte, o RedrawOptions) (Report, error) {
		return s.SplitCell(t.Context(), root, noon.Add(time.Hour), xinghu+"001", 0, body, o)
	}
	across := []orb.Point{at(0.3, -0.1), at(0.35, 0.5), at(0.3, 1.1)}
	dry, err := split(lineBody(t, nil, geo.WGS84, across...), RedrawOptions{Datum: geo.WGS84, DryRun: true})
	if must(t, err); dry.Added != 1 || dry.Changed != 1 || len(dry.Findings) != 0 || fmt.Sprint(s.shapes(t)) != fmt.Sprint(before) {
		t.Fatalf("dry: %+v", dry)
	}
	for _, c := range []struct {
		line    []orb.Point
		kind    string
		pointer string
		of      map[string]string
	}{
		{[]orb.Point{at(0.3, 0.2), at(0.3, 1.1)}, geo.KindLineShort, "/geometry", map[string]string{}},
		{[]orb.Point{at(5, 5), at(6, 6)}, geo.KindLineShort, "", nil},
		{[]orb.Point{at(0.2, -0.1), at(0.2, 0.5), at(0.5, 0.5), at(0.5, 0.2), at(0.1, 0.2), at(-0.1, 0.2)}, geo.KindLineCrossesSelf, "", nil},
		{[]orb.Point{at(0.2, -0.1), at(0.2, 1.1), at(0.4, 1.1), at(0.4, -0.1)}, geo.KindLineCrosses, "", nil},
		{across, "in_use", "/properties/code", map[string]string{"code": xinghu + "002"}},
		{across, "community", "/properties/code", map[string]string{"code": jingcheng + "009"}},
	} {
		line := append([]orb.Point{}, c.line...)
		report, err := split(lineBody(t, c.of, geo.WGS84, line...), RedrawOptions{Datum: geo.WGS84, DryRun: true})
		if must(t, err); len(report.Findings) != 1 || report.Findings[0].Kind != c.kind || report.Findings[0].Pointer != c.pointer || report.Findings[0].Warning {
			t.Errorf("%v: %+v", c.kind, report.Findings)
		}
		if _, err := split(lineBody(t, c.of, geo.WGS84, append([]orb.Point{}, c.line...)...), RedrawOptions{Datum: geo.WGS84}); len(invalid(t, err)) != 1 {
			t.Errorf("%v: %v", c.kind, err)
		}
	}
	for _, body := range []string{`{"type":"LineString","coordinates":[[120.7,31.3]]}`, `{"type":"LineString","coordinates":[[120.7],[1,2]]}`, `{"type":"LineString","coordinates":[[null,31.305],[120.8,31.305]]}`, `{"type":"LineString","coordinates":5}`,
		`{"type":"Feature","geometry":{"type":"LineString","coordinates":[[120.7,31.3],[120.8,31.3]]},"properties":{"keeps":"both"}}`} {
		_, err := split([]byte(body), RedrawOptions{Datum: geo.WGS84})
		invalid(t, err)
	}
	_, err = split([]byte(`{"type":"Feature","geometry":{"type":"LineString","coordinates":[[120.703,31.2],[120.703,31.4]]},"properties":{"code":null,"name":null,"keeps":null}}`), RedrawOptions{Datum: geo.WGS84, DryRun: true})
	must(t, err)
	report, err := split(lineBody(t, map[string]string{"name": "西", "keeps": "right"}, geo.GCJ02, append([]orb.Point{}, across...)...), RedrawOptions{Datum: geo.GCJ02})
	if must(t, err); report.Added != 1 || report.Changed != 1 || len(report.Redraws) != 1 {
		t.Fatalf("%+v", report)
	}
	must(t, s.Refresh(t.Context()))
	old, _ := s.Map().ByCode(xinghu + "001")
	fresh, ok := s.Map().ByCode(xinghu + "003")
	if !ok || fresh.Name != "西" || len(fresh.Posts) != 2 || len(old.Posts) != 2 || !(fresh.Centre[0] < old.Centre[0]) {
		t.Fatalf("%+v beside %+v", fresh, old)
	}
	if spot, _ := s.Map().Locate(at(0.1, 0.5)); spot.Cell.Code != fresh.Code {
		t.Errorf("the west is in %s", spot.Cell.Code)
	}
}
