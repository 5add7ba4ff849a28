package clocks

import (
	"slices"
	"time"
)

// Clock measures one thing that is to be done in time. It keeps its history,
// and what it comes to is reckoned from that, so that a calendar or a policy
// that changes can be applied to one that is not met. The laws are:
//
//   - It is due when its Term is over, as Reckoner.Add says, or at By.
//   - Standing still takes nothing from it: when it goes on it has, in its own
//     time, what it had when it stopped. Its own time is that of its unit:
//     time of day and night, time in which the office is open, or, by NextDay,
//     working days, of which one does not count where it stood still when that day began.
//     Where none is left it is due when the office next closes on a working day.
//   - One that was late before it stood still is late by as long when it goes on.
//   - An extension makes it due at the moment granted, never sooner than it was
//     due anyhow; what it then has is counted in its own time.
//   - What is met and found wanting goes on as one that stood still, and is due
//     no sooner than a term of its own after that.
//   - What is met, or over, keeps the deadline that was in force at that moment.
type Clock struct {
	Kind      Kind      `store:"kind"`
	Round     int       `store:"round"` // from 1
	StartedAt time.Time `store:"startedAt"`
	Term      Term      `store:"term,omitempty"` // the zero Term: none
	By        time.Time `store:"by,omitempty"`   // when it is due, of one that has no term but a date
	Policy    string    `store:"policy,omitempty"`
	Charged   string    `store:"charged,omitempty"` // account or organisation that it is laid to
	Changes   []Change  `store:"changes,omitempty"` // in their order

	MetAt      time.Time `store:"metAt,omitempty"`
	FirstMetAt time.Time `store:"firstMetAt,omitempty"` // of one that was met and found wanting: when it was met first
	FirstDueAt time.Time `store:"firstDueAt,omitempty"` // when it was due then
	EndedAt    time.Time `store:"endedAt,omitempty"`
	EndedAs    End       `store:"endedAs,omitempty"`

	// What comes of it, by Reckon. While it stands still it is when it was due as it stopped.
	DueAt       time.Time `store:"dueAt,omitempty"`       // zero: it has no deadline
	BareDueAt   time.Time `store:"bareDueAt,omitempty"`   // without extensions, where that is another
	Provisional bool      `store:"provisional,omitempty"` // a day that it depends on may still change for want of data

	Rung   int       `store:"rung,omitempty"`   // of its ladder, that is told next
	TellAt time.Time `store:"tellAt,omitempty"` // when; zero: not, as things are. By Climb
	ToldAt time.Time `store:"toldAt,omitempty"` // when one was told last
}

// Change of a clock.
type Change struct {
	What    What      `store:"what"`
	At      time.Time `store:"at"`
	Why     string    `store:"why,omitempty"`     // Stood: for what
	Until   time.Time `store:"until,omitempty"`   // Extended: until when
	By      string    `store:"by,omitempty"`      // Extended: account that granted it
	AtLeast Term      `store:"atLeast,omitempty"` // WentOn: that it has from then
}

// What a change is.
type What string

const (
	Stood    What = "stood"    // it stands still from then
	WentOn   What = "went_on"  // and goes on
	Extended What = "extended" // 延期
)

// Start is a clock that runs from a moment by a term.
func Start(kind Kind, round int, at time.Time, t Term, policy string) Clock {
	return Clock{Kind: kind, Round: round, StartedAt: at, Term: t, Policy: policy}
}

// Over reports whether nothing happens to it any more.
func (c *Clock) Over() bool { return c.EndedAs != "" }

// Settled reports whether its deadline is not reckoned any more: it is met, be it for now, or over.
func (c *Clock) Settled() bool { return c.Over() || !c.MetAt.IsZero() }

// StillSince is since when it stands still; zero while it runs.
func (c *Clock) StillSince() time.Time {
	for _, ch := range slices.Backward(c.Changes) {
		switch ch.What {
		case Stood:
			return ch.At
		case WentOn:
			return time.Time{}
		}
	}
	return time.Time{}
}

// Due is when it is due; zero while it stands still, and where it has no deadline.
func (c *Clock) Due() time.Time {
	if !c.Over() && !c.StillSince().IsZero() {
		return time.Time{}
	}
	return c.DueAt
}

