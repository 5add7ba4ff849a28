package area

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/paulmach/orb"

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
	out := &street{version: cover.Version, retired: map[string]*Cell{}}
	for cursor := ""; ; {
		page, next, err := cells.Find(ctx, s.st, store.Query{
			Where: []store.Cond{store.Eq("partition", cover.ID)}, Order: []string{"code"}, Limit: 500, After: cursor,
		})
		if err != nil {
			return nil, err
		}
		var live []*Cell
		for _, c := range page {
			switch {
			case !c.settle(cover):
			case c.Ended != "":
				out.retired[c.Code] = c
			default:
				live = append(live, c)
			}
		}
		if err := s.draw(ctx, cover, live); err != nil {
			return nil, err
		}
		out.cells = append(out.cells, live...)
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// load reads a cell, retired or not, and the coverage of its street; ErrNotFound. It has no geometry.
func load(ctx context.Context, r store.Reader, code string) (*Cell, *Coverage, error) {
	found, _, err := cells.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("code", code)}, Limit: 1})
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, domain.ErrNotFound
	}
	cover, err := coverages.Get(ctx, r, found[0].Partition)
	if err != nil {
		return nil, nil, err
	}
	if !found[0].settle(cover) {
		return nil, nil, domain.ErrNotFound
	}
	return found[0], cover, nil
}

// LoadCell reads a cell for a change, or as it is at this moment; ErrNotFound,
// of a retired one too. It has no geometry.
func LoadCell(ctx context.Context, r store.Reader, code string) (*Cell, error) {
	c, _, err := load(ctx, r, code)
	if err == nil && c.Ended != "" {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// LoadCellAt is LoadCell of the version that the caller knows; 0 states none.
// ErrStale when it is no longer the current one, also at commit.
func LoadCellAt(ctx context.Context, tx *store.Tx, code string, version int64) (*Cell, error) {
	c, err := LoadCell(ctx, tx, code)
	if err == nil {
		_, err = cells.GetAt(ctx, tx, c.ID, version)
	}
	return c, err
}

// PutCell writes a cell that this update loaded, with what the change is
// called in the journal; the maps of all nodes follow.
func PutCell(ctx context.Context, tx *store.Tx, c *Cell, e store.Entry) error {
	cover, err := coverages.Get(ctx, tx, c.Partition)
	if err != nil {
		return err
	}
	if err := cells.Put(tx, c, e); err != nil {
		return err
	}
	return putCoverage(tx, cover, store.Entry{At: e.At, Actor: e.Actor, From: e.From, Action: "coverage.grow"})
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

// CellByCode returns the cell as it is, or as it was at a time but for its
// staff, who are today's. ErrNotFound, also before the first boundary and
// while it was retired; a cell that is retired now is there for people who work.
// Who does not sees no staff.
func (s *Areas) CellByCode(ctx context.Context, actor access.Actor, code string, at *time.Time) (*Cell, error) {
	c, cover, err := load(ctx, s.st, code)
	if err != nil {
		return nil, err
	}
	if at == nil {
		if c.Ended != "" && !access.SeesStaff(actor) {
			return nil, domain.ErrNotFound
		}
		if err := s.draw(ctx, cover, []*Cell{c}); err != nil {
			return nil, err
		}
		return c.public(actor), nil
	}
	versions, err := s.history(ctx, cover, c)
	if err != nil {
		return nil, err
	}
	for _, b := range versions {
		if b.Ended == "" && (span{b.ValidFrom, b.ValidTo}).holds(*at) {
			c.setVersion(b)
			return c.public(actor), nil
		}
	}
	return nil, domain.ErrNotFound
}

// setVersion gives the cell the outline of one of its versions.
func (c *Cell) setVersion(b *Boundary) {
	c.Outline, c.Geometry, c.Since = b.Outline, b.Geometry, b.ValidFrom
}

// CellQuery asks for cells of today, ordered by code.
type CellQuery struct {
	Area   string     // code; "" for all
	BBox   *orb.Bound // WGS-84: cells whose box meets it
	Kind   Kind       // "" for all
	At     *time.Time // as they were then: for CellsAt
	Limit  int
	Cursor string
}

func (q CellQuery) checkKind() error {
	if q.Kind != "" && !slices.Contains(Kinds, q.Kind) {
		return domain.Invalid("?kind", KindWords.Fault())
	}
	return nil
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
	if err := q.checkKind(); err != nil {
		return nil, "", err
	}
	found, next, err := domain.Page(s.Map().sorted, q.Limit, q.Cursor, func(c *Cell) string { return c.Code }, func(c *Cell) bool {
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
		found, next, err := cells.Find(ctx, s.st, ask("posts.account"), ask("covers.account"))
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			own, ok := c.Posted(account, now)
			if !ok {
				continue
			}
			if c.Staged != nil { // and perhaps retired by it
				cover, err := coverages.Get(ctx, s.st, c.Partition)
				if err != nil {
					return nil, err
				}
				c.settle(cover)
			}
			if c.Ended == "" {
				out = append(out, Posted{c, own.Role, own.Until})
			}
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// LoadCells reads cells by their ids, for who is posted in them; what is drawn
// of them may be as it was before a redraw.
func LoadCells(ctx context.Context, r store.Reader, ids []string) (map[string]*Cell, error) {
	return cells.GetMany(ctx, r, ids)
}

// Staffed returns the cells of a street, by code, that have posts, without geometry; no retired one.
func Staffed(ctx context.Context, r store.Reader, street string) ([]*Cell, error) {
	cover, err := coverages.Get(ctx, r, street)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []*Cell
	for cursor := ""; ; {
		page, next, err := cells.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("partition", street)}, Order: []string{"code"}, Limit: 500, After: cursor})
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.settle(cover) && c.Ended == "" && len(c.Posts) > 0 {
				out = append(out, c)
			}
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// AboutStaff reports whether an entry is about who staffs or covers a cell.
func AboutStaff(e *store.Entry) bool { return e.Action == "cell.staff" }
