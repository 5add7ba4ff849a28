package place

import (
	"fmt"
	"slices"
	"testing"

	"wangge/domain/access"
	"wangge/store"
	"wangge/store/enginetest"
)

// Whatever sets a thing is in, it counts once.
func TestDisjoint(t *testing.T) {
	lists := Lists{Overlap: true, Sets: []Subset{
		{People: []store.Cond{store.Eq("reporter", "a")}},
		{People: []store.Cond{store.Eq("lead", "a")}, Places: []store.Cond{store.Eq("place.street", "s")}, Text: []store.Cond{store.Eq("place.city", "c")}},
		{People: []store.Cond{store.Eq("sender", "a")}, Places: []store.Cond{store.Eq("place.cell", "x")}},
	}}
	fields := []string{"reporter", "lead", "place.street", "sender", "place.cell"}
	for thing := range 1 << len(fields) {
		has := func(conds []store.Cond) bool {
			return !slices.ContainsFunc(conds, func(c store.Cond) bool { return thing>>slices.Index(fields, c.Field)&1 == 0 })
		}
		listed, counted := int64(0), int64(0)
		for _, s := range lists.Sets {
			if has(slices.Concat(s.People, s.Places)) {
				listed = 1
			}
		}
		for _, p := range lists.Disjoint() {
			if has(slices.Concat(p.People, p.Places)) {
				counted += p.Sign
			}
		}
		if counted != listed {
			t.Errorf("what has %05b of %v counts %d times", thing, fields, counted)
		}
	}
	if parts := (Lists{Sets: lists.Sets}).Disjoint(); len(parts) != 3 || parts[2].Sign != 1 || len(parts[2].People) != 1 {
		t.Errorf("what does not overlap: %+v", parts)
	}
	apart := Lists{Overlap: true, Sets: append(slices.Clone(lists.Sets), Subset{People: []store.Cond{store.Eq("served", "x")}, Apart: true})}
	if parts := apart.With([]store.Cond{store.Eq("place.county", "k")}, nil).Disjoint(); len(parts) != 8 || parts[0].Sign != 1 || len(parts[0].People)+len(parts[0].Places) != 2 {
		t.Errorf("with one that leaves out the others: %+v", parts)
	}
	with := lists.With([]store.Cond{store.Eq("place.county", "k")}, nil)
	if s := with.Sets[1]; !with.Overlap || len(s.Places) != 2 || len(s.Text) != 1 || len(lists.Sets[1].Places) != 1 {
		t.Errorf("with one more: %+v of %+v", s, lists.Sets[1])
	}
}

func TestWithin(t *testing.T) {
	areas := settled(t, enginetest.SQLite(t), 120.6)
	street, _ := areas.Tree().ByCode("320508001")
	cell, _ := areas.Map().ByCode("320508001001001")
	for _, c := range []struct {
		area, cell string
		want       string
	}{{"", "", "[]"}, {"320508001", "", "place.street " + street.ID}, {"320508", cell.Code, "place.cell " + cell.ID}, {"320506", cell.Code, "place.street "}} {
		conds, err := Within(areas, c.area, c.cell)
		got := "[]"
		if len(conds) > 0 {
			got = conds[0].Field + " "
			for _, v := range conds[0].Values {
				got += fmt.Sprint(v)
			}
		}
		if err != nil || got != c.want {
			t.Errorf("%q %q: %s, %v", c.area, c.cell, got, err)
		}
	}
	if all := Everywhere(areas)[0]; all.Field != "place.city" || len(all.Values) != 1 {
		t.Errorf("everywhere is %+v", all)
	}
	everything, _ := Reach(areas, []access.Scope{{}}, "", "")
	if lists := InPlaces(areas, everything); lists.Overlap || len(lists.Sets) != 1 || len(lists.Sets[0].Places[0].Values) != 3 || lists.Sets[0].Text[0].Field != "place.city" {
		t.Errorf("in all places: %+v", lists)
	}
}
