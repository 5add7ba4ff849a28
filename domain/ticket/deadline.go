package ticket

import (
	"slices"
	"time"

	"wangge/domain/policy"
)

// running are the states in which the time to resolve a ticket runs. It stands
// still while the ticket is suspended, and what is resolved waits for who verifies it.
var running = []State{Reported, Accepted, Divided, Dispatched, InProgress}

// term is the days of 24 hours that the category and condition give to resolve
// it. A category that the policy does not know, in a street that it came to by a
// redraw, leaves it what it had.
//
// The deadline, DueAt, is that of the clock of the promise to who reported it.
// While the ticket is suspended it is as if it went on when it is to, and there is
// none while nobody knows when that is. A ticket stored before there were deadlines has none until it is
// reopened, and is never overdue.
func (t *Ticket) term(p *policy.Policy) int {
	if c, ok := p.Category(t.Category); ok {
		return c.DaysUnder(t.Condition)
	}
	return t.Days
}

func inDays(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// Overdue reports whether it should have been resolved before now, to the
// millisecond. A clock that stands still is never over.
func (t *Ticket) Overdue(now time.Time) bool { return overdue(t.State, t.DueAt, now) }

func overdue(s State, due, now time.Time) bool {
	return slices.Contains(running, s) && !due.IsZero() && due.UnixMilli() < now.UnixMilli()
}
