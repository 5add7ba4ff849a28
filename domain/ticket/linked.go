package ticket

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/store"
)

// What becomes of a ticket's links. No transitions: whoever may link it does.
const (
	Linked   Action = "link"   // 关联
	Unlinked Action = "unlink" // 解除关联
	Serve    Action = "serve"  // 受理件所属社区调整: a case linked to it belongs to another community
)

// AboutTicket reports whether an entry of the journal is about a ticket.
func AboutTicket(e *store.Entry) bool { return e.Collection == collection.Spec().Name }

// Load returns the tickets with these ids that there are. Who may see them is
// for the caller to decide, by their Facts.
func Load(ctx context.Context, r store.Reader, ids []string) (map[string]*Ticket, error) {
	return collection.GetMany(ctx, r, ids)
}

// CategoryName is what the ticket's category is called under the policy of its
// street; empty for one that it does not have.
func (s *Tickets) CategoryName(t *Ticket) domain.Text {
	for _, at := range []time.Time{t.CreatedAt, t.UpdatedAt} { // or else that of the street it came to since
		if c, ok := s.policies.At(t.Place.Street, at).Category(t.Category); ok {
			return c.Name
		}
	}
	return domain.Text{}
}

// RecordLinked puts on the ticket's timeline that something was linked to it, or is not any more.
func (t *Ticket) RecordLinked(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = "ticket."+e.Action, t.facts(), t.facts()
	return collection.Record(tx, t, e)
}

// PutServed is RecordLinked where the communities of the cases linked to the
// ticket are others from now on; served are their ids, each once.
func (t *Ticket) PutServed(tx *store.Tx, served []string, e store.Entry) error {
	e.Action, e.Before, e.After = "ticket."+e.Action, t.facts(), t.facts()
	t.Served, t.UpdatedAt = served, e.At
	return put(tx, t, e)
}
