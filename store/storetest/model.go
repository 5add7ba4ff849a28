package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/store"
)

// world is the store as simple maps and loops tell it.
type world struct {
	docs    map[string]*thing
	entries map[string]int
}

// model lets random updates and queries run against the store and against
// the world, and compares every answer.
func model(t *testing.T, b *bed) {
	s := b.one(t)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	w := &world{docs: map[string]*thing{}, entries: map[string]int{}}
	for step := range 250 {
		ops := randomOps(r)
		want := w.apply(ops)
		got := apply(t, s, ops)
		if want != describe(got) {
			t.Fatalf("seed %d, step %d, %+v: got %v, want %q", seed, step, ops, got, want)
		}
		if step%3 == 0 {
			w.compareQuery(t, s, r, fmt.Sprintf("seed %d, step %d", seed, step))
		}
	}
	for id, want := range w.docs {
		x, err := things.Get(t.Context(), s, id)
		if want.Deleted {
			wantErr(t, "tombstone "+id, err, store.ErrNotFound)
			continue
		}
		must(t, err)
		if x.Version != want.Version || x.Title != want.Title || x.Code != want.Code || x.Seq != want.Seq {
			t.Fatalf("seed %d, %s: %+v, want %+v", seed, id, *x, *want)
		}
	}
	for _, p := range []string{here, there} {
		if n := len(readJournal(t, s, p)); n != w.entries[p] {
			t.Fatalf("seed %d, %s: %d entries, want %d", seed, p, n, w.entries[p])
		}
	}
}

type op struct {
	kind string // insert, put, delete
	doc  *thing
}

func randomOps(r *rand.Rand) []op {
	var ops []op
	for range 1 + r.IntN(4) {
		x := randomThing(r)
		ops = append(ops, op{[]string{"insert", "put", "put", "delete"}[r.IntN(4)], x})
	}
	return ops
}

func randomThing(r *rand.Rand) *thing {
	n := r.IntN(60)
	x := newThing(name(n), []string{here, there}[n%2])
	x.Title = textOrder[r.IntN(len(textOrder))]
	x.Number, x.Done, x.Due = int64(r.IntN(7)-3), r.IntN(2) == 0, noon.Add(time.Duration(r.IntN(4))*time.Millisecond)
	if r.IntN(3) == 0 {
		x.Code = fmt.Sprint("K-", r.IntN(8))
	}
	if r.IntN(2) == 0 {
		x.Until = noon.Add(time.Duration(r.IntN(5)) * time.Millisecond)
	}
	for range r.IntN(4) {
		x.Tags = append(x.Tags, fmt.Sprint("t", r.IntN(3)))
		x.Levels = append(x.Levels, r.IntN(3))
	}
	x.Place = place{[]string{"east", "west"}[r.IntN(2)], []string{"", "c1", "c2"}[r.IntN(3)]}
	return x
}

// apply runs the ops as one update. A put or delete of what is missing ends it.
func apply(t *testing.T, s *store.Store, ops []op) error {
	return s.Update(t.Context(), []string{here, there}, func(tx *store.Tx) error {
		for _, o := range ops {
			next := *o.doc
			err := error(nil)
			if o.kind == "insert" {
				err = things.Insert(tx, &next, entry("add"))
			} else {
				var old *thing
				if old, err = things.Get(t.Context(), tx, next.ID); err == nil {
					meta := old.Meta
					*old, old.Meta = next, meta
					if o.kind == "put" {
						err = things.Put(tx, old, entry("change"))
					} else {
						err = things.Delete(tx, old, entry("delete"))
					}
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func describe(err error) string {
	var dup *store.DuplicateError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &dup):
		return "duplicate by " + dup.Index
	case errors.Is(err, store.ErrNotFound):
		return "not found"
	}
	return err.Error()
}

// apply does the same to the world. Ids are checked before unique values:
// those are the database's to find, at the commit.
func (w *world) apply(ops []op) (refusal string) {
	next := map[string]*thing{}
	counts := map[string]int{}
	look := func(id string) *thing {
		if x, ok := next[id]; ok {
			return x
		}
		return w.docs[id]
	}
	taken := ""
	var order []string
	for _, o := range ops {
		old, x := look(o.doc.ID), *o.doc
		switch {
		case o.kind == "insert" && next[x.ID] != nil:
			return "duplicate by _id"
		case o.kind == "insert" && old != nil && taken == "":
			taken = "duplicate by _id" // found at the commit, unless an op before it fails
		case o.kind != "insert" && (old == nil || old.Deleted):
			return "not found"
		}
		if x.Version = 1; w.docs[x.ID] != nil {
			x.Version = w.docs[x.ID].Version + 1
		}
		counts[x.Partition]++
		x.Deleted = o.kind == "delete"
		x.Seq = int64(w.entries[x.Partition] + counts[x.Partition])
		if next[x.ID] == nil {
			order = append(order, x.ID)
		}
		next[x.ID] = &x
	}
	if taken != "" {
		return taken
	}
	return w.write(next, order, counts)
}

// write applies one write after the other, as the database does.
func (w *world) write(next map[string]*thing, order []string, counts map[string]int) string {
	before := map[string]*thing{}
	for _, id := range order {
		x := next[id]
		for _, y := range w.docs {
			if y.ID != id && x.Code != "" && !x.Deleted && !y.Deleted && y.Partition == x.Partition && y.Code == x.Code {
				for id, old := range before {
					w.docs[id] = old
					if old == nil {
						delete(w.docs, id)
					}
				}
				return "duplicate by code"
			}
		}
		before[id], w.docs[id] = w.docs[id], x
	}
	for p, n := range counts {
		w.entries[p] += n
	}
	return ""
}
