package area

import (
	"context"
	"fmt"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"wangge/domain"
	"wangge/store"
)

// Boundary is one version of a cell: its polygon and what else a redraw says
// of it. It is written once and never changed: a redraw makes another, and
// what was recorded under this one stays. One without a polygon says that the
// cell is retired from then on.
type Boundary struct {
	store.Meta `store:",inline"`
	Cell       string    `store:"cell"`      // id
	Code       string    `store:"code"`      // of the cell
	Community  string    `store:"community"` // id
	ValidFrom  time.Time `store:"validFrom"` // of a staged one: when that began; reads put right what it then became
	Outline    `store:",inline"`
	WKB        []byte `store:"wkb"`              // the multipolygon, WGS-84
	Replaces   string `store:"replaces"`         // id of the version before; "" for the first
	Redraw     string `store:"redraw"`           // id of the redraw that made it
	Staged     bool   `store:"staged,omitempty"` // it counts once the street's coverage lists the redraw

	// ValidTo is when the next version began, zero for the current one; filled in by reads, with Geometry.
	ValidTo  time.Time        `store:"-"`
	Geometry orb.MultiPolygon `store:"-"`
}

var boundaries = store.Declare[Boundary](store.Declaration{
	Name: "boundaries", Schema: 1,
	Indexes:    []string{"code: partition, code, validFrom", "redraw: redraw, code"},
	Predicates: []string{"community"},
})

// settle puts right when the version took effect, and reports whether it did.
func (b *Boundary) settle(cover *Coverage) bool {
	if !b.Staged {
		return true
	}
	at, flipped := cover.flipped(b.Redraw)
	b.ValidFrom = at
	return flipped
}

func (b *Boundary) decode() error {
	if b.Ended != "" {
		return nil
	}
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

// draw fills in the geometry of the cells' boundaries, and since when they are so.
func (s *Areas) draw(ctx context.Context, cover *Coverage, cells []*Cell) error {
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
		if b == nil || !b.settle(cover) {
			return fmt.Errorf("area: cell %s has no boundary %s", c.Code, c.Boundary)
		}
		if err := b.decode(); err != nil {
			return err
		}
		c.Geometry, c.Since = b.Geometry, b.ValidFrom
	}
	return nil
}

// history returns every version of a cell, oldest first, those that retired it too.
func (s *Areas) history(ctx context.Context, cover *Coverage, c *Cell) ([]*Boundary, error) {
	var out []*Boundary
	for cursor := ""; ; {
		page, next, err := boundaries.Find(ctx, s.st, store.Query{
			Where: []store.Cond{store.Eq("partition", c.Partition), store.Eq("code", c.Code)}, Order: []string{"validFrom"}, Limit: 500, After: cursor,
		})
		if err != nil {
			return nil, err
		}
		for _, b := range page {
			if !b.settle(cover) {
				continue // of a redraw that never took effect
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

// Boundaries returns every boundary version of a cell, retired or not, oldest first; ErrNotFound.
func (s *Areas) Boundaries(ctx context.Context, code string) ([]*Boundary, error) {
	c, cover, err := load(ctx, s.st, code)
	if err != nil {
		return nil, err
	}
	all, err := s.history(ctx, cover, c)
	if err != nil {
		return nil, err
	}
	var out []*Boundary
	for _, b := range all {
		if b.Ended == "" {
			out = append(out, b)
		}
	}
	return out, nil
}

// BoundaryPage is one page of Boundaries, and the cursor of the next.
func (s *Areas) BoundaryPage(ctx context.Context, code string, limit int, cursor string) ([]*Boundary, string, error) {
	all, err := s.Boundaries(ctx, code)
	if err != nil {
		return nil, "", err
	}
	since := func(b *Boundary) string { return b.ValidFrom.Format("2006-01-02T15:04:05.000") + b.ID }
	return domain.Page(all, limit, cursor, since, func(*Boundary) bool { return true })
}
