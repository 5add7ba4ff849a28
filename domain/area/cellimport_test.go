package area

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/geo"
)

func TestImportCells(t *testing.T) {
	s := openTown(t)
	data := collection(
		newFeature(xinghu+"001", "basic", square(0, 0, 1)),
		newFeature(xinghu+"002", "basic", square(1, 0, 1)),
		newFeature(xincheng+"001", "dedicated", square(0.5, 0, 1)),
	)
	dry, err := s.ImportCells(t.Context(), root, noon, data, CellImport{Datum: geo.WGS84, DryRun: true})
	if err != nil || dry.Added != 3 || !dry.DryRun || len(s.Map().Cells()) != 0 {
		t.Fatalf("%+v, %v", dry, err)
	}
	if report := importCells(t, s, data); report.Added != 3 || len(report.Findings) != 0 {
		t.Fatalf("%+v", report)
	}
	c, err := s.CellByCode(t.Context(), root, xinghu+"001", nil)
	must(t, err)
	community, _ := s.Tree().ByCode(xinghu)
	want := community.Place
	want.Cell = c.ID
	if c.Name != "网格001" || c.Kind != Basic || c.Place != want || c.Partition != community.Place.Street || !c.Geometry.Equal(square(0, 0, 1)) {
		t.Fatalf("%+v", c)
	}
	if c.BBox != [4]float64{120.7, 31.3, 120.71, 31.31} || c.Centre != (orb.Point{120.705, 31.305}) || c.AreaM2 < 1.05e6 || c.AreaM2 > 1.06e6 {
		t.Errorf("%+v", c.Outline)
	}
	heads := s.st.Heads()
	if again := importCells(t, s, data); again.Unchanged != 3 || again.Added+again.Changed != 0 {
		t.Fatalf("%+v", again)
	}
	for p, n := range s.st.Heads() {
		if n != heads[p] {
			t.Fatalf("importing it again wrote to %s", p)
		}
	}
	entries, err := s.st.Journal(t.Context(), c.Partition, 0, 100)
	must(t, err)
	var actions []string
	for _, e := range entries {
		actions = append(actions, e.Action)
	}
	if !slices.Equal(actions, []string{"cell.add", "boundary.add", "cell.add", "boundary.add", "redraw.import", "coverage.grow"}) {
		t.Errorf("journal %v", actions)
	}
}

// The same ground told in another way is the same polygon.
func TestImportSamePolygon(t *testing.T) {
	s := openTown(t)
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1))))
	ring := square(0, 0, 1)[0][0]
	turned := append(slices.Clone(ring[2:]), ring[1:3]...)
	slices.Reverse(turned)
	for datum, m := range map[geo.Datum]orb.MultiPolygon{geo.WGS84: {{turned}}, geo.CGCS2000: square(0, 0, 1), geo.GCJ02: shifted(ring)} {
		report, err := s.ImportCells(t.Context(), root, noon, collection(newFeature(xinghu+"001", "basic", m)), CellImport{Datum: datum})
		if err != nil || report.Unchanged != 1 {
			t.Errorf("%s: %+v, %v", datum, report, err)
		}
	}
}

func shifted(ring orb.Ring) orb.MultiPolygon {
	out := orb.Ring{}
	for _, p := range ring {
		out = append(out, geo.FromWGS84(p, geo.GCJ02))
	}
	return orb.MultiPolygon{{out}}
}

func TestRedraw(t *testing.T) {
	s := openTown(t)
	code := xinghu + "001"
	importCells(t, s, collection(newFeature(code, "basic", square(0, 0, 1))))
	first, err := s.CellByCode(t.Context(), root, code, nil)
	must(t, err)
	later := noon.Add(24 * time.Hour)
	report, err := s.ImportCells(t.Context(), root, later, collection(newFeature(code, "basic", square(0, 0, 2))), CellImport{Datum: geo.WGS84})
	if err != nil || report.Changed != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	renamed := newFeature(code, "dedicated", square(0, 0, 2))
	renamed.Properties["name"] = "公园"
	importCells(t, s, collection(renamed))
	now, err := s.CellByCode(t.Context(), root, code, nil)
	must(t, err)
	if now.ID != first.ID || now.Boundary == first.Boundary || now.Name != "公园" || now.Kind != Dedicated || now.AreaM2 < 3.9*first.AreaM2 {
		t.Fatalf("%+v", now)
	}
	history, err := s.Boundaries(t.Context(), code)
	must(t, err)
	next := later.Add(time.Millisecond) // the third import came with a clock that is behind
	if len(history) != 3 || history[0].ID != first.Boundary || history[2].ID != now.Boundary || !history[0].ValidFrom.Equal(noon) ||
		!history[0].ValidTo.Equal(later) || !history[1].ValidFrom.Equal(later) || !history[1].ValidTo.Equal(next) || !history[2].ValidFrom.Equal(next) ||
		!history[2].ValidTo.IsZero() || !history[0].Geometry.Equal(square(0, 0, 1)) || !history[2].Geometry.Equal(history[1].Geometry) {
		t.Fatalf("%+v", history)
	}
	for at, want := range map[time.Time]*Boundary{noon: history[0], later.Add(-1): history[0], later: history[1], next: history[2], later.Add(time.Hour): history[2]} {
		then, err := s.CellByCode(t.Context(), root, code, &at)
		must(t, err)
		if then.Outline != want.Outline || !then.Geometry.Equal(want.Geometry) || then.Bound() != then.Geometry.Bound() || !then.Since.Equal(want.ValidFrom) {
			t.Errorf("at %s: %+v", at, then)
		}
	}
	if history[0].Name != first.Name || history[0].Kind != Basic || history[2].Kind != Dedicated {
		t.Errorf("what it was called then: %+v", history)
	}
	before := noon.Add(-1)
	if _, err := s.CellByCode(t.Context(), root, code, &before); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("before the first boundary: %v", err)
	}
	for _, unknown := range []string{"", "nothing", xinghu + "002"} {
		_, err := s.CellByCode(t.Context(), root, unknown, nil)
		_, err2 := s.Boundaries(t.Context(), unknown)
		if !errors.Is(err, domain.ErrNotFound) || !errors.Is(err2, domain.ErrNotFound) {
			t.Errorf("%q: %v, %v", unknown, err, err2)
		}
	}
}

