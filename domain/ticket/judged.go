package ticket

import (
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
)

// Judgement says whether a ticket was handled in time.
type Judgement string

const (
	OnTime         Judgement = "onTime"
	Overdue        Judgement = "overdue"
	PendingOnTime  Judgement = "pendingOnTime"  // not closed yet, and in time so far
	PendingOverdue Judgement = "pendingOverdue" // likewise, and too late already
	Exempt         Judgement = "exempt"         // rejected, withdrawn, merged, shelved or handed on: in no rate
)

// JudgementWords are all of them.
var JudgementWords = domain.NewEnum("Judgement", domain.W(OnTime, "按时", "on time"), domain.W(Overdue, "超时", "overdue"), domain.W(PendingOnTime, "处置中未超时", "pending, on time so far"),
	domain.W(PendingOverdue, "处置中已超时", "pending, overdue already"), domain.W(Exempt, "不计入", "in no rate"))

// Enum makes a judgement a word of the contract.
func (Judgement) Enum() domain.Enum { return JudgementWords }

// Judge says whether it was handled in time, by the last resolve before it was
// closed; bare: without the extensions that were granted. A ticket that was
// never anybody's to handle is none of these, but is exempt where it is not to be: "".
func (t *Ticket) Judge(now time.Time, bare bool) Judgement {
	i := t.last(clocks.Handle)
	switch {
	case t.State == Rejected, t.State == Withdrawn, t.State == Merged, t.Backlog != nil:
		return Exempt
	case i < 0 || t.Clocks[i].Round < t.round():
		return ""
	}
	c := &t.Clocks[i]
	late := c.Late(now, bare)
	switch {
	case c.Over() && c.EndedAs != clocks.Met:
		return Exempt
	case c.Over() && late:
		return Overdue
	case c.Over():
		return OnTime
	case late:
		return PendingOverdue
	}
	return PendingOnTime
}

// TimedClock is a clock of a ticket with what it has left at a moment.
type TimedClock struct {
	clocks.Clock
	Left *clocks.Left // nil where it has no deadline, is met or is over
}

// Clocks are those of the ticket that the actor sees, in the order in which they started.
func (s *Tickets) Clocks(actor access.Actor, t *Ticket, now time.Time) []TimedClock {
	all := access.SeesClocks(access.TicketView(actor, t.Facts()))
	r := s.occasion(actor, now, s.policies.At(t.Partition, now)).reckon
	out := make([]TimedClock, 0, len(t.Clocks))
	for _, c := range t.Clocks {
		if !all && c.Kind != clocks.Promise {
			continue
		}
		timed := TimedClock{Clock: c}
		if left, ok := r.Left(&c, now); ok {
			timed.Left = &left
		}
		out = append(out, timed)
	}
	return out
}
