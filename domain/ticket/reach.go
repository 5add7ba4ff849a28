package ticket

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// reach is what the actor may list, as far as it lies in the filter's area and
// cell; of what they reported, with whole, only what they see all of.
func (s *Tickets) reach(actor access.Actor, f Filter, whole bool) (place.Lists, error) {
	scopes := access.TicketScopes(actor)
	switch {
	case f.Map:
		scopes = access.MapScopes(actor)
	case f.leads:
		if scopes = access.LedgerScopes(actor); len(scopes) == 0 {
			return place.Lists{}, domain.ErrForbidden
		}
	}
	if !access.ListsTickets(actor) && !(f.Map && access.MapsTickets(actor)) {
		return place.Lists{}, domain.ErrForbidden
	}
	if f.Assignee != "" && !access.SeesAssignees(actor) {
		return place.Lists{}, domain.Invalid("?assignee", domain.T("居民不能按承办人筛选", "residents cannot filter by assignee"))
	}
	if f.Handled.asked() && !access.SeesAssignees(actor) {
		return place.Lists{}, domain.Invalid("?resolvedBy", domain.T("居民不能按处置人筛选", "residents cannot filter by who resolved it"))
	}
	if f.Sort != "" && (f.Boxes != nil || f.Text != "") {
		return place.Lists{}, domain.ErrNotSortable
	}
	if f.Offered && (f.Boxes != nil || f.Text != "" || f.Triage || f.order(false).Field() != "createdAt") {
		return place.Lists{}, domain.Invalid("?offered", domain.T("不能与 bbox、q、triage 或其他排序同用", "goes with no bbox, q, triage or other order"))
	}
	if f.Text != "" {
		grams, err := searchGrams(f.Text)
		if err != nil {
			return place.Lists{}, err
		}
		if len(grams) == 0 {
			return place.Lists{}, domain.Invalid("?q", domain.T("请输入文字或数字", "no letter or digit to look for"))
		}
	}
	if f.Mine || len(scopes) == 0 {
		return s.mine(actor, scopes, f, whole)
	}
	places, err := place.Reach(s.areas, scopes, f.Area, f.Cell)
	return place.InPlaces(s.areas, places), err
}

// mine are the actor's own tickets in the filter's area and cell.
func (s *Tickets) mine(actor access.Actor, scopes []access.Scope, f Filter, whole bool) (place.Lists, error) {
	readable, err := place.Reach(s.areas, scopes, "", "")
	if err != nil {
		return place.Lists{}, err
	}
	places, err := place.Within(s.areas, f.Area, f.Cell)
	text := places
	if text == nil && f.Text != "" { // which is looked for in places
		text = place.Everywhere(s.areas)
	}
	return own(actor, readable, whole).With(places, text), err
}

// own: what the actor reported, what is with them, who they stand in for or their organisation, and,
// as far as they may read it still, what they sent for somebody; of who works
// at counters all they sent, and what hangs on the cases of theirs. With whole,
// what they see only as its reporter does is not among it.
func own(actor access.Actor, readable []access.Place, whole bool) place.Lists {
	out := place.Lists{Overlap: true}
	by := func(field, who string, at ...store.Cond) {
		out.Sets = append(out.Sets, place.Subset{People: []store.Cond{store.Eq(field, who)}, Places: at, Text: at})
	}
	if !whole {
		by("reporter", actor.Account)
	}
	if !actor.IsStaff() {
		return out
	}
	for _, person := range actor.Persons() {
		by("involved", person)
	}
	if actor.Organisation != "" && actor.Is(access.Handler) {
		by("involved", actor.Organisation)
	}
	counter := !whole && access.SendsFromCounter(actor)
	if counter {
		by("sentBy", actor.Account)
	}
	var others []store.Cond // none of the sets before
	for _, s := range out.Sets {
		others = append(others, store.NoneOf(s.People[0].Field, s.People[0].Values...))
	}
	for i, community := range access.Served(actor) {
		if !counter {
			break
		}
		set := append(slices.Clone(others), store.Eq("served", community))
		if i > 0 {
			set = append(set, store.NoneOf("served", access.Served(actor)[:i]...))
		}
		out.Sets = append(out.Sets, place.Subset{People: set, Apart: true})
	}
	for _, l := range place.Levels(readable) {
		if !counter {
			by("sentBy", actor.Account, l.Cond())
		}
		if whole {
			by("reporter", actor.Account, l.Cond())
		}
	}
	return out
}

// onField reports whether one of the conditions is on the field.
func onField(conds []store.Cond, field string) bool {
	return slices.ContainsFunc(conds, func(c store.Cond) bool { return c.Field == field })
}
