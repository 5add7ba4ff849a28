package area

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/table"
	"wangge/geo"
)

// SplitCell divides a cell into the parts of a FeatureCollection, each with a
// code and a name. Together they are what the cell was; one of them may keep
// its code, else the cell is retired. New cells take over kind, staff and covers.
// Or the body is a line that makes two parts: see readDivider.
// Errors: those of DrawCell.
func (s *Areas) SplitCell(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, body []byte, o RedrawOptions) (Report, error) {
	line, err := readDivider(body, o.Datum)
	if err != nil {
		return Report{}, err
	}
	var sent []feature
	var noticed []table.Finding
	if line == nil {
		if sent, noticed, err = readCells(body, o.Datum); err != nil {
			return Report{}, err
		}
	}
	return s.redraw(ctx, actor, now, Split, o, func(p *cellPlan) error {
		c, err := p.target(code, version)
		if err != nil {
			return err
		}
		parts, noticed, o := sent, noticed, o
		if line != nil {
			defer p.aboutDivider(line)
			o.ToleranceM2 = max(o.tolerance(), rounded(c))
			if parts, noticed, err = p.divide(c, line); err != nil || p.report.Failed() {
				return err
			}
		}
		p.report.Findings = slices.Clone(noticed)
		if len(parts) < 2 {
			p.note(table.Finding{Pointer: "/features", Feature: -1, Kind: "parts", Detail: domain.T("至少分为两个部分", "two parts at least")})
		}
		p.checkParts(c, parts)
		if p.report.Failed() {
			return nil
		}
		if err := p.checkWhole(c, parts, o.tolerance()); err != nil || p.report.Failed() {
			return err
		}
		return p.split(c, parts, o.tolerance())
	})
}

// checkParts looks for what is wrong with the parts' codes and names.
func (p *cellPlan) checkParts(c *Cell, parts []feature) {
	codes := map[string]int{}
	for i := range parts {
		f := &parts[i]
		f.kind = c.Kind
		f.community = p.like(c, 0, nil).community
		if first, twice := codes[f.code]; twice {
			p.note(f.fault("code", "duplicate", domain.T(fmt.Sprintf("编码与第%d个要素重复", first), fmt.Sprintf("the code of feature %d again", first))))
		}
		codes[f.code] = f.index
		if fault := nameFault(f.name); fault != (domain.Text{}) {
			p.note(f.fault("name", "name", fault))
		}
		if f.code == c.Code {
			continue
		}
		if _, taken := p.m.ByCode(f.code); taken {
			p.note(f.fault("code", "in_use", domain.T("该编码已被使用", "there is a cell with this code")))
			continue
		}
		p.community(f)
	}
	p.noteMissing()
}

// checkWhole looks for ground that the parts leave out or bring in.
func (p *cellPlan) checkWhole(c *Cell, parts []feature, tolerance float64) error {
	shapes := make([]orb.MultiPolygon, len(parts))
	for i, f := range parts {
		shapes[i] = f.geometry
	}
	whole, err := geo.Union(shapes...)
	if err != nil {
		return domain.Invalid("/features", domain.T("各部分无法合并比对", "the parts cannot be put together"))
	}
	for _, side := range []struct {
		a, b   orb.MultiPolygon
		kind   string
		zh, en string
	}{
		{c.Geometry, whole, "left_out", "各部分少了原网格的 %.1f 平方米，位于 %.6f,%.6f 附近", "the parts leave out %.1f m² of the cell, near %.6f,%.6f"},
		{whole, c.Geometry, "beyond", "各部分超出原网格 %.1f 平方米，位于 %.6f,%.6f 附近", "the parts reach %.1f m² beyond the cell, near %.6f,%.6f"},
	} {
		rest, err := geo.Difference(side.a, side.b)
		if err != nil {
			return domain.Invalid("/features", domain.T("各部分无法与原网格比对", "the parts cannot be compared with the cell"))
		}
		if area := geo.AreaM2(rest); area > tolerance {
			at := geo.FromWGS84(geo.Middle(rest), p.datum)
			p.note(table.Finding{Pointer: "/features", Feature: -1, Kind: side.kind, AreaM2: area,
				Detail: domain.T(fmt.Sprintf(side.zh, area, at[0], at[1]), fmt.Sprintf(side.en, area, at[0], at[1]))})
		}
	}
	return nil
}

