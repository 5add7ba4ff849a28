package ticket

import (
	"context"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/store"
)

// Brief is what figures and maps need of a ticket: no free text and nothing
// personal. Many readers share one; none changes it.
type Brief struct {
	ID, Number string
	At         *orb.Point // WGS-84; nil while it has no position
	Facts      access.Ticket
	Category   string
	State      State
	Urgency    Urgency
	DueAt      time.Time // zero: none
	CreatedAt  time.Time
	Shown      *Public // nil while the public does not see it
}

// Overdue is what Ticket.Overdue says of it.
func (b *Brief) Overdue(now time.Time) bool { return overdue(b.State, b.DueAt, now) }

// Runs reports whether it can become overdue as time passes.
func (b *Brief) Runs() bool { return slices.Contains(running, b.State) && !b.DueAt.IsZero() }

func (t *Ticket) brief() *Brief {
	facts := t.Facts()
	facts.Handled = nil // who closes it is no matter here
	b := &Brief{ID: t.ID, Number: t.Number, Facts: facts, Category: t.Category, State: t.State, Urgency: t.Urgency, DueAt: t.DueAt, CreatedAt: t.CreatedAt}
	if t.Position != nil {
		b.At = new(t.Position.At())
	}
	if t.Public != nil {
		b.Shown = t.public()
	}
	return b
}

// Journaled is the name under which the journal speaks of tickets.
var Journaled = collection.Spec().Name

// Open reads every open ticket, in no order, as it is while this runs: what
// changes meanwhile may be there as it was, as it is, or not.
func (s *Tickets) Open(ctx context.Context) ([]*Brief, error) {
	var out []*Brief
	for cursor := ""; ; {
		page, next, err := collection.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Between("openKey", nil, nil)}, Order: []string{"openKey"}, Limit: 1000, After: cursor})
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			if t.State.Open() { // those that joined another go along when cells are drawn anew, and are not counted
				out = append(out, t.brief())
			}
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// Reported reads every ticket reported since a time, whatever became of it, in
// no order, as it is while this runs: see Open.
func (s *Tickets) Reported(ctx context.Context, since time.Time, each func(*Brief)) error {
	if err := s.areas.Refresh(ctx); err != nil { // for streets that came since
		return err
	}
	for _, street := range s.areas.Tree().Streets() {
		for cursor := ""; ; {
			page, next, err := collection.Find(ctx, s.store, store.Query{
				Where: []store.Cond{store.Eq("place.street", street.ID), store.Between("createdAt", since, nil)}, Order: []string{"createdAt"}, Limit: 1000, After: cursor,
			})
			if err != nil {
				return err
			}
			for _, t := range page {
				each(t.brief())
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return nil
}

// Briefs reads those of the tickets that are there, open or not.
func (s *Tickets) Briefs(ctx context.Context, ids []string) (map[string]*Brief, error) {
	found, err := collection.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*Brief, len(found))
	for id, t := range found {
		out[id] = t.brief()
	}
	return out, nil
}
