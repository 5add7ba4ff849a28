package intake

import (
	"testing"
	"time"
)

// What was decided is in time, late or without a promise, by the promise that
// is in force; what was never accepted or was taken back is not decided,
// collected or not; what is open again is not any more.
func TestDecided(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []State
		due    time.Duration // after the last step; 0: nothing was promised
		want   Decided
	}{
		{"open", []State{Received, Accepted, InReview}, time.Hour, ""},
		{"done before", []State{Accepted, Done}, time.Millisecond, InTime},
		{"done as it ends", []State{Accepted, Done}, -time.Nanosecond, Late},
		{"refused late", []State{Accepted, Refused}, -time.Hour, Late},
		{"nothing was promised", []State{Accepted, Done}, 0, Unpromised},
		{"collected later", []State{Accepted, Done, Collected}, time.Hour, InTime},
		{"collected is the first that is told", []State{Collected}, time.Hour, InTime},
		{"not accepted", []State{NotAccepted}, time.Hour, ""},
		{"not accepted, papers collected", []State{NotAccepted, Collected, Collected}, time.Hour, ""},
		{"taken back, papers collected", []State{Accepted, Withdrawn, Collected}, time.Hour, ""},
		{"corrected by its platform", []State{Done, InReview}, time.Hour, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			made := &Case{State: Received}
			for i, s := range c.states {
				made.enter(s, noon.Add(time.Duration(i)*time.Minute))
			}
			if c.due != 0 {
				made.DueAt = made.ClosedAt.Add(c.due)
			}
			if made.judge(); made.Decided != c.want {
				t.Errorf("%q, want %q", made.Decided, c.want)
			}
		})
	}
}
