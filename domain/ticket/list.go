package ticket

import (
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/geo"
	"wangge/store"
)

// Filter narrows the ticket list. Empty fields do not filter.
type Filter struct {
	States     []State
	Categories []string
	Cell       string // code
	Area       string // code; that area and all below it
	Triage     bool   // only what no cell holds
	Assignee   string // id of a person or organisation
	Mine       bool   // assigned to me or my organisation, or reported by me
	Box        *orb.Bound
	Text       string    // all its words in number, title or address
	From, To   time.Time // of the report
	Limit      int
	Cursor     string
}

// boxRanges is into how many key ranges a box is cut.
const boxRanges = 16

// List returns a page of the tickets the actor may read: those of their
// areas, or, for who has none and with Mine, those they reported or that are
// with them. Newest first; inside a box, along the space-filling key.
func (s *Tickets) List(ctx context.Context, actor access.Actor, f Filter) ([]*Ticket, string, error) {
	queries, err := s.queries(actor, f)
	if err != nil {
		return nil, "", err
	}
	return collection.Find(ctx, s.store, queries...)
}

// CountFields are what tickets can be counted by.
var CountFields = map[string]string{
	"state": "state", "category": "category", "cell": "place.cell", "community": "place.community",
	"street": "place.street", "kind": "kind", "source": "source", "urgency": "urgency", "assignee": "assignee.id",
}

// Count counts what List would list by one of CountFields. Ids of cells and areas become codes.
func (s *Tickets) Count(ctx context.Context, actor access.Actor, f Filter, by string) (map[string]int64, error) {
	field, ok := CountFields[by]
	if !ok {
		return nil, domain.Invalid("?by", domain.T("未知的分组", "unknown group"))
	}
	queries, err := s.queries(actor, f)
	if err != nil {
		return nil, err
	}
	total := map[string]int64{}
	if overlapping := f.Mine || len(access.TicketScopes(actor)) == 0; overlapping && len(queries) > 1 {
		if err := s.countEach(ctx, queries, by, total); err != nil {
			return nil, err
		}
	} else {
		for _, q := range queries {
			part, err := collection.Count(ctx, s.store, q, field)
			if err != nil {
				return nil, err
			}
			for k, n := range part {
				total[k] += n
			}
		}
	}
	return s.coded(by, total), nil
}

