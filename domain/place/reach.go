package place

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
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
// another, and none is wider than a street: a city or county is asked for
// street by street, so that no index above the street is needed. What an area
// took over from others is there too.
// InvalidError at ?area and ?cell for codes that nobody has.
func Reach(areas *area.Areas, scopes []access.Scope, areaCode, cellCode string) ([]access.Place, error) {
	asked, err := within(areas, areaCode, cellCode)
	if err != nil {
		return nil, err
	}
	var all []access.Place
	for _, scope := range scopes {
		own, ok := placeOf(areas, scope)
		if !ok {
			continue // not on the map yet
		}
		for _, p := range asked {
			if common, ok := meet(own, p); ok {
				all = append(all, narrowed(areas.Tree(), common)...)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b access.Place) int { return rank(a) - rank(b) }) // wider ones first
	var out []access.Place
	for _, p := range all {
		if !slices.ContainsFunc(out, func(wider access.Place) bool { return holds(wider, p) }) {
			out = append(out, p)
		}
	}
	return out, nil
}

// within are the places of an area and a cell, several for an area that took over from others.
func within(areas *area.Areas, areaCode, cellCode string) ([]access.Place, error) {
	places := []access.Place{{}}
	if areaCode != "" {
		a, ok := areas.Tree().ByCode(areaCode)
		if !ok {
			return nil, domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
		}
		places = formerly(areas.Tree(), a.ID)
	}
	if cellCode == "" {
		return places, nil
	}
	c, ok := areas.Map().EverByCode(cellCode)
	if !ok {
		return nil, domain.Invalid("?cell", domain.T("没有这个网格", "no such cell"))
	}
	if !slices.ContainsFunc(places, func(p access.Place) bool { return holds(p, c.Place) }) {
		return nil, nil
	}
	return []access.Place{c.Place}, nil
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

// narrowed is a place, or the streets of one that is wider than a street.
func narrowed(tree *area.Tree, p access.Place) (out []access.Place) {
	level, id := Finest(p)
	if slices.Index(levels, level) >= slices.Index(levels, access.Street) {
		return []access.Place{p}
	}
	below := tree.Children(id) // of "": the cities
	for _, a := range below {
		if a.Level == access.Street {
			out = append(out, formerly(tree, a.ID)...)
		} else {
			out = append(out, narrowed(tree, a.Place)...)
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

// meet is what two places have in common: the finer one, if it lies in the other.
func meet(a, b access.Place) (access.Place, bool) {
	if holds(a, b) {
		return b, true
	}
	return a, holds(b, a)
}
