package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
)

// Entered is a ticket of the ledger of a day, and why it is there.
type Entered struct {
	*Ticket
	Received bool // that day
	Due      bool // that day
	Overdue  bool // at the end of the day, or now while it lasts
}

// ledgerPage is how many tickets are read at once.
const ledgerPage = 500

// Ledger 日台账 gives to fn, some at a time, the tickets of an area where the actor
// leads that were received on a day, due on it, or overdue by its end: each
// once, what was received first. Errors: ErrForbidden, InvalidError at ?area or ?date, and fn's.
func (s *Tickets) Ledger(ctx context.Context, actor access.Actor, now time.Time, areaCode string, on civil.Date, fn func([]Entered) error) error {
	if err := s.CheckLedger(actor, now, areaCode, on); err != nil {
		return err
	}
	start, end := on.Start(), on.Add(1).Start()
	by, other := end, Filter{}
	if now.Before(end) {
		by = now
	} else { // what is over since then
		other = Filter{Since: end.Add(-time.Millisecond), Sort: "updatedAt", States: notRunning}
	}
	enter := func(t *Ticket) Entered {
		return Entered{t, !t.CreatedAt.Before(start) && t.CreatedAt.Before(end), !t.DueAt.IsZero() && !t.DueAt.Before(start) && t.DueAt.Before(end),
			!t.DueAt.IsZero() && t.DueAt.Before(by) && t.ranAt(by)}
	}
	for _, part := range []struct {
		asked Filter
		has   func(Entered) bool // of what is asked for, what no part before has
	}{
		{Filter{From: start, To: end}, func(Entered) bool { return true }},
		{Filter{Due: Span{start, end}}, func(e Entered) bool { return !e.Received }},
		{Filter{Overdue: start}, func(e Entered) bool { return !e.Received && e.Overdue }},
		{other, func(e Entered) bool { return !e.Received && !e.Due && e.Overdue }},
	} {
		f := part.asked
		if f.From.IsZero() && f.Due == (Span{}) && f.Overdue.IsZero() && f.Since.IsZero() {
			continue
		}
		f.Area, f.Limit, f.leads = areaCode, ledgerPage, true
		for {
			page, next, err := s.List(ctx, actor, f)
			if err != nil {
				return err
			}
			var entered []Entered
			for _, t := range page {
				if e := enter(t); part.has(e) {
					entered = append(entered, e)
				}
			}
			if err := fn(entered); err != nil {
				return err
			}
			if f.Cursor = next; next == "" {
				break
			}
		}
	}
	return nil
}

// CheckLedger says whether the actor may ask for the ledger. Errors: those of Ledger.
func (s *Tickets) CheckLedger(actor access.Actor, now time.Time, areaCode string, on civil.Date) error {
	if on.Start().After(now) {
		return domain.Invalid("?date", domain.T("不能是今天以后", "must not be after today"))
	}
	_, err := s.reach(actor, Filter{Area: areaCode, leads: true}, true)
	return err
}

var notRunning = slices.DeleteFunc(slices.Clone(States), func(s State) bool { return slices.Contains(running, s) })

// ranAt reports whether the time to resolve it ran at a moment that has passed,
// as far as it still tells: of a suspension that is over it does not, and what was merged has no deadline.
func (t *Ticket) ranAt(at time.Time) bool {
	if slices.Contains(running, t.State) {
		return true
	}
	ended := t.EndedAt()
	if t.Resolved != nil {
		ended = t.Resolved.At
	}
	return !ended.IsZero() && !ended.Before(at)
}
