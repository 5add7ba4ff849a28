package area

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// UndoRedraw puts the cells of a street back to what they were before its
// latest redraw that is not undone, by new versions: a redraw itself.
// Errors: ErrNotFound, ErrForbidden, ConflictError "undone", "not_undoable",
// "not_the_latest", InvalidError when another street's cells took the ground meanwhile, ErrBusy.
func (s *Areas) UndoRedraw(ctx context.Context, actor access.Actor, now time.Time, id string, o RedrawOptions) (Report, error) {
	return s.redraw(ctx, actor, now, Undoing, o, func(p *cellPlan) error {
		r, err := redraws.Get(ctx, s.st, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && !access.MayImportCells(actor, r.Place) {
			return domain.ErrNotFound
		}
		if err != nil {
			return err
		}
		cover, err := coverages.Get(ctx, s.st, r.Partition)
		if err != nil {
			return err
		}
		if err := r.undoable(cover); err != nil {
			return err
		}
		if err := p.restore(ctx, s, r, cover); err != nil {
			return err
		}
		if own := p.redraws[r.Partition]; own != nil {
			own.Undoes = r.ID
		}
		for _, kind := range Kinds {
			p.compare(kind, o.tolerance())
		}
		p.about("")
		return nil
	})
}

func (r *Redraw) undoable(cover *Coverage) error {
	switch {
	case r.UndoneBy != "":
		return &domain.ConflictError{Code: "undone", Detail: domain.T("该调整已撤回", "the redraw is undone already")}
	case r.Kind == Undoing:
		return &domain.ConflictError{Code: "not_undoable", Detail: domain.T("撤回不能再撤回", "an undo cannot be undone: draw anew")}
	case cover.Redraw != r.ID:
		return &domain.ConflictError{Code: "not_the_latest", Detail: domain.T("只能撤回街道最近一次调整", "only the latest redraw of the street can be undone")}
	}
	return nil
}

// restore plans every cell of a redraw back to the version that it replaced.
func (p *cellPlan) restore(ctx context.Context, s *Areas, r *Redraw, cover *Coverage) error {
	p.observe(r.Partition)
	for cursor := ""; ; {
		page, next, err := boundaries.Find(ctx, s.st, store.Query{
			Where: []store.Cond{store.Eq("redraw", r.ID)}, Order: []string{"code"}, Limit: 500, After: cursor,
		})
		if err != nil {
			return err
		}
		replaced := make([]string, 0, len(page))
		for _, b := range page {
			if b.Replaces != "" {
				replaced = append(replaced, b.Replaces)
			}
		}
		before, err := boundaries.GetMany(ctx, s.st, replaced)
		if err != nil {
			return err
		}
		for _, b := range page {
			if err := p.putBack(b, before[b.Replaces], r.Lent); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// putBack plans a cell back from one version to the one before it, nil for
// none. All that came after the redraw is undone, so that the cell is as its
// version says, if not by that version itself.
func (p *cellPlan) putBack(from, to *Boundary, lent []Staffing) error {
	c, ok := p.m.EverByCode(from.Code)
	if !ok {
		return ErrOvertaken // this node does not know it yet
	}
	switch {
	case to == nil:
		return p.retire(c, Undone, "")
	case to.Ended != "":
		return p.retire(c, to.Ended, to.Successor)
	}
	if err := to.decode(); err != nil {
		return err
	}
	change := cellChange{code: c.Code, place: c.Place, outline: to.Outline, geometry: to.Geometry, action: "cell.redraw"}
	for _, l := range lent {
		if l.Cell == c.ID {
			change.staffing = l.takenFrom(c)
		}
	}
	if err := p.draw(c, change); err != nil {
		return err
	}
	f := p.like(c, len(p.features), to.Geometry)
	f.kind = to.Kind
	p.features = append(p.features, f)
	p.byCode[f.code] = &p.features[len(p.features)-1]
	return nil
}

// takenFrom is the staff of a cell without what was lent.
func (s Staffing) takenFrom(c *Cell) *Staffing {
	out := &Staffing{Cell: c.ID}
	for _, post := range c.Posts {
		if !slices.Contains(s.Posts, post) {
			out.Posts = append(out.Posts, post)
		}
	}
	for _, cover := range c.Covers {
		if !slices.Contains(s.Covers, cover) {
			out.Covers = append(out.Covers, cover)
		}
	}
	return out
}

// Redraws returns a page of the redraws of a street, or of those of a county
// or city, the latest first. Errors: ErrForbidden, InvalidError at ?area, ErrNotFound outside the actor's areas.
func (s *Areas) Redraws(ctx context.Context, actor access.Actor, code string, limit int, cursor string) ([]*Redraw, string, error) {
	if !access.ImportsCells(actor) {
		return nil, "", domain.ErrForbidden
	}
	tree := s.Tree()
	a, ok := tree.ByCode(code)
	if !ok || a.Level == access.Community {
		return nil, "", domain.Invalid("?area", domain.T("应为街道、区县或城市的代码", "must be the code of a street, county or city"))
	}
	if !access.MayImportCells(actor, tree.Place(a)) {
		return nil, "", domain.ErrNotFound
	}
	return redraws.Find(ctx, s.st, store.Query{Where: []store.Cond{store.In("place.street", s.streetsOf(a)...)}, Order: []string{"-at"}, Limit: limit, After: cursor})
}
