package area

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/planar"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

// cellChange is one cell as an import leaves it.
type cellChange struct {
	code    string
	place   access.Place
	outline Outline
	drawn   *Boundary // nil where the polygon is the same
	action  string
	before  store.Facts
}

// cellPlan works out what a file of cells changes on a map.
type cellPlan struct {
	tree     *Tree
	m        *Map
	scheme   Scheme
	actor    access.Actor
	features []feature
	byCode   map[string]*feature // the first of each code
	versions map[string]int64    // of the coverage of every street that a cell was compared in
	touched  map[string]bool     // streets with changes
	changes  []cellChange
	report   Report
}

func (p *cellPlan) note(f Finding) { p.report.Findings = append(p.report.Findings, f) }

// decide goes through every feature; the report has every fault of the whole.
func (p *cellPlan) decide(tolerance float64) error {
	p.byCode, p.versions, p.touched = map[string]*feature{}, map[string]int64{}, map[string]bool{}
	for i := range p.features {
		f := &p.features[i]
		if first := p.byCode[f.code]; first != nil {
			p.note(f.fault("code", "duplicate", domain.T(fmt.Sprintf("编码与第%d个要素重复", first.index), fmt.Sprintf("the code of feature %d again", first.index))))
		} else if f.code != "" {
			p.byCode[f.code] = f
		}
	}
	for i := range p.features {
		if err := p.feature(&p.features[i]); err != nil {
			return err
		}
	}
	for _, kind := range Kinds {
		p.compare(kind, tolerance)
	}
	slices.SortFunc(p.changes, func(a, b cellChange) int { return strings.Compare(a.code, b.code) })
	return nil
}

func (p *cellPlan) feature(f *feature) error {
	community, ok := p.community(f)
	if fault := nameFault(f.name); fault != (domain.Text{}) {
		p.note(f.fault("name", "name", fault))
	}
	if !slices.Contains(Kinds, f.kind) {
		p.note(f.fault("kind", "kind", domain.T("类型应为 basic、dedicated 或 micro", "the kind is basic, dedicated or micro")))
	}
	parent := p.parent(f)
	if !ok || f.geometry == nil || p.byCode[f.code] != f {
		return nil
	}
	place := community.Place
	place.Cell = cellID(f.code)
	return p.change(f, place, parent)
}

// community finds where the feature lies. What lies out of the actor's reach is not there for them.
func (p *cellPlan) community(f *feature) (*Area, bool) {
	prefix := p.scheme.prefix(f.code)
	if prefix == "" {
		p.note(f.fault("code", "code", domain.T("不是有效的网格编码（"+p.scheme.String()+"）", "not a cell code of the form "+p.scheme.String())))
		return nil, false
	}
	field, code := "community", f.community
	if code == "" && p.scheme.Level == access.Community {
		field, code = "code", prefix
	}
	if !strings.HasPrefix(code, prefix) {
		p.note(f.fault("community", "community", domain.T("社区与网格编码不符", "the community and the cell's code do not go together")))
		return nil, false
	}
	a, ok := p.tree.ByCode(code)
	if !ok || a.Level != access.Community || !access.MayImportCells(p.actor, a.Place) {
		p.note(f.fault(field, "unknown_community", domain.T("没有编码为"+code+"的社区", "there is no community "+code)))
		return nil, false
	}
	if was, there := p.m.ByCode(f.code); there && was.Place.Community != a.ID {
		p.note(f.fault(field, "community", domain.T("该网格属于另一个社区", "the cell belongs to another community")))
		return nil, false
	}
	return a, true
}

// parent returns the id of the basic cell that a micro one divides.
func (p *cellPlan) parent(f *feature) string {
	if f.kind != Micro {
		return ""
	}
	if own := p.byCode[f.parent]; own != nil && own.kind == Basic {
		return cellID(f.parent)
	} else if own == nil {
		if c, ok := p.m.ByCode(f.parent); ok && c.Kind == Basic {
			return c.ID
		}
	}
	p.note(f.fault("parent", "parent", domain.T("微网格应属于一个基础网格", "a micro cell needs the code of its basic cell")))
	return ""
}

