package clocks

import "time"

// Ladder is who is told as a clock runs out: before the deadline, and level by
// level after it. Each rung is told once, whatever becomes of the deadline later.
type Ladder struct {
	Warn   Term   // before it, in minutes, hours or days; zero: nobody is warned
	Levels []Term // after it, in their order; the zero Term: at it
}

// Climb finds which rung of its ladder a clock tells next, and when: 0 is the
// warning, from 1 on the levels. None while it stands still, where it is met or
// over or has no deadline, and after the last. What has less time in all than
// the warning comes before is not warned of.
func (r Reckoner) Climb(c *Clock, l Ladder) {
	c.TellAt = time.Time{}
	due := c.Due()
	if c.Settled() || due.IsZero() {
		return
	}
	if c.Rung == 0 {
		if at := due.Add(-l.Warn.span()); at.Before(due) && at.After(c.began()) {
			c.TellAt = at
			return
		}
		c.Rung = 1
	}
	if c.Rung > len(l.Levels) {
		return
	}
	c.TellAt = due
	if after := l.Levels[c.Rung-1]; !after.IsZero() {
		c.TellAt, _ = r.Add(due, after)
	}
}

// began is when it would have begun to be due when it is, had it not stood still:
// by day and night, what it stood still is not time that it has.
func (c *Clock) began() time.Time {
	at, since := c.StartedAt, time.Time{}
	if c.Term.span() == 0 {
		return at
	}
	for _, ch := range c.Changes {
		switch {
		case ch.What == Stood:
			since = ch.At
		case ch.What == WentOn && !since.IsZero():
			at, since = at.Add(ch.At.Sub(since)), time.Time{}
		}
	}
	return at
}

// span is how long a term is that runs by day and night; 0 for one that does not.
func (t Term) span() time.Duration {
	long := map[Unit]time.Duration{Minute: time.Minute, Hour: time.Hour, Day: 24 * time.Hour}[t.Unit]
	return time.Duration(t.Count) * long
}
