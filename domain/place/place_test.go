package place

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/storetest"
)

var noon = worldtest.Noon

// recoded gives the first street another code.
const recoded = `level,code,name,parent_code,successor_code
street,320508009,甲街道,320508,
community,320508009001,甲一社区,320508009,
community,320508009002,甲二社区,320508009,
street,320508001,甲街道,320508,320508009
community,320508001001,甲一社区,320508001,320508009001
community,320508001002,甲二社区,320508001,320508009002
`

// settled is the city with a cell in each street, the first so far east.
func settled(t *testing.T, place enginetest.Place, west float64) *area.Areas {
	t.Helper()
	_, areas := open(t, place)
	worldtest.Import(t, areas, noon, worldtest.Areas)
	draw(t, areas, west)
	return areas
}

func open(t *testing.T, place enginetest.Place) (*store.Store, *area.Areas) {
	t.Helper()
	return worldtest.Open(t, place.Open(t), store.Options{}, area.Collections()...)
}

func draw(t *testing.T, areas *area.Areas, west float64) {
	t.Helper()
	var cells []worldtest.Cell
	for i, code := range []string{worldtest.East, worldtest.Other, worldtest.Far} {
		cells = append(cells, worldtest.Cell{Code: code, Ground: worldtest.Square(west+0.05*float64(i), 31.3, 0.01)})
	}
	worldtest.Draw(t, areas, noon, cells...)
}

func TestReach(t *testing.T) {
	areas := settled(t, enginetest.SQLite(t), 120.6)
	worldtest.Import(t, areas, noon, recoded)
	id := func(code string) string { return worldtest.Must(areas.Area(code))(t).ID } // also of one that ended
	cell, _ := areas.Map().ByCode("320508001001001")
	codes := map[string]string{cell.ID: "cell"}
	for _, code := range []string{"320508001", "320508009", "320508002", "320506001", "320508001001", "320508009001", "320508002001"} {
		codes[id(code)] = code
	}
	everything, county := access.Scope{}, access.Scope{Level: access.County, ID: id("320508")}
	old, community := access.Scope{Level: access.Street, ID: id("320508001")}, access.Scope{Level: access.Community, ID: id("320508001001")}
	own, unknown := access.Scope{Level: access.Cell, ID: cell.ID}, access.Scope{Level: access.Cell, ID: "new"}
	for name, c := range map[string]struct {
		scopes     []access.Scope
		area, cell string
		want       string
	}{
		"everything":                     {[]access.Scope{everything}, "", "", "320506001 320508001 320508002 320508009"},
		"a county":                       {[]access.Scope{county}, "", "", "320508001 320508002 320508009"},
		"a county in another":            {[]access.Scope{county}, "320506", "", ""},
		"a street with its former code":  {[]access.Scope{everything}, "320508009", "", "320508001 320508009"},
		"a community with its former":    {[]access.Scope{everything}, "320508009001", "", "320508001001 320508009001"},
		"a cell":                         {[]access.Scope{everything}, "", cell.Code, "cell"},
		"a cell of the area":             {[]access.Scope{everything}, "320508009", cell.Code, "cell"},
		"a cell of another area":         {[]access.Scope{everything}, "320508002", cell.Code, ""},
		"one scope inside another":       {[]access.Scope{old, community, own}, "", "", "320508001"},
		"scopes finer than what's asked": {[]access.Scope{own}, "3205", "", "cell"},
		"what is not on the map yet":     {[]access.Scope{unknown}, "", "", ""},
		"nothing":                        {nil, "", "", ""},
	} {
		places, err := Reach(areas, c.scopes, c.area, c.cell)
		var got []string
		for _, p := range places {
			_, id := Finest(p)
			got = append(got, codes[id])
		}
		slices.Sort(got)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, %v, want %s", name, got, err, c.want)
		}
	}
	for pointer, c := range map[string][2]string{"?area": {"320508001", ""}, "?cell": {"", "1"}} { // a code that ended is nobody's
		var bad *domain.InvalidError
		if _, err := Reach(areas, []access.Scope{everything}, c[0], c[1]); !errors.As(err, &bad) || bad.Fields[0].Pointer != pointer {
			t.Errorf("%s: %v", pointer, err)
		}
	}
}