// change compares the feature with the cell there is.
func (p *cellPlan) change(f *feature, place access.Place, parent string) error {
	p.observe(place.Street)
	was, there := p.m.ByCode(f.code)
	c := cellChange{code: f.code, place: place, action: "cell.add"}
	if there {
		c.outline, c.before, c.action = was.Outline, was.facts(), "cell.change"
	}
	c.outline.Name, c.outline.Kind, c.outline.Parent = f.name, f.kind, parent
	if !there || !was.Geometry.Equal(f.geometry) {
		if err := c.draw(f.geometry, there); err != nil {
			return err
		}
	}
	switch {
	case !there:
		p.report.Added++
	case c.outline == was.Outline:
		p.report.Unchanged++
		return nil
	default:
		p.report.Changed++
	}
	p.touched[place.Street] = true
	p.changes = append(p.changes, c)
	return nil
}

// draw gives the cell a new boundary.
func (c *cellChange) draw(m orb.MultiPolygon, again bool) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if again {
		c.action = "cell.redraw"
	}
	box := m.Bound()
	o := &c.outline
	o.Boundary, o.AreaM2, o.Centre = id.String(), math.Round(geo.AreaM2(m)*100)/100, centre(m)
	o.BBox = [4]float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
	b := &Boundary{Cell: c.place.Cell, AreaM2: o.AreaM2, BBox: o.BBox}
	b.ID, b.Partition = o.Boundary, c.place.Street
	c.drawn = b
	b.WKB, err = wkb.Marshal(m)
	return err
}

// centre is the centroid, on the same grid as boundaries.
func centre(m orb.MultiPolygon) orb.Point {
	p, _ := planar.CentroidArea(m)
	return geo.Snap(p)
}

// observe remembers the version of a street's coverage that the plan is made on.
func (p *cellPlan) observe(id string) {
	p.versions[id] = 0
	if s := p.m.streets[id]; s != nil {
		p.versions[id] = s.version
	}
}

// compare looks for ground that two cells of a kind claim, among those of the
// file and what is stored around them; basic cells are searched for gaps too.
func (p *cellPlan) compare(kind Kind, tolerance float64) {
	shapes, codes := p.around(kind), map[int]string{}
	own := map[int]bool{}
	for i := range shapes {
		shapes[i].Index = len(p.features) + i
		codes[shapes[i].Index] = shapes[i].Properties["code"].(string)
	}
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
		p.note(Finding{Feature: -1, Kind: geo.KindUnchecked, Warning: true, Detail: domain.T("无法检查空隙", "gaps could not be looked for")})
	}
	for _, n := range gaps {
		if !own[n.Feature] && own[n.Neighbour] { // it is the file's cell that leaves it
			n.Feature, n.Neighbour = n.Neighbour, n.Feature
			n.Pointer = fmt.Sprintf("/features/%d/geometry", n.Feature)
		}
		if own[n.Feature] {
			p.noteNeighbour(n, codes)
		}
	}
}

func (p *cellPlan) noteNeighbour(n geo.Finding, codes map[int]string) {
	f := Finding{Pointer: n.Pointer, Feature: n.Feature, Code: codes[n.Feature], Neighbour: codes[n.Neighbour],
		AreaM2: n.AreaM2, Kind: n.Kind, Warning: n.Severity != geo.SeverityError, Detail: domain.T(n.ZH, n.EN)}
	if n.Kind == geo.KindOverlap {
		f.Detail = domain.T(
			fmt.Sprintf("与网格%s重叠%.1f平方米", f.Neighbour, f.AreaM2),
			fmt.Sprintf("overlaps cell %s by %.1f m²", f.Neighbour, f.AreaM2))
	}
	if n.Kind == geo.KindGap && f.Neighbour != "" {
		f.Detail = domain.T(
			fmt.Sprintf("%s（与网格%s之间）", n.ZH, f.Neighbour),
			fmt.Sprintf("%s (towards cell %s)", n.EN, f.Neighbour))
	}
	p.note(f)
}

// around returns the stored cells of a kind that lie in a community of the
// file, or whose box meets that of a feature of the kind, but for those that
// the file brings anew: what a gap in a community lies between.
func (p *cellPlan) around(kind Kind) []geo.Feature {
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
	var out []geo.Feature
	for _, c := range p.m.Cells() {
		if c.Kind != kind || p.byCode[c.Code] != nil || !communities[c.Place.Community] && !slices.ContainsFunc(boxes, c.Bound().Intersects) {
			continue
		}
		p.observe(c.Partition)
		out = append(out, geo.Feature{Properties: map[string]any{"code": c.Code}, Geometry: c.Geometry})
	}
	return out
}
