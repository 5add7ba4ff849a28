package area

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/table"
	"wangge/store"
)

// areaChange is one area as an import leaves it.
type areaChange struct {
	area   Area
	action string
	before store.Facts
}

// areaPlan works out what an area file changes in a tree.
type areaPlan struct {
	tree    *Tree
	edition time.Time
	valid   map[string]row // rows of areas there are, by code
	ended   map[string]row // rows of areas that are no more, by code
	ending  map[string]bool
	absent  map[string]*absence // by field and code
	changes []areaChange
	report  Report
}

// absence is an area that rows name and that is not there.
type absence struct {
	first       row
	field, code string
	rows        int
}

// planAreas decides about every row; the report has every fault of the whole.
func planAreas(tree *Tree, rows []row, edition time.Time, full bool) *areaPlan {
	p := &areaPlan{tree: tree, edition: edition, valid: map[string]row{}, ended: map[string]row{}, ending: map[string]bool{}, absent: map[string]*absence{}}
	p.index(rows)
	for _, r := range rows {
		if r.successor != "" {
			p.checkSuccessor(r)
		} else {
			p.checkParent(r)
		}
	}
	for _, key := range sortedKeys(p.absent) {
		a := p.absent[key]
		p.fault(a.first, a.field, "unknown", domain.T(
			fmt.Sprintf("没有编码为%s的区划（共 %d 行）：请在文件中加上该区划，或先导入它", a.code, a.rows),
			fmt.Sprintf("there is no area %s (named by %d rows): add its row to the file, or import it first", a.code, a.rows)))
	}
	for _, code := range sortedKeys(p.valid) {
		p.keep(p.valid[code])
	}
	for _, code := range sortedKeys(p.ended) {
		p.succeed(p.ended[code])
	}
	if full {
		p.closeMissing()
	}
	p.checkChildren()
	if len(p.changes) > 0 && edition.Before(tree.edition) {
		p.fault(row{}, "validFrom", "edition", domain.T(
			"已导入过更新的版本（"+tree.edition.Format(time.DateOnly)+"），不能再导入较早的版本",
			"a later edition, of "+tree.edition.Format(time.DateOnly)+", was imported before: this one would undo it"))
	}
	return p
}

// index sorts the rows by code. Where counties name a city that has no row
// and is not known, the city is made, named by its code until a row names it.
func (p *areaPlan) index(rows []row) {
	for _, r := range rows {
		first, twice := p.valid[r.code]
		if !twice {
			first, twice = p.ended[r.code]
		}
		switch {
		case twice:
			p.fault(r, "code", "duplicate", domain.T(fmt.Sprintf("编码与第%d行重复", first.line), fmt.Sprintf("the code of line %d again", first.line)))
		case r.successor != "":
			p.ended[r.code] = r
		default:
			p.valid[r.code] = r
		}
	}
	for _, r := range rows {
		if _, there := p.valid[r.parent]; r.level != access.County || r.successor != "" || there {
			continue
		}
		if _, known := p.tree.ByCode(r.parent); !known {
			p.valid[r.parent] = row{level: access.City, code: r.parent, name: r.parent}
		}
	}
}

// fault notes one about a row or, for one without a line, about a parameter.
func (p *areaPlan) fault(r row, column, kind string, detail domain.Text) {
	f := table.Fault(r.line, column, kind, detail)
	if r.line == 0 {
		f = inQuery(column, kind, detail)
	}
	f.Code = r.code
	p.report.Findings = append(p.report.Findings, f)
}

// inQuery is a fault in a parameter of the import.
func inQuery(name, kind string, detail domain.Text) table.Finding {
	f := table.Fault(0, name, kind, detail)
	f.Pointer = "?" + name
	return f
}

// there reports whether the area will be valid.
func (p *areaPlan) there(code string) bool {
	if _, ok := p.valid[code]; ok {
		return true
	}
	_, known := p.tree.ByCode(code)
	_, gone := p.ended[code]
	return known && !gone
}

func (p *areaPlan) checkParent(r row) {
	if r.level != access.City && !p.there(r.parent) {
		p.noteAbsent(r, "parent_code", r.parent)
	}
}

func (p *areaPlan) checkSuccessor(r row) {
	if !p.there(r.successor) {
		p.noteAbsent(r, "successor_code", r.successor)
	}
}

// noteAbsent notes an area that a row names and that is not there: each is said once.
func (p *areaPlan) noteAbsent(r row, field, code string) {
	key := field + code
	if p.absent[key] == nil {
		p.absent[key] = &absence{first: r, field: field, code: code}
	}
	p.absent[key].rows++
}

// keep adds, renames or reopens the area of a row.
func (p *areaPlan) keep(r row) {
	was := p.tree.byCode[r.code]
	if was == nil {
		a := Area{Code: r.code, Name: r.name, Level: r.level, Place: placeOf(r.code), ValidFrom: p.edition}
		a.ID, a.Partition = areaID(r.code), CityPartition
		if r.parent != "" {
			a.Parent = areaID(r.parent)
		}
		p.report.Added++
		p.change(a, "area.add", store.Facts{})
		return
	}
	a := *was
	a.Name, a.ValidTo, a.Successor = r.name, time.Time{}, ""
	switch {
	case !was.Valid():
		p.report.Added++
		p.change(a, "area.reopen", was.facts())
	case was.Name != r.name:
		p.report.Changed++
		p.change(a, "area.rename", was.facts())
	default:
		p.report.Unchanged++
	}
}

// succeed ends the area of a row in favour of its successor. Of an area that
// was never known there is nothing to inherit.
func (p *areaPlan) succeed(r row) {
	was := p.tree.byCode[r.code]
	if was == nil || was.Successor == areaID(r.successor) {
		p.report.Unchanged++
		return
	}
	a := *was
	a.Successor = areaID(r.successor)
	p.end(a, was)
}

// end closes an area at the edition, if it is not closed yet.
func (p *areaPlan) end(a Area, was *Area) {
	if a.Valid() {
		a.ValidTo = p.edition
		p.ending[a.Code] = true
		p.report.Ended++
		p.change(a, "area.end", was.facts())
		return
	}
	p.report.Changed++
	p.change(a, "area.succeed", was.facts())
}

// closeMissing ends what a full edition leaves out, in the cities it is about.
func (p *areaPlan) closeMissing() {
	cities := map[string]bool{}
	for code := range p.valid {
		cities[code[:4]] = true
	}
	for _, a := range p.tree.sorted {
		_, listed := p.valid[a.Code]
		_, ended := p.ended[a.Code]
		if a.Valid() && a.Level != access.City && cities[a.Code[:4]] && !listed && !ended {
			p.end(*a, a)
		}
	}
}

// checkChildren refuses to end an area while areas below it stay.
func (p *areaPlan) checkChildren() {
	for _, code := range sortedKeys(p.ending) {
		for _, child := range p.tree.Children(p.tree.byCode[code].ID) {
			if !p.ending[child.Code] {
				p.fault(p.ended[code], "code", "children", domain.T(
					"撤销"+code+"时下级"+child.Code+"仍在", "area "+code+" would end while "+child.Code+" below it stays"))
			}
		}
	}
}

func (p *areaPlan) change(a Area, action string, before store.Facts) {
	p.changes = append(p.changes, areaChange{a, action, before})
}

// placeOf derives the place from a code: its beginnings are the areas around it.
func placeOf(code string) access.Place {
	at := func(l access.Level) string {
		if n := digits[l]; n <= len(code) {
			return areaID(code[:n])
		}
		return ""
	}
	return access.Place{City: at(access.City), County: at(access.County), Street: at(access.Street), Community: at(access.Community)}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
