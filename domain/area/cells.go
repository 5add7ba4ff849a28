package area

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Posted is a cell that an account staffs or covers.
type Posted struct {
	Cell  *Cell // without geometry
	Role  access.Role
	Until time.Time // zero: until further notice
}

// loadStreet reads the cells that a coverage stands for. They are at least as new as its version.
func (s *Areas) loadStreet(ctx context.Context, cover *Coverage) (*street, error) {
	out := &street{version: cover.Version}
	for cursor := ""; ; {
		page, next, err := Cells.Find(ctx, s.st, store.Query{
			Where: []store.Cond{store.Eq("partition", cover.ID)}, Order: []string{"code"}, Limit: 500, After: cursor,
		})
		if err != nil {
			return nil, err
		}
		page = slices.DeleteFunc(page, func(c *Cell) bool { return !c.settle(cover.Flipped) })
		if err := s.draw(ctx, page); err != nil {
			return nil, err
		}
		out.cells = append(out.cells, page...)
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// draw fills in the geometry of the cells' boundaries.
func (s *Areas) draw(ctx context.Context, cells []*Cell) error {
	ids := make([]string, len(cells))
	for i, c := range cells {
		ids[i] = c.Boundary
	}
	drawn, err := boundaries.GetMany(ctx, s.st, ids)
	if err != nil {
		return err
	}
	for _, c := range cells {
		b := drawn[c.Boundary]
		if b == nil {
			return fmt.Errorf("area: cell %s has no boundary %s", c.Code, c.Boundary)
		}
		if err := b.decode(); err != nil {
			return err
		}
		c.Geometry, c.Since = b.Geometry, b.ValidFrom
	}
	return nil
}

func (b *Boundary) decode() error {
	g, err := wkb.Unmarshal(b.WKB)
	if err != nil {
		return fmt.Errorf("area: boundary %s: %w", b.ID, err)
	}
	m, ok := g.(orb.MultiPolygon)
	if !ok {
		return fmt.Errorf("area: boundary %s is a %s", b.ID, g.GeoJSONType())
	}
	b.Geometry = m
	return nil
}

// LoadCell reads a cell for a change, or as it is at this moment; ErrNotFound. It has no geometry.
func LoadCell(ctx context.Context, r store.Reader, code string) (*Cell, error) {
	found, _, err := Cells.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("code", code)}, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, domain.ErrNotFound
	}
	c := found[0]
	flipped, err := flippedIn(ctx, r, c)
	if err != nil {
		return nil, err
	}
	if !c.settle(flipped) {
		return nil, domain.ErrNotFound
	}
	return c, nil
}

// flippedIn reads the staged imports in force in a cell's street, if it matters to the cell.
func flippedIn(ctx context.Context, r store.Reader, c *Cell) ([]string, error) {
	if c.Staged == nil {
		return nil, nil
	}
	cover, err := coverages.GetMany(ctx, r, []string{c.Partition})
	if err != nil || cover[c.Partition] == nil {
		return nil, err
	}
	return cover[c.Partition].Flipped, nil
}

// PutCell writes a cell that this update loaded, with what the change is
// called in the journal; the maps of all nodes follow.
func PutCell(ctx context.Context, tx *store.Tx, c *Cell, e store.Entry) error {
	cover, err := coverages.Get(ctx, tx, c.Partition)
	if err != nil {
		return err
	}
	if err := Cells.Put(tx, c, e); err != nil {
		return err
	}
	return grow(tx, cover, store.Entry{At: e.At, Actor: e.Actor, From: e.From, Action: "coverage.grow"})
}

// public takes away what only people who work may see.
func (c *Cell) public(actor access.Actor) *Cell {
	if access.SeesStaff(actor) {
		return c
	}
	out := *c
	out.Posts, out.Covers = nil, nil
	return &out
}

