package area

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

func TestLocate(t *testing.T) {
	s := openTown(t)
	if _, ok := s.Map().Locate(orb.Point{120.7, 31.3}); ok {
		t.Error("located without any cells")
	}
	if spot, _ := s.Map().Nearest(orb.Point{120.7, 31.3}); spot.Street != "" || spot.Cell != nil {
		t.Errorf("nearest without any cells: %+v", spot)
	}
	importCells(t, s, collection(
		newFeature(xinghu+"001", "basic", square(0, 0, 1)),
		newFeature(xinghu+"002", "dedicated", square(0.5, 0, 1)),
		newFeature(xincheng+"001", "basic", square(1, 0, 1)),
	))
	m := s.Map()
	for _, c := range []struct {
		x, y float64
		code string
	}{
		{0.1, 0.1, xinghu + "001"}, {0.6, 0.1, xinghu + "002"}, {1.2, 0.1, xinghu + "002"}, {1.8, 0.1, xincheng + "001"}, {3, 0, ""},
	} {
		p := orb.Point{120.7 + c.x/100, 31.3 + c.y/100}
		spot, ok := m.Locate(p)
		if ok != (c.code != "") || ok && (spot.Cell.Code != c.code || spot.Place != spot.Cell.Place || spot.Street != spot.Place.Street || spot.Coverage == 0) {
			t.Errorf("%v: %+v, %v, want %q", p, spot, ok, c.code)
		}
	}
	spot, metres := m.Nearest(orb.Point{120.73, 31.305})
	if spot.Cell.Code != xincheng+"001" || metres < 900 || metres > 1000 {
		t.Errorf("nearest is %s, %f m", spot.Cell.Code, metres)
	}
	if c, ok := m.ByID(spot.Cell.ID); !ok || c != spot.Cell {
		t.Error("not by id")
	}
	if n := testing.AllocsPerRun(100, func() { m.Locate(orb.Point{120.701, 31.301}) }); n != 0 {
		t.Errorf("Locate allocates %f times", n)
	}
}

// A decision taken on an old map runs again on the new one.
func TestObserve(t *testing.T) {
	s := openTown(t)
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1))))
	at := orb.Point{120.705, 31.305}
	behind, err := New(t.Context(), s.st)
	must(t, err)
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 0.4)), newFeature(xinghu+"002", "basic", square(0.4, 0, 1))))
	spot, _ := behind.Map().Locate(at)
	write := func(place access.Place, tx *store.Tx) error {
		o := &Organisation{Name: "x", Place: place}
		o.ID, o.Partition = "o", spot.Street
		return organisations.Insert(tx, o, store.Entry{At: noon, Actor: "a", Action: "test"})
	}
	err = s.st.Update(t.Context(), []string{spot.Street}, func(tx *store.Tx) error {
		spot, _ := behind.Map().Locate(at)
		spot.Observe(tx)
		return write(spot.Place, tx)
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Fatalf("a map that is behind decided: %v", err)
	}
	must(t, behind.Refresh(t.Context()))
	must(t, s.st.Update(t.Context(), []string{spot.Street}, func(tx *store.Tx) error {
		spot, _ := behind.Map().Locate(at)
		spot.Observe(tx)
		return write(spot.Place, tx)
	}))
	o, err := organisations.Get(t.Context(), s.st, "o")
	must(t, err)
	if c, _ := s.Map().ByCode(xinghu + "002"); o.Place.Cell != c.ID {
		t.Errorf("placed in %+v", o.Place)
	}
}