// Stand stops it, for a reason. One that stands still goes on doing so.
func (c *Clock) Stand(at time.Time, why string) {
	if !c.Over() && c.StillSince().IsZero() {
		c.Changes = append(c.Changes, Change{What: Stood, At: at, Why: why})
	}
}

// GoOn lets it run again.
func (c *Clock) GoOn(at time.Time) { c.goOn(at, Term{}) }

func (c *Clock) goOn(at time.Time, atLeast Term) {
	if !c.Over() && !c.StillSince().IsZero() {
		c.Changes = append(c.Changes, Change{What: WentOn, At: at, AtLeast: atLeast})
	}
}

// Extend grants it time until a moment.
func (c *Clock) Extend(at, until time.Time, by string) {
	if !c.Over() {
		c.Changes = append(c.Changes, Change{What: Extended, At: at, Until: until, By: by})
	}
}

// Extensions are those that were granted, in their order.
func (c *Clock) Extensions() (out []Change) {
	for _, ch := range c.Changes {
		if ch.What == Extended {
			out = append(out, ch)
		}
	}
	return out
}

// Meet says that what it measures was done. For now: it stands still until it is
// found good, by End, or wanting, by Again. Else it is over.
func (c *Clock) Meet(at time.Time, forNow string) {
	if c.Over() {
		return
	}
	c.MetAt = at
	if forNow != "" {
		c.Stand(at, forNow)
	} else {
		c.End(at, Met)
	}
}

// Again has it go on after it was met: what was done was not enough, or holds no
// more. It stood still meanwhile, and has at least a term from then.
func (c *Clock) Again(at time.Time, atLeast Term, meanwhile string) {
	if c.EndedAs == Met {
		from := c.EndedAt
		c.EndedAt, c.EndedAs = time.Time{}, ""
		c.Stand(from, meanwhile)
	}
	if !c.Over() && !c.MetAt.IsZero() {
		if c.FirstMetAt.IsZero() {
			c.FirstMetAt, c.FirstDueAt = c.MetAt, c.DueAt
		}
		c.MetAt = time.Time{}
		c.goOn(at, atLeast)
	}
}

// End says that it is over.
func (c *Clock) End(at time.Time, as End) {
	if !c.Over() {
		c.EndedAt, c.EndedAs = at, as
	}
}

// Restore takes back that it ended so, as if it had stood still meanwhile.
func (c *Clock) Restore(at time.Time, as End) {
	if c.EndedAs != as {
		return
	}
	from := c.EndedAt
	c.EndedAt, c.EndedAs = time.Time{}, ""
	if c.StillSince().IsZero() {
		c.Stand(from, string(as))
		c.GoOn(at)
	}
}

// Segment is a stretch of a clock's time.
type Segment struct {
	From, Until time.Time // Until zero: it goes on
	Why         string    // it stands still for; "" where it runs
}

// Segments are the stretches in which it ran and stood still, in their order.
func (c *Clock) Segments() []Segment {
	out := []Segment{{From: c.StartedAt}}
	for _, ch := range c.Changes {
		if ch.What == Extended {
			continue
		}
		if last := &out[len(out)-1]; last.From.Equal(ch.At) {
			last.Why = ch.Why
		} else {
			last.Until = ch.At
			out = append(out, Segment{From: ch.At, Why: ch.Why})
		}
	}
	out[len(out)-1].Until = c.EndedAt
	return out
}

// Late reports whether it was due before it was met, ended or stood still, or
// else before now, to the millisecond; bare: extensions do not count. One without a deadline is never late.
func (c *Clock) Late(now time.Time, bare bool) bool {
	due, at := c.DueAt, now
	if bare && !c.BareDueAt.IsZero() {
		due = c.BareDueAt
	}
	switch still := c.StillSince(); {
	case !c.MetAt.IsZero():
		at = c.MetAt
	case c.Over():
		at = c.EndedAt
	case !still.IsZero():
		at = still
	}
	return !due.IsZero() && due.UnixMilli() < at.UnixMilli()
}
