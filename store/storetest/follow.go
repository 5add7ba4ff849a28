package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"wangge/store"
)

// relocate moves a thing to the other partition.
func relocate(t *testing.T, s *store.Store, id string) {
	t.Helper()
	err := s.Update(t.Context(), []string{here, there}, func(tx *store.Tx) error {
		x, err := things.Get(t.Context(), tx, id)
		if err != nil {
			return err
		}
		if x.Partition == here {
			x.Partition = there
		} else {
			x.Partition = here
		}
		return things.Put(tx, x, entry("move"))
	})
	if err != nil {
		t.Error(err)
	}
}

// count adds one to a thing's number wherever it lies; between runs after it was looked up.
func count(t *testing.T, s *store.Store, id string, between func()) error {
	return store.RetryMoved(func(moved error) error {
		was, err := things.Get(t.Context(), s, id)
		if err != nil {
			return err
		}
		between()
		return s.Update(t.Context(), []string{was.Partition}, func(tx *store.Tx) error {
			x, err := things.Get(t.Context(), tx, id)
			if err != nil {
				return err
			}
			if x.Partition != was.Partition {
				return moved
			}
			x.Number++
			return things.Put(tx, x, entry("count"))
		})
	})
}

// A thing that moves after it was looked up is changed where it is, once; one
// that moves every time is busy. The word for it of one call is not another's.
func follows(t *testing.T, b *bed) {
	s := b.one(t)
	for moves := range 6 {
		id := fmt.Sprint("moves-", moves)
		add(t, s, newThing(id, here))
		left := moves
		err := count(t, s, id, func() {
			if left--; left >= 0 {
				relocate(t, s, id)
			}
		})
		if want := moves < 4; (err == nil) != want || !want && !errors.Is(err, store.ErrConflict) {
			t.Errorf("moved %d times: %v", moves, err)
		}
		if got := get(t, s, id).Number; got != int64(min(1, max(0, 4-moves))) {
			t.Errorf("moved %d times: counted %d times", moves, got)
		}
	}
	inner := 0
	err := store.RetryMoved(func(outer error) error {
		return store.RetryMoved(func(error) error { inner++; return outer })
	})
	if inner != 4 || !errors.Is(err, store.ErrConflict) {
		t.Errorf("what lies elsewhere for the call around was tried %d times: %v", inner, err)
	}
}

// While a thing moves to and fro, on one node, what is counted on others is counted once.
func followsWhileMoving(t *testing.T, b *bed) {
	nodes := b.nodes(t, 2)
	add(t, nodes[0], newThing("x", here))
	var done, counted atomic.Int64
	var movers, counters sync.WaitGroup
	movers.Go(func() {
		for done.Load() == 0 {
			relocate(t, nodes[0], "x")
		}
	})
	for i := range 4 {
		counters.Go(func() {
			for range 25 {
				err := count(t, nodes[i%2], "x", func() {})
				if err == nil {
					counted.Add(1)
				} else if !errors.Is(err, store.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	counters.Wait()
	done.Store(1)
	movers.Wait()
	if got := get(t, nodes[1], "x").Number; got != counted.Load() || got == 0 {
		t.Errorf("counted %d, and it has %d", counted.Load(), got)
	}
}