// countEach counts lists that overlap (mine: reported by me, and with me) document by document.
func (s *Tickets) countEach(ctx context.Context, queries []store.Query, by string, total map[string]int64) error {
	cursor := ""
	for {
		for i := range queries {
			queries[i].Limit, queries[i].After = 500, cursor
		}
		page, next, err := collection.Find(ctx, s.store, queries...)
		if err != nil {
			return err
		}
		for _, t := range page {
			total[t.group(by)]++
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

func (t *Ticket) group(by string) string {
	switch by {
	case "state":
		return string(t.State)
	case "category":
		return t.Category
	case "cell":
		return t.Place.Cell
	case "community":
		return t.Place.Community
	case "street":
		return t.Place.Street
	case "kind":
		return string(t.Kind)
	case "source":
		return string(t.Source)
	case "urgency":
		return string(t.Urgency)
	}
	return t.Assignee.ID
}

func (s *Tickets) coded(by string, counts map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(counts))
	for id, n := range counts {
		switch by {
		case "cell":
			if c, ok := s.areas.Map().ByID(id); ok {
				id = c.Code
			}
		case "community", "street":
			if a, ok := s.areas.Tree().ByID(id); ok {
				id = a.Code
			}
		}
		out[id] += n
	}
	return out
}

// queries are the filter within what the actor may read, as a list of merged queries.
func (s *Tickets) queries(actor access.Actor, f Filter) ([]store.Query, error) {
	if !access.ListsTickets(actor) {
		return nil, domain.ErrForbidden
	}
	within, err := s.within(f)
	if err != nil {
		return nil, err
	}
	var reach [][]store.Cond // each a set of tickets the actor may read
	scopes := access.TicketScopes(actor)
	own := len(scopes) == 0 || f.Mine
	if !own {
		for _, sc := range s.disjoint(s.rooted(scopes)) {
			if conds, ok := s.narrowed(sc, within); ok {
				reach = append(reach, conds)
			}
		}
	} else {
		reach = s.own(actor, within)
	}
	var out []store.Query
	for _, conds := range reach {
		out = append(out, f.query(conds, own)...)
	}
	return out, nil
}

// own: what the actor reported, and what is with them or their organisation.
func (s *Tickets) own(actor access.Actor, within access.Place) [][]store.Cond {
	out := [][]store.Cond{{store.Eq("reporter", actor.Account)}}
	if actor.IsStaff() {
		out = append(out, []store.Cond{store.Eq("reportedBy", actor.Account)}, []store.Cond{store.Eq("involved", actor.Account)})
		if actor.Organisation != "" {
			out = append(out, []store.Cond{store.Eq("involved", actor.Organisation)})
		}
	}
	if level, id := finest(within); id != "" {
		for i := range out {
			out[i] = append(out[i], store.Eq(field(level), id))
		}
	}
	return out
}

func field(l access.Level) string { return "place." + string(l) }

// finest returns the lowest level at which the place is known.
func finest(p access.Place) (access.Level, string) {
	for _, l := range []access.Level{access.Cell, access.Community, access.Street, access.County, access.City} {
		if id := p.At(l); id != "" {
			return l, id
		}
	}
	return "", ""
}

// within resolves the area and cell of a filter.
func (s *Tickets) within(f Filter) (access.Place, error) {
	var p access.Place
	if f.Area != "" {
		a, ok := s.areas.Tree().ByCode(f.Area)
		if !ok {
			return p, domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
		}
		p = s.areas.Tree().Place(a)
	}
	if f.Cell != "" {
		c, ok := s.areas.Map().ByCode(f.Cell)
		if !ok {
			return p, domain.Invalid("?cell", domain.T("没有这个网格", "no such cell"))
		}
		p = c.Place
	}
	return p, nil
}

// placeOf is the place of a scope's area or cell.
func (s *Tickets) placeOf(sc access.Scope) access.Place {
	if sc.Level == access.Cell {
		if c, ok := s.areas.Map().ByID(sc.ID); ok {
			return c.Place
		}
		return access.Place{Cell: sc.ID}
	}
	if a, ok := s.areas.Tree().ByID(sc.ID); ok {
		return s.areas.Tree().Place(a)
	}
	return access.Place{}
}

// rooted says "everything" as the cities there are, so that an index serves it.
func (s *Tickets) rooted(scopes []access.Scope) []access.Scope {
	if len(scopes) != 1 || scopes[0] != (access.Scope{}) {
		return scopes
	}
	var out []access.Scope
	for _, a := range s.areas.Tree().Roots() {
		out = append(out, access.Scope{Level: a.Level, ID: a.ID})
	}
	return out
}

// disjoint leaves out scopes inside others, so that nothing is counted twice.
func (s *Tickets) disjoint(scopes []access.Scope) []access.Scope {
	var out []access.Scope
	for _, sc := range scopes {
		p := s.placeOf(sc)
		if !slices.ContainsFunc(out, func(o access.Scope) bool { return p.At(o.Level) == o.ID }) {
			out = append(out, sc)
		}
	}
	return out
}

// narrowed is the scope cut with the place asked for; false when they do not meet.
func (s *Tickets) narrowed(sc access.Scope, within access.Place) ([]store.Cond, bool) {
	level, id := finest(within)
	if id != "" && within.At(sc.Level) == sc.ID {
		return placed(within), true
	}
	p := s.placeOf(sc)
	if id != "" && p.At(level) != id {
		return nil, false
	}
	return placed(p), true
}

// placed asks for the finest level of the place. Below a street the street is
// asked for too, so that the text and box indexes, which begin with it, serve.
func placed(p access.Place) []store.Cond {
	level, id := finest(p)
	out := []store.Cond{store.Eq(field(level), id)}
	if (level == access.Cell || level == access.Community) && p.Street != "" {
		out = append(out, store.Eq(field(access.Street), p.Street))
	}
	if level == access.County && p.City != "" {
		out = append(out, store.Eq(field(access.City), p.City))
	}
	return out
}

// query adds the filter's own conditions; a box becomes several queries, but
// not among somebody's own tickets, which are few and listed by time.
func (f Filter) query(conds []store.Cond, own bool) []store.Query {
	conds = slices.Clone(conds)
	if len(f.Categories) == 1 {
		conds = append(conds, store.Eq("category", f.Categories[0]))
	} else if len(f.Categories) > 1 {
		conds = append(conds, store.In("category", f.Categories...))
	}
	if f.Triage {
		conds = append(conds, store.Eq("place.cell", ""))
	}
	if f.Assignee != "" {
		conds = append(conds, store.Eq("involved", f.Assignee))
	}
	if words := asked(f.Text); len(words) > 0 {
		conds = append(conds, store.HasAll("grams", words...))
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		conds = append(conds, store.Between("createdAt", bound(f.From), bound(f.To)))
	}
	if f.Box != nil {
		low, high := e7(f.Box.Min), e7(f.Box.Max)
		conds = append(conds, store.Between("position.lonE7", low[0], high[0]+1), store.Between("position.latE7", low[1], high[1]+1))
		if !own {
			return f.inBox(conds)
		}
	}
	newest := func(conds []store.Cond) store.Query {
		return store.Query{Where: conds, Order: []string{"-createdAt"}, Limit: f.Limit, After: f.Cursor}
	}
	if len(f.States) == 0 {
		return []store.Query{newest(conds)}
	}
	var out []store.Query
	for _, st := range f.States { // one index range each, merged
		out = append(out, newest(append(slices.Clone(conds), store.Eq("state", st))))
	}
	return out
}

// inBox asks for the ranges of the key that cover the box; the conditions have the exact box.
func (f Filter) inBox(conds []store.Cond) []store.Query {
	if len(f.States) > 0 {
		conds = append(conds, store.In("state", f.States...))
	}
	var out []store.Query
	for _, r := range geo.Ranges(*f.Box, boxRanges) {
		where := append(slices.Clone(conds), store.Between("position.key", r.From, r.To+1))
		out = append(out, store.Query{Where: where, Order: []string{"position.key"}, Limit: f.Limit, After: f.Cursor})
	}
	return out
}

func bound(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
