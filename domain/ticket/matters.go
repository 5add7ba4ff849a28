package ticket

import (
	"context"
	"slices"
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/todo"
	"wangge/store"
)

// matter is what somebody is asked or told of a ticket for as long as its state says so.
type matter struct {
	kind   todo.Kind
	open   func(*Ticket) bool
	asking func(ctx context.Context, s *Tickets, t *Ticket, now time.Time) ([]todo.Asking, error) // nil: a step of its own tells
}

// matters are all of them.
var matters = []matter{
	{AskedToAnswer, (*Ticket).awaits, askReporter},
	{RemindedToAnswer, (*Ticket).awaits, nil},
	{AskedToDecide, func(t *Ticket) bool { return t.State == Suspended && t.Backlog != nil && t.Backlog.Due }, askReview},
	{ToldUrged, func(t *Ticket) bool { return len(t.Urged) > 0 && t.toBeSeenTo() }, nil},
	{ToldSupervised, func(t *Ticket) bool { return len(t.Supervised) > 0 && t.toBeSeenTo() }, nil},
	{RequestToDecide, func(t *Ticket) bool { return len(t.openRequests()) > 0 }, askRequests},
	{ToTakeUp, (*Ticket).escalated, askEscalated},
	{ToAttend, func(t *Ticket) bool { return len(t.waiting()) > 0 }, askConvened},
	{ToRule, func(t *Ticket) bool { return len(t.declined()) > 0 }, askRuling},
	{ToTake, func(t *Ticket) bool { return t.offer(Offered) }, askOffer},
	{ToldBounced, func(t *Ticket) bool { return t.offer(GivenBack) }, askBounced},
	{ToAllot, func(t *Ticket) bool { return t.offer(Disputed) }, askAllot},
}

// before is how a ticket was before a change: what the journal says of it, what
// somebody was asked, and its clocks.
type before struct {
	facts  store.Facts
	asked  map[todo.Kind]bool
	clocks []clocks.Clock
}

// was is how it is, before it is changed.
func (t *Ticket) was() before {
	b := before{t.facts(), map[todo.Kind]bool{}, slices.Clone(t.Clocks)}
	for _, m := range matters {
		if m.open(t) {
			b.asked[m.kind] = true
		}
	}
	return b
}

// settle has everybody be asked what the ticket, as it is about to be put, asks
// for, and nobody what it did before the change and does not any more, nor what
// clocks have told that are settled by it.
func (s *Tickets) settle(ctx context.Context, tx *store.Tx, t *Ticket, was before, e store.Entry) error {
	t.closeRequests()
	if err := s.untell(ctx, tx, t, was.clocks, e.At); err != nil {
		return err
	}
	for _, m := range matters {
		var askings []todo.Asking
		if open := m.open(t); open && m.asking == nil {
			continue
		} else if open {
			var err error
			if askings, err = m.asking(ctx, s, t, e.At); err != nil {
				return err
			}
			for i := range askings {
				if t.Unmerged > 0 { // what was asked before ended with the merge
					askings[i].Occasion += "." + strconv.Itoa(t.Unmerged)
				}
			}
		} else if !was.asked[m.kind] {
			continue
		}
		if err := todo.Settle(ctx, tx, m.kind, t.about(), askings, store.Entry{At: e.At, Actor: e.Actor, From: e.From}); err != nil {
			return err
		}
	}
	return nil
}

// ringing writes what the program does with a ticket as its time comes.
func (s *Tickets) ringing(ctx context.Context, tx *store.Tx, t *Ticket, now time.Time, action Action, change func() error) error {
	was := t.was()
	t.UpdatedAt = now
	if err := change(); err != nil {
		return err
	}
	e := t.entry(access.Program, now, action, was.facts)
	if err := s.settle(ctx, tx, t, was, e); err != nil {
		return err
	}
	return put(tx, t, e)
}

// stamp tells one time that somebody is asked from another.
func stamp(at time.Time) string { return at.UTC().Format("20060102T150405.000") }

// toBeSeenTo reports whether what is asked for is still to be done.
func (t *Ticket) toBeSeenTo() bool { return slices.Contains(unresolved, t.State) || t.State == Divided }
