package link

import (
	"time"

	"wangge/domain/ticket"
	"wangge/domain/visit"
)

// keptBy are the links that a ticket and a stop keep by themselves: to the stop
// at which the ticket was asked for. Those of before there were others are kept
// nowhere else; none of them is removed. Either may be nil.
func keptBy(t *ticket.Ticket, s *visit.Stop) (out []*Link) {
	kept := func(ticket, stop, by string, at time.Time) {
		out = append(out, NewLink{Kind: OriginatedFrom, From: End{Ticket, ticket}, To: End{Stop, stop}}.link(Said{By: by, At: at}))
	}
	if t != nil && t.Stop() != "" {
		kept(t.ID, t.Stop(), t.ReportedBy, t.CreatedAt)
	}
	if s != nil {
		for _, n := range s.Needs {
			if n.Opened != nil && n.Opened.Kind == "ticket" {
				kept(n.Opened.ID, s.ID, s.Account, s.LeftAt)
			}
		}
	}
	return out
}
