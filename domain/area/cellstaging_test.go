package area

import (
	"errors"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

// What a large import writes is not there for anybody until its last step,
// and an import that others overtake takes no effect at all.
func TestStaging(t *testing.T) {
	ctx := t.Context()
	s := openTown(t)
	importCells(t, s, collection(newFeature(xinghu+"001", "basic", square(0, 0, 1))))
	features, _, err := readCells(collection(
		newFeature(xinghu+"001", "basic", square(0, 0, 0.5)), newFeature(xinghu+"002", "basic", square(1, 0, 1))), geo.WGS84)
	must(t, err)
	plan := func() *cellPlan {
		p := newCellPlan(s, root, Imported)
		p.features = features
		must(t, p.decide(1))
		return p
	}
	p := plan()
	w := &redrawing{cellPlan: p, st: s.st, now: noon.Add(time.Hour), staged: true}
	street := p.changes[0].place.Street
	versions := map[string]int64{street: p.versions[street] + 1}
	must(t, w.update(ctx, p.versions, "coverage.stage", nil))
	must(t, w.update(ctx, versions, "", p.changes))

	look := func(what string, side float64, second bool) {
		t.Helper()
		must(t, s.Refresh(ctx))
		one, err := s.CellByCode(ctx, root, xinghu+"001", nil)
		must(t, err)
		onMap, _ := s.Map().ByCode(xinghu + "001")
		if !one.Geometry.Equal(square(0, 0, side)) || !onMap.Geometry.Equal(one.Geometry) {
			t.Errorf("%s: cell 001 is %v", what, one.Geometry)
		}
		history, err := s.Boundaries(ctx, xinghu+"001")
		if must(t, err); history[len(history)-1].ID != one.Boundary {
			t.Errorf("%s: history %+v", what, history)
		}
		_, err = s.CellByCode(ctx, root, xinghu+"002", nil)
		if _, there := s.Map().ByCode(xinghu + "002"); there != second || errors.Is(err, domain.ErrNotFound) == second {
			t.Errorf("%s: cell 002 is there: %v, %v", what, there, err)
		}
	}
	look("staged", 1, false)

	// Somebody is posted meanwhile: the import must begin anew.
	post := func() {
		must(t, s.st.Update(ctx, []string{street}, func(tx *store.Tx) error {
			c, err := LoadCell(ctx, tx, xinghu+"001")
			if err != nil {
				return err
			}
			if err := c.SetStaff([]Post{{Account: "a", Role: access.GridLead}}, nil); err != nil {
				return err
			}
			return PutCell(ctx, tx, c, store.Entry{At: noon, Actor: "m", Action: "cell.staff"})
		}))
	}
	post()
	if err := w.update(ctx, versions, "coverage.flip", nil); !errors.Is(err, ErrOvertaken) {
		t.Fatalf("an overtaken import took effect: %v", err)
	}
	look("overtaken", 1, false)

	// Another import of the same cells is not disturbed by what was left, nor is the post.
	must(t, s.Refresh(ctx))
	w.cellPlan = plan()
	must(t, w.stage(ctx))
	look("in force", 0.5, true)
	c, err := LoadCell(ctx, s.st, xinghu+"001")
	if err != nil || c.LeadAt(noon) != "a" || c.Staged != nil {
		t.Fatalf("%+v, %v", c, err)
	}
	post() // writes the cell in its settled form
	look("written again", 0.5, true)
	if history, _ := s.Boundaries(ctx, xinghu+"001"); len(history) != 2 {
		t.Fatalf("%d boundaries", len(history))
	}
}
