package handlers

import (
	"wangge/domain/access"
	"wangge/domain/ticket"
)

// parentOut is the ticket that one was split off.
type parentOut struct {
	ID     string       `json:"id"`
	Number string       `json:"number"`
	State  ticket.State `json:"state"`
}

// childOut is what was split off a ticket, as that knows it.
type childOut struct {
	ID      string       `json:"id"`
	Number  string       `json:"number"`
	State   ticket.State `json:"state"`
	Outcome *string      `json:"outcome"`
}

// ofSplit says what a ticket was split into, or what it was split off, whose reporter is its own.
func (out *ticketOut) ofSplit(actor access.Actor, t, parent *ticket.Ticket, n names) {
	out.NotFixed = t.ChildrenNotFixed()
	whole := access.TicketView(actor, t.Facts()) == access.Whole
	if whole {
		out.Children = []childOut{}
		for _, c := range t.Children {
			out.Children = append(out.Children, childOut{c.ID, c.Number, c.State, optional(string(c.Outcome))})
		}
	}
	if parent == nil {
		return
	}
	if whole && !t.Anonymous {
		out.Reporter = n.reporter(parent)
	}
	if access.TicketView(actor, parent.Facts()) != access.Hidden {
		out.Parent = &parentOut{parent.ID, parent.Number, parent.State}
	}
}
