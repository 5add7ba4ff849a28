package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/store"
)

// follow waits with the heads it has seen until it has seen those wanted.
func follow(ctx context.Context, s *store.Store, want map[string]int64) error {
	seen := map[string]int64{}
	for {
		if maps.Equal(seen, want) {
			return nil
		}
		now, err := s.Wait(ctx, seen)
		if err != nil {
			return fmt.Errorf("seen %v, want %v: %w", seen, want, err)
		}
		for p, n := range seen {
			if now[p] < n {
				return fmt.Errorf("the head of %s went from %d back to %d", p, n, now[p])
			}
		}
		seen = now
	}
}

func watch(t *testing.T, b *bed) { watched(t, b, 1) }

func watchAcrossNodes(t *testing.T, b *bed) {
	watched(t, b, 2)
	if !b.caps.WatchAcrossNodes {
		return
	}
	engines := b.open(t, 2) // what grows after Open has looked and before the watch begins
	writer := start(t, engines[0], declared...)
	late := &faults{Engine: engines[1], watching: func() { <-insertLater(t.Context(), writer, newThing("a", here)) }}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	must(t, follow(ctx, start(t, late, declared...), map[string]int64{here: 1}))
}

// watched: consumers on the last node reach the final heads of what the
// first wrote, however the two race. Where an engine does not promise to see
// other nodes, a node at least starts with what they wrote before.
func watched(t *testing.T, b *bed, nodes int) {
	partitions := []string{"p-1", "p-2", "p-3"}
	const total = 90 // the last commit of all ends the test: nothing comes after it to wake anybody
	write := func(ctx context.Context, s *store.Store, w, of int) error {
		for i := w; i < total; i += of {
			p := partitions[i%3]
			if err := s.Update(ctx, []string{p}, func(tx *store.Tx) error { return things.Insert(tx, newThing(name(i), p), entry("add")) }); err != nil {
				return err
			}
			time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
		}
		return nil
	}
	final := map[string]int64{"p-1": 30, "p-2": 30, "p-3": 30}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	engines := b.open(t, nodes)
	writer := start(t, engines[0], declared...)
	if nodes > 1 && !b.caps.WatchAcrossNodes {
		must(t, write(ctx, writer, 0, 1))
		must(t, follow(ctx, start(t, engines[1], declared...), final))
		return
	}
	done := make(chan error, 1)
	go func() { // the watch begins while the writing goes on
		done <- errors.Join(race(3, func(w int) error { return write(ctx, writer, w, 3) })...)
	}()
	reader := writer
	if nodes > 1 {
		reader = start(t, engines[1], declared...)
	}
	for _, err := range race(3, func(int) error { return follow(ctx, reader, final) }) {
		must(t, err)
	}
	must(t, answer(t, done))
	ctx, cancel = context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	_, err := reader.Wait(ctx, final)
	wantErr(t, "a wait for what does not come", err, context.DeadlineExceeded)
}
