package ticket

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/place"
	"wangge/store"
)

// led are the places where the actor may take a step because they lead there,
// by the policy of each street, and the categories that leave it to fewer.
type led struct {
	places []access.Place
	strict []access.Place // where who took one step is left out of others: what waits there is looked at
	narrow []string
}

func (s *Tickets) led(actor access.Actor, f Filter, step Action) (out led, err error) {
	var all, strict []access.Place
	for _, role := range access.Leads {
		places, err := place.Reach(s.areas, actor.Scopes(role), f.Area, f.Cell)
		if err != nil {
			return out, err
		}
		for _, p := range places {
			under := s.policies.At(p.Street, f.Now)
			switch may := slices.Contains(under.MayTake(string(step)), role); {
			case may && under.Strict():
				strict = append(strict, p)
			case may:
				all = append(all, p)
			}
			for _, c := range under.Categories {
				if c.Narrows() {
					out.narrow = appendNew(out.narrow, c.Code)
				}
			}
		}
	}
	out.places, out.strict = place.Widest(all), place.Widest(strict)
	return out, nil
}

// todoQueries find what may be the actor's to do: of what who leads has to do,
// exactly, by state, what has no mark and whose category leaves the step to
// all; and the rest, to be looked at. What lies in no area of theirs is among
// the rest as far as it is with them.
type todoQueries struct {
	exact, rest map[Todo][]store.Query
	all, less   map[Todo][]store.Query // the exact are all without those to be looked at
	marked      map[Todo][]store.Query // and without those that are marked, which is quicker to count
	narrow      map[Todo][]string      // categories that are among the rest
}

func (s *Tickets) todoQueries(actor access.Actor, f Filter) (out todoQueries, err error) {
	out.narrow = map[Todo][]string{}
	for _, m := range []*map[Todo][]store.Query{&out.exact, &out.rest, &out.all, &out.less, &out.marked} {
		*m = map[Todo][]store.Query{}
	}
	all, err := place.Reach(s.areas, access.LedgerScopes(actor), f.Area, f.Cell)
	if err != nil {
		return out, err
	}
	within, err := place.Within(s.areas, f.Area, f.Cell)
	if err != nil {
		return out, err
	}
	_, more, _ := f.narrowed()
	within = append(within, more...)
	var streets []string
	for _, p := range all {
		streets = appendNew(streets, p.Street)
	}
	ask := func(conds []store.Cond, drives ...string) store.Query {
		return f.ordered(store.Driven(conds, append(drives, "createdAt")...), cmp.Or(string(f.Sort), "-createdAt"), false)
	}
	for _, x := range turns {
		conds := append(slices.Clone(within), store.In("state", x.states...))
		rest := func(c store.Cond, drives ...string) {
			out.rest[x.todo] = append(out.rest[x.todo], ask(append(slices.Clone(conds), c), append(drives, c.Field)...))
		}
		if len(streets) > 0 {
			rest(store.In("lookAt", streets...))
		}
		switch x.todo {
		case ToDecide:
			if len(streets) > 0 {
				rest(store.In("offer.place.street", streets...))
			}
			if org := handlesFor(actor); org != "" {
				rest(store.Eq("marks", markCalled+org))
			}
		case ToDo:
			for _, who := range appendNew(actor.Persons(), handlesFor(actor)) {
				rest(store.Eq("involved", who), "state")
			}
		case ToAnswer:
			if actor.Account != "" {
				rest(store.Eq("reporter", actor.Account))
			}
		}
		if !x.led {
			continue
		}
		l, err := s.led(actor, f, x.actions[0])
		if err != nil {
			return out, err
		}
		out.narrow[x.todo] = l.narrow
		for _, set := range place.InPlaces(s.areas, l.strict).Sets {
			there := slices.Concat(more, set.Places, []store.Cond{store.In("state", x.states...)})
			out.rest[x.todo] = append(out.rest[x.todo], ask(there, "place.street", "place.cell", "state"))
		}
		for _, set := range place.InPlaces(s.areas, l.places).Sets {
			there := slices.Concat(more, set.Places, []store.Cond{store.In("state", x.states...)})
			if len(l.narrow) > 0 {
				out.rest[x.todo] = append(out.rest[x.todo], ask(append(slices.Clone(there), store.In("category", l.narrow...)), "place.street", "place.cell", "state"))
			}
			if len(l.narrow) > 0 {
				there = append(there, store.NoneOf("category", l.narrow...))
			}
			by, plain := []string{"place.street", "place.cell", "state"}, store.NoneOf("lookAt", streets...)
			out.exact[x.todo] = append(out.exact[x.todo], ask(append(slices.Clone(there), plain, store.NoneOf("marks", notThem(actor)...)), by...))
			out.all[x.todo] = append(out.all[x.todo], ask(there, by...))
			out.less[x.todo] = append(out.less[x.todo], ask(append(slices.Clone(there), store.In("lookAt", streets...)), "lookAt"))
			for _, mark := range notThem(actor) {
				out.marked[x.todo] = append(out.marked[x.todo], ask(append(slices.Clone(there), plain, store.Eq("marks", mark)), "marks"))
			}
		}
	}
	return out, nil
}

