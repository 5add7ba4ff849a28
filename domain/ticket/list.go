package ticket

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// Filter narrows the ticket list. Empty fields do not filter.
type Filter struct {
	States     []State
	Categories []string
	Urgencies  []Urgency
	Sources    []Source
	Cell       string      // code
	Area       string      // code; that area and all below it
	Triage     bool        // only what no cell holds
	Returned   bool        // only what came back to be dispatched anew
	Backlog    bool        // only what is shelved 挂账
	Escalated  bool        // only what was escalated to the street and waits there
	Offered    bool        // only what is offered to the reader from other streets, wherever it lies; by its report alone, without text and boxes
	Assignee   string      // id of a person or organisation, leading or helping
	Mine       bool        // see own
	Into       string      // id of a ticket: only those that joined it, to who sees all of it
	Parent     string      // id of a ticket: only those split off it, to who sees all of it
	Boxes      []orb.Bound // WGS-84: in one of them; they do not overlap
	Text       string      // the beginning of a receipt number, or words found by their grams in number, title or address: see package fold
	From, To   time.Time   // of the report: From <= t < To
	Handled    Handled     // only what was resolved so
	Overdue    time.Time   // only what is overdue at this time
	Due        Span        // only what is due then, whatever has become of it
	Since      time.Time   // only what was changed after this time, the first change first unless Sort says otherwise
	Sort       domain.Sort // not with boxes or text; of the reader's own, store.MaxSorted tickets at most but by createdAt
	Todo       Todo        // only what is waited for of the reader
	Now        time.Time   // of Todo, and of Count by it
	Map        bool        // as maps show it: to machine accounts too
	leads      bool        // only where the reader leads
	resident   bool        // who asks is told of the changes that residents are shown
	Limit      int
	Cursor     string
}

// Handled asks for what was resolved, and stands, by one of some accounts, nil
// for anybody, in a time: From <= t < To.
type Handled struct {
	By       []string
	From, To time.Time
}

// Span of time: From <= t < To.
type Span struct{ From, To time.Time }

func (h Handled) asked() bool { return h.By != nil || h.timed() }

func (h Handled) timed() bool { return !h.From.IsZero() || !h.To.IsZero() }

// List returns a page of the tickets the actor may read: those of their
// areas, or, for who has none and with Mine, those they reported, that are
// with them or that their counter sees. Unless Sort says otherwise newest first; but, unless Mine, what is overdue by its deadline,
// and else in a box, but with Text, along the space-filling key. By deadline, only those that have one.
// Errors: ErrForbidden, InvalidError at ?area, ?cell, ?q; domain.ErrNotSortable, fold.ErrTooShort, store.ErrCursor, store.ErrTooBroad.
func (s *Tickets) List(ctx context.Context, actor access.Actor, f Filter) ([]*Ticket, string, error) {
	if f.Todo != "" {
		return s.listTodo(ctx, actor, f)
	}
	f.resident = !access.SeesEveryChange(actor)
	r, err := s.reach(actor, f, f.tells())
	if err != nil {
		return nil, "", err
	}
	if sees, err := s.seesInto(ctx, actor, f); !sees {
		return nil, "", err
	}
	var queries []store.Query
	for _, set := range r.Sets {
		queries = append(queries, f.queries(set, r.Overlap)...)
	}
	return collection.Find(ctx, s.store, queries...)
}

// CountFields are what tickets can be counted by.
var CountFields = map[string]string{
	"state": "state", "category": "category", "cell": "place.cell", "community": "place.community",
	"street": "place.street", "kind": "kind", "source": "source", "urgency": "urgency", "assignee": "assignee.id",
}

// Count counts what List would list by one of CountFields. Ids of cells and
// areas become codes. Errors: those of List, InvalidError at ?by.
func (s *Tickets) Count(ctx context.Context, actor access.Actor, f Filter, by string) (map[string]int64, error) {
	field, ok := CountFields[by]
	if !ok {
		return nil, domain.Invalid("?by", CountWords.Fault())
	}
	if f.Todo != "" {
		return nil, domain.Invalid("?todo", domain.T("只能与 by=todo 同用", "goes with by=todo only"))
	}
	counts, own, err := s.counts(ctx, actor, f, field, f.tells())
	if err != nil {
		return nil, err
	}
	if by == "assignee" && own {
		known, _, err := s.counts(ctx, actor, f, field, true)
		if err != nil {
			return nil, err
		}
		if err := s.hidePeople(ctx, counts, known); err != nil {
			return nil, err
		}
	}
	return s.shown(by, counts), nil
}

// CountHandled counts the tickets resolved in a time in an area, by the account
// of who resolved them. Errors: those of List.
func (s *Tickets) CountHandled(ctx context.Context, actor access.Actor, area string, from, to time.Time) (map[string]int64, error) {
	counts, _, err := s.counts(ctx, actor, Filter{Area: area, Handled: Handled{From: from, To: to}}, "resolved.by", true)
	return counts, err
}

// tells reports whether who passes the filter learns what only those read who see all of a ticket.
func (f Filter) tells() bool {
	return f.Assignee != "" || f.Returned || f.Escalated || f.Offered || f.Handled.asked()
}

