package area

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/planar"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/table"
	"wangge/geo"
	"wangge/store"
)

// cellChange is one cell as a redraw leaves it.
type cellChange struct {
	code     string
	place    access.Place
	outline  Outline
	geometry orb.MultiPolygon // nil once it is retired
	drawn    *Boundary
	action   string
	before   store.Facts
	staffing *Staffing // nil where it stays
}

// cellPlan works out what a redraw changes on a map.
type cellPlan struct {
	tree   *Tree
	m      *Map
	scheme Scheme
	actor  access.Actor
	kind   RedrawKind
	reason string
	datum  geo.Datum // of the positions that findings tell

	features []feature
	byCode   map[string]*feature // the first of each code

	versions map[string]int64   // of the coverage of every street that a cell was compared in
	touched  map[string]bool    // streets whose coverage will grow
	redraws  map[string]*Redraw // of each street with changes
	gone     map[string]bool    // codes that are retired by it
	changes  []cellChange
	missing  map[string]int // features, by the code of a community that is not there
	lacking  *table.Finding // about the first of these
	report   Report
}

func newCellPlan(s *Areas, actor access.Actor, kind RedrawKind) *cellPlan {
	return &cellPlan{tree: s.Tree(), m: s.Map(), scheme: s.Scheme, actor: actor, kind: kind,
		byCode: map[string]*feature{}, versions: map[string]int64{}, touched: map[string]bool{}, redraws: map[string]*Redraw{}, gone: map[string]bool{}, missing: map[string]int{}}
}

func (p *cellPlan) note(f table.Finding) { p.report.Findings = append(p.report.Findings, f) }

// decide goes through every feature; the report has every fault of the whole.
func (p *cellPlan) decide(tolerance float64) error {
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
	p.noteMissing()
	for _, kind := range Kinds {
		p.compare(kind, tolerance)
	}
	return nil
}

func (p *cellPlan) feature(f *feature) error {
	community, ok := p.community(f)
	if fault := nameFault(f.name); fault != (domain.Text{}) {
		p.note(f.fault("name", "name", fault))
	}
	if !slices.Contains(Kinds, f.kind) {
		p.note(f.fault("kind", "kind", KindWords.Fault()))
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
		if p.missing[code]++; p.lacking == nil {
			first := f.fault(field, "unknown_community", domain.Text{})
			p.lacking = &first
		}
		return nil, false
	}
	was, there := p.m.EverByCode(f.code)
	if there && was.Ended == Retired {
		p.note(f.fault("code", "retired", domain.T("该网格已撤销，其编码不再使用", "the cell is retired, and its code is not used again")))
		return nil, false
	}
	if there && was.Place.Community != a.ID {
		p.note(f.fault(field, "community", domain.T("该网格属于另一个社区", "the cell belongs to another community")))
		return nil, false
	}
	return a, true
}

// missingNamed is how many communities that are not there are named.
const missingNamed = 5

// noteMissing says once which communities are not there, and what to do.
func (p *cellPlan) noteMissing() {
	if p.lacking == nil {
		return
	}
	codes, features := sortedKeys(p.missing), 0
	for _, n := range p.missing {
		features += n
	}
	named := strings.Join(codes[:min(len(codes), missingNamed)], ", ")
	zh, en := named, named
	if more := len(codes) - missingNamed; more > 0 {
		zh, en = fmt.Sprintf("%s 等 %d 个", named, len(codes)), fmt.Sprintf("%s and %d more", named, more)
	}
	p.lacking.Detail = domain.T(
		fmt.Sprintf("没有社区 %s，或不在您的范围内（涉及 %d 个网格）：请先导入区划（POST /v1/areas/import 或 wangge import areas）", zh, features),
		fmt.Sprintf("there is no community %s that is yours (of %d cells): import the areas first (POST /v1/areas/import or wangge import areas)", en, features))
	p.note(*p.lacking)
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
	c := cellChange{code: f.code, place: place, geometry: f.geometry, action: "cell.add"}
	was, there := p.m.EverByCode(f.code)
	switch {
	case there && was.Ended != "":
		c.outline, c.staffing = was.Outline, &Staffing{}
		c.outline.Ended = ""
	case there:
		c.outline, c.action = was.Outline, "cell.redraw"
	}
	c.outline.Name, c.outline.Kind, c.outline.Parent = f.name, f.kind, parent
	if there && was.Geometry.Equal(f.geometry) {
		if c.action = "cell.change"; c.outline == was.Outline {
			p.report.Unchanged++
			return nil
		}
	}
	return p.draw(was, c)
}

// draw gives the cell a new version. was is the cell as it is, nil if it never was.
func (p *cellPlan) draw(was *Cell, c cellChange) error {
	r := p.redraw(c.place)
	b := &Boundary{Cell: c.place.Cell, Code: c.code, Community: c.place.Community, Redraw: r.ID}
	b.ID, b.Partition = ids.New(), c.place.Street
	if was != nil {
		c.before, b.Replaces = was.facts(), was.Boundary
	}
	if c.outline.Ended == "" {
		c.outline.Successor = ""
		c.outline.measure(c.geometry)
		var err error
		if b.WKB, err = wkb.Marshal(c.geometry); err != nil {
			return err
		}
	}
	c.outline.Boundary = b.ID
	b.Outline, c.drawn = c.outline, b
	switch {
	case c.outline.Ended != "":
		r.Retired++
		p.report.Ended++
	case was == nil || was.Ended != "":
		r.Added++
		p.report.Added++
	default:
		r.Changed++
		p.report.Changed++
	}
	p.touched[c.place.Street] = true
	p.changes = append(p.changes, c)
	return nil
}

// measure fills in what follows from the polygon.
func (o *Outline) measure(m orb.MultiPolygon) {
	box := m.Bound()
	o.BBox = [4]float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
	o.AreaM2 = math.Round(geo.AreaM2(m)*100) / 100
	centroid, _ := planar.CentroidArea(m)
	o.Centre = geo.Snap(centroid) // on the same grid as boundaries
}

// redraw is the plan's redraw of the street of a place.
func (p *cellPlan) redraw(at access.Place) *Redraw {
	if r := p.redraws[at.Street]; r != nil {
		return r
	}
	r := &Redraw{Place: access.Place{City: at.City, County: at.County, Street: at.Street}}
	r.ID, r.Partition = ids.New(), at.Street
	p.redraws[at.Street] = r
	return r
}

// observe remembers the version of a street's coverage that the plan is made on.
func (p *cellPlan) observe(id string) {
	p.versions[id] = 0
	if s := p.m.streets[id]; s != nil {
		p.versions[id] = s.version
	}
}
