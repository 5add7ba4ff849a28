package household

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/area"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
)

// redrawn are the cells of the street with the line between west and east moved 0.002 degrees into east.
func redrawn() []byte {
	return worldtest.CellFile(worldtest.Cell{Code: west, Ground: worldtest.Box(120.59, 31.3, 120.602, 31.31)}, worldtest.Cell{Code: east, Ground: worldtest.Box(120.602, 31.3, 120.617, 31.31)})
}

func TestRezone(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.areas.PlanMoves = w.households.PlanMoves
		put := func(lon float64, room string) *Household {
			d := draft(east, room)
			d.Position[0] = lon
			return w.create("manager", d)
		}
		gone, stays, outside := put(120.601, "1"), put(120.607, "2"), put(120.615, "3")
		elsewhere := w.create("manager", draft(north, "4"))
		report := must(w.areas.ImportCells(t.Context(), program, noon.Add(time.Hour), redrawn(), area.CellImport{Datum: geo.WGS84}))(t)
		if report.Moved["households"] != 2 {
			t.Errorf("%v moved", report.Moved)
		}
		if err := w.areas.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			h       *Household
			cell    string
			version int64
		}{"of ground that west took": {gone, west, 2}, "that stays": {stays, east, 1}, "that no cell held": {outside, east, 2}, "of another cell": {elsewhere, north, 1}} {
			h := w.get(c.h.ID)
			cell, _ := w.areas.Map().ByCode(c.cell)
			if h.Place != cell.Place || c.version > 1 && h.Boundary != cell.Boundary || h.Version != c.version {
				t.Errorf("%s: %+v at version %d", name, h.Place, h.Version)
			}
		}
		if list, _, err := w.households.List(t.Context(), w.people["two cells"], noon, Filter{Cell: west}); err != nil || len(list) != 1 || list[0].ID != gone.ID {
			t.Errorf("west lists %d, %v", len(list), err)
		}
	})
}

// A node whose map is behind lays what is made there into the cells as they are.
func TestCreateOnAnOldMap(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		behind, importing := w.join(store.Options{Rehearse: true}), w.join(store.Options{Rehearse: true})
		must(w.areas.ImportCells(t.Context(), program, noon.Add(time.Hour), redrawn(), area.CellImport{Datum: geo.WGS84}))(t)
		d := draft(east, "1")
		d.Position[0] = 120.601
		h, _, err := behind.households.Create(t.Context(), w.people["manager"], noon, d)
		if err != nil || h.Place.Cell != w.id(west) {
			t.Errorf("made in %+v, %v", h, err)
		}
		report := must(importing.households.Import(t.Context(), w.people["manager"], noon, strings.NewReader("estate,building,lon,lat,datum\n乙,1,120.601,31.305,wgs84\n"), Import{Street: jia}))(t)
		list, _, err := w.households.List(t.Context(), w.people["two cells"], noon, Filter{})
		if report.Added != 1 || err != nil || len(list) != 2 {
			t.Errorf("imported: %s, %d in the cell, %v", inOneLine(report), len(list), err)
		}
	})
}

// Of many who make a household at one address, one does; of many who change
// one at once, none loses what they said.
func TestAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		const many = 8
		nodes := []*node{w.node, w.join(store.Options{Rehearse: true})}
		var wg sync.WaitGroup
		made := make(chan *Household, many)
		for i := range many {
			wg.Go(func() {
				d := draft(east, "301")
				d.Address.Building = []string{"8", "08幢", "八号楼"}[i%3]
				h, _, err := nodes[i%2].households.Create(t.Context(), w.people["worker"], noon, d)
				if err == nil {
					made <- h
				} else if code(err) != "duplicate_address" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		close(made)
		h := <-made
		if h == nil || len(made) > 0 {
			t.Fatalf("not one household: %v and %d", h, len(made))
		}
		for i := range many {
			wg.Go(func() {
				in := MemberInput{PersonInput: PersonInput{Name: str(fmt.Sprintf("客%d", i))}, Tags: []TagInput{{Code: BuiltIn[i%len(BuiltIn)].Code}}}
				if _, _, err := nodes[i%2].households.AddMember(t.Context(), w.people["worker"], noon, h.ID, 0, in); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if h = w.get(h.ID); len(h.Members) != many+1 || len(h.Marks) != len(BuiltIn)+1 {
			t.Errorf("%d members, marked %v", len(h.Members), h.Marks)
		}
	})
}