// counts are by ids, and of the actor's own tickets or of places.
func (s *Tickets) counts(ctx context.Context, actor access.Actor, f Filter, field string, whole bool) (total map[string]int64, own bool, err error) {
	f.resident = !access.SeesEveryChange(actor)
	r, err := s.reach(actor, f, whole)
	if err != nil {
		return nil, false, err
	}
	f.Limit, f.Cursor = 0, ""
	total = map[string]int64{}
	if sees, err := s.seesInto(ctx, actor, f); !sees {
		return total, r.Overlap, err
	}
	for _, part := range r.Disjoint() {
		for _, q := range f.queries(part.Subset, r.Overlap) {
			counts, err := collection.Count(ctx, s.store, q, field)
			if err != nil {
				return nil, false, err
			}
			for k, n := range counts {
				total[k] += part.Sign * n
			}
		}
	}
	return total, r.Overlap, nil
}

// seesInto reports whether the actor sees all of the ticket that those of the
// filter joined, or were split off, if it names one: who does not is not told whether there are any.
func (s *Tickets) seesInto(ctx context.Context, actor access.Actor, f Filter) (bool, error) {
	for _, of := range []string{f.Into, f.Parent} {
		if of == "" {
			continue
		}
		if _, view, err := s.Get(ctx, actor, of); view != access.Whole {
			return false, ignoreNotFound(err)
		}
	}
	return true, nil
}

// hidePeople counts the tickets of people as with nobody named, but for those
// where the reader is told who it is. Organisations everybody is told.
func (s *Tickets) hidePeople(ctx context.Context, counts, known map[string]int64) error {
	organisations, err := s.areas.OrganisationNames(ctx, slices.Collect(maps.Keys(counts)))
	if err != nil {
		return err
	}
	for id, n := range counts {
		if id != "" && organisations[id] == "" {
			counts[id] = known[id]
			counts[""] += n - known[id]
		}
	}
	return nil
}

// shown says counts with codes for ids, and no groups of nothing.
func (s *Tickets) shown(by string, counts map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(counts))
	for id, n := range counts {
		switch by {
		case "cell":
			if c, ok := s.areas.Map().EverByID(id); ok {
				id = c.Code
			}
		case "community", "street":
			if a, ok := s.areas.Tree().ByID(id); ok {
				id = a.Code
			}
		}
		if n != 0 {
			out[id] += n
		}
	}
	return out
}

// boxRanges is into how many key ranges a box is cut.
const boxRanges = 16

// queries narrow a set of tickets; they are to be merged. Of the conditions those choose the index
// that leave fewest; where the state is one of its fields and the filter names
// none, all states are asked for.
func (f Filter) queries(t place.Subset, own bool) []store.Query {
	states, more, ok := f.narrowed()
	if !ok {
		return nil
	}
	every, state := store.In("state", States...), []store.Cond(nil)
	if len(states) > 0 {
		every = store.In("state", states...)
		state = []store.Cond{every}
	}
	if f.Offered {
		return f.offered(t, own, append(more, state...))
	}
	people, order := t.People, f.order(own)
	if f.Assignee != "" {
		people = append(slices.Clone(people), store.Eq("involved", f.Assignee))
	}
	if order.Field() == "dueAt" && f.Overdue.IsZero() && f.Due == (Span{}) {
		more = append(more, store.Between("dueAt", time.UnixMilli(0), nil))
	}
	conds := slices.Concat(people, t.Places, more)
	switch terms, _ := searchGrams(f.Text); { // reach has looked at it
	case len(terms) > 0:
		conds = withTerms(slices.Concat(people, t.Text, more, state), terms)
	case order.Field() == "dueAt" && !own:
		conds = append(store.Driven(conds, "place.street", "dueAt"), every)
	case order.Field() == "resolved.at" && !own:
		conds = store.Driven(append(conds, state...), "place.street", "resolved.at")
	case order.Field() == "updatedAt" && !own:
		conds = store.Driven(append(conds, state...), "place.street", "updatedAt")
	case f.Into != "":
		conds = store.Driven(append(conds, state...), "joined.into", "createdAt")
	case f.Parent != "":
		conds = store.Driven(append(conds, state...), "parent", "createdAt")
	case onField(people, "served"):
		conds = store.Driven(append(conds, state...), "served", "createdAt")
	case onField(people, "involved"):
		conds = append(store.Driven(conds, "involved", "createdAt"), every)
	case own:
		conds = store.Driven(append(conds, state...), "reporter", "sentBy", "createdAt")
	case f.Boxes != nil:
		conds, order = store.Driven(append(conds, state...), "place.street", "position.key"), "position.key"
	case onField(conds, "place.cell"):
		conds = append(store.Driven(conds, "place.street", "place.cell", "createdAt"), every)
	case len(f.Categories) > 0:
		conds = append(store.Driven(conds, "place.street", "category", "createdAt"), every)
	default:
		conds = append(conds, state...)
	}
	return f.inBoxes(conds, string(order), own && order.Field() != "createdAt")
}

