package clocks

import (
	"time"

	"wangge/domain/civil"
)

// Reckon finds when a clock is due, from its history. One that is met or over keeps what it has.
func (r Reckoner) Reckon(c *Clock) {
	if c.Settled() {
		return
	}
	h := r.follow(c, true)
	c.DueAt, c.Provisional, c.BareDueAt = h.due, h.provisional, time.Time{}
	if bare := r.follow(c, false); !bare.due.Equal(h.due) {
		c.BareDueAt = bare.due
	}
}

// Expected is when a clock that stands still is due if it goes on at a moment;
// of one that runs, when it is due.
func (r Reckoner) Expected(c *Clock, goesOn time.Time) time.Time {
	h := r.follow(c, true)
	if !h.still.IsZero() && !h.due.IsZero() {
		h.goOn(goesOn)
	}
	return h.due
}

// Left is what a clock has left, in its own time: in working days by NextDay, else in seconds.
type Left struct {
	InWorkingDays bool
	WorkingDays   int
	Seconds       int64
}

// Left is what a clock has left at a moment; not ok where it has no deadline, is met or is over.
func (r Reckoner) Left(c *Clock, now time.Time) (left Left, ok bool) {
	if c.Settled() || c.DueAt.IsZero() {
		return Left{}, false
	}
	h := r.follow(c, true)
	if h.still.IsZero() {
		h.stand(now)
	}
	if h.late {
		h.left = 0
	}
	if h.own == inWorkingDays {
		return Left{InWorkingDays: true, WorkingDays: int(h.left)}, true
	}
	return Left{Seconds: int64(time.Duration(h.left) / time.Second)}, true
}

// own is the time in which a clock runs.
type own int

const (
	always own = iota
	inOffice
	inWorkingDays
)

func (r Reckoner) own(t Term) own {
	switch {
	case t.Unit == WorkingDay && r.Days == NextDay:
		return inWorkingDays
	case t.Unit == WorkingDay, t.Unit == WorkingHour:
		return inOffice
	}
	return always
}

// hand is where a clock stands in the course of its history.
type hand struct {
	r           Reckoner
	own         own
	due         time.Time // zero: it has no deadline
	provisional bool
	still       time.Time // since when it stands still; zero while it runs
	late        bool      // it was due before it stood still
	left        int64     // while it stands still: nanoseconds or working days
}

// follow goes through the history of a clock.
func (r Reckoner) follow(c *Clock, extensions bool) *hand {
	h := &hand{r: r, own: r.own(c.Term), due: c.By}
	if c.By.IsZero() {
		h.due, h.provisional = r.Add(c.StartedAt, c.Term)
	}
	if h.due.IsZero() {
		return h
	}
	for _, ch := range c.Changes {
		switch ch.What {
		case Stood:
			h.stand(ch.At)
		case WentOn:
			h.goOn(ch.At)
			if due, unsure := r.Add(ch.At, ch.AtLeast); due.After(h.due) {
				h.due, h.provisional = due, unsure
			}
		case Extended:
			if extensions {
				h.extend(ch.At, ch.Until)
			}
		}
	}
	return h
}

func (h *hand) stand(at time.Time) {
	h.still, h.late = at, !at.Before(h.due)
	if !h.late {
		h.left = h.between(at, h.due)
	}
}

func (h *hand) goOn(at time.Time) {
	if h.late {
		h.due = h.due.Add(at.Sub(h.still))
	} else {
		h.due, h.provisional = h.after(at, h.left)
	}
	h.still, h.late = time.Time{}, false
}

func (h *hand) extend(at, until time.Time) {
	switch {
	case h.still.IsZero():
		if until.After(h.due) {
			h.due, h.provisional = until, false
		}
	case until.After(at):
		if left := h.between(at, until); h.late || left > h.left {
			h.left, h.late = left, false
			h.due, h.provisional = h.after(h.still, left)
		}
	}
}

// between is how much of the clock's own time lies between two moments. The
// day of a deadline at midnight is that which ends then.
func (h *hand) between(from, due time.Time) int64 {
	switch h.own {
	case inOffice:
		return int64(h.r.office().Between(h.r.Calendar, from, due))
	case inWorkingDays:
		n, _ := h.r.Calendar.WorkingDaysBetween(from, due.Add(-time.Millisecond))
		return int64(n)
	}
	return int64(due.Sub(from))
}

// after is when so much of the clock's own time has run since from.
func (h *hand) after(from time.Time, left int64) (due time.Time, provisional bool) {
	switch h.own {
	case inOffice:
		return h.r.open(from, time.Duration(left))
	case inWorkingDays:
		if left == 0 && h.r.Calendar.WorkingDay(civil.DateOf(from)) {
			if due, provisional = h.r.closing(from, 0); due.After(from) {
				return due, provisional
			}
		}
		return h.r.closing(from, max(1, int(left)))
	}
	return from.Add(time.Duration(left)), false
}
