package handlers

import (
	"wangge/domain/access"
	"wangge/domain/ticket"
	"wangge/handlers/wire"
)

// joinedOut is the ticket that one joined, or that leads it. How that goes on is
// how the one that joined it does; which it is only those are told who see it.
type joinedOut struct {
	ID       *string      `json:"id"`
	Number   *string      `json:"number"`
	Public   *string      `json:"public"` // its id on the public map
	State    ticket.State `json:"state"`
	Outcome  *string      `json:"outcome"`
	ClosedAt *wire.Time   `json:"closedAt"`
}

func (r *apiRequest) joinedOut(t *ticket.Ticket) *joinedOut {
	out := &joinedOut{State: t.State, Outcome: optional(string(t.Outcome)), ClosedAt: (*wire.Time)(optional(t.ClosedAt)), Public: optional(t.PublicID())}
	if access.TicketView(r.Actor, t.Facts()) != access.Hidden {
		out.ID, out.Number = &t.ID, &t.Number
	}
	return out
}

// merges are what a ticket joined, and what leads it.
type merges struct{ into, lead *joinedOut }

func (r *apiRequest) mergesOf(tickets []*ticket.Ticket) ([]merges, error) {
	joined, err := r.Tickets.Joined(r.Ctx, tickets)
	if err != nil {
		return nil, err
	}
	out := make([]merges, len(tickets))
	for i, t := range tickets {
		if j, ok := joined[t.ID]; ok {
			out[i] = merges{r.joinedOut(j.Into), r.joinedOut(j.Lead)}
		}
	}
	return out, nil
}
