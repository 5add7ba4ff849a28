package intake

import (
	"context"
	"reflect"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/fold"
	"wangge/domain/place"
	"wangge/store"
)

// Filter narrows the list of cases. Empty fields do not filter.
type Filter struct {
	States     []State
	Items      []string // codes
	Categories []string // names
	Area       string   // code; that area and all below it
	Station    string   // id
	System     string
	Unmapped   bool      // only what is in a platform's word that nobody has mapped
	Mine       bool      // I am its worker or stand-in, or opened it
	Overdue    time.Time // only what is overdue at this time
	From, To   time.Time // opened: From <= t < To
	Since      time.Time // only what was changed after this time, the first change first unless Sort says otherwise
	Decided    []Decided // only what was decided so
	ClosedFrom time.Time // over: ClosedFrom <= t < ClosedTo, the first first unless Sort says otherwise
	ClosedTo   time.Time
	Came       *int64 // only with so many trips
	Text       string // numbers whole, or words of the item
	Sort       domain.Sort
	Limit      int
	Cursor     string
}

// most is how many cases a list looks at: more than a large street has, so that there no filter is too broad.
const most = 200_000

// List returns a page of the cases that the actor is shown whole: those of
// their areas, or, for who has none and with Mine, those they have or opened.
// The last opened first unless Sort says otherwise; what is overdue, by its promise.
// Errors: ErrForbidden, InvalidError at ?area and ?q; domain.ErrNotSortable, fold.ErrTooShort, store.ErrCursor, store.ErrTooBroad.
func (s *Cases) List(ctx context.Context, actor access.Actor, f Filter) ([]*Case, string, error) {
	queries, err := s.queries(actor, f)
	if err != nil {
		return nil, "", err
	}
	found, next, err := collection.Find(ctx, s.store, queries...)
	return slices.DeleteFunc(found, func(c *Case) bool { return access.CaseView(actor, c.Facts()) != access.CaseWhole }), next, err
}

// CountFields are what cases can be counted by.
var CountFields = map[string]string{"state": "state", "item": "item.code", "category": "item.category", "station": "station", "system": "system", "word": "sourceState"}

// Count counts what List would list by one of CountFields. Errors: those of List, InvalidError at ?by.
func (s *Cases) Count(ctx context.Context, actor access.Actor, f Filter, by string) (map[string]int64, error) {
	field, ok := CountFields[by]
	if !ok {
		return nil, domain.Invalid("?by", CountWords.Fault())
	}
	return s.Tally(ctx, actor, f, field)
}

// Tally is Count by any field that cases are declared by, for figures.
func (s *Cases) Tally(ctx context.Context, actor access.Actor, f Filter, field string) (map[string]int64, error) {
	f.Limit, f.Cursor = 0, ""
	queries, err := s.queries(actor, f)
	total := map[string]int64{}
	for _, q := range queries {
		counts, err := collection.Count(ctx, s.store, q, field)
		if err != nil {
			return nil, err
		}
		for k, n := range counts {
			total[k] += n
		}
	}
	return total, err
}

// Day is what a counter has to do on a day.
type Day struct {
	Promised []*Case // not done, promised for that day or before, the first due first
	Came     []*Case // opened that day
	Waiting  []*Case // received and not taken on, or waiting for materials
}

// dayMost is how many cases of each kind a day shows.
const dayMost = 100

