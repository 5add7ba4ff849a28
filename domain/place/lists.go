package place

import (
	"slices"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Subset is a part of the things of a kind: those of people, those in places, or what is both.
type Subset struct {
	People []store.Cond // on fields that name people or organisations: each has few
	Places []store.Cond // none: everywhere
	Text   []store.Cond // the same places for a text index, which has every level
	Apart  bool         // its conditions leave out what is in another set
}

// Lists is what a reader may list of a kind of things.
type Lists struct {
	Sets    []Subset
	Overlap bool // a thing may be in several sets; places do not overlap
}

// Part is a set that counts as often as its sign says.
type Part struct {
	Subset
	Sign int64
}

// InPlaces lists what lies in the places of a Reach.
func InPlaces(areas *area.Areas, places []access.Place) Lists {
	var out Lists
	for _, p := range Sets(areas, places) {
		out.Sets = append(out.Sets, Subset{Places: p.Conds(), Text: []store.Cond{p.Scope(areas.Tree())}})
	}
	return out
}

// Within is that something lies in an area and a cell by code; no condition
// when neither is named. InvalidError at ?area and ?cell.
func Within(areas *area.Areas, areaCode, cellCode string) ([]store.Cond, error) {
	if areaCode == "" && cellCode == "" {
		return nil, nil
	}
	within, err := Reach(areas, []access.Scope{{}}, areaCode, cellCode)
	return []store.Cond{Among(within)}, err
}

// Everywhere is every place, as a text index is asked for it.
func Everywhere(areas *area.Areas) []store.Cond {
	var all Set
	for _, street := range areas.Tree().Streets() {
		all.Streets = append(all.Streets, street.ID)
	}
	return []store.Cond{all.Scope(areas.Tree())}
}

// With are the sets with one more condition on places each.
func (l Lists) With(places, text []store.Cond) Lists {
	out := Lists{Overlap: l.Overlap}
	for _, s := range l.Sets {
		out.Sets = append(out.Sets, Subset{s.People, slices.Concat(s.Places, places), slices.Concat(s.Text, text), s.Apart})
	}
	return out
}

// Disjoint splits the sets so that counts add up: of sets that overlap, the
// intersections are taken off and put back (inclusion and exclusion).
func (l Lists) Disjoint() []Part {
	var out []Part
	if !l.Overlap {
		for _, s := range l.Sets {
			out = append(out, Part{s, 1})
		}
		return out
	}
	var mixed []Subset
	for _, s := range l.Sets {
		if s.Apart {
			out = append(out, Part{s, 1})
		} else {
			mixed = append(mixed, s)
		}
	}
	for chosen := 1; chosen < 1<<len(mixed); chosen++ {
		p := Part{Sign: -1}
		for i, s := range mixed {
			if chosen>>i&1 == 1 {
				p.People, p.Places, p.Text = append(p.People, s.People...), append(p.Places, s.Places...), append(p.Text, s.Text...)
				p.Sign = -p.Sign
			}
		}
		out = append(out, p)
	}
	return out
}
