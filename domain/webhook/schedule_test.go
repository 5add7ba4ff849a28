package webhook

import (
	"testing"
	"time"
)

// A message is tried at once and nine times more, over days, and is a dead letter then.
func TestSchedule(t *testing.T) {
	d, at := &Delivery{State: Waiting, Thing: Case}, noon
	var waits []time.Duration
	for d.State == Waiting {
		d.After(Attempt{At: at, Status: 500}, 0.5)
		if d.State == Waiting {
			waits = append(waits, d.DueAt.Sub(at))
			at = d.DueAt
		}
	}
	if len(waits) != len(schedule) || d.State != Dead || d.Tries != 10 || len(d.Attempts) != 10 || !d.DueAt.IsZero() || !d.Expires.IsZero() {
		t.Errorf("%v: %+v", waits, d)
	}
	for i, w := range waits {
		if w != schedule[i] {
			t.Errorf("try %d after %s", i+2, w)
		}
	}
	if past := at.Sub(noon); past < 3*24*time.Hour {
		t.Errorf("it is a dead letter after %s", past)
	}
}

func TestAfter(t *testing.T) {
	for _, c := range []struct {
		name   string
		thing  Thing
		a      Attempt
		jitter float64
		state  Progress
		due    time.Duration // after noon; -1: none
	}{
		{"taken", Case, Attempt{Status: 204}, 0.5, Delivered, -1},
		{"earliest", Case, Attempt{Status: 500}, 0, Waiting, 4500 * time.Millisecond},
		{"latest", Case, Attempt{Status: 500}, 1, Waiting, 5500 * time.Millisecond},
		{"no answer", Case, Attempt{Error: "timeout"}, 0.5, Waiting, 5 * time.Second},
		{"redirected", Case, Attempt{Status: 302}, 0.5, Waiting, 5 * time.Second},
		{"later", Case, Attempt{Status: 429, RetryAfter: time.Minute}, 0.5, Waiting, time.Minute},
		{"much later", Case, Attempt{Status: 503, RetryAfter: 1000 * time.Hour}, 0.5, Waiting, 24 * time.Hour},
		{"gone: it waits for another day", Ticket, Attempt{Status: 410}, 0.5, Waiting, 0},
		{"a test that is taken", Ping, Attempt{Status: 200}, 0.5, Delivered, -1},
		{"a test that is not is over", Ping, Attempt{Status: 500}, 0.5, Failed, -1},
		{"a test of who is gone", Ping, Attempt{Status: 410}, 0.5, Failed, -1},
	} {
		c.a.At = noon
		d := &Delivery{State: Waiting, Thing: c.thing}
		d.After(c.a, c.jitter)
		due := time.Duration(-1)
		if !d.DueAt.IsZero() {
			due = d.DueAt.Sub(noon)
		}
		if d.State != c.state || due != c.due || (d.State == Waiting) != d.Expires.IsZero() {
			t.Errorf("%s: %s, due %s", c.name, d.State, due)
		}
	}
	d := &Delivery{State: Waiting, Thing: Case}
	for range 100 { // replayed again and again
		d.After(Attempt{At: noon, Status: 500}, 0.5)
		d.State, d.Tries = Waiting, 0
	}
	if len(d.Attempts) != keepAttempts {
		t.Errorf("%d attempts are on record", len(d.Attempts))
	}
}
