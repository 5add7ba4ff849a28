package retry

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func TestSchedule(t *testing.T) {
	s := Schedule{10 * time.Second, time.Minute}
	for _, c := range []struct {
		tries  int
		asked  time.Duration
		jitter float64
		want   time.Duration
	}{
		{1, 0, 0.5, 10 * time.Second}, {1, 0, 0, 9 * time.Second}, {1, 0, 1, 11 * time.Second}, {2, 0, 0.5, time.Minute}, {3, 0, 0.5, -1},
		{1, time.Hour, 0.5, time.Hour}, {1, 1000 * time.Hour, 0.5, LongestAsked}, {2, time.Second, 0.5, time.Minute},
	} {
		wait, more := s.After(c.tries, c.asked, c.jitter)
		if !more {
			wait = -1
		}
		if wait != c.want {
			t.Errorf("%+v: %s", c, wait)
		}
	}
}

// The circuit opens after some failures in a row, with growing pauses, and closes by one message that is taken.
func TestCircuit(t *testing.T) {
	c, at := &Circuit{}, noon
	for i := 1; i < FailuresMost; i++ {
		if c.Fail(at, 0, 0.5); c.Open() || c.Waits(at) {
			t.Errorf("open after %d", i)
		}
	}
	last := time.Duration(0)
	for range 12 {
		c.Fail(at, 0, 0.5)
		pause := c.OpenUntil.Sub(at)
		if !c.Open() || !c.Waits(at) || c.Waits(c.OpenUntil) || pause < last || pause > PauseMost {
			t.Errorf("after %d: %s, before %s", c.Failures, pause, last)
		}
		at, last = c.OpenUntil, pause
	}
	if last != PauseMost {
		t.Errorf("the longest pause is %s", last)
	}
	if c.Close(); c.Open() || c.Failures != 0 || c.Waits(at) {
		t.Errorf("%+v", c)
	}
	if c.Fail(at, time.Hour, 0.5); c.Open() || !c.Waits(at.Add(59*time.Minute)) || c.Waits(at.Add(time.Hour)) {
		t.Errorf("asked to wait: %+v", c)
	}
	c = &Circuit{}
	if c.Break(at, 0, 0.5); !c.Open() || !c.Waits(at) {
		t.Errorf("broken: %+v", c)
	}
}