func TestImportCellsGap(t *testing.T) {
	s := openTown(t)
	around := []*cellFeature{}
	for i, at := range [][2]float64{{0, 0}, {1, 0}, {2, 0}, {0, 1}, {2, 1}, {0, 2}, {1, 2}, {2, 2}} {
		around = append(around, newFeature(fmt.Sprintf("%s%03d", xinghu, i+1), "basic", square(at[0], at[1], 1)))
	}
	report := importCells(t, s, collection(around...))
	if len(report.Findings) != 1 || report.Findings[0].Kind != geo.KindGap || !report.Findings[0].Warning || report.Failed() || report.Added != 8 {
		t.Fatalf("%+v", report)
	}
	if f := report.Findings[0]; f.Neighbour == "" || f.Neighbour == f.Code || f.AreaM2 < 1e6 {
		t.Errorf("between two cells: %+v", f)
	}
	// The ninth cell does not quite fill the hole: it is said of the cell in the file, whichever is found first.
	report = importCells(t, s, collection(newFeature(xinghu+"009", "basic", square(1, 1, 0.9))))
	if len(report.Findings) != 1 || report.Findings[0].Feature != 0 || report.Findings[0].Code != xinghu+"009" || report.Findings[0].Neighbour == "" {
		t.Errorf("%+v", report)
	}
	// Any of those around it in the file is enough, and one that does not touch it is not blamed.
	last := newFeature(xinghu+"008", "basic", square(2, 2, 1))
	last.Properties["name"] = "改名"
	report = importCells(t, s, collection(newFeature(xinghu+"020", "basic", square(9, 9, 1)), last))
	if len(report.Findings) != 1 || report.Findings[0].Feature != 1 || report.Findings[0].Code != xinghu+"008" || !strings.Contains(report.Findings[0].Detail.EN, ", near ") {
		t.Errorf("%+v", report)
	}
	report = importCells(t, s, collection(newFeature(xinghu+"021", "basic", square(9, 11, 1))))
	if len(report.Findings) != 0 {
		t.Errorf("of a gap elsewhere: %+v", report)
	}
}

func TestImportMicro(t *testing.T) {
	s := openTown(t)
	micro := newFeature(xinghu+"101", "micro", square(0, 0, 0.5))
	micro.Properties["parent"] = xinghu + "001"
	basic := newFeature(xinghu+"001", "basic", square(0, 0, 1))
	importCells(t, s, collection(micro, basic))
	m, _ := s.Map().ByCode(xinghu + "101")
	b, _ := s.Map().ByCode(xinghu + "001")
	if m.Parent != b.ID {
		t.Fatalf("%+v", m)
	}
	micro.Properties["name"] = "alone, its parent being stored"
	if report := importCells(t, s, collection(micro)); report.Changed != 1 {
		t.Fatalf("%+v", report)
	}
	if spot, ok := s.Map().Locate(orb.Point{120.702, 31.302}); !ok || spot.Cell.ID != b.ID {
		t.Errorf("located in %+v", spot.Cell)
	}
}

// Importing some 700 cells takes the staged way.
func TestImportManyCells(t *testing.T) {
	s := openTown(t)
	cells := grid(27, xinghu, xincheng)
	if report := importCells(t, s, collection(cells...)); report.Added != 729 {
		t.Errorf("%+v", report)
	}
	if n := len(s.Map().Cells()); n != 729 {
		t.Fatalf("%d cells on the map", n)
	}
	fresh, err := New(t.Context(), s.st)
	must(t, err)
	for _, c := range s.Map().Cells() {
		read, err := s.CellByCode(t.Context(), root, c.Code, nil)
		must(t, err)
		other, ok := fresh.Map().ByCode(c.Code)
		if !ok || read.Boundary != c.Boundary || other.Boundary != c.Boundary || !read.Geometry.Equal(c.Geometry) {
			t.Fatalf("%+v, %+v, %+v", c.Outline, read.Outline, other)
		}
		if spot, ok := fresh.Map().Locate(c.Centre); !ok || spot.Cell.ID != c.ID || spot.Street != c.Place.Street {
			t.Fatalf("%s is located in %+v", c.Code, spot)
		}
	}
	history, err := s.Boundaries(t.Context(), xinghu+"001")
	if err != nil || len(history) != 1 {
		t.Fatalf("%+v, %v", history, err)
	}
	if again := importCells(t, s, collection(cells...)); again.Unchanged != 729 {
		t.Fatalf("%+v", again)
	}
}