// What one node changes, another one's snapshots show within a second.
func TestFollow(t *testing.T) {
	s := openAreas(t)
	other, err := New(t.Context(), s.st)
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- other.Follow(ctx) }()
	importAreas(t, s, town, AreaImport{})
	eventually(t, "the areas", func() bool { _, ok := other.Tree().ByCode(xinghu); return ok })
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1)), newFeature(xincheng+"001", "basic", square(1, 0, 1))))
	eventually(t, "the cells", func() bool { return len(other.Map().Cells()) == 2 })
	kept, _ := other.Map().ByCode(xincheng + "001")
	must(t, s.st.Update(t.Context(), []string{other.Map().Cells()[0].Partition}, func(tx *store.Tx) error {
		c, err := LoadCell(t.Context(), tx, xinghu+"001")
		if err != nil {
			return err
		}
		if err := c.SetStaff([]Post{{Account: "a", Role: access.GridLead}}, nil); err != nil {
			return err
		}
		return PutCell(t.Context(), tx, c, store.Entry{At: noon, Actor: "m", Action: "cell.staff"})
	}))
	eventually(t, "the lead", func() bool { c, _ := other.Map().ByCode(xinghu + "001"); return c.LeadAt(noon) == "a" })
	if c, _ := other.Map().ByCode(xincheng + "001"); c != kept {
		t.Error("a street that did not change was read again")
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestListCells(t *testing.T) {
	s := openTown(t)
	cells := grid(9, xinghu, jingcheng, xincheng)
	cells = append(cells, newFeature(xinghu+"900", "dedicated", square(0, 0, 1)))
	importCells(t, s, collection(cells...))
	box := orb.Bound{Min: orb.Point{120.69, 31.29}, Max: orb.Point{120.705, 31.305}}
	for _, c := range []struct {
		q    CellQuery
		want int
	}{
		{CellQuery{}, 82}, {CellQuery{Area: "3205"}, 82}, {CellQuery{Area: "320576054"}, 55}, {CellQuery{Area: xincheng}, 27}, {CellQuery{Area: "320576055002"}, 0},
		{CellQuery{Kind: Basic}, 81}, {CellQuery{Kind: Dedicated, Area: "320576"}, 1}, {CellQuery{BBox: &box}, 1}, {CellQuery{BBox: &box, Kind: Basic}, 0},
	} {
		var codes []string
		for {
			c.q.Limit = 10
			found, next, err := s.Cells(root, c.q)
			must(t, err)
			for _, x := range found {
				if codes = append(codes, x.Code); len(x.Geometry) == 0 {
					t.Fatalf("%s has no geometry", x.Code)
				}
			}
			if c.q.Cursor = next; next == "" {
				break
			}
		}
		if len(codes) != c.want || !slices.IsSorted(codes) || len(slices.Compact(codes)) != c.want {
			t.Errorf("%+v: %d cells", c.q, len(codes))
		}
	}
	for _, q := range []CellQuery{{Area: "1"}, {Kind: "park"}} {
		_, _, err := s.Cells(root, q)
		invalid(t, err)
	}
}

// Cells placed before an area was recoded are listed under its new code.
func TestListCellsOfRecodedArea(t *testing.T) {
	s := openAreas(t)
	importAreas(t, s, head+"county,320571,园区,3205\nstreet,320571403,东沙湖,320571\ncommunity,320571403001,星湖,320571403\n", AreaImport{Edition: year(2021)})
	importCells(t, s, collection(newFeature("320571403001001", "basic", square(0, 0, 1))))
	moved := strings.Replace(strings.ReplaceAll(town, "\n", ",\n"), "parent_code,", "parent_code,successor_code", 1)
	importAreas(t, s, moved+",320571,,,320576\n,320571403,,,320576054\n,320571403001,,,320576054033\n", AreaImport{Edition: year(2023)})
	for _, area := range []string{"3205", "320576", "320576054", xinghu} {
		if found, _, err := s.Cells(root, CellQuery{Area: area}); err != nil || len(found) != 1 {
			t.Errorf("%s: %d cells, %v", area, len(found), err)
		}
	}
}

func TestPosts(t *testing.T) {
	s := openTown(t)
	ctx := t.Context()
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1)), newFeature(xinghu+"002", "basic", square(1, 0, 1)),
		newFeature(xincheng+"001", "basic", square(2, 0, 1))))
	staff := map[string][2]any{
		xinghu + "001":   {[]Post{lead("a", 0, 0), worker("b", 0, 5)}, []Cover{{"b", "a", day(1), day(2)}}},
		xinghu + "002":   {[]Post{worker("b", 3, 9)}, []Cover(nil)},
		xincheng + "001": {[]Post{lead("c", 0, 0)}, []Cover{{"a", "c", day(1), day(9)}}},
	}
	for code, to := range staff {
		c, _ := s.Map().ByCode(code)
		must(t, s.st.Update(ctx, []string{c.Partition}, func(tx *store.Tx) error {
			c, err := LoadCell(ctx, tx, code)
			if err != nil {
				return err
			}
			if err := c.SetStaff(to[0].([]Post), to[1].([]Cover)); err != nil {
				return err
			}
			return PutCell(ctx, tx, c, store.Entry{At: noon, Actor: "m", Action: "cell.staff"})
		}))
	}
	for _, c := range []struct {
		account string
		on      int
		want    []string
	}{
		{"a", 0, []string{xinghu + "001 grid_lead"}},
		{"a", 1, []string{xinghu + "001 grid_lead", xincheng + "001 grid_lead"}},
		{"b", 1, []string{xinghu + "001 grid_lead"}},
		{"b", 4, []string{xinghu + "001 outreach_worker", xinghu + "002 outreach_worker"}},
		{"b", 9, nil}, {"", 0, nil}, {"z", 0, nil},
	} {
		posts, err := s.Posts(ctx, c.account, noon.AddDate(0, 0, c.on))
		must(t, err)
		var got []string
		for _, p := range posts {
			got = append(got, p.Cell.Code+" "+string(p.Role))
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("%s on day %d: %q, want %q", c.account, c.on, got, c.want)
		}
	}
	// Who does not work sees no staff, wherever a cell comes from.
	must(t, s.Refresh(ctx))
	resident := access.Actor{Account: "r", Grants: []access.Grant{{Role: access.Resident}}}
	for who, n := range map[*access.Actor]int{&root: 2, &resident: 0, {}: 0} {
		one, err := s.CellByCode(ctx, *who, xinghu+"001", nil)
		must(t, err)
		at := noon.Add(time.Minute)
		then, err := s.CellByCode(ctx, *who, xinghu+"001", &at)
		must(t, err)
		listed, _, err := s.Cells(*who, CellQuery{})
		must(t, err)
		if len(one.Posts) != n || len(then.Posts) != n || len(listed[0].Posts) != n || len(one.Covers) != n/2 || len(listed[0].Covers) != n/2 {
			t.Errorf("%+v sees %v, %v, %v", who, one.Posts, then.Posts, listed[0].Posts)
		}
	}
}

