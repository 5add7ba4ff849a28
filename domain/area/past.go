package area

import (
	"context"
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// CellsAt returns a page of the cells of a street or community as they were at
// q.At, by code, and the cursor of the next: with the names, kinds and
// boundaries of then, and no staff. Errors: those of Cells, InvalidError at ?area for other areas.
func (s *Areas) CellsAt(ctx context.Context, q CellQuery) ([]*Cell, string, error) {
	tree := s.Tree()
	a, ok := tree.ByCode(q.Area)
	if !ok || a.Level != access.Street && a.Level != access.Community {
		return nil, "", domain.Invalid("?area", domain.T("查询过去的网格须给出街道或社区", "cells of the past are asked for by street or community"))
	}
	if err := q.checkKind(); err != nil {
		return nil, "", err
	}
	ids := tree.Formerly(a.ID)
	streets := ids
	if a.Level == access.Community {
		streets = nil
		for _, id := range ids {
			if former, ok := tree.ByID(id); ok {
				streets = append(streets, tree.Place(former).Street)
			}
		}
	}
	var all []*Cell
	for _, street := range slices.Compact(slices.Sorted(slices.Values(streets))) {
		cells, err := s.streetAt(ctx, street, q)
		if err != nil {
			return nil, "", err
		}
		all = append(all, cells...)
	}
	slices.SortFunc(all, func(a, b *Cell) int { return strings.Compare(a.Code, b.Code) })
	return domain.Page(all, q.Limit, q.Cursor, func(c *Cell) string { return c.Code }, func(c *Cell) bool {
		return (a.Level == access.Street || slices.Contains(ids, c.Place.Community)) &&
			(q.Kind == "" || c.Kind == q.Kind) && (q.BBox == nil || q.BBox.Intersects(c.Bound()))
	})
}

// streetAt reads the versions in force in a street at a time.
func (s *Areas) streetAt(ctx context.Context, street string, q CellQuery) ([]*Cell, error) {
	covers, err := coverages.GetMany(ctx, s.st, []string{street})
	if err != nil || covers[street] == nil {
		return nil, err
	}
	current := map[string]*Boundary{} // by code
	for cursor := ""; ; {
		page, next, err := boundaries.Find(ctx, s.st, store.Query{
			Where: []store.Cond{store.Eq("partition", street)}, Order: []string{"code", "validFrom"}, Limit: 500, After: cursor,
		})
		if err != nil {
			return nil, err
		}
		for _, b := range page {
			if b.settle(covers[street]) && !b.ValidFrom.After(*q.At) && (current[b.Code] == nil || !b.ValidFrom.Before(current[b.Code].ValidFrom)) {
				current[b.Code] = b
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	var out []*Cell
	for _, b := range current {
		if b.Ended != "" {
			continue
		}
		if err := b.decode(); err != nil {
			return nil, err
		}
		out = append(out, s.asOf(b))
	}
	return out, nil
}

// asOf is the cell as one of its versions has it.
func (s *Areas) asOf(b *Boundary) *Cell {
	c := &Cell{Code: b.Code}
	c.ID, c.Partition = b.Cell, b.Partition
	if a, ok := s.Tree().ByID(b.Community); ok {
		c.Place = s.Tree().Place(a)
	}
	c.Place.Cell = b.Cell
	c.setVersion(b)
	if today, ok := s.Map().ByCode(b.Code); ok {
		c.Version = today.Version
	}
	return c
}
