package visit

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/domain/visit/recurrence"
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
	From, To   time.Time // of when it opens: From <= t < To
	Limit      int
	Cursor     string
}

// overdueCap is how many visits that are open now a list looks at to find those that are overdue.
const overdueCap = 50_000

// List returns a page of the visits where the actor works or that are
// assigned to them, by when they open, and the next page's cursor.
// Errors: ErrForbidden, InvalidError at ?area and ?cell, store.ErrCursor, store.ErrTooBroad.
func (s *Visits) List(ctx context.Context, actor access.Actor, now time.Time, f Filter) ([]*Visit, string, error) {
	sets, err := s.sets(actor, f.Area, f.Cell)
	if err != nil {
		return nil, "", err
	}
	if f.Mine {
		sets = slices.DeleteFunc(sets, func(c set) bool { return !c.own })
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
			qs = append(qs, f.queries(c, now)...)
		}
	}
	return visits.Find(ctx, s.store, qs...)
}

// set is what a list may show: what lies in a place, or what is assigned to the reader.
type set struct {
	field, id string
	within    []store.Cond // of what is assigned: the place asked for
	own       bool
}

// sets are what the actor may list of an area and cell.
func (s *Visits) sets(actor access.Actor, area, cell string) ([]set, error) {
	if !access.ListsVisits(actor) {
		return nil, domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.VisitScopes(actor), area, cell)
	if err != nil {
		return nil, err
	}
	var out []set
	for _, p := range places {
		level, id := place.Finest(p)
		out = append(out, set{"place." + string(level), id, nil, level == access.Cell})
	}
	if actor.Account == "" {
		return out, nil
	}
	if area == "" && cell == "" {
		return append(out, set{"assignee", actor.Account, nil, true}), nil
	}
	asked, err := place.Reach(s.areas, []access.Scope{{}}, area, cell)
	if err != nil {
		return nil, err
	}
	for _, p := range asked {
		level, id := place.Finest(p)
		out = append(out, set{"assignee", actor.Account, []store.Cond{store.In("place."+string(level), id)}, true})
	}
	return out, nil
}

// queries narrow a set, one for each state. What serves as a filter only, so
// that a more telling condition drives the index, is asked for by In.
func (f Filter) queries(c set, now time.Time) []store.Query {
	more, telling := slices.Clone(c.within), ""
	for _, x := range []struct{ field, value string }{{"household", f.Household}, {"plan", f.Plan}, {"assignee", f.Assignee}} {
		switch {
		case x.value == "":
		case telling == "":
			telling = x.field
			more = append(more, store.Eq(x.field, x.value))
		default:
			more = append(more, store.In(x.field, x.value))
		}
	}
	if telling == "" {
		more = append(more, store.Eq(c.field, c.id))
	} else {
		more = append(more, store.In(c.field, c.id))
	}
	if len(f.Results) > 0 {
		more = append(more, store.In("result", f.Results...))
	}
	states, until, most := f.States, f.To, 0
	if len(states) == 0 {
		states = States
	}
	if f.Overdue {
		if !slices.Contains(states, Planned) {
			return nil
		}
		states, most = []State{Planned}, overdueCap
		more = append(more, store.Between("closes", nil, now.Add(time.Millisecond)))
		if until.IsZero() || until.After(now) {
			until = now
		}
	}
	if !f.From.IsZero() || !until.IsZero() {
		more = append(more, store.Between("opens", bound(f.From), bound(until)))
	}
	var out []store.Query
	for _, st := range slices.Compact(slices.Sorted(slices.Values(states))) {
		out = append(out, store.Query{Where: append(slices.Clone(more), store.Eq("state", st)), Order: []string{"opens"}, Limit: f.Limit, Cap: most, After: f.Cursor})
	}
	return out
}

// Day is what somebody has to do on a day.
type Day struct {
	Visits   []*Visit   // due then or before, by when they opened
	Promises []*Promise // due then or before, the soonest first
}

// dayMost is how many visits, and promises, a day lists.
const dayMost = 500

// DayOf returns the visits and promises due on a day where the actor is
// posted or covers, and the visits assigned to them. ErrForbidden.
func (s *Visits) DayOf(ctx context.Context, actor access.Actor, now time.Time, on recurrence.Date) (*Day, error) {
	due, _, err := s.List(ctx, actor, now, Filter{States: []State{Planned}, Mine: true, To: on.Add(1).Start(), Limit: dayMost})
	if err != nil {
		return nil, err
	}
	promised, _, err := s.Promises(ctx, actor, "", "", on, dayMost, "")
	if err != nil {
		return nil, err
	}
	return &Day{due, promised}, nil
}

// DueByCell counts the visits due now, overdue ones too, by the id of the
// cell; "" for those in no cell. Errors: ErrForbidden, InvalidError at ?area.
func (s *Visits) DueByCell(ctx context.Context, actor access.Actor, now time.Time, area string) (map[string]int64, error) {
	if !access.ListsVisits(actor) {
		return nil, domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.VisitScopes(actor), area, "")
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, p := range places {
		level, id := place.Finest(p)
		counts, err := visits.Count(ctx, s.store, store.Query{Where: []store.Cond{
			store.Eq("place."+string(level), id), store.Eq("state", Planned), store.Between("opens", nil, now.Add(time.Millisecond))}}, "place.cell")
		if err != nil {
			return nil, err
		}
		for cell, n := range counts {
			out[cell] += n
		}
	}
	return out, nil
}
