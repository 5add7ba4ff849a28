package area

import (
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/store"
	"wangge/store/storetest"
)

// The stored form of every collection, each field set.
func TestStoredForms(t *testing.T) {
	meta := func(id, partition string) store.Meta {
		return store.Meta{ID: id, Partition: partition, Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}
	}
	place := access.Place{City: "ci", County: "co", Street: "s", Community: "cm", Cell: "c"}
	outline := Outline{Name: "一格", Kind: Basic, Parent: "p", Boundary: "b", Centre: orb.Point{120.5, 31.25}, BBox: [4]float64{120, 31, 121, 31.5}, AreaM2: 1234.5,
		Ended: Retired, Successor: "s"}
	next := outline
	next.Boundary = "b2"
	storetest.Golden(t, areas, &Area{Meta: meta("a", CityPartition), Code: "320576054", Name: "东沙湖街道", Level: access.Street, Parent: "co",
		Place: place, ValidFrom: noon, ValidTo: noon.Add(time.Hour), Successor: "z"}, "testdata/area.json")
	storetest.Golden(t, cells, &Cell{Meta: meta("c", "s"), Code: "320576054033001", Place: place, Outline: outline, Staged: &Staged{"r", next},
		Posts:  []Post{{"l", access.GridLead, noon, noon.Add(time.Hour), Contact{"李网格长", "0512-66601234", "周一至周五 9:00–17:30"}}, {Account: "w", Role: access.OutreachWorker}},
		Covers: []Cover{{"w", "l", noon, noon.Add(time.Hour)}}, Geometry: square(0, 0, 1)}, "testdata/cell.json")
	storetest.Golden(t, boundaries, &Boundary{Meta: meta("b", "s"), Cell: "c", Code: "320576054033001", Community: "cm", ValidFrom: noon,
		Outline: outline, WKB: []byte{1, 2, 3}, Replaces: "a", Redraw: "r", Staged: true, ValidTo: noon, Geometry: square(0, 0, 1)}, "testdata/boundary.json")
	storetest.Golden(t, coverages, &Coverage{Meta: meta("s", "s"), Flipped: []Flip{{"r", noon}}, Drawn: noon, Redraw: "r", Edition: noon}, "testdata/coverage.json")
	storetest.Golden(t, redraws, &Redraw{Meta: meta("r", "s"), Place: place, At: noon, By: "m", Kind: Merged, Reason: "合并", Added: 1, Changed: 2, Retired: 3,
		Lent:  []Staffing{{"c", []Post{{Account: "l", Role: access.GridLead, From: noon, Until: noon.Add(time.Hour)}}, []Cover{{"w", "l", noon, noon.Add(time.Hour)}}}},
		Prior: "q", Undoes: "p", UndoneBy: "u"}, "testdata/redraw.json")
	storetest.Golden(t, organisations, &Organisation{Meta: meta("o", "s"), Name: "中海物业", Kind: "property_company", Place: place,
		Phone: "0512-67606760", Active: true}, "testdata/organisation.json")
}