func (p *cellPlan) split(c *Cell, parts []feature, tolerance float64) error {
	kept := slices.ContainsFunc(parts, func(f feature) bool { return f.code == c.Code })
	if !kept {
		if err := p.retire(c, Retired, cellID(parts[0].code)); err != nil {
			return err
		}
	}
	for _, f := range parts {
		place := c.Place
		place.Cell = cellID(f.code)
		if err := p.put(f, place, c.Parent); err != nil {
			return err
		}
		if f.code != c.Code {
			p.changes[len(p.changes)-1].staffing = &Staffing{Cell: place.Cell, Posts: c.Posts, Covers: c.Covers}
		}
	}
	p.compare(c.Kind, tolerance)
	return p.adopt(c, func(m *Cell) string {
		for _, f := range parts {
			if planar.MultiPolygonContains(f.geometry, m.Centre) {
				return cellID(f.code)
			}
		}
		return cellID(parts[0].code)
	})
}

// MergeCells makes one cell of several that touch, of one community and kind:
// into, which is one of them and keeps its code, or gets the name if that is
// not empty. The others are retired, and their staff is into's too, but for
// leads where it has one. Errors: ErrForbidden, InvalidError at /cells, /cells/i, /into, /name, ErrBusy.
func (s *Areas) MergeCells(ctx context.Context, actor access.Actor, now time.Time, codes []string, into, name string, o RedrawOptions) (Report, error) {
	return s.redraw(ctx, actor, now, Merged, o, func(p *cellPlan) error {
		cells, err := p.mergeable(codes, into)
		if err != nil {
			return err
		}
		shapes := make([]orb.MultiPolygon, len(cells))
		for i, c := range cells {
			shapes[i] = c.Geometry
		}
		whole, err := geo.Union(shapes...)
		if err != nil || len(whole) != 1 {
			return domain.Invalid("/cells", domain.T("这些网格不相邻，不能合并", "the cells do not touch: they cannot be one"))
		}
		stays := cells[slices.IndexFunc(cells, func(c *Cell) bool { return c.Code == into })]
		f := p.like(stays, 0, canonical(whole))
		if name != "" {
			if fault := nameFault(name); fault != (domain.Text{}) {
				return domain.Invalid("/name", fault)
			}
			f.name = name
		}
		return p.merge(stays, cells, f, o.tolerance())
	})
}

func (p *cellPlan) merge(stays *Cell, cells []*Cell, f feature, tolerance float64) error {
	both := Staffing{Cell: stays.ID, Posts: slices.Clone(stays.Posts), Covers: slices.Clone(stays.Covers)}
	for _, c := range cells {
		if c == stays {
			continue
		}
		if err := p.retire(c, Retired, stays.ID); err != nil {
			return err
		}
		if err := p.adopt(c, func(*Cell) string { return stays.ID }); err != nil {
			return err
		}
		both.join(c)
	}
	if err := p.put(f, stays.Place, stays.Parent); err != nil {
		return err
	}
	p.changes[len(p.changes)-1].staffing = &both
	r := p.redraws[stays.Partition]
	r.Lent = []Staffing{{stays.ID, both.Posts[len(stays.Posts):], both.Covers[len(stays.Covers):]}}
	p.compare(stays.Kind, tolerance)
	p.about("")
	return nil
}

// join adds the posts and covers of a cell as far as they go with those there.
func (s *Staffing) join(c *Cell) {
	for _, post := range c.Posts {
		bad := &domain.InvalidError{}
		if checkPost("", post, s.Posts, bad); bad.Err() == nil && len(s.Posts) < staffMost {
			s.Posts = append(s.Posts, post)
		}
	}
	for _, cover := range c.Covers {
		bad := &domain.InvalidError{}
		if checkCover("", cover, s.Covers, s.Posts, bad); bad.Err() == nil && len(s.Covers) < staffMost {
			s.Covers = append(s.Covers, cover)
		}
	}
}

// mergeable are the cells named, if they can become one.
func (p *cellPlan) mergeable(codes []string, into string) ([]*Cell, error) {
	bad := &domain.InvalidError{}
	if len(codes) < 2 || len(codes) > mergedMost {
		bad.Add("/cells", domain.T("应为 2 到 100 个网格", "must be 2 to 100 cells"))
	}
	if !slices.Contains(codes, into) {
		bad.Add("/into", domain.T("应为所合并的网格之一", "must be one of the cells"))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var cells []*Cell
	for i, code := range codes {
		at := fmt.Sprintf("/cells/%d", i)
		c, err := p.target(code, 0)
		switch {
		case err != nil:
			bad.Add(at, domain.T("没有这个网格", "no such cell"))
			continue
		case slices.Contains(codes[:i], code):
			bad.Add(at, domain.T("网格重复", "named twice"))
		case len(cells) > 0 && (c.Kind != cells[0].Kind || c.Place.Community != cells[0].Place.Community || c.Parent != cells[0].Parent):
			bad.Add(at, domain.T("只能合并同一社区、同一类型的网格", "only cells of one community and kind can be merged"))
		}
		cells = append(cells, c)
	}
	return cells, bad.Err()
}

const mergedMost = 100
