package intake

import (
	"time"

	"wangge/domain/calendar"
	"wangge/domain/civil"
)

// reckon sets the end of the promised day: so many working days after the day
// of acceptance as the item promises, where those in which materials were
// wanting do not count, from the day after they were asked for up to the day
// they came. Of an item without a promise, or of a case that was not accepted,
// it is what the platform says.
func (c *Case) reckon(cal *calendar.Calendar) {
	defer c.judge()
	c.DueAt, c.Provisional = time.Time{}, false
	if c.Item.WorkingDays == 0 || c.AcceptedAt.IsZero() {
		if c.Says != "" {
			c.DueAt = c.Says.Add(1).Start()
		}
		return
	}
	days := c.Item.WorkingDays
	c.DueAt, c.Provisional = cal.AddWorkingDays(c.AcceptedAt, days)
	for _, p := range c.Pauses {
		from := later(p.From, c.AcceptedAt)
		if !from.Before(c.DueAt) { // it was late before
			break
		}
		stood, _ := cal.WorkingDaysBetween(from, p.Until)
		days += stood
		c.DueAt, c.Provisional = cal.AddWorkingDays(c.AcceptedAt, days)
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Promised is the promised day; "" where there is none.
func (c *Case) Promised() civil.Date {
	if c.DueAt.IsZero() {
		return ""
	}
	return civil.DateOf(c.DueAt.Add(-time.Millisecond))
}

// StandsStill reports whether the promise waits for materials.
func (c *Case) StandsStill() bool { return c.State == NeedsMaterial }

// enter puts the case in a state from a moment on.
func (c *Case) enter(to State, at time.Time) {
	if to == NeedsMaterial && c.State != NeedsMaterial {
		c.Pauses = append(c.Pauses, Pause{From: at})
	}
	if last := len(c.Pauses) - 1; to != NeedsMaterial && last >= 0 && c.Pauses[last].Until.IsZero() {
		c.Pauses[last].Until = later(at, c.Pauses[last].From)
	}
	if to.accepted() && c.AcceptedAt.IsZero() {
		c.AcceptedAt = at
	}
	switch {
	case to.Open():
		c.ClosedAt = time.Time{}
	case c.ClosedAt.IsZero():
		c.ClosedAt = at
	}
	c.Decided = c.Decided.then(c.State, to)
	if c.State != to {
		c.State, c.Since = to, at
	}
}

// accepted reports whether a case in the state has been accepted.
func (s State) accepted() bool {
	return s == Accepted || s == InReview || s == NeedsMaterial || s == Done || s == Refused
}
