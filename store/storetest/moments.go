package storetest

import (
	"fmt"
	"testing"
	"time"

	"wangge/store"
)

// rival runs what another node tries while a transaction is open. It may
// succeed at once or have to wait for the end of the transaction; first tells which.
type rival struct {
	done  chan error
	first bool
}

func (r *rival) try(call func() error) func() {
	r.done = make(chan error, 1)
	return func() {
		go func() { r.done <- call() }()
		select {
		case err := <-r.done:
			r.first = err == nil
			r.done <- err
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// lastMoment: a set whose reads were checked waits before its commit, and
// another node changes what it read. One comes before the other.
func lastMoment(t *testing.T, b *bed) {
	l, r, f := b.faultyPair(t)
	ctx := t.Context()
	add(t, l, newThing("a", here))
	var other rival
	f.set(func(f *faults) {
		f.victim = "witness"
		f.atCommit = other.try(func() error { return change(ctx, r, "a", here, func(x *thing) { x.Title = "changed" }) })
	})
	must(t, l.Update(ctx, []string{here}, func(tx *store.Tx) error {
		a, err := things.Get(ctx, tx, "a")
		if err != nil {
			return err
		}
		x := newThing("witness", here)
		x.Title = a.Title
		return things.Insert(tx, x, entry("add"))
	}))
	must(t, answer(t, other.done))
	witness, a := get(t, l, "witness"), get(t, l, "a")
	if earlier := witness.Seq < a.Seq; a.Title != "changed" || earlier != (witness.Title == "title of a") || other.first && earlier {
		t.Fatalf("witness saw %q and has number %d, a has %d; the rival was first: %v", witness.Title, witness.Seq, a.Seq, other.first)
	}
}

// lostSwap: another node changes a document without a journal after it was checked and before it is written.
func lostSwap(t *testing.T, b *bed) {
	l, r, f := b.faultyPair(t)
	ctx := t.Context()
	for i, c := range []struct {
		partitions []string
		notes      int
	}{{nil, 1}, {nil, 2}, {[]string{here}, 1}, {[]string{here}, 3}} {
		var all []string
		for j := range c.notes {
			all = append(all, fmt.Sprintf("note-%d-%d", i, j))
			addNote(t, l, &note{Meta: store.Meta{ID: all[j]}})
		}
		count := func(s *store.Store, ids []string, partitions []string) error {
			return s.Update(ctx, partitions, func(tx *store.Tx) error {
				found, err := notes.GetMany(ctx, tx, ids)
				if err != nil {
					return err
				}
				for _, id := range ids {
					found[id].Count++
					if err := notes.Put(tx, found[id]); err != nil {
						return err
					}
				}
				return nil
			})
		}
		last := all[c.notes-1]
		var other rival
		f.set(func(f *faults) {
			f.victim, f.atWrite = last, other.try(func() error { return count(r, []string{last}, nil) })
		})
		must(t, count(l, all, c.partitions))
		must(t, answer(t, other.done))
		for _, id := range all {
			n, want := getNote(t, l, id), int64(1)
			if id == last {
				want = 2
			}
			if n.Count != want || n.Version != want+1 {
				t.Fatalf("%d notes with partitions %v: %s is at %d, version %d, want %d", c.notes, c.partitions, id, n.Count, n.Version, want)
			}
		}
	}
}