// CellByCode returns the cell as it is, or with the boundary that it had at a
// time; ErrNotFound, also before the first boundary. Who does not work sees no staff.
func (s *Areas) CellByCode(ctx context.Context, actor access.Actor, code string, at *time.Time) (*Cell, error) {
	c, err := LoadCell(ctx, s.st, code)
	if err != nil {
		return nil, err
	}
	if at == nil {
		if err := s.draw(ctx, []*Cell{c}); err != nil {
			return nil, err
		}
		return c.public(actor), nil
	}
	versions, err := s.history(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, b := range versions {
		if (span{b.ValidFrom, b.ValidTo}).holds(*at) {
			c.Boundary, c.Geometry, c.Since, c.AreaM2, c.BBox = b.ID, b.Geometry, b.ValidFrom, b.AreaM2, b.BBox
			c.Centre = centre(b.Geometry)
			return c.public(actor), nil
		}
	}
	return nil, domain.ErrNotFound
}

// Boundaries returns every boundary version of a cell, oldest first; ErrNotFound.
func (s *Areas) Boundaries(ctx context.Context, code string) ([]*Boundary, error) {
	c, err := LoadCell(ctx, s.st, code)
	if err != nil {
		return nil, err
	}
	return s.history(ctx, c)
}

// BoundaryPage is one page of Boundaries, and the cursor of the next.
func (s *Areas) BoundaryPage(ctx context.Context, code string, limit int, cursor string) ([]*Boundary, string, error) {
	all, err := s.Boundaries(ctx, code)
	if err != nil {
		return nil, "", err
	}
	since := func(b *Boundary) string { return b.ValidFrom.Format("2006-01-02T15:04:05.000") + b.ID }
	return page(all, limit, cursor, since, func(*Boundary) bool { return true })
}

func (s *Areas) history(ctx context.Context, c *Cell) ([]*Boundary, error) {
	cover, err := coverages.Get(ctx, s.st, c.Partition)
	if err != nil {
		return nil, err
	}
	var out []*Boundary
	for cursor := ""; ; {
		page, next, err := boundaries.Find(ctx, s.st, store.Query{
			Where: []store.Cond{store.Eq("cell", c.ID)}, Order: []string{"validFrom"}, Limit: 500, After: cursor,
		})
		if err != nil {
			return nil, err
		}
		for _, b := range page {
			if b.Set != "" && !slices.Contains(cover.Flipped, b.Set) {
				continue // of an import that never took effect
			}
			if err := b.decode(); err != nil {
				return nil, err
			}
			if len(out) > 0 {
				out[len(out)-1].ValidTo = b.ValidFrom
			}
			out = append(out, b)
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// CellQuery asks for cells of today, ordered by code.
type CellQuery struct {
	Area   string     // code; "" for all
	BBox   *orb.Bound // WGS-84: cells whose box meets it
	Kind   Kind       // "" for all
	Limit  int
	Cursor string
}

// Cells returns a page of cells with their geometry and the cursor of the
// next. InvalidError for an unknown area or kind, store.ErrCursor. Who does not work sees no staff.
func (s *Areas) Cells(actor access.Actor, q CellQuery) ([]*Cell, string, error) {
	in := func(access.Place) bool { return true }
	if q.Area != "" {
		a, ok := s.Tree().ByCode(q.Area)
		if !ok {
			return nil, "", domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
		}
		ids := s.Tree().Formerly(a.ID)
		in = func(p access.Place) bool { return slices.Contains(ids, p.At(a.Level)) }
	}
	if q.Kind != "" && !slices.Contains(Kinds, q.Kind) {
		return nil, "", domain.Invalid("?kind", domain.T("类型应为 basic、dedicated 或 micro", "the kind is basic, dedicated or micro"))
	}
	found, next, err := page(s.Map().sorted, q.Limit, q.Cursor, func(c *Cell) string { return c.Code }, func(c *Cell) bool {
		return in(c.Place) && (q.Kind == "" || c.Kind == q.Kind) && (q.BBox == nil || q.BBox.Intersects(c.Bound()))
	})
	for i, c := range found {
		found[i] = c.public(actor)
	}
	return found, next, err
}

// Posts returns the cells that an account staffs or covers.
func (s *Areas) Posts(ctx context.Context, account string, now time.Time) ([]Posted, error) {
	var out []Posted
	for cursor := ""; ; {
		ask := func(field string) store.Query {
			return store.Query{Where: []store.Cond{store.Eq(field, account)}, Limit: 500, After: cursor}
		}
		found, next, err := Cells.Find(ctx, s.st, ask("posts.account"), ask("covers.account"))
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if own, ok := c.Posted(account, now); ok {
				out = append(out, Posted{c, own.Role, own.Until})
			}
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}
