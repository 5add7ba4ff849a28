package place

import (
	"maps"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// levels of a place from the widest; "" is everywhere.
var levels = []access.Level{"", access.City, access.County, access.Street, access.Community, access.Cell}

// Finest returns the lowest level at which the place is known, and its id there.
func Finest(p access.Place) (access.Level, string) {
	for _, l := range slices.Backward(levels) {
		if id := p.At(l); id != "" {
			return l, id
		}
	}
	return "", ""
}

// Reach lists the places in which somebody with these scopes looks when they
// ask for an area and a cell by code; "" asks for everything. None lies inside
// another, and none is wider than a street: a city or county is its streets of
// all times, so that no index above the street is needed. What an area that is
// asked for took over from others is there too.
// InvalidError at ?area and ?cell for codes that nobody has.
func Reach(areas *area.Areas, scopes []access.Scope, areaCode, cellCode string) ([]access.Place, error) {
	asked, everywhere, err := within(areas, areaCode, cellCode)
	if err != nil {
		return nil, err
	}
	var all []access.Place
	for _, scope := range scopes {
		own, ok := placeOf(areas, scope)
		if !ok {
			continue // not on the map yet
		}
		if everywhere {
			all = append(all, narrowed(areas.Tree(), own)...)
		}
		for _, p := range asked {
			if common, ok := intersect(own, p); ok {
				all = append(all, common)
			}
		}
	}
	return Widest(all), nil
}

// Widest are those of the places that lie inside none of the others, the wider ones first.
func Widest(all []access.Place) (out []access.Place) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b access.Place) int { return rank(a) - rank(b) })
	for _, p := range all {
		if !slices.ContainsFunc(out, func(wider access.Place) bool { return holds(wider, p) }) {
			out = append(out, p)
		}
	}
	return out
}

// within are the places of an area and a cell, none wider than a street;
// everywhere when neither is named.
func within(areas *area.Areas, areaCode, cellCode string) (places []access.Place, everywhere bool, err error) {
	tree := areas.Tree()
	if areaCode != "" {
		a, ok := tree.ByCode(areaCode)
		if !ok {
			return nil, false, domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
		}
		for _, p := range formerly(tree, a.ID) {
			for _, in := range narrowed(tree, p) {
				level, id := Finest(in)
				if level != access.Street {
					places = append(places, in)
				} else {
					places = append(places, formerly(tree, id)...)
				}
			}
		}
	}
	if cellCode == "" {
		return places, areaCode == "", nil
	}
	c, ok := areas.Map().EverByCode(cellCode)
	if !ok {
		return nil, false, domain.Invalid("?cell", domain.T("没有这个网格", "no such cell"))
	}
	if areaCode != "" && !slices.ContainsFunc(places, func(p access.Place) bool { return holds(p, c.Place) }) {
		return nil, false, nil
	}
	return []access.Place{c.Place}, false, nil
}

// formerly are the places of an area and of those it took over from.
func formerly(tree *area.Tree, id string) (out []access.Place) {
	for _, id := range tree.Formerly(id) {
		if a, ok := tree.ByID(id); ok {
			out = append(out, a.Place)
		}
	}
	return out
}

// ByCode is the place of a street, community or cell by its code.
func ByCode(areas *area.Areas, code string) (access.Place, bool) {
	if c, ok := areas.Map().ByCode(code); ok {
		return c.Place, true
	}
	a, ok := areas.Tree().ByCode(code)
	if !ok || a.Place.Street == "" {
		return access.Place{}, false
	}
	return a.Place, true
}

func placeOf(areas *area.Areas, scope access.Scope) (access.Place, bool) {
	if scope.Level == "" {
		return access.Place{}, true
	}
	if scope.Level == access.Cell {
		c, ok := areas.Map().ByID(scope.ID)
		if !ok {
			return access.Place{}, false
		}
		return c.Place, true
	}
	a, ok := areas.Tree().ByID(scope.ID)
	if !ok {
		return access.Place{}, false
	}
	return a.Place, true
}