// handlesFor is the organisation that the actor handles for; "" for none.
func handlesFor(actor access.Actor) string {
	if !actor.Is(access.Handler) {
		return ""
	}
	return actor.Organisation
}

// checkTodo refuses what cannot be asked of what is to do.
func (f Filter) checkTodo() error {
	plain := Filter{Todo: f.Todo, Now: f.Now, Area: f.Area, Cell: f.Cell, Categories: f.Categories, Urgencies: f.Urgencies, Sources: f.Sources, From: f.From, To: f.To, Sort: f.Sort, Limit: f.Limit, Cursor: f.Cursor}
	switch {
	case f.Sort != "" && f.Sort.Field() != "createdAt":
		return domain.ErrNotSortable
	case !reflect.DeepEqual(f, plain):
		return domain.Invalid("?todo", domain.T("只能与 area、cell、category、urgency、source、from、to 同用", "goes with area, cell, category, urgency, source, from and to only"))
	}
	return nil
}

// listTodo is List of what is waited for of the actor.
func (s *Tickets) listTodo(ctx context.Context, actor access.Actor, f Filter) (out []*Ticket, next string, err error) {
	if err := f.checkTodo(); err != nil {
		return nil, "", err
	}
	if !access.ListsTickets(actor) {
		return nil, "", domain.ErrForbidden
	}
	f.Limit = cmp.Or(f.Limit, 50)
	found, err := s.todoQueries(actor, f)
	if err != nil {
		return nil, "", err
	}
	queries := append(found.exact[f.Todo], found.rest[f.Todo]...)
	if f.Todo == ForCase {
		queries = slices.Concat(slices.Collect(maps.Values(found.rest))...)
	}
	for next = f.Cursor; len(queries) > 0; {
		for i := range queries {
			queries[i].Limit, queries[i].After = f.Limit-len(out), next
		}
		var page []*Ticket
		if page, next, err = collection.Find(ctx, s.store, queries...); err != nil {
			return nil, "", err
		}
		for _, t := range page {
			if slices.Contains(s.todosOf(actor, t, f), f.Todo) {
				out = append(out, t)
			}
		}
		if next == "" || len(out) == f.Limit {
			return out, next, nil
		}
	}
	return nil, "", nil
}

// todosOf are what is waited for of the actor, who sees the ticket.
func (s *Tickets) todosOf(actor access.Actor, t *Ticket, f Filter) []Todo {
	if access.TicketView(actor, t.Facts()) == access.Hidden {
		return nil
	}
	return t.todos(s.occasion(actor, f.Now, s.policies.At(t.Partition, f.Now)))
}

// CountTodos is Count of what is waited for of the actor, of each kind. What
// leads have to do is counted by the index; what is looked at is little.
func (s *Tickets) CountTodos(ctx context.Context, actor access.Actor, f Filter) (map[string]int64, error) {
	if err := f.checkTodo(); err != nil {
		return nil, err
	}
	if !access.ListsTickets(actor) {
		return nil, domain.ErrForbidden
	}
	f.Sort, f.Limit, f.Cursor = "", looked, ""
	found, err := s.todoQueries(actor, f)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for sign, sets := range map[int64]map[Todo][]store.Query{1: found.all, -1: found.less} {
		for todo, queries := range sets {
			for _, q := range queries {
				n, err := collection.Count(ctx, s.store, q, "")
				if err != nil {
					return nil, err
				}
				counts[string(todo)] += sign * n[""]
			}
		}
	}
	for todo, queries := range found.marked {
		if err := s.eachFound(ctx, queries, func(*Ticket) { counts[string(todo)]-- }); err != nil {
			return nil, err
		}
	}
	if err := s.eachFound(ctx, slices.Concat(slices.Collect(maps.Values(found.rest))...), func(t *Ticket) {
		for _, todo := range s.todosOf(actor, t, f) {
			if !s.byState(actor, t, todo, f.Now, found.narrow[todo]) {
				counts[string(todo)]++
			}
		}
	}); err != nil {
		return nil, err
	}
	maps.DeleteFunc(counts, func(todo string, n int64) bool { return n == 0 || f.Todo != "" && todo != string(f.Todo) })
	return counts, nil
}

// looked is how many tickets are looked at at once.
const looked = 500

// eachFound calls fn with each ticket that any of the queries finds, once.
func (s *Tickets) eachFound(ctx context.Context, queries []store.Query, fn func(*Ticket)) error {
	for len(queries) > 0 {
		page, next, err := collection.Find(ctx, s.store, queries...)
		if err != nil {
			return err
		}
		for _, t := range page {
			fn(t)
		}
		if next == "" {
			break
		}
		for i := range queries {
			queries[i].After = next
		}
	}
	return nil
}

// byState reports whether an exact query has the ticket.
func (s *Tickets) byState(actor access.Actor, t *Ticket, todo Todo, now time.Time, narrow []string) bool {
	i := slices.IndexFunc(turns, func(x turn) bool { return x.todo == todo })
	if i < 0 || !turns[i].led || t.lookedAt() != "" || slices.Contains(narrow, t.Category) {
		return false
	}
	under := s.policies.At(t.Partition, now)
	return !under.Strict() && actor.MayTake(access.LeadOf, t.Facts(), under.MayTake(string(turns[i].actions[0])))
}
