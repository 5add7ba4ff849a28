package ticket

import (
	"cmp"
	"context"
	"time"

	"wangge/domain/access"
)

// Waiting is a ticket that waits for somebody, or falls due where they lead.
type Waiting struct {
	*Ticket
	Todos []Todo    // none of one that only falls due
	Due   time.Time // the first of its deadlines that runs; zero for none
}

// How many tickets a day lists of a kind: of what is with somebody, and of what waits for all who lead.
const (
	ownMost = 500
	ledMost = 100
)

// Today are the tickets that wait for the actor, of each kind the first that
// were reported, and those that fall due where they lead until a time, the soonest
// first; and the kinds of which there are more. Errors: ErrForbidden.
func (s *Tickets) Today(ctx context.Context, actor access.Actor, now, until time.Time) (out []Waiting, more []Todo, dueMore bool, err error) {
	known := map[string]bool{}
	add := func(t *Ticket) {
		if !known[t.ID] {
			known[t.ID] = true
			out = append(out, Waiting{t, s.todosOf(actor, t, Filter{Now: now}), t.nextDue(actor)})
		}
	}
	for _, x := range turns {
		most := ledMost
		if x.todo == ToDo {
			most = ownMost
		}
		page, next, err := s.List(ctx, actor, Filter{Todo: x.todo, Now: now, Sort: "createdAt", Limit: most})
		if err != nil {
			return nil, nil, false, err
		}
		for _, t := range page {
			add(t)
		}
		if next != "" {
			more = append(more, x.todo)
		}
	}
	if len(access.LedgerScopes(actor)) == 0 {
		return out, more, false, nil
	}
	page, next, err := s.List(ctx, actor, Filter{Overdue: until, leads: true, Limit: ledMost})
	for _, t := range page {
		add(t)
	}
	return out, more, next != "", err
}

// nextDue is the first deadline that runs: of its clocks, to who works on it; to others what was promised.
func (t *Ticket) nextDue(actor access.Actor) (due time.Time) {
	if access.TicketView(actor, t.Facts()) != access.Whole {
		return t.DueAt
	}
	for i := range t.Clocks {
		c := &t.Clocks[i]
		if at := c.Due(); !c.Settled() && !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return cmp.Or(due, t.DueAt)
}
