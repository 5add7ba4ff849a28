package ticket

import (
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/store"
)

// Brief is what figures and maps need of an open ticket: no free text and
// nothing personal. Many readers share one; none changes it.
type Brief struct {
	ID, Number string
	Street     string    // id; whose journal tells of it
	At         orb.Point // WGS-84
	Facts      access.Ticket
	Category   string
	State      State
	Urgency    Urgency
	DueAt      time.Time // zero: none
}

// Overdue is what Ticket.Overdue says of it.
func (b *Brief) Overdue(now time.Time) bool { return overdue(b.State, b.DueAt, now) }

// Runs reports whether it can become overdue as time passes.
func (b *Brief) Runs() bool { return slices.Contains(running, b.State) && !b.DueAt.IsZero() }

func (t *Ticket) brief() *Brief {
	return &Brief{ID: t.ID, Number: t.Number, Street: t.Partition, At: t.Position.At(), Facts: t.Facts(),
		Category: t.Category, State: t.State, Urgency: t.Urgency, DueAt: t.DueAt}
}

// Journaled is the name under which the journal speaks of tickets.
var Journaled = collection.Spec().Name

// OpenIn reads the open tickets of a street, in no order, as they are while it
// runs: what changes meanwhile may be there as it was, as it is, or not.
func (s *Tickets) OpenIn(ctx context.Context, street string) ([]*Brief, error) {
	var out []*Brief
	for _, state := range States {
		if !state.Open() {
			continue
		}
		for cursor := ""; ; {
			page, next, err := collection.Find(ctx, s.store, store.Query{
				Where: []store.Cond{store.Eq("place.street", street), store.Eq("state", state)}, Order: []string{"createdAt"}, Limit: 1000, After: cursor,
			})
			if err != nil {
				return nil, err
			}
			for _, t := range page {
				out = append(out, t.brief())
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return out, nil
}

// OpenOf reads those of the tickets that are open.
func (s *Tickets) OpenOf(ctx context.Context, ids []string) (map[string]*Brief, error) {
	found, err := collection.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*Brief, len(found))
	for id, t := range found {
		if t.State.Open() {
			out[id] = t.brief()
		}
	}
	return out, nil
}
