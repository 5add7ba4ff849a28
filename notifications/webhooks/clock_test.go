package webhooks

import (
	"sync"
	"time"
)

// clock is the test's: nothing waits for time.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	timers map[chan time.Time]time.Time
}

func newClock(at time.Time) *clock { return &clock{at: at, timers: map[chan time.Time]time.Time{}} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// after is a timer that runs out when the clock comes to it.
func (c *clock) after(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := make(chan time.Time, 1)
	if d <= 0 {
		timer <- c.at
	} else {
		c.timers[timer] = c.at.Add(d)
	}
	return timer
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	for timer, at := range c.timers {
		if !at.After(c.at) {
			timer <- c.at
			delete(c.timers, timer)
		}
	}
}
