package area

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

func boundaryOf(m orb.MultiPolygon) []byte {
	data, err := json.Marshal(map[string]any{"type": "MultiPolygon", "coordinates": m})
	if err != nil {
		panic(err)
	}
	return data
}

// rectangle is a ring in hundredths of a degree from 120.7, 31.3.
func rectangle(west, south, east, north float64) orb.MultiPolygon {
	at := func(x, y float64) orb.Point { return geo.Snap(orb.Point{120.7 + x/100, 31.3 + y/100}) }
	return orb.MultiPolygon{{{at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)}}}
}

// pair is two basic cells side by side, with staff in each and a micro cell in the first.
func openPair(t *testing.T) *Areas {
	t.Helper()
	s := openTown(t)
	micro := newFeature(xinghu+"101", "micro", rectangle(0.6, 0, 1, 0.4))
	micro.Properties["parent"] = xinghu + "001"
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1)), newFeature(xinghu+"002", "basic", square(1, 0, 1)), micro))
	staff(t, s, xinghu+"001", Post{Account: "lead-1", Role: access.GridLead}, Post{Account: "worker-1", Role: access.OutreachWorker})
	staff(t, s, xinghu+"002", Post{Account: "lead-2", Role: access.GridLead}, Post{Account: "worker-2", Role: access.OutreachWorker})
	return s
}

func staff(t *testing.T, s *Areas, code string, posts ...Post) {
	t.Helper()
	must(t, s.st.Update(t.Context(), []string{areaID("320576054")}, func(tx *store.Tx) error {
		c, err := LoadCell(t.Context(), tx, code)
		if err != nil {
			return err
		}
		if err := c.SetStaff(posts, nil); err != nil {
			return err
		}
		return PutCell(t.Context(), tx, c, store.Entry{At: noon, Actor: "a", Action: "cell.staff"})
	}))
	must(t, s.Refresh(t.Context()))
}

func findingKinds(r Report) (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.Kind)
	}
	return out
}

func (s *Areas) shapes(t *testing.T) map[string]string {
	t.Helper()
	must(t, s.Refresh(t.Context()))
	out := map[string]string{}
	for _, c := range s.Map().Cells() {
		out[c.Code] = fmt.Sprint(c.Name, c.Kind, c.Parent, c.Geometry, len(c.Posts))
	}
	return out
}

func TestDrawCell(t *testing.T) {
	s := openPair(t)
	later := noon.Add(time.Hour)
	wide := boundaryOf(rectangle(0, 0, 1.5, 1))
	before := s.shapes(t)
	report, err := s.DrawCell(t.Context(), root, later, xinghu+"001", 0, wide, RedrawOptions{Datum: geo.WGS84})
	if fields := invalid(t, err); len(fields) != 1 || len(report.Findings) != 1 || report.Findings[0].Neighbour != xinghu+"002" || report.Findings[0].AreaM2 < 1e5 {
		t.Errorf("overlapping: %+v, %v", report.Findings, fields)
	}
	if now := s.shapes(t); fmt.Sprint(now) != fmt.Sprint(before) {
		t.Errorf("half written: %v", now)
	}
	dry, err := s.DrawCell(t.Context(), root, later, xinghu+"001", 0, wide, RedrawOptions{Datum: geo.WGS84, Trim: true, DryRun: true})
	if must(t, err); dry.Changed != 2 || len(dry.Redraws) != 0 || len(dry.Findings) != 0 || fmt.Sprint(s.shapes(t)) != fmt.Sprint(before) {
		t.Errorf("dry: %+v", dry)
	}
	report, err = s.DrawCell(t.Context(), root, later, xinghu+"001", 0, wide, RedrawOptions{Datum: geo.WGS84, Trim: true})
	if must(t, err); report.Changed != 2 || len(report.Redraws) != 1 {
		t.Errorf("trimmed: %+v", report)
	}
	spot, _ := s.Map().Locate(orb.Point{120.712, 31.305})
	if two, _ := s.Map().ByCode(xinghu + "002"); spot.Cell.Code != xinghu+"001" || !two.Geometry.Equal(canonical(rectangle(1.5, 0, 2, 1))) {
		t.Errorf("the neighbour is %v", two.Geometry)
	}
	report, err = s.UndoRedraw(t.Context(), root, later, report.Redraws[0], RedrawOptions{})
	if must(t, err); report.Changed != 2 || fmt.Sprint(s.shapes(t)) != fmt.Sprint(before) {
		t.Errorf("undone: %+v\n%v\n%v", report, s.shapes(t), before)
	}
	history, err := s.Boundaries(t.Context(), xinghu+"002")
	if must(t, err); len(history) != 3 || !history[0].ValidTo.Equal(history[1].ValidFrom) || !history[1].ValidTo.Equal(history[2].ValidFrom) || !history[2].Geometry.Equal(history[0].Geometry) {
		t.Errorf("%d versions", len(history))
	}
}

