package ticket

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// set is some of the tickets: those of people, in places.
type set struct {
	people []store.Cond // on reporter, reportedBy and involved: each has few
	places []store.Cond // none: everywhere
	scope  []store.Cond // the same places for the text index
}

// reach is what a list may show its reader, as sets of tickets.
type reach struct {
	sets []set
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
		p := part{reach{make([]set, 1), true}, -1}
		all := &p.sets[0]
		for i, s := range r.sets {
			if chosen>>i&1 == 1 {
				all.people, all.places, all.scope = append(all.people, s.people...), append(all.places, s.places...), append(all.scope, s.scope...)
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
	if f.Sort != "" && (f.Boxes != nil || f.Text != "") {
		return reach{}, domain.Invalid("?sort", domain.T("按范围或文字查找时不能排序", "what is looked for in a box or by text cannot be sorted"))
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
	if f.Mine || len(scopes) == 0 {
		return s.mine(actor, scopes, f, whole)
	}
	places, err := place.Reach(s.areas, scopes, f.Area, f.Cell)
	out := reach{}
	for _, p := range place.Sets(s.areas, places) {
		out.sets = append(out.sets, set{places: p.Conds(), scope: []store.Cond{p.Scope(s.areas.Tree())}})
	}
	return out, err
}

// mine are the actor's own tickets in the filter's area and cell.
func (s *Tickets) mine(actor access.Actor, scopes []access.Scope, f Filter, whole bool) (reach, error) {
	readable, err := place.Reach(s.areas, scopes, "", "")
	if err != nil {
		return reach{}, err
	}
	within, err := place.Reach(s.areas, []access.Scope{{}}, f.Area, f.Cell)
	if err != nil {
		return reach{}, err
	}
	var asked, scope []store.Cond
	if f.Area != "" || f.Cell != "" {
		asked = []store.Cond{place.Among(within)}
		scope = asked
	} else if f.Text != "" { // which is looked for in places
		var streets place.Set
		for _, p := range within {
			streets.Streets = append(streets.Streets, p.Street)
		}
		scope = []store.Cond{streets.Scope(s.areas.Tree())}
	}
	out := reach{sets: own(actor, readable, whole), own: true}
	for i := range out.sets {
		t := &out.sets[i]
		t.places, t.scope = append(t.places, asked...), append(t.scope, scope...)
	}
	return out, nil
}

// own: what the actor reported, what is with them or their organisation, and,
// as far as they may read it still, what they sent for somebody. With whole,
// what they reported is not among it where they see it as its reporter only.
func own(actor access.Actor, readable []access.Place, whole bool) []set {
	var out []set
	by := func(field, who string, at ...store.Cond) {
		out = append(out, set{[]store.Cond{store.Eq(field, who)}, at, at})
	}
	if !whole {
		by("reporter", actor.Account)
	}
	if !actor.IsStaff() {
		return out
	}
	by("involved", actor.Account)
	if actor.Organisation != "" && actor.Is(access.Handler) {
		by("involved", actor.Organisation)
	}
	for _, l := range place.Levels(readable) {
		by("reportedBy", actor.Account, l.Cond())
		if whole {
			by("reporter", actor.Account, l.Cond())
		}
	}
	return out
}

// on reports whether one of the conditions is on the field.
func on(conds []store.Cond, field string) bool {
	return slices.ContainsFunc(conds, func(c store.Cond) bool { return c.Field == field })
}

// driven are conditions of a set of tickets of which the fields named choose
// the index; by the others what it finds is filtered.
func driven(conds []store.Cond, by ...string) []store.Cond {
	out := slices.Clone(conds)
	for i, c := range out {
		if !slices.Contains(by, c.Field) {
			out[i] = store.Filter(c)
		}
	}
	return out
}
