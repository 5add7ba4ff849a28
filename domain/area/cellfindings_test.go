package area

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
)

func TestImportCellsFindings(t *testing.T) {
	swapped := square(5, 5, 1)
	for i, p := range swapped[0][0] {
		swapped[0][0][i] = orb.Point{p[1], p[0]}
	}
	open := square(6, 5, 1)
	open[0][0] = open[0][0][:4]
	bow := square(7, 5, 1)
	bow[0][0][1], bow[0][0][2] = bow[0][0][2], bow[0][0][1]
	feature := func(code, kind string, m orb.MultiPolygon, properties ...string) *cellFeature {
		f := newFeature(code, kind, m)
		for i := 0; i < len(properties); i += 2 {
			f.Properties[properties[i]] = properties[i+1]
		}
		return f
	}
	for _, c := range []struct {
		name     string
		features []*cellFeature
		want     []string
	}{
		{"geometry", []*cellFeature{feature(xinghu+"011", "basic", swapped), feature(xinghu+"012", "basic", open), feature(xinghu+"013", "basic", bow)},
			[]string{"/features/0/geometry/coordinates/0/0/0 swapped", "/features/1/geometry/coordinates/0/0 unclosed", "/features/2/geometry/coordinates/0/0 self_crossing"}},
		{"properties", []*cellFeature{
			feature("", "basic", square(5, 5, 1)),
			feature(xinghu+"000", "basic", square(6, 5, 1)),
			feature(xinghu+"11", "basic", square(7, 5, 1)),
			feature("320576054099001", "basic", square(8, 5, 1)),
			feature(xinghu+"011", "park", square(9, 5, 1), "name", " "),
			feature(xinghu+"011", "basic", square(10, 5, 1), "community", jingcheng),
			feature(xinghu+"012", "micro", square(0, 0, 0.5)),
			feature(xinghu+"013", "micro", square(0.5, 0.5, 0.5), "parent", xinghu+"001"),
			feature("320576054033O14", "basic", square(11, 5, 1)),
		}, []string{"/features/0/properties/code code", "/features/1/properties/code code", "/features/2/properties/code code",
			"/features/3/properties/code unknown_community", "/features/4/properties/name name", "/features/4/properties/kind kind",
			"/features/5/properties/code duplicate", "/features/5/properties/community community", "/features/6/properties/parent parent",
			"/features/8/properties/code code"}},
		{"geometry and properties at once", []*cellFeature{feature("x", "basic", bow, "name", "")},
			[]string{"/features/0/geometry/coordinates/0/0 self_crossing", "/features/0/properties/code code", "/features/0/properties/name name"}},
		{"overlaps", []*cellFeature{
			feature(xinghu+"011", "basic", square(0.9, 0.9, 2)), // with the stored one
			feature(xinghu+"012", "basic", square(2, 2, 1)),     // with the first
			feature(xinghu+"013", "dedicated", square(0, 0, 1)), // another kind may
			feature(xincheng+"011", "basic", square(-0.5, -0.5, 1)),
		}, []string{"/features/0/geometry overlap", "/features/1/geometry overlap", "/features/3/geometry overlap"}},
	} {
		s := openTown(t)
		importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1))))
		heads := s.st.Heads()
		report, err := s.ImportCells(t.Context(), root, noon, collection(c.features...), CellImport{Datum: geo.WGS84})
		if got := told(report.Findings); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if fields := invalid(t, err); len(fields) != len(c.want) {
			t.Errorf("%s: the error names %v", c.name, fields)
		}
		for p, n := range s.st.Heads() {
			if n != heads[p] {
				t.Errorf("%s: something was written", c.name)
			}
		}
		if c.name == "overlaps" {
			f := report.Findings
			if f[0].Neighbour != xinghu+"001" || f[1].Neighbour != xinghu+"011" || f[0].Code != xinghu+"011" || f[0].AreaM2 < 1e4 || f[0].AreaM2 > 1.1e4 ||
				!strings.Contains(f[0].Detail.ZH, xinghu+"001") || !strings.Contains(f[0].Detail.EN, "m², near 12") {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestImportCellsRefused(t *testing.T) {
	s := openTown(t)
	good := collection(newFeature(xinghu+"001", "basic", square(0, 0, 1)))
	for _, c := range []struct {
		name    string
		data    []byte
		datum   geo.Datum
		pointer string
	}{
		{"no datum", good, "", "?datum"},
		{"unknown datum", good, "epsg4326", "?datum"},
		{"no JSON", []byte("level,code"), geo.WGS84, ""},
		{"no collection", []byte(`{"type":"Feature"}`), geo.WGS84, ""},
		{"nested", []byte(strings.Repeat("[", 1<<20)), geo.WGS84, ""},
		{"no features at all", []byte(`{"type":"FeatureCollection","features":[1,null,{}]}`), geo.WGS84, "/features/0"},
	} {
		_, err := s.ImportCells(t.Context(), root, noon, c.data, CellImport{Datum: c.datum})
		if fields := invalid(t, err); fields[0].Pointer != c.pointer || fields[0].Detail.ZH == "" {
			t.Errorf("%s: %+v", c.name, fields)
		}
	}
	// A small overlap is let be, up to what the caller tolerates.
	importCells(t, s, good)
	beside := collection(newFeature(xinghu+"002", "basic", square(0.99, 0, 1)))
	if _, err := s.ImportCells(t.Context(), root, noon, beside, CellImport{Datum: geo.WGS84, ToleranceM2: 20000}); err != nil {
		t.Error(err)
	}
}

// A property may be a text or a number; of a number no digit is lost.
func TestReadCellsProperties(t *testing.T) {
	for properties, want := range map[string]string{
		`{"code":" 32057605403 ","CODE":"x","leads":["甲"]}`: "32057605403",
		`{"code":32050500300412345678}`:                     "32050500300412345678",
		`{"code":true}`:                                     "",
		`{"code":["1"]}`:                                    "",
		`{"code":null}`:                                     "",
		`{}`:                                                "",
		`7`:                                                 "",
	} {
		cells, _, err := readCells([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":`+properties+`,"geometry":null}]}`), geo.WGS84)
		if err != nil || len(cells) != 1 || cells[0].code != want {
			t.Errorf("%s: %+v, %v", properties, cells, err)
		}
	}
}

func TestImportCellsScope(t *testing.T) {
	s := openTown(t)
	street, _ := s.Tree().ByCode("320576054")
	grant := access.Grant{Role: access.StreetManager, Level: access.Street, Area: street.ID}
	manager := access.Actor{Account: "m", Grants: []access.Grant{grant}}
	mine, theirs := newFeature(xinghu+"001", "basic", square(0, 0, 1)), newFeature(xincheng+"001", "basic", square(1, 0, 1))
	unknown := newFeature("320576054099001", "basic", square(2, 0, 1))
	report, err := s.ImportCells(t.Context(), manager, noon, collection(mine, theirs, unknown), CellImport{Datum: geo.WGS84})
	invalid(t, err)
	if got := told(report.Findings); !slices.Equal(got, []string{"/features/1/properties/code unknown_community"}) {
		t.Errorf("%q", got)
	}
	want := "there is no community " + "320576054099, " + xincheng + " that is yours (of 2 cells): import the areas first (POST /v1/areas/import or wangge import areas)"
	if got := report.Findings[0].Detail.EN; got != want { // of what there is and what there is not, the same
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := s.ImportCells(t.Context(), manager, noon, collection(mine), CellImport{Datum: geo.WGS84}); err != nil {
		t.Error(err)
	}
	grant.Role = access.GridLead
	if _, err := s.ImportCells(t.Context(), access.Actor{Account: "l", Grants: []access.Grant{grant}}, noon, collection(mine), CellImport{Datum: geo.WGS84}); !errors.Is(err, domain.ErrForbidden) {
		t.Error(err)
	}
}
