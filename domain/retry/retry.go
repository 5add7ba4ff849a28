// Package retry says when what did not go through is tried again: one message
// by a schedule, and whoever answers none of them by a circuit. It knows
// nothing of what is sent or to whom.
package retry

import "time"

// LongestAsked bounds what a receiver may ask by Retry-After.
const LongestAsked = 24 * time.Hour

// Schedule is how long after each try that failed there is another.
type Schedule []time.Duration

// After is how long after the last of so many tries the next is, at least what
// the receiver asked for; false where there is none. jitter is a random number
// from 0 to 1, by which it is up to a tenth earlier or later.
func (s Schedule) After(tries int, asked time.Duration, jitter float64) (time.Duration, bool) {
	if tries > len(s) {
		return 0, false
	}
	return max(spread(s[tries-1], jitter), min(asked, LongestAsked)), true
}

// spread is up to a tenth more or less.
func spread(d time.Duration, jitter float64) time.Duration {
	return d + time.Duration((jitter*2-1)*float64(d)/10)
}

// Circuit keeps whoever does not answer from being tried for each message:
// after some failures in a row they are tried by one at a time, with growing
// pauses, until one goes through.
type Circuit struct {
	Failures  int       `store:"failures"`            // in a row
	OpenUntil time.Time `store:"openUntil,omitempty"` // nothing is tried before
}

const (
	FailuresMost = 5 // in a row, before the circuit opens
	pauseLeast   = 30 * time.Second
	PauseMost    = 30 * time.Minute
)

// Open reports whether so many tries failed that messages are not sent at once,
// but one at a time from OpenUntil on.
func (c *Circuit) Open() bool { return c.Failures >= FailuresMost }

// Waits reports whether nothing is to be sent now.
func (c *Circuit) Waits(now time.Time) bool { return now.Before(c.OpenUntil) }

// Close is the circuit after a message that went through.
func (c *Circuit) Close() { c.Failures, c.OpenUntil = 0, time.Time{} }

// Fail is the circuit after one that did not, where nothing is to be sent for as
// long as was asked. jitter is a random number from 0 to 1.
func (c *Circuit) Fail(at time.Time, asked time.Duration, jitter float64) {
	c.Failures++
	var pause time.Duration
	if c.Open() {
		pause = spread(min(pauseLeast<<min(c.Failures-FailuresMost, 10), PauseMost), jitter)
	}
	if pause = max(pause, min(asked, LongestAsked)); pause > 0 {
		c.OpenUntil = at.Add(pause)
	}
}

// Break opens the circuit at once: what is wrong is wrong with every message.
func (c *Circuit) Break(at time.Time, asked time.Duration, jitter float64) {
	c.Failures = max(c.Failures, FailuresMost-1)
	c.Fail(at, asked, jitter)
}