// Day is a station's day, or, with no station, that of all the actor is shown. Errors: those of List.
func (s *Cases) Day(ctx context.Context, actor access.Actor, station string, on civil.Date) (*Day, error) {
	begin, end := on.Start(), on.Add(1).Start()
	out := &Day{}
	for _, part := range []struct {
		to *[]*Case
		f  Filter
	}{
		{&out.Promised, Filter{Overdue: end}},
		{&out.Came, Filter{From: begin, To: end}},
		{&out.Waiting, Filter{States: []State{Received, NeedsMaterial}, To: end, Sort: "createdAt"}},
	} {
		part.f.Station, part.f.Limit = station, dayMost
		var err error
		if *part.to, _, err = s.List(ctx, actor, part.f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// queries are those of a list, to be merged.
func (s *Cases) queries(actor access.Actor, f Filter) ([]store.Query, error) {
	if !access.ListsCases(actor) {
		return nil, domain.ErrForbidden
	}
	if f.Sort != "" && f.Text != "" {
		return nil, domain.ErrNotSortable
	}
	terms, err := searched(f.Text)
	if err != nil {
		return nil, err
	}
	sets, err := s.reach(actor, &f)
	if err != nil {
		return nil, err
	}
	var out []store.Query
	for _, set := range sets {
		if q, ok := f.query(set, terms); ok {
			out = append(out, q)
		}
	}
	return out, nil
}

// searched are the terms that what a text looks for must all have.
func searched(text string) (terms []string, err error) {
	if text == "" {
		return nil, nil
	}
	words, err := fold.Search(text)
	for _, w := range words {
		terms = append(terms, w...)
	}
	if err == nil && len(terms) == 0 {
		err = domain.Invalid("?q", domain.T("请输入文字或数字", "no letter or digit to look for"))
	}
	return terms, err
}

// reach is what the actor may list, as far as it lies in the filter's area.
// Where they are shown whole only what is not sensitive, they list no more.
func (s *Cases) reach(actor access.Actor, f *Filter) (out []place.Subset, err error) {
	plain := access.CaseScopes(actor, false)
	if f.Mine = f.Mine || len(plain) == 0; f.Mine {
		within, err := place.Within(s.areas, f.Area, "")
		text := within
		if text == nil { // which is looked for in places
			text = place.Everywhere(s.areas)
		}
		for i, who := range actor.Persons() {
			people := []store.Cond{store.Eq("people", who)}
			if i > 0 {
				people = append(people, store.NoneOf("people", actor.Persons()[:i]...))
			}
			out = append(out, place.Subset{People: people, Places: within, Text: text})
		}
		return out, err
	}
	usual, err := place.Reach(s.areas, plain, f.Area, "")
	if err != nil {
		return nil, err
	}
	all, err := place.Reach(s.areas, access.CaseScopes(actor, true), f.Area, "")
	if err != nil {
		return nil, err
	}
	if reflect.DeepEqual(usual, all) {
		return inPlaces(all), nil
	}
	for _, set := range inPlaces(usual) {
		out = append(out, with(set, store.Eq("item.sensitive", false)))
	}
	for _, set := range inPlaces(all) {
		out = append(out, with(set, store.Eq("item.sensitive", true)))
	}
	return out, nil
}

// inPlaces are the cases in the places of a Reach: a case has a community, and rarely a cell.
func inPlaces(places []access.Place) (out []place.Subset) {
	for _, l := range place.Levels(places) {
		out = append(out, place.Subset{Places: l.Conds(), Text: []store.Cond{l.Cond()}})
	}
	return out
}

func with(set place.Subset, c store.Cond) place.Subset {
	return place.Subset{Places: append(set.Places, c), Text: append(set.Text, c)}
}

// query narrows a set of cases; false when nothing passes. Those of the
// conditions choose the index that leave fewest.
func (f *Filter) query(set place.Subset, terms []string) (store.Query, bool) {
	states, more, ok := f.narrowed()
	if !ok {
		return store.Query{}, false
	}
	every, state := store.In("state", States...), []store.Cond(nil)
	if len(states) > 0 {
		every = store.In("state", states...)
		state = []store.Cond{every}
	}
	conds, order := slices.Concat(set.People, set.Places, more), f.order()
	if order.Field() == "dueAt" && f.Overdue.IsZero() {
		conds = append(conds, store.Between("dueAt", time.UnixMilli(0), nil))
	}
	sorted := false
	switch {
	case terms != nil:
		for _, c := range set.People {
			terms = append(slices.Clone(terms), personTerm(c.Values[0].(string)))
		}
		conds = slices.Concat(set.Text, more, state, []store.Cond{store.Terms("text", terms...)})
		sorted = order.Field() != "openedAt"
	case f.Mine:
		conds, sorted = store.Driven(append(conds, state...), "people", "openedAt"), order.Field() != "openedAt"
	case order.Field() == "dueAt":
		conds = append(store.Driven(conds, "place.street", "dueAt"), every)
	case order.Field() == "closedAt":
		conds = store.Driven(append(conds, state...), "place.street", "closedAt")
	case order.Field() == "updatedAt":
		conds = store.Driven(append(conds, state...), "place.street", "updatedAt")
	case f.Station != "" && len(states) == 0: // few are in the states that are asked for: among all of years they are not looked for
		conds = store.Driven(conds, "station", "openedAt")
	default:
		conds = append(store.Driven(conds, "place.street", "openedAt"), every)
	}
	return store.Query{Where: conds, Order: []string{string(order)}, Sorted: sorted, Limit: f.Limit, Cap: most, After: f.Cursor}, true
}

// order is what Sort says, or how such a list usually is; a case was made when it was opened.
func (f *Filter) order() domain.Sort {
	switch {
	case f.Sort == "createdAt":
		return "openedAt"
	case f.Sort == "-createdAt":
		return "-openedAt"
	case f.Sort != "":
		return f.Sort
	case !f.Overdue.IsZero() && f.Text == "":
		return "dueAt"
	case !f.Since.IsZero() && f.Text == "":
		return "updatedAt"
	case (!f.ClosedFrom.IsZero() || !f.ClosedTo.IsZero()) && f.Text == "":
		return "closedAt"
	}
	return "-openedAt"
}

// narrowed are the filter's states, none for all, and its other conditions but
// for text; false when nothing passes.
func (f *Filter) narrowed() (states []State, more []store.Cond, ok bool) {
	states = slices.Compact(slices.Sorted(slices.Values(f.States)))
	only := func(these ...State) bool {
		if len(states) == 0 {
			states = these
			return true
		}
		states = slices.DeleteFunc(states, func(s State) bool { return !slices.Contains(these, s) })
		return len(states) > 0
	}
	if f.Unmapped && !only(Other) {
		return nil, nil, false
	}
	if !f.Overdue.IsZero() {
		if !only(running...) {
			return nil, nil, false
		}
		more = append(more, store.Between("dueAt", nil, f.Overdue.Add(time.Millisecond)))
	}
	for field, value := range map[string]string{"station": f.Station, "system": f.System} {
		if value != "" {
			more = append(more, store.Eq(field, value))
		}
	}
	if len(f.Items) > 0 {
		more = append(more, store.In("item.code", f.Items...))
	}
	if len(f.Categories) > 0 {
		more = append(more, store.In("item.category", f.Categories...))
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		more = append(more, store.Within("openedAt", f.From, f.To))
	}
	if !f.ClosedFrom.IsZero() || !f.ClosedTo.IsZero() {
		more = append(more, store.Within("closedAt", f.ClosedFrom, f.ClosedTo))
	}
	if len(f.Decided) > 0 {
		more = append(more, store.In("decided", f.Decided...))
	}
	if f.Came != nil {
		more = append(more, store.Eq("came", *f.Came))
	}
	if !f.Since.IsZero() {
		more = append(more, store.Between("updatedAt", f.Since.Add(time.Millisecond), nil))
	}
	return states, more, true
}
