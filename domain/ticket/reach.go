package ticket

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// reach is what a list may show its reader, as sets of tickets.
type reach struct {
	sets [][]store.Cond
	own  bool // the sets are the reader's own tickets and overlap; else they are places and do not
}

// part is a reach that counts as often as its sign says.
type part struct {
	reach
	sign int64
}

// disjoint splits the reach so that counts add up. Of sets that overlap, the
// intersections are taken off and put back (inclusion and exclusion).
func (r reach) disjoint() []part {
	if !r.own {
		return []part{{r, 1}}
	}
	var out []part
	for chosen := 1; chosen < 1<<len(r.sets); chosen++ {
		p := part{reach{[][]store.Cond{nil}, true}, -1}
		for i, set := range r.sets {
			if chosen>>i&1 == 1 {
				p.sets[0] = append(p.sets[0], set...)
				p.sign = -p.sign
			}
		}
		out = append(out, p)
	}
	return out
}

// reach is what the actor may list, as far as it lies in the filter's area and
// cell; of what they reported, with whole, only what they see all of.
func (s *Tickets) reach(actor access.Actor, f Filter, whole bool) (reach, error) {
	scopes := access.TicketScopes(actor)
	if f.Map {
		scopes = access.MapScopes(actor)
	}
	if !access.ListsTickets(actor) && !(f.Map && access.MapsTickets(actor)) {
		return reach{}, domain.ErrForbidden
	}
	if f.Assignee != "" && !access.SeesAssignees(actor) {
		return reach{}, domain.Invalid("?assignee", domain.T("居民不能按承办人筛选", "residents cannot filter by assignee"))
	}
	if f.Text != "" {
		grams, err := asked(f.Text)
		if err != nil {
			return reach{}, err
		}
		if len(grams) == 0 {
			return reach{}, domain.Invalid("?q", domain.T("请输入文字或数字", "no letter or digit to look for"))
		}
	}
	within, everywhere, err := s.within(f)
	if err != nil {
		return reach{}, err
	}
	places := s.places(scopes)
	if f.Mine || len(scopes) == 0 {
		out := reach{sets: own(actor, places, whole), own: true}
		if !everywhere {
			for i := range out.sets {
				out.sets[i] = append(out.sets[i], among(within)...)
			}
		} else if f.Text != "" { // which is looked for in places
			for i := range out.sets {
				out.sets[i] = append(out.sets[i], among(s.places([]access.Scope{{}}))...)
			}
		}
		return out, nil
	}
	var out reach
	for _, p := range places {
		if everywhere {
			out.sets = append(out.sets, placed(p))
		}
		for _, w := range within {
			if common, ok := meet(p, w); ok {
				out.sets = append(out.sets, placed(common))
			}
		}
	}
	return out, nil
}

// own: what the actor reported, what is with them or their organisation, and,
// as far as they may read it still, what they sent for somebody. With whole,
// what they reported is not among it where they see it as its reporter only.
func own(actor access.Actor, scopes []access.Place, whole bool) [][]store.Cond {
	var out [][]store.Cond
	if !whole {
		out = append(out, []store.Cond{store.Eq("reporter", actor.Account)})
	}
	if !actor.IsStaff() {
		return out
	}
	out = append(out, []store.Cond{store.Eq("involved", actor.Account)})
	if actor.Organisation != "" && actor.Is(access.Handler) {
		out = append(out, []store.Cond{store.Eq("involved", actor.Organisation)})
	}
	byLevel := map[access.Level][]access.Place{}
	for _, p := range scopes {
		level, _ := finest(p)
		byLevel[level] = append(byLevel[level], p)
	}
	for _, level := range levels {
		if places := byLevel[level]; len(places) > 0 {
			out = append(out, append([]store.Cond{store.Eq("reportedBy", actor.Account)}, among(places)...))
			if whole {
				out = append(out, append([]store.Cond{store.Eq("reporter", actor.Account)}, among(places)...))
			}
		}
	}
	return out
}

// within resolves the area and cell of a filter to places, several for an area
// that took over from others; everywhere when it names none.
func (s *Tickets) within(f Filter) (places []access.Place, everywhere bool, err error) {
	tree := s.areas.Tree()
	if f.Area != "" {
		a, ok := tree.ByCode(f.Area)
		if !ok {
			return nil, false, domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
		}
		for _, id := range tree.Formerly(a.ID) {
			if former, ok := tree.ByID(id); ok {
				places = append(places, tree.Place(former))
			}
		}
	}
	if f.Cell == "" {
		return places, f.Area == "", nil
	}
	c, ok := s.areas.Map().EverByCode(f.Cell)
	if !ok {
		return nil, false, domain.Invalid("?cell", domain.T("没有这个网格", "no such cell"))
	}
	inside := f.Area == "" || slices.ContainsFunc(places, func(p access.Place) bool { return holds(p, c.Place) })
	if !inside {
		return nil, false, nil
	}
	return []access.Place{c.Place}, false, nil
}

// places are where scopes reach, none inside another, so that nothing is
// counted twice. What is not on the map yet is left out.
func (s *Tickets) places(scopes []access.Scope) []access.Place {
	tree := s.areas.Tree()
	var all []access.Place
	for _, sc := range scopes { // wider ones first
		switch {
		case sc == access.Scope{}: // everything, said as the cities there are, so that an index serves it
			for _, root := range tree.Roots() {
				for _, id := range tree.Formerly(root.ID) {
					all = append(all, access.Place{City: id})
				}
			}
		case sc.Level == access.Cell:
			if c, ok := s.areas.Map().ByID(sc.ID); ok {
				all = append(all, c.Place)
			}
		default:
			if a, ok := tree.ByID(sc.ID); ok {
				all = append(all, tree.Place(a))
			}
		}
	}
	var out []access.Place
	for _, p := range all {
		if !slices.ContainsFunc(out, func(wider access.Place) bool { return holds(wider, p) }) {
			out = append(out, p)
		}
	}
	return out
}

// placed asks for the finest level of a place and for what lies around it that
// indexes begin with: the street, or above streets the city.
func placed(p access.Place) []store.Cond {
	level, id := finest(p)
	set := []store.Cond{store.Eq(field(level), id)}
	switch level {
	case access.County:
		set = append(set, store.Eq(field(access.City), p.City))
	case access.Community, access.Cell:
		set = append(set, store.Eq(field(access.Street), p.Street))
	}
	return set
}

// levels from the finest to the widest.
var levels = []access.Level{access.Cell, access.Community, access.Street, access.County, access.City}

// finest returns the lowest level at which the place is known.
func finest(p access.Place) (access.Level, string) {
	for _, l := range levels {
		if id := p.At(l); id != "" {
			return l, id
		}
	}
	return "", ""
}

// holds reports whether the first place is the second or around it.
func holds(wide, p access.Place) bool {
	level, id := finest(wide)
	return p.At(level) == id
}

// meet is what two places have in common: the finer one, if it lies in the other.
func meet(a, b access.Place) (access.Place, bool) {
	if holds(a, b) {
		return b, true
	}
	return a, holds(b, a)
}

// among filters by places of one level; by nothing that can be, for none.
func among(places []access.Place) []store.Cond {
	level, ids := access.Cell, make([]string, len(places))
	for i, p := range places {
		level, ids[i] = finest(p)
	}
	return []store.Cond{store.In(field(level), ids...)}
}

func field(l access.Level) string { return "place." + string(l) }