// order is what Sort says, or how such a list usually is.
func (f Filter) order(own bool) domain.Sort {
	switch {
	case f.Sort.Field() == "updatedAt":
		return domain.Sort(strings.Replace(string(f.Sort), "updatedAt", f.changed(), 1))
	case f.Sort != "":
		return f.Sort
	case (!f.Overdue.IsZero() || f.Due != Span{}) && !own:
		return "dueAt"
	case f.Handled.timed() && f.Boxes == nil && f.Text == "" && !own:
		return "resolved.at"
	case !f.Since.IsZero() && f.Boxes == nil && f.Text == "":
		return domain.Sort(f.changed())
	}
	return "-createdAt"
}

// narrowed are the filter's states, none for all, and its other conditions but
// for boxes and text; false when nothing passes.
func (f Filter) narrowed() (states []State, more []store.Cond, ok bool) {
	states = slices.Compact(slices.Sorted(slices.Values(f.States)))
	if f.Returned {
		if len(states) > 0 && !slices.Contains(states, Accepted) {
			return nil, nil, false
		}
		states, more = []State{Accepted}, append(more, store.Between("returned.at", time.UnixMilli(0), nil))
	}
	if f.Backlog {
		if len(states) > 0 && !slices.Contains(states, Suspended) {
			return nil, nil, false
		}
		states, more = []State{Suspended}, append(more, store.Between("backlog.reviewAt", time.UnixMilli(0), nil))
	}
	if f.Escalated {
		if len(states) > 0 && !slices.Contains(states, Accepted) {
			return nil, nil, false
		}
		states, more = []State{Accepted}, append(more, store.Eq("escalated", true))
	}
	if !f.Overdue.IsZero() {
		if states = stillRunning(states); len(states) == 0 {
			return nil, nil, false
		}
		more = append(more, store.Between("dueAt", nil, f.Overdue))
	}
	if f.Due != (Span{}) {
		more = append(more, store.Within("dueAt", f.Due.From, f.Due.To))
	}
	if len(f.Categories) > 0 {
		more = append(more, store.In("category", f.Categories...))
	}
	if len(f.Urgencies) > 0 {
		more = append(more, store.Filter(store.In("urgency", f.Urgencies...)))
	}
	if len(f.Sources) > 0 {
		more = append(more, store.Filter(store.In("source", f.Sources...)))
	}
	if f.Into != "" {
		more = append(more, store.Eq("joined.into", f.Into))
	}
	if f.Parent != "" {
		more = append(more, store.Eq("parent", f.Parent))
	}
	if f.Handled.By != nil {
		more = append(more, store.Filter(store.In("resolved.by", f.Handled.By...)))
	}
	if f.Handled.timed() {
		more = append(more, store.Within("resolved.at", f.Handled.From, f.Handled.To))
	}
	if f.Triage {
		more = append(more, store.Eq("place.cell", ""))
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		more = append(more, store.Within("createdAt", f.From, f.To))
	}
	if !f.Since.IsZero() {
		more = append(more, store.Between(f.changed(), f.Since.Add(time.Millisecond), nil))
	}
	return states, more, true
}

// stillRunning are those of the states, or of all when there are none, in which something can be overdue.
func stillRunning(states []State) []State {
	if len(states) == 0 {
		return running
	}
	return slices.DeleteFunc(states, func(s State) bool { return !slices.Contains(running, s) })
}

// most is how many tickets a list looks at: more than a large street has, so
// that there no filter is too broad.
const most = 200_000

func (f Filter) ordered(set []store.Cond, by string, sorted bool) store.Query {
	return store.Query{Where: set, Order: []string{by}, Sorted: sorted, Limit: f.Limit, Cap: most, After: f.Cursor}
}

// inBoxes asks for what lies in the exact boxes, if there are any; in the order
// of the key, for the ranges of it that cover a box.
func (f Filter) inBoxes(conds []store.Cond, order string, sorted bool) []store.Query {
	if f.Boxes == nil {
		return []store.Query{f.ordered(conds, order, sorted)}
	}
	var out []store.Query
	for _, box := range f.Boxes {
		within := append(slices.Clone(conds), inBox("position", box)...)
		if order != "position.key" {
			out = append(out, f.ordered(within, order, sorted))
			continue
		}
		for _, r := range curve(box) {
			out = append(out, f.ordered(append(slices.Clone(within), store.Between("position.key", r.From, r.To+1)), order, false))
		}
	}
	return out
}

// inBox is the exact box, of a position's longitude and latitude.
func inBox(position string, box orb.Bound) []store.Cond {
	low, high := geo.ToGrid(box.Min), geo.ToGrid(box.Max)
	return []store.Cond{store.Between(position+".lonE7", low.Lon, high.Lon+1), store.Between(position+".latE7", low.Lat, high.Lat+1)}
}

// curve is the ranges of the key that cover a box.
func curve(box orb.Bound) []geo.KeyRange {
	return geo.Ranges(orb.Bound{Min: geo.Snap(box.Min), Max: geo.Snap(box.Max)}, boxRanges)
}
