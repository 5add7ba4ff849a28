package handlers

import (
	"cmp"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// todayOut is everything that waits for the caller, by when it is due.
type todayOut struct {
	Date  civil.Date `json:"date"`
	Items []dueOut   `json:"items"`
	More  []moreOut  `json:"more"` // of what there is more than is listed
}

// dueOut is one thing; what its kind does not have is null.
type dueOut struct {
	Kind      string        `json:"kind"` // visit, home_call, promise, ticket, todo
	ID        string        `json:"id"`
	Title     string        `json:"title"`
	DueAt     *wire.Time    `json:"dueAt"`
	Overdue   bool          `json:"overdue"`
	Address   *string       `json:"address"`
	Household *string       `json:"household"`
	Number    *string       `json:"number"`
	State     *string       `json:"state"`
	Todos     []ticket.Todo `json:"todos"`
	About     *subjectOut   `json:"about"`

	due time.Time
}

type moreOut struct {
	Kind string `json:"kind"`
	Href string `json:"href"`
}

// todosToday is how many things that are asked or told a day lists.
const todosToday = 100

func getToday(r *apiRequest) (*web.Reply, error) {
	today := civil.DateOf(r.Now)
	out := todayOut{Date: today, Items: []dueOut{}, More: []moreOut{}}
	for _, part := range []func(*apiRequest, *todayOut) error{(*apiRequest).visitsToday, (*apiRequest).ticketsToday, (*apiRequest).todosToday} {
		if err := part(r, &out); err != nil {
			return nil, err
		}
	}
	for i := range out.Items {
		it := &out.Items[i]
		it.DueAt, it.Overdue = (*wire.Time)(optional(it.due)), !it.due.IsZero() && it.due.Before(r.Now)
	}
	slices.SortStableFunc(out.Items, func(a, b dueOut) int {
		if a.due.IsZero() != b.due.IsZero() { // what is due at no time comes last
			return cmp.Compare(b.due.Unix(), a.due.Unix())
		}
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.ID, b.ID))
	})
	return web.OK(out), nil
}

// visitsToday are the visits due today or before, those that were asked for by
// when they were, and what was promised until then.
func (r *apiRequest) visitsToday(out *todayOut) error {
	if !access.ListsVisits(r.Actor) {
		return nil
	}
	day, err := r.Days.Of(r.Ctx, r.Actor, r.Now, out.Date)
	if err != nil {
		return err
	}
	calls, err := r.HomeCalls.OfVisits(r.Ctx, day.Visits)
	if err != nil {
		return err
	}
	homes := map[string]bool{}
	for _, v := range day.Visits {
		homes[v.Household] = true
	}
	for _, p := range day.Promises {
		homes[p.Household] = true
	}
	there, err := r.Visits.SeenHouseholds(r.Ctx, r.Actor, keys(homes))
	if err != nil {
		return err
	}
	at := func(it dueOut, household string) {
		h := there[household]
		if h == nil {
			return // it is about to be taken back
		}
		it.Household, it.Address, it.Todos = &h.ID, optional(h.Address.String()), []ticket.Todo{}
		out.Items = append(out.Items, it)
	}
	for _, v := range day.Visits {
		it := dueOut{Kind: "visit", ID: v.ID, State: optional(string(v.State)), due: v.Closes}
		if c := calls[v.ID]; c != nil {
			it.Kind, it.due = "home_call", c.Slot.To
		}
		at(it, v.Household)
	}
	for _, p := range day.Promises {
		at(dueOut{Kind: "promise", ID: p.ID, Title: p.Text, State: optional(string(p.State)), due: p.DueOn.Add(1).Start()}, p.Household)
	}
	if len(day.Visits) == visit.DayMost {
		out.More = append(out.More, moreOut{"visit", "/v1/visits?mine=true&state=planned"})
	}
	if len(day.Promises) == visit.DayMost {
		out.More = append(out.More, moreOut{"promise", "/v1/promises?until=" + string(out.Date)})
	}
	return nil
}

func (r *apiRequest) ticketsToday(out *todayOut) error {
	until := out.Date.Add(1).Start()
	waiting, more, dueMore, err := r.Tickets.Today(r.Ctx, r.Actor, r.Now, until)
	if err != nil {
		return err
	}
	for _, t := range waiting {
		out.Items = append(out.Items, dueOut{Kind: "ticket", ID: t.ID, Title: t.Title, Address: optional(t.Address), Number: &t.Number, State: optional(string(t.State)), Todos: append([]ticket.Todo{}, t.Todos...), due: t.Due})
	}
	for _, todo := range more {
		out.More = append(out.More, moreOut{"ticket", "/v1/tickets?todo=" + string(todo) + "&sort=createdAt"})
	}
	if dueMore {
		out.More = append(out.More, moreOut{"ticket", "/v1/tickets?overdue=true"})
	}
	return nil
}

func (r *apiRequest) todosToday(out *todayOut) error {
	page, next, err := r.Todos.List(r.Ctx, r.Actor, r.Now, todo.Filter{Open: new(true), Limit: todosToday})
	if err != nil {
		return err
	}
	for _, it := range page {
		seen := r.todoOut(it)
		out.Items = append(out.Items, dueOut{Kind: "todo", ID: it.ID, Title: seen.Text, State: optional(string(it.Kind)), Todos: []ticket.Todo{}, About: seen.About})
	}
	if next != "" {
		out.More = append(out.More, moreOut{"todo", "/v1/me/todo?open=true"})
	}
	return nil
}
