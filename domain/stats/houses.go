package stats

import (
	"context"
	"maps"
	"slices"

	"wangge/domain/area"
	"wangge/store"
)

// touched is the cells, by street, whose households are to be counted again:
// households are too many to be remembered one by one.
type touched map[string]map[string]bool

func newTouched() touched { return touched{} }

// add takes the cells that an entry about a household says it was in and is in.
func (t touched) add(areas *area.Areas, partition string, e *store.Entry) {
	t.cell(partition, e.After.Cell)
	t.cell(partition, e.Before.Cell)
	// It may come from another street, whose own journal is silent about it.
	if c, ok := areas.Map().EverByID(e.Before.Cell); ok {
		t.cell(c.Place.Street, c.ID)
	} else if e.Before.State != "" { // from no cell, of any street
		for _, street := range areas.Tree().Streets() {
			t.cell(street.ID, "")
		}
	}
}

func (t touched) cell(street, cell string) {
	if t[street] == nil {
		t[street] = map[string]bool{}
	}
	t[street][cell] = true
}

// recount counts again what was touched.
func (f *follower) recount(ctx context.Context, t touched) error {
	for street, cells := range t {
		if err := f.countHouses(ctx, street, slices.Sorted(maps.Keys(cells))); err != nil {
			return err
		}
	}
	return nil
}

// countHouses counts the households of these cells of a street, nil for all,
// and notes how many more there are.
func (f *follower) countHouses(ctx context.Context, street string, cells []string) error {
	now, err := f.Households.CountIn(ctx, street, cells)
	if err != nil {
		return err
	}
	if cells == nil {
		cells = slices.Collect(maps.Keys(now))
	}
	was := f.houses[street]
	if was == nil {
		was = map[string]int{}
		f.houses[street] = was
	}
	for _, cell := range cells {
		more := int(now[cell]) - was[cell]
		if more == 0 {
			continue
		}
		c, ok := f.Areas.Map().EverByID(cell)
		if !ok && cell != "" { // the journal tells of a cell that this node has yet to hear of
			if err := f.Areas.Refresh(ctx); err != nil {
				return err
			}
			c, ok = f.Areas.Map().EverByID(cell)
		}
		n := f.of(street).houses[cell]
		n.more, was[cell] = n.more+more, was[cell]+more
		if ok {
			n.community = c.Place.Community
		}
		f.of(street).houses[cell] = n
	}
	return nil
}
