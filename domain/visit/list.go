package visit

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// Filter narrows the list of visits. Empty fields do not filter.
type Filter struct {
	States     []State
	Results    []Result
	Area, Cell string // codes
	Plan       string // id
	Household  string // id
	Assignee   string // account
	Mine       bool   // assigned to me, or where I am posted
	Overdue    bool
	By         []string  // accounts of who was at the door: one of these, nil for anybody
	Met        bool      // only what counts as coverage: see Visit.Covered
	DoneFrom   time.Time // over: DoneFrom <= t < DoneTo, the first first unless Sort says otherwise
	DoneTo     time.Time
	From, To   time.Time   // of when it opens: From <= t < To
	Since      time.Time   // only what was changed after this time, the first change first unless Sort says otherwise
	Sort       domain.Sort // not of a plan or household; by dueAt is by when it closes; of a person's, store.MaxSorted visits at most
	Limit      int
	Cursor     string
}

// most is how many visits a list looks at: all that a large street makes in
// months, since any state and result may be looked for among all of them.
const most = 200_000

// List returns a page of the visits where the actor works or that are
// assigned to them, unless Sort says otherwise by when they open, and the next page's cursor.
// Errors: ErrForbidden, InvalidError at ?area and ?cell, domain.ErrNotSortable, store.ErrCursor, store.ErrTooBroad.
func (s *Visits) List(ctx context.Context, actor access.Actor, now time.Time, f Filter) ([]*Visit, string, error) {
	if f.Sort != "" && (f.Plan != "" || f.Household != "") {
		return nil, "", domain.ErrNotSortable
	}
	sets, err := s.sets(actor, f.Area, f.Cell, f.Mine)
	if err != nil {
		return nil, "", err
	}
	at := []string{f.Household}
	if f.Household != "" {
		if at, err = idsOf(ctx, s.store, f.Household); err != nil {
			return nil, "", err
		}
	}
	var qs []store.Query
	for _, c := range sets {
		for _, f.Household = range at {
			if q, ok := f.query(c, now); ok {
				qs = append(qs, q)
			}
		}
	}
	return visits.Find(ctx, s.store, qs...)
}

// CountMet counts the visits to which somebody came to the door, over in a time
// in an area that the actor may list, by the account of who was there. Errors: those of List.
func (s *Visits) CountMet(ctx context.Context, actor access.Actor, now time.Time, area string, from, to time.Time) (map[string]int64, error) {
	sets, err := s.sets(access.Actor{Grants: actor.Grants, Posting: actor.Posting, System: actor.System}, area, "", false) // what is assigned to them lies there too
	out := map[string]int64{}
	for _, set := range sets {
		q, _ := Filter{Met: true, DoneFrom: from, DoneTo: to}.query(set, now)
		counts, err := visits.Count(ctx, s.store, q, "by")
		if err != nil {
			return nil, err
		}
		for by, n := range counts {
			out[by] += n
		}
	}
	return out, err
}

// sets are what the actor may list of an area and cell, as conditions: what
// lies in places, with mine those where they are posted, and what is assigned to them.
func (s *Visits) sets(actor access.Actor, area, cell string, mine bool) ([][]store.Cond, error) {
	if !access.ListsVisits(actor) {
		return nil, domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.VisitScopes(actor), area, cell)
	if err != nil {
		return nil, err
	}
	if mine {
		places = slices.DeleteFunc(places, func(p access.Place) bool { return p.Cell == "" })
	}
	var out [][]store.Cond
	for _, p := range place.Sets(s.areas, places) {
		out = append(out, p.Conds())
	}
	if actor.Account == "" {
		return out, nil
	}
	assigned := []store.Cond{store.In("assignee", actor.Persons()...)}
	within, err := place.Within(s.areas, area, cell)
	for _, c := range within {
		assigned = append(assigned, store.Filter(c))
	}
	return append(out, assigned), err
}

// query narrows a set. The most telling of the conditions chooses the index.
func (f Filter) query(set []store.Cond, now time.Time) (store.Query, bool) {
	q := store.Query{Order: []string{"opens"}, Limit: f.Limit, Cap: most, After: f.Cursor}
	telling := false
	add := func(c store.Cond) {
		if telling {
			c = store.Filter(c)
		}
		q.Where = append(q.Where, c)
	}
	for _, x := range []struct{ field, value string }{{"household", f.Household}, {"plan", f.Plan}, {"assignee", f.Assignee}} {
		if x.value != "" {
			add(store.Eq(x.field, x.value))
			telling = true
		}
	}
	for _, c := range set {
		add(c)
	}
	if f.By != nil {
		q.Where = append(q.Where, store.Filter(store.In("by", f.By...)))
	}
	if f.Met {
		q.Where = append(q.Where, store.Filter(store.Eq("covered", true)))
	}
	if f.done() {
		q.Where = append(q.Where, store.Within("doneAt", f.DoneFrom, f.DoneTo))
	}
	if len(f.Results) > 0 {
		q.Where = append(q.Where, store.In("result", f.Results...))
	}
	states, until := f.States, f.To
	if len(states) == 0 {
		states = States
	}
	if f.Overdue {
		if !slices.Contains(states, Planned) {
			return q, false
		}
		states = []State{Planned}
		q.Where = append(q.Where, store.Between("closes", nil, now.Add(time.Millisecond)))
		if until.IsZero() || until.After(now) {
			until = now
		}
	}
	if !f.From.IsZero() || !until.IsZero() {
		q.Where = append(q.Where, store.Within("opens", f.From, until))
	}
	q.Where = append(q.Where, store.In("state", states...))
	if !f.Since.IsZero() {
		q.Where = append(q.Where, store.Between("updatedAt", f.Since.Add(time.Millisecond), nil))
	}
	by := f.sort()
	if by == "" {
		return q, true
	}
	field := map[string]string{"createdAt": "createdAt", "dueAt": "closes", "updatedAt": "updatedAt", "doneAt": "doneAt"}[by.Field()]
	if q.Order = []string{field}; by.Falls() {
		q.Order[0] = "-" + field
	}
	q.Sorted = slices.ContainsFunc(q.Where, func(c store.Cond) bool { return c.Field == "assignee" })
	switch {
	case q.Sorted:
	case field == "closes":
		q.Where = store.Driven(q.Where, "place.street", "state", field)
	default:
		q.Where = store.Driven(q.Where, "place.street", field)
	}
	return q, true
}

// done reports whether it matters when the visit was over.
func (f Filter) done() bool { return !f.DoneFrom.IsZero() || !f.DoneTo.IsZero() }

// sort is what Sort says, or how what was changed usually comes; "" is by when they open.
func (f Filter) sort() domain.Sort {
	if f.Sort == "" && f.done() && f.Plan == "" && f.Household == "" {
		return "doneAt"
	}
	if f.Sort == "" && !f.Since.IsZero() && f.Plan == "" && f.Household == "" {
		return "updatedAt"
	}
	return f.Sort
}

// eachVisit visits what an index in the order of opening serves.
func eachVisit(ctx context.Context, r store.Reader, visit func(*Visit), where ...store.Cond) error {
	for cursor := ""; ; {
		page, next, err := visits.Find(ctx, r, store.Query{Where: where, Order: []string{"opens"}, Limit: 500, After: cursor})
		if err != nil {
			return err
		}
		for _, v := range page {
			visit(v)
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}
