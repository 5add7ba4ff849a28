package ticket

import (
	"slices"
	"time"

	"wangge/domain/policy"
)

// running are the states in which the time to resolve a ticket runs. It stands
// still while the ticket is suspended, and what is resolved waits for who verifies it.
var running = []State{Reported, Accepted, Dispatched, InProgress}

// term is the days of 24 hours that the category and condition give to resolve
// it: where there is no summer time, the same hour of a later day. A category
// that the policy does not know, in a street that it came to by a redraw, leaves it what it had.
//
// The deadline, DueAt, is that long after the report. What changes it, changes
// it by a difference, so that nothing is forgotten: another category or
// condition, or what a policy gives them by now, by how much longer or shorter
// that is than the Days it has, a suspension by how long
// the clock stood still. A reopened ticket gets its time anew, since the first
// handling is over; reworking one does not move the deadline, since what was
// promised to the reporter was not kept yet. A ticket stored before there were
// deadlines has none until it is reopened, and is never overdue.
func (t *Ticket) term(p *policy.Policy) int {
	if c, ok := p.Category(t.Category); ok {
		return c.DaysUnder(t.Condition)
	}
	return t.Days
}

// setDays gives it the term of its category and condition, and moves its deadline.
func (t *Ticket) setDays(p *policy.Policy) {
	days := t.term(p)
	t.postpone(inDays(days - t.Days))
	t.Days = days
}

func inDays(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func (t *Ticket) postpone(by time.Duration) {
	if !t.DueAt.IsZero() {
		t.DueAt = t.DueAt.Add(by)
	}
}

// suspend moves the deadline by the time that the clock is to stand still.
func (t *Ticket) suspend(now, until time.Time) {
	t.ResumeAt = until
	t.postpone(until.Sub(now))
}

// resume lets the clock run again; when it does so earlier or later than it
// was to, the deadline follows.
func (t *Ticket) resume(now time.Time) {
	if !t.ResumeAt.IsZero() {
		t.postpone(now.Sub(t.ResumeAt))
	}
	t.ResumeAt = time.Time{}
}

// Overdue reports whether it should have been resolved before now, to the
// millisecond. A clock that stands still is never over.
func (t *Ticket) Overdue(now time.Time) bool { return overdue(t.State, t.DueAt, now) }

func overdue(s State, due, now time.Time) bool {
	return slices.Contains(running, s) && !due.IsZero() && due.UnixMilli() < now.UnixMilli()
}