// What a reader looks at becomes one query for streets, and one for the cells
// of each street that is looked at in part; a community is its cells, also those of before.
func TestSets(t *testing.T) {
	areas := settled(t, enginetest.SQLite(t), 120.6)
	named, ids := map[string]string{"": ""}, map[string]string{}
	for _, file := range []string{"", recoded} { // an ended code is nobody's
		if file != "" {
			worldtest.Import(t, areas, noon, file)
		}
		for _, code := range []string{"3205", "320508", "320506", "320508001", "320508002", "320508009", "320506001", "320508001001", "320508002001", "320508009001"} {
			if a, ok := areas.Tree().ByCode(code); ok {
				named[a.ID], ids[code] = code, a.ID
			}
		}
	}
	for _, code := range []string{"320508001001001", "320508002001001"} {
		c, _ := areas.Map().ByCode(code)
		named[c.ID] = code
	}
	name := func(ids []string) string {
		var out []string
		for _, id := range ids {
			out = append(out, named[id])
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	street := func(code string) access.Scope { return access.Scope{Level: access.Street, ID: ids[code]} }
	community := func(code string) access.Scope { return access.Scope{Level: access.Community, ID: ids[code]} }
	cell, _ := areas.Map().ByCode("320508002001001")
	for what, c := range map[string]struct {
		scopes []access.Scope
		want   []string // streets, cells; how a text index is asked
	}{
		"everything":                   {[]access.Scope{{}}, []string{"320506001 320508001 320508002 320508009;; place.city 3205"}},
		"a county":                     {[]access.Scope{{Level: access.County, ID: ids["320508"]}}, []string{"320508001 320508002 320508009;; place.county 320508"}},
		"two streets of three":         {[]access.Scope{street("320508001"), street("320508009")}, []string{"320508001 320508009;; place.street 320508001 320508009"}},
		"a community and a cell":       {[]access.Scope{community("320508001001"), {Level: access.Cell, ID: cell.ID}}, []string{"320508001;320508001001001; place.cell 320508001001001", "320508002;320508002001001; place.cell 320508002001001"}},
		"a street and a community":     {[]access.Scope{street("320508009"), community("320508002001")}, []string{"320508002;320508002001001; place.cell 320508002001001", "320508009;; place.street 320508009"}},
		"a community that has no cell": {[]access.Scope{community("320508009001")}, nil},
	} {
		places, err := Reach(areas, c.scopes, "", "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, set := range Sets(areas, places) {
			scope := set.Scope(areas.Tree())
			var within []string
			for _, v := range scope.Values {
				within = append(within, v.(string))
			}
			got = append(got, name(set.Streets)+";"+name(set.Cells)+"; "+scope.Field+" "+name(within))
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	if l := Levels([]access.Place{cell.Place, {City: "c", County: "k", Street: "s"}}); len(l) != 2 || l[0].Level != access.Cell || l[1].Streets[0] != "s" {
		t.Errorf("levels %+v", l)
	}
	if c := Among(nil); len(c.Values) != 0 {
		t.Errorf("among none: %+v", c)
	}
}

func TestSpot(t *testing.T) {
	_, areas := open(t, enginetest.SQLite(t))
	if _, ok := Spot(areas.Map(), orb.Point{120.605, 31.305}); ok {
		t.Error("a place where there are no cells")
	}
	worldtest.Import(t, areas, noon, worldtest.Areas)
	draw(t, areas, 120.6)
	for name, c := range map[string]struct {
		at     orb.Point
		ok     bool
		inCell bool
	}{
		"in a cell": {orb.Point{120.605, 31.305}, true, true}, "beside it": {orb.Point{120.615, 31.305}, true, false},
		"far away": {orb.Point{122.5, 31}, false, false}, "nowhere": {orb.Point{500, 0}, false, false},
	} {
		spot, ok := Spot(areas.Map(), c.at)
		if ok != c.ok || (spot.Cell != nil) != c.inCell || ok && (spot.Place.Street == "" || (spot.Place.Cell != "") != c.inCell || (spot.Place.Community != "") != c.inCell) {
			t.Errorf("%s: %+v, %v", name, spot, ok)
		}
	}
}

// A change on an old map runs again on the new one, in the street that the position is in by then.
func TestRouteOnAnOldMap(t *testing.T) {
	place := enginetest.SQLite(t)
	areas := settled(t, place, 120.6)
	st, behind := open(t, place)
	draw(t, areas, 120.55) // now the second street's cell is where the first one's was
	var ran []string
	organisations := storetest.Of[area.Organisation](area.Collections())
	err := Route(t.Context(), behind, orb.Point{120.605, 31.305}, "/position", func(street string, spot func(*store.Tx) (area.Spot, error)) error {
		a, _ := behind.Tree().ByID(street)
		ran = append(ran, a.Code)
		return st.Update(t.Context(), []string{street}, func(tx *store.Tx) error {
			at, err := spot(tx)
			if err != nil {
				return err
			}
			organisation := &area.Organisation{Meta: store.Meta{ID: "o", Partition: at.Street}, Name: at.Cell.Code, Place: at.Place}
			return organisations.Insert(tx, organisation, store.Entry{At: noon, Actor: "a", Action: "test"})
		})
	})
	made, findErr := organisations.Get(t.Context(), st, "o")
	if err != nil || findErr != nil || strings.Join(ran, " ") != "320508001 320508002" || made.Name != "320508002001001" {
		t.Errorf("ran in %v: %+v, %v, %v", ran, made, err, findErr)
	}
	var bad *domain.InvalidError
	if err := Route(t.Context(), behind, orb.Point{0, 0}, "/at", nil); !errors.As(err, &bad) || bad.Fields[0].Pointer != "/at" {
		t.Errorf("at sea: %v", err)
	}
}
