package store

import (
	"context"
	"maps"
	"sync"
)

// heads is the last known number of every partition, and who waits for more.
type heads struct {
	mu    sync.Mutex
	last  map[string]int64
	grown chan struct{} // closed and replaced at every growth
}

func (h *heads) init() { h.last, h.grown = map[string]int64{}, make(chan struct{}) }

func (h *heads) grow(to map[string]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	more := false
	for p, n := range to {
		if n > h.last[p] {
			h.last[p], more = n, true
		}
	}
	if more {
		close(h.grown)
		h.grown = make(chan struct{})
	}
}

// Heads returns the last journal number known of every partition.
func (s *Store) Heads() map[string]int64 {
	s.heads.mu.Lock()
	defer s.heads.mu.Unlock()
	return maps.Clone(s.heads.last)
}

// Head returns the last journal number known of a partition.
func (s *Store) Head(partition string) int64 {
	s.heads.mu.Lock()
	defer s.heads.mu.Unlock()
	return s.heads.last[partition]
}

// Wait returns the heads as soon as any partition's is above the one in seen
// (a missing one counts as 0). No growth is missed between two calls: what
// is compared is numbers, not events.
func (s *Store) Wait(ctx context.Context, seen map[string]int64) (map[string]int64, error) {
	for {
		s.heads.mu.Lock()
		grown := s.heads.grown
		for p, n := range s.heads.last {
			if n > seen[p] {
				now := maps.Clone(s.heads.last)
				s.heads.mu.Unlock()
				return now, nil
			}
		}
		s.heads.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-grown:
		}
	}
}