func TestScheme(t *testing.T) {
	for text, ok := range map[string]bool{"community+3": true, "street+6": true, "county+8": true, "city+12": true,
		"": false, "community": false, "community+0": false, "cell+3": false, "community+13": false, "community+x": false} {
		if s, err := ParseScheme(text); (err == nil) != ok || ok && s.String() != text {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
	// A scheme whose codes do not name the community needs the property.
	s := openTown(t)
	s.Scheme = Scheme{access.Street, 6}
	with, without := newFeature("320576054000001", "basic", square(0, 0, 1)), newFeature("320576054000002", "basic", square(1, 0, 1))
	elsewhere := newFeature("320576054000003", "basic", square(2, 0, 1))
	with.Properties["community"], elsewhere.Properties["community"] = xinghu, xincheng
	report, err := s.ImportCells(t.Context(), root, noon, collection(with, without, elsewhere), CellImport{Datum: geo.WGS84})
	invalid(t, err)
	if got := told(report.Findings); !slices.Equal(got, []string{"/features/1/properties/community community", "/features/2/properties/community community"}) {
		t.Errorf("%q", got)
	}
	importCells(t, s, collection(with))
	with.Properties["community"] = jingcheng
	report, err = s.ImportCells(t.Context(), root, noon, collection(with), CellImport{Datum: geo.WGS84})
	invalid(t, err)
	if got := told(report.Findings); !slices.Equal(got, []string{"/features/0/properties/community community"}) {
		t.Errorf("%q", got)
	}
}

// Who waits for the next map is told when it is there, and not before.
func TestSuperseded(t *testing.T) {
	s := openTown(t)
	m := s.Map()
	isOver := func() bool {
		select {
		case <-m.Superseded():
			return true
		default:
			return false
		}
	}
	if must(t, s.Refresh(t.Context())); isOver() {
		t.Error("superseded by nothing")
	}
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1))))
	if !isOver() || s.Map() == m {
		t.Error("the map of no cells is the latest still")
	}
}