func TestDrawCellRefuses(t *testing.T) {
	s := openPair(t)
	manager := access.Actor{Account: "m", Grants: []access.Grant{{Role: access.StreetManager, Level: access.Street, Area: areaID("320576055")}}}
	for name, c := range map[string]struct {
		actor access.Actor
		code  string
		body  string
		want  error
		at    string
	}{
		"unknown cell":        {root, xinghu + "999", string(boundaryOf(square(0, 0, 1))), domain.ErrNotFound, ""},
		"another street":      {manager, xinghu + "001", string(boundaryOf(square(0, 0, 1))), domain.ErrNotFound, ""},
		"no manager":          {access.Actor{Account: "x"}, xinghu + "001", string(boundaryOf(square(0, 0, 1))), domain.ErrForbidden, ""},
		"no JSON":             {root, xinghu + "001", `{"type":"Polygon","coordinates":NaN}`, nil, ""},
		"bow tie":             {root, xinghu + "001", `{"type":"Polygon","coordinates":[[[120.7,31.3],[120.71,31.31],[120.71,31.3],[120.7,31.31],[120.7,31.3]]]}`, nil, "/coordinates/0"},
		"bow tie, a feature":  {root, xinghu + "001", `{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[120.7,31.3],[120.71,31.31],[120.71,31.3],[120.7,31.31],[120.7,31.3]]]}}`, nil, "/geometry/coordinates/0"},
		"hole outside":        {root, xinghu + "001", `{"type":"Polygon","coordinates":[[[120.7,31.3],[120.71,31.3],[120.71,31.31],[120.7,31.3]],[[120.8,31.3],[120.81,31.31],[120.81,31.3],[120.8,31.3]]]}`, nil, "/coordinates/1"},
		"a point":             {root, xinghu + "001", `{"type":"Point","coordinates":[120.7,31.3]}`, nil, "/type"},
		"an array":            {root, xinghu + "001", `[]`, nil, ""},
		"a number as a type":  {root, xinghu + "001", `{"type":5}`, nil, "/type"},
		"another one's place": {root, xinghu + "001", string(boundaryOf(square(1, 0, 1))), nil, ""},
	} {
		report, err := s.DrawCell(t.Context(), c.actor, noon, c.code, 0, []byte(c.body), RedrawOptions{Datum: geo.WGS84})
		if c.want != nil {
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if fields := invalid(t, err); fields[0].Pointer != c.at || strings.Contains(fields[0].Detail.EN, "Go ") { // values and types of the program
			t.Errorf("%s: %+v %+v", name, fields, report.Findings)
		}
	}
	one, _ := s.Map().ByCode(xinghu + "001")
	if _, err := s.DrawCell(t.Context(), root, noon, one.Code, one.Version+1, boundaryOf(square(0, 0, 1)), RedrawOptions{Datum: geo.WGS84}); !errors.Is(err, domain.ErrStale) {
		t.Errorf("at another version: %v", err)
	}
}

func TestSplitMergeRetire(t *testing.T) {
	s := openPair(t)
	start := s.shapes(t)
	split := func(features ...*cellFeature) (Report, error) {
		return s.SplitCell(t.Context(), root, noon.Add(time.Hour), xinghu+"001", 0, collection(features...), RedrawOptions{Datum: geo.WGS84})
	}
	for name, parts := range map[string][]*cellFeature{
		"beyond":   {newFeature(xinghu+"001", "basic", rectangle(0, 0, 0.5, 1.1)), newFeature(xinghu+"003", "basic", rectangle(0.5, 0, 1, 1))},
		"left_out": {newFeature(xinghu+"001", "basic", rectangle(0, 0, 0.5, 1)), newFeature(xinghu+"003", "basic", rectangle(0.5, 0, 1, 0.9))},
		"in_use":   {newFeature(xinghu+"001", "basic", rectangle(0, 0, 0.5, 1)), newFeature(xinghu+"002", "basic", rectangle(0.5, 0, 1, 1))},
		"overlap":  {newFeature(xinghu+"001", "basic", rectangle(0, 0, 0.6, 1)), newFeature(xinghu+"003", "basic", rectangle(0.5, 0, 1, 1))},
		"parts":    {newFeature(xinghu+"001", "basic", rectangle(0, 0, 1, 1))},
		"code":     {newFeature(xinghu+"001", "basic", rectangle(0, 0, 0.5, 1)), newFeature("12", "basic", rectangle(0.5, 0, 1, 1))},
	} {
		report, err := split(parts...)
		if invalid(t, err); len(report.Findings) != 1 || report.Findings[0].Kind != name {
			t.Errorf("%s: %v", name, findingKinds(report))
		}
	}
	halves, err := split(newFeature(xinghu+"001", "basic", rectangle(0, 0, 0.5, 1)), newFeature(xinghu+"003", "basic", rectangle(0.5, 0, 1, 1)))
	must(t, err)
	three, ok := s.Map().ByCode(xinghu + "003")
	micro, _ := s.Map().ByCode(xinghu + "101")
	if !ok || halves.Added != 1 || halves.Changed != 2 || len(three.Posts) != 2 || micro.Parent != three.ID {
		t.Fatalf("%+v: %+v; the micro cell is under %s", halves, three, micro.Parent)
	}

	merged, err := s.MergeCells(t.Context(), root, noon.Add(2*time.Hour), []string{xinghu + "002", xinghu + "003"}, xinghu+"002", "湖东", RedrawOptions{})
	must(t, err)
	two, _ := s.Map().ByCode(xinghu + "002")
	micro, _ = s.Map().ByCode(xinghu + "101")
	if merged.Ended != 1 || two.Name != "湖东" || len(two.Geometry) != 1 || geo.AreaM2(two.Geometry) < 1.49*geo.AreaM2(square(1, 0, 1)) || micro.Parent != two.ID {
		t.Errorf("%+v: %+v", merged, two)
	}
	if len(two.Posts) != 3 || two.Posts[0].Account != "lead-2" || two.Posts[2].Account != "worker-1" {
		t.Errorf("staff of the merged: %+v", two.Posts)
	}
	gone, err := s.CellByCode(t.Context(), root, xinghu+"003", nil)
	if must(t, err); gone.Ended != Retired || gone.Successor != two.ID {
		t.Errorf("merged away: %+v", gone.Outline)
	}
	again := newFeature(xinghu+"003", "basic", square(5, 5, 1))
	if report, err := s.ImportCells(t.Context(), root, noon, collection(again), CellImport{Datum: geo.WGS84}); len(invalid(t, err)) != 1 || report.Findings[0].Kind != "retired" {
		t.Errorf("a retired code again: %v", report.Findings)
	}

	for _, c := range []struct {
		codes []string
		into  string
	}{{[]string{xinghu + "001"}, xinghu + "001"}, {[]string{xinghu + "001", xinghu + "101"}, xinghu + "001"}, {[]string{xinghu + "001", xinghu + "003"}, xinghu + "001"}, {[]string{xinghu + "001", xinghu + "002"}, xinghu + "009"}} {
		_, err := s.MergeCells(t.Context(), root, noon, c.codes, c.into, "", RedrawOptions{})
		invalid(t, err)
	}
	var conflict *domain.ConflictError
	if _, err := s.RetireCell(t.Context(), root, noon, xinghu+"002", 0, "拆迁", RedrawOptions{}); !errors.As(err, &conflict) || conflict.Code != "has_micro_cells" {
		t.Errorf("retired above a micro cell: %v", err)
	}
	if _, err := s.RetireCell(t.Context(), root, noon, xinghu+"101", 0, "", RedrawOptions{}); invalid(t, err)[0].Pointer != "/reason" {
		t.Error("retired without a reason")
	}
	retired, err := s.RetireCell(t.Context(), root, noon.Add(3*time.Hour), xinghu+"101", 0, "不再细分", RedrawOptions{})
	must(t, err)

	for _, id := range []string{halves.Redraws[0], merged.Redraws[0]} {
		if _, err := s.UndoRedraw(t.Context(), root, noon, id, RedrawOptions{}); !errors.As(err, &conflict) || conflict.Code != "not_the_latest" {
			t.Errorf("undone before the later ones: %v", err)
		}
	}
	for _, id := range []string{retired.Redraws[0], merged.Redraws[0], halves.Redraws[0]} {
		if _, err := s.UndoRedraw(t.Context(), root, noon.Add(4*time.Hour), id, RedrawOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.UndoRedraw(t.Context(), root, noon, id, RedrawOptions{}); !errors.As(err, &conflict) || conflict.Code != "undone" {
			t.Errorf("undone twice: %v", err)
		}
	}
	if now := s.shapes(t); fmt.Sprint(now) != fmt.Sprint(start) {
		t.Errorf("all undone:\n%v\n%v", now, start)
	}
	list, _, err := s.Redraws(t.Context(), root, "320576054", 50, "")
	if must(t, err); len(list) != 7 || list[0].Kind != Undoing || list[6].Kind != Imported || list[0].Undoes != halves.Redraws[0] || list[5].UndoneBy != list[0].ID {
		t.Errorf("%d redraws", len(list))
	}
	// A split that was undone may be made again, under the same code.
	if _, err := split(newFeature(xinghu+"001", "basic", rectangle(0, 0, 0.5, 1)), newFeature(xinghu+"003", "basic", rectangle(0.5, 0, 1, 1))); err != nil {
		t.Error(err)
	}
}
