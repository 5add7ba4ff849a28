package area

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
)

// RedrawOptions say how to take a redraw.
type RedrawOptions struct {
	DryRun      bool
	Datum       geo.Datum // of what is sent
	ToleranceM2 float64   // overlaps up to this much are let be; 1 when 0
	Trim        bool      // neighbours of the kind give up the ground that the cell takes
}

// redraw plans and carries out one change of cells, anew while others overtake it.
func (s *Areas) redraw(ctx context.Context, actor access.Actor, now time.Time, kind RedrawKind, o RedrawOptions, decide func(*cellPlan) error) (Report, error) {
	if !access.ImportsCells(actor) {
		return Report{}, domain.ErrForbidden
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	return retryOvertaken(ctx, func() (Report, error) {
		if err := s.Refresh(ctx); err != nil {
			return Report{}, err
		}
		p := newCellPlan(s, actor, kind)
		p.report.DryRun, p.datum = o.DryRun, o.Datum
		if err := decide(p); err != nil {
			return Report{}, err
		}
		for _, street := range sortedKeys(p.redraws) {
			if !o.DryRun { // before it is carried out, which keeps the report for who asks again
				p.report.Redraws = append(p.report.Redraws, p.redraws[street].ID)
			}
		}
		report, err := s.carryOut(ctx, p, now, nil)
		if err != nil || report.Failed() {
			report.Redraws = nil
		}
		return report, err
	})
}

func (o RedrawOptions) tolerance() float64 {
	if o.ToleranceM2 > 0 {
		return o.ToleranceM2
	}
	return 1
}

// target is a cell that the actor may redraw, at the version stated unless that is 0.
func (p *cellPlan) target(code string, version int64) (*Cell, error) {
	c, ok := p.m.ByCode(code)
	if !ok || !access.MayImportCells(p.actor, c.Place) {
		return nil, domain.ErrNotFound
	}
	if version != 0 && c.Version != version {
		return nil, domain.ErrStale
	}
	return c, nil
}

// like is a feature that leaves a cell as it is but for its polygon.
func (p *cellPlan) like(c *Cell, index int, m orb.MultiPolygon) feature {
	f := feature{index: index, code: c.Code, name: c.Name, kind: c.Kind, geometry: m}
	if a, ok := p.tree.ByID(c.Place.Community); ok {
		f.community = a.Code
	}
	return f
}

// put takes the feature into the plan: the cell at a place, under a parent.
func (p *cellPlan) put(f feature, at access.Place, parent string) error {
	p.features = append(p.features, f)
	p.byCode[f.code] = &p.features[len(p.features)-1]
	return p.change(&f, at, parent)
}

// DrawCell gives a cell another boundary: a GeoJSON Feature, Polygon or
// MultiPolygon. version, when not 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, InvalidError (all that is wrong, as in the report), ErrStale, ErrBusy.
func (s *Areas) DrawCell(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, body []byte, o RedrawOptions) (Report, error) {
	m, noticed, at, err := readBoundary(body, o.Datum)
	if err != nil {
		return Report{}, err
	}
	report, err := s.redraw(ctx, actor, now, Drawn, o, func(p *cellPlan) error {
		c, err := p.target(code, version)
		if err != nil {
			return err
		}
		p.report.Findings = slices.Clone(noticed)
		if m == nil {
			return nil
		}
		if o.Trim {
			if err := p.trim(c, m); err != nil {
				return err
			}
		}
		if err := p.put(p.like(c, 0, m), c.Place, c.Parent); err != nil {
			return err
		}
		p.compare(c.Kind, o.tolerance())
		p.about(at)
		return nil
	})
	return report, err
}

// about has the findings point into the body that was sent: its one boundary
// is at a pointer, and cells that were not sent are nowhere in it.
func (p *cellPlan) about(at string) {
	for i, f := range p.report.Findings {
		if f.Feature > 0 {
			p.report.Findings[i].Pointer = ""
		} else if f.Kind == geo.KindOverlap || f.Kind == geo.KindGap || f.Kind == geo.KindUnchecked {
			p.report.Findings[i].Pointer = at
		}
		p.report.Findings[i].Feature = -1
	}
}

// trim has the cells of the kind, as far as the actor may redraw them, give up
// what the boundary takes. One that would vanish is left to be found overlapped.
func (p *cellPlan) trim(c *Cell, m orb.MultiPolygon) error {
	for _, n := range p.m.Cells() {
		if n.Kind != c.Kind || n == c || !n.Bound().Intersects(m.Bound()) || !access.MayImportCells(p.actor, n.Place) {
			continue
		}
		rest, err := geo.Difference(n.Geometry, m)
		if err != nil || len(rest) == 0 {
			continue
		}
		if rest = canonical(rest); geo.AreaM2(n.Geometry)-geo.AreaM2(rest) < trimmed {
			continue
		}
		if err := p.put(p.like(n, 1+len(p.features), rest), n.Place, n.Parent); err != nil {
			return err
		}
	}
	return nil
}

// trimmed is from how many square metres on a neighbour is given another boundary.
const trimmed = 0.01

// RetireCell ends a cell. Errors: ErrNotFound, ErrForbidden, InvalidError at
// /reason, ConflictError "has_micro_cells", ErrStale, ErrBusy.
func (s *Areas) RetireCell(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, reason string, o RedrawOptions) (Report, error) {
	if n := utf8.RuneCountInString(reason); n == 0 || n > reasonLongest {
		return Report{}, domain.Invalid("/reason", domain.T("请说明原因，最多 500 字", "a reason is required, of 500 characters at most"))
	}
	return s.redraw(ctx, actor, now, Retiring, o, func(p *cellPlan) error {
		c, err := p.target(code, version)
		if err != nil {
			return err
		}
		if len(p.children(c)) > 0 {
			return &domain.ConflictError{Code: "has_micro_cells", Detail: domain.T("该网格下还有微网格", "there are micro cells in it")}
		}
		p.reason = reason
		return p.retire(c, Retired, "")
	})
}

const reasonLongest = 500

// children are the micro cells that divide a basic one.
func (p *cellPlan) children(c *Cell) []*Cell {
	var out []*Cell
	for _, m := range p.m.Cells() {
		if m.Kind == Micro && m.Parent == c.ID {
			out = append(out, m)
		}
	}
	return out
}

// retire ends a cell in the plan; successor is the id of the one that takes over, if any.
func (p *cellPlan) retire(c *Cell, ending Ending, successor string) error {
	p.observe(c.Partition)
	p.gone[c.Code] = true
	change := cellChange{code: c.Code, place: c.Place, outline: c.Outline, action: "cell.retire"}
	change.outline.Ended, change.outline.Successor = ending, successor
	return p.draw(c, change)
}

// adopt gives the micro cells of a basic one another parent each.
func (p *cellPlan) adopt(c *Cell, parent func(*Cell) string) error {
	for _, m := range p.children(c) {
		if id := parent(m); id != c.ID {
			f := p.like(m, -1, m.Geometry)
			if err := p.change(&f, m.Place, id); err != nil {
				return err
			}
		}
	}
	return nil
}
