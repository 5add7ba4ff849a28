package web

import (
	"sync"
	"time"

	"wangge/domain"
	"wangge/domain/limit"
)

// strangers counts the calls of routes that are open to all and say how many
// they take: by network, in memory, on this node. What is cheap to answer is
// not worth a write for each question; this only keeps one network from taking
// the node's whole time.
type strangers struct {
	mu     sync.Mutex
	minute time.Time
	calls  map[caller]int
}

// caller is a network at a route.
type caller struct {
	route   *Route
	network string
}

// callersMost are counted in a minute; when there are more, all begin anew.
const callersMost = 100_000

// take counts a call. A LimitError until the minute is over, for who has made as many as the route takes.
func (s *strangers) take(rt *Route, address string, now time.Time) error {
	c, minute := caller{rt, limit.Network(address)}, now.Truncate(time.Minute)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.minute.Equal(minute) || len(s.calls) >= callersMost {
		s.minute, s.calls = minute, map[caller]int{}
	}
	if s.calls[c] >= rt.PerMinute {
		return &domain.LimitError{RetryAfter: minute.Add(time.Minute).Sub(now)}
	}
	s.calls[c]++
	return nil
}
