package mongodb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

// The primary of three servers is killed while 32 writers on two nodes work
// on one street: no acknowledged write is lost, none is done twice, numbers
// have no gap, and the street comes back.
func TestFailover(t *testing.T) {
	t.Parallel()
	const writers = 32
	set := mongotest.StartSet(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	var nodes []*store.Store
	for _, e := range open(t, set.URI("failover"), 2) {
		s, err := store.Open(ctx, e, store.Options{}, records)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close(context.Background()) })
		nodes = append(nodes, s)
	}
	if err := nodes[0].Update(ctx, []string{street}, func(tx *store.Tx) error {
		for w := range writers {
			if err := records.Insert(tx, newRecord(w), touched("setup")); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	var acknowledged, failed [writers]int64
	var total, firstAfter atomic.Int64 // firstAfter: when the first update was acknowledged after the kill
	var killed atomic.Bool
	stop := make(chan struct{})
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				began := killed.Load()
				err := increment(ctx, nodes[w%2], w)
				switch {
				case err == nil:
					acknowledged[w]++
					total.Add(1)
					if began {
						firstAfter.CompareAndSwap(0, time.Now().UnixNano())
					}
				case errors.Is(err, store.ErrUnavailable):
					failed[w]++
				default:
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	waitFor(t, "some writes", func() bool { return total.Load() > 500 })
	address, err := set.KillPrimary()
	if err != nil {
		t.Fatal(err)
	}
	died := time.Now()
	killed.Store(true)
	waitFor(t, "a write after the kill", func() bool { return firstAfter.Load() != 0 })
	away := time.Unix(0, firstAfter.Load()).Sub(died)
	then := total.Load()
	waitFor(t, "more writes", func() bool { return total.Load() > then+500 })
	close(stop)
	all.Wait()
	t.Logf("killed %s after %d updates; back after %v; %d updates in all", address, then, away.Round(time.Millisecond), total.Load())
	checkCounts(ctx, t, nodes, acknowledged[:], failed[:])
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in five minutes: %s", what)
		}
	}
}

// checkCounts compares what writers were told with the documents and the journal.
func checkCounts(ctx context.Context, t *testing.T, nodes []*store.Store, acknowledged, failed []int64) {
	t.Helper()
	entries := map[string]int64{} // by document
	last := int64(0)
	for {
		page, err := nodes[0].Journal(ctx, street, last, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			if e.Number != last+1 {
				t.Fatalf("number %d after %d", e.Number, last)
			}
			last = e.Number
			entries[e.Doc]++
			if e.DocVersion != entries[e.Doc] {
				t.Fatalf("entry %d is about version %d of %s, which has %d entries", e.Number, e.DocVersion, e.Doc, entries[e.Doc])
			}
		}
		if len(page) == 0 {
			break
		}
	}
	for w := range acknowledged {
		r, err := records.Get(ctx, nodes[1], recordID(w))
		if err != nil {
			t.Fatal(err)
		}
		if r.Number < acknowledged[w] || r.Number > acknowledged[w]+failed[w] {
			t.Errorf("writer %d: counted %d, acknowledged %d, outcome not told %d", w, r.Number, acknowledged[w], failed[w])
		}
		if entries[r.ID] != r.Number+1 || r.Version != r.Number+1 {
			t.Errorf("writer %d: %d entries and version %d for a count of %d", w, entries[r.ID], r.Version, r.Number)
		}
	}
	for i, s := range nodes { // the watch has survived too
		waitFor(t, fmt.Sprintf("node %d knows the last number", i), func() bool { return s.Heads()[street] == last })
	}
}
