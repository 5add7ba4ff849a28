package area

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/table"
	"wangge/geo"
)

// compare looks for ground that two cells of a kind claim, among those of the
// file and what is stored around them; basic cells are searched for gaps too.
func (p *cellPlan) compare(kind Kind, tolerance float64) {
	shapes, codes := p.around(kind)
	own := map[int]bool{}
	for _, f := range p.features {
		if f.kind == kind && f.geometry != nil {
			shapes = append(shapes, geo.Feature{Index: f.index, Geometry: f.geometry})
			codes[f.index], own[f.index] = f.code, true
		}
	}
	if len(own) == 0 {
		return
	}
	for _, n := range geo.CheckOverlaps(shapes, tolerance) {
		if own[n.Feature] {
			p.noteNeighbour(n, codes)
		}
	}
	if kind != Basic {
		return
	}
	gaps, err := geo.CheckGaps(shapes, tolerance)
	if err != nil {
		p.note(table.Finding{Feature: -1, Kind: geo.KindUnchecked, Warning: true, Detail: domain.T("无法检查空隙", "gaps could not be looked for")})
	}
	for _, n := range gaps {
		i := slices.IndexFunc(n.Around, func(i int) bool { return own[i] })
		if i < 0 {
			continue // the file has nothing to do with it
		}
		n.Feature, n.Neighbour = n.Around[i], -1
		if others := slices.Delete(slices.Clone(n.Around), i, i+1); len(others) > 0 {
			n.Neighbour = others[0]
		}
		p.noteNeighbour(n, codes)
	}
}

// noteNeighbour notes a finding about a cell of the file and, perhaps, another.
func (p *cellPlan) noteNeighbour(n geo.Finding, codes map[int]string) {
	f := table.Finding{Pointer: fmt.Sprintf("/features/%d/geometry", n.Feature), Feature: n.Feature, Code: codes[n.Feature], Neighbour: codes[n.Neighbour],
		AreaM2: n.AreaM2, Kind: n.Kind, Warning: n.Severity != geo.SeverityError}
	zh, en := "", ""
	if f.Neighbour != "" {
		zh, en = "网格 "+f.Neighbour, "cell "+f.Neighbour
	}
	f.Detail = domain.T(geo.Dispute(n, zh, en, geo.FromWGS84(n.At, p.datum)))
	p.note(f)
}

// around returns the stored cells of a kind that lie in a community of the
// file, or whose box meets that of a feature of the kind, but for those that
// the file brings anew: what a gap in a community lies between. They are
// counted on from the features of the file, and codes has theirs.
func (p *cellPlan) around(kind Kind) (shapes []geo.Feature, codes map[int]string) {
	var boxes []orb.Bound
	communities := map[string]bool{}
	for _, f := range p.features {
		if f.kind != kind || f.geometry == nil {
			continue
		}
		boxes = append(boxes, f.geometry.Bound())
		if community, ok := p.tree.ByCode(cmp.Or(f.community, p.scheme.prefix(f.code))); ok {
			communities[community.ID] = true
		}
	}
	codes = map[int]string{}
	for _, c := range p.m.Cells() {
		if c.Kind != kind || p.byCode[c.Code] != nil || p.gone[c.Code] || !communities[c.Place.Community] && !slices.ContainsFunc(boxes, c.Bound().Intersects) {
			continue
		}
		p.observe(c.Partition)
		f := geo.Feature{Index: len(p.features) + len(shapes), Geometry: c.Geometry}
		shapes, codes[f.Index] = append(shapes, f), c.Code
	}
	return shapes, codes
}