// narrowed is a place, or the streets, also ended ones, of one that is wider than a street.
func narrowed(tree *area.Tree, p access.Place) (out []access.Place) {
	if rank(p) >= slices.Index(levels, access.Street) {
		return []access.Place{p}
	}
	for _, a := range tree.Streets() {
		if holds(p, a.Place) {
			out = append(out, a.Place)
		}
	}
	return out
}

func rank(p access.Place) int {
	level, _ := Finest(p)
	return slices.Index(levels, level)
}

// holds reports whether the first place is the second or around it.
func holds(wide, p access.Place) bool {
	level, id := Finest(wide)
	return p.At(level) == id
}

// intersect returns what two places have in common: the finer one, if it lies in the other.
func intersect(a, b access.Place) (access.Place, bool) {
	if holds(a, b) {
		return b, true
	}
	return a, holds(b, a)
}

// Level is the places of a Reach that are of one level.
type Level struct {
	access.Level
	IDs     []string // of the places
	Streets []string // that they lie in
}

// Levels are places by their level, the finest first.
func Levels(places []access.Place) []Level {
	var out []Level
	for _, level := range slices.Backward(levels) {
		l := Level{Level: level}
		for _, p := range places {
			if at, id := Finest(p); at == level {
				l.IDs = append(l.IDs, id)
				if !slices.Contains(l.Streets, p.Street) {
					l.Streets = append(l.Streets, p.Street)
				}
			}
		}
		if len(l.IDs) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// Conds are that for kinds of which a street has few: the streets choose the
// index, and what lies in them and in none of the places is passed over.
func (l Level) Conds() []store.Cond {
	return []store.Cond{store.In("place.street", l.Streets...), store.Filter(l.Cond())}
}

// Cond is that something lies in one of the places.
func (l Level) Cond() store.Cond { return store.In("place."+string(l.Level), l.IDs...) }

// Among is that something lies in one of places of one level; nothing lies in
// none, which an index by street says for every kind.
func Among(places []access.Place) store.Cond {
	for _, l := range Levels(places) {
		return l.Cond()
	}
	return store.In[string]("place.street")
}

// Set is places that one query asks for: whole streets, or of one street some
// cells. What lies in a street and in no cell has the cell "".
type Set struct {
	Streets []string // ids
	Cells   []string // ids, of the only street; nil for whole streets
}

// Sets are the places of a Reach as queries ask for them; they do not overlap.
// A community is the cells it ever had.
func Sets(areas *area.Areas, places []access.Place) []Set {
	var streets []string
	cells := map[string][]string{}
	for _, p := range places {
		switch level, id := Finest(p); level {
		case access.Street:
			streets = append(streets, id)
		case access.Community:
			cells[p.Street] = append(cells[p.Street], areas.Map().EverIn(p.Street, id)...)
		case access.Cell:
			cells[p.Street] = append(cells[p.Street], id)
		}
	}
	var out []Set
	if len(streets) > 0 {
		out = append(out, Set{Streets: streets})
	}
	for _, street := range slices.Sorted(maps.Keys(cells)) {
		if len(cells[street]) > 0 {
			out = append(out, Set{[]string{street}, cells[street]})
		}
	}
	return out
}

// Conds are the set as conditions on place.street and place.cell.
func (s Set) Conds() []store.Cond {
	out := []store.Cond{store.In("place.street", s.Streets...)}
	if s.Cells != nil {
		out = append(out, store.In("place.cell", s.Cells...))
	}
	return out
}

// Scope is the set as one condition of a text index, which has every level:
// whole cities or counties are asked for by their own ids.
func (s Set) Scope(tree *area.Tree) store.Cond {
	if s.Cells != nil {
		return store.In("place.cell", s.Cells...)
	}
	for _, level := range []access.Level{access.City, access.County} {
		whole, ids := true, map[string]bool{}
		for _, id := range s.Streets {
			if a, ok := tree.ByID(id); ok {
				ids[a.Place.At(level)] = true
			}
		}
		for _, a := range tree.Streets() {
			if ids[a.Place.At(level)] && !slices.Contains(s.Streets, a.ID) {
				whole = false
			}
		}
		if whole {
			return store.In("place."+string(level), slices.Sorted(maps.Keys(ids))...)
		}
	}
	return store.In("place.street", s.Streets...)
}
