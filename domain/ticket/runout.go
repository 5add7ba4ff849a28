package ticket

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// What happens as the time of a ticket runs out: whom the street's policy names
// is warned before a deadline, and told level by level after it.

// What clocks tell.
var (
	ClockWarns = todo.Declare("ticket_due_soon", "工单即将超时", "the time of a ticket is running out")
	ClockOver  = todo.Declare("ticket_overdue", "工单已超时", "the time of a ticket is over")
)

// What stands on the journal of it, and that clocks were reckoned anew. No transitions: nobody asks for them.
const (
	Warn   Action = "warn"    // 预警
	RunOut Action = "overdue" // 超时
	Reckon Action = "reckon"  // 重算时限
)

// ladderOf is whom a clock of a kind tells under a policy.
func ladderOf(rule policy.ClockRule) clocks.Ladder {
	l := clocks.Ladder{}
	if len(rule.WarnTo) > 0 {
		l.Warn = rule.Warn
	}
	for _, level := range rule.Levels {
		l.Levels = append(l.Levels, level.After)
	}
	return l
}

// telling is the clock of a ticket that tells next; nil for none.
func (t *Ticket) telling() *clocks.Clock {
	var next *clocks.Clock
	for i := range t.Clocks {
		if c := &t.Clocks[i]; !c.TellAt.IsZero() && (next == nil || c.TellAt.Before(next.TellAt)) {
			next = c
		}
	}
	return next
}

// tellsAt is when a clock of it tells next.
func (t *Ticket) tellsAt() time.Time {
	if c := t.telling(); c != nil {
		return c.TellAt
	}
	return time.Time{}
}

// tellRunOut has the clock that is due tell its rung.
func tellRunOut(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error {
	p, err := s.policies.In(ctx, tx, t.Partition, now)
	if err != nil {
		return err
	}
	o, err := s.occasionIn(ctx, tx, access.Program, now, p)
	if err != nil {
		return err
	}
	c, before := t.telling(), t.facts()
	rule, rung := p.Rule(c.Kind), c.Rung
	kind, action, words := ClockWarns, Warn, rule.WarnTo
	if rung > 0 {
		kind, action, words = ClockOver, RunOut, nil
		if rung <= len(rule.Levels) {
			words = rule.Levels[rung-1].To
		}
	}
	to, err := s.recipients(ctx, t, c, now, words, o.reckon)
	if err != nil {
		return err
	}
	e := t.entry(access.Program, now, action, before)
	e.Dims["clock"], e.Dims["rung"] = string(c.Kind), strconv.Itoa(rung)
	last := rung > 0 && rung >= len(rule.Levels)
	if err := todo.Ask(ctx, tx, todo.Asking{Kind: kind, About: t.about(), Occasion: t.rungOf(c, rung), To: to, Urgent: last, Clock: string(c.Kind)}, e); err != nil {
		return err
	}
	c.Rung, c.ToldAt = rung+1, now
	o.reckon.Climb(c, ladderOf(rule))
	t.UpdatedAt = now
	return put(tx, t, e)
}

// recipients are the accounts that words of the policy stand for. What runs by
// day and night goes to who is on duty while the office is closed.
func (s *Tickets) recipients(ctx context.Context, t *Ticket, c *clocks.Clock, now time.Time, words []policy.Recipient, r clocks.Reckoner) (to []string, err error) {
	var on []string
	if urgent := c.Term.Unit == clocks.Minute || c.Term.Unit == clocks.Hour; urgent && !r.Office.Open(r.Calendar, now) {
		if on, err = s.accounts.OnDuty(ctx, s.today(t.Place.Street), now); err != nil {
			return nil, err
		}
	}
	for _, word := range words {
		var who []string
		switch {
		case word == policy.ToAssignee:
			who, err = s.WhoHas(ctx, t.Assignee)
		case len(on) > 0:
			who = on
		default:
			who, err = s.WhoAt(ctx, t.Place, now, word)
		}
		if err != nil {
			return nil, err
		}
		to = append(to, who...)
	}
	return to, nil
}

// rungOf names a rung of one of the ticket's clocks among all.
func (t *Ticket) rungOf(c *clocks.Clock, rung int) string {
	i := slices.IndexFunc(t.Clocks, func(x clocks.Clock) bool { return x.Kind == c.Kind && x.StartedAt.Equal(c.StartedAt) })
	return fmt.Sprintf("%d.%d", i, rung)
}

// untell ends what its clocks have told that is settled now.
func (s *Tickets) untell(ctx context.Context, tx *store.Tx, t *Ticket, was []clocks.Clock, now time.Time) error {
	for i := range t.Clocks {
		c := &t.Clocks[i]
		if c.ToldAt.IsZero() || !c.Settled() || i >= len(was) || was[i].Settled() {
			continue
		}
		var warned, over []string
		for rung := range c.Rung {
			if rung == 0 {
				warned = append(warned, t.rungOf(c, rung))
			} else {
				over = append(over, t.rungOf(c, rung))
			}
		}
		if err := todo.Done(ctx, tx, ClockWarns, t.about(), now, warned...); err != nil {
			return err
		}
		if len(over) > 0 {
			if err := todo.Done(ctx, tx, ClockOver, t.about(), now, over...); err != nil {
				return err
			}
		}
	}
	return nil
}
