package clocks

import (
	"testing"
	"time"
)

// Each rung is told once, at its time, however the deadline moves.
func TestLadder(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour-8, 0, 0, 0, time.UTC) } // the 23rd is a Monday
	r := Reckoner{}
	l := Ladder{Warn: Term{1, Day}, Levels: []Term{{}, {4, WorkingHour}, {1, Day}}}
	start := func(term Term) *Clock {
		c := Start(Handle, 1, at(23, 10), term, "")
		r.Reckon(&c)
		return &c
	}
	told := func(c *Clock, rung int, when time.Time) {
		t.Helper()
		if r.Climb(c, l); c.Rung != rung || !c.TellAt.Equal(when) {
			t.Errorf("rung %d at %s, want %d at %s", c.Rung, c.TellAt, rung, when)
		}
	}
	c := start(Term{3, Day})
	told(c, 0, at(25, 10))
	c.Rung++ // it was told
	c.Extend(at(25, 11), at(28, 10), "lead")
	r.Reckon(c)
	told(c, 1, at(28, 10)) // warned once
	c.Rung++
	told(c, 2, at(30, 14).Add(30*time.Minute)) // the 28th is a Saturday; the lunch break does not count
	c.Stand(at(29, 10), "suspended")
	r.Reckon(c)
	told(c, 2, time.Time{})
	c.GoOn(at(30, 10))
	r.Reckon(c)
	c.Rung++
	told(c, 3, c.DueAt.Add(24*time.Hour))
	c.Rung++
	told(c, 4, time.Time{})

	told(start(Term{6, Hour}), 1, at(23, 16))                          // less than the warning comes before
	for term, rung := range map[Term]int{{1, Day}: 1, {25, Hour}: 0} { // and what it stood still is none of its time
		c := start(term)
		c.Stand(at(23, 12), "suspended")
		c.GoOn(at(24, 12))
		r.Reckon(c)
		if r.Climb(c, l); c.Rung != rung || c.TellAt.IsZero() {
			t.Errorf("of %v: rung %d at %s, want %d", term, c.Rung, c.TellAt, rung)
		}
	}
	told(start(Term{}), 0, time.Time{})
	met := start(Term{3, Day})
	met.Meet(at(24, 10), "")
	told(met, 0, time.Time{})
	if c := start(Term{3, Day}); true {
		if r.Climb(c, Ladder{}); c.Rung != 1 || !c.TellAt.IsZero() {
			t.Errorf("nobody is to be told: rung %d at %s", c.Rung, c.TellAt)
		}
	}
}
