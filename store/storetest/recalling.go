package storetest

import (
	"testing"

	"wangge/store"
)

// recalling: under one context a journaled document is read once; an update
// that decided by an old one runs again on today's, and what it wrote is what
// is seen after it, also when it was carried out while nobody else commits.
func recalling(t *testing.T, b *bed) {
	s, all := b.one(t), t.Context()
	ctx := store.WithReadCache(all)
	number := func(want int64) {
		t.Helper()
		if x, err := things.Get(ctx, s, "a"); err != nil || x.Number != want {
			t.Errorf("number is %v, not %d: %v", x, want, err)
		}
	}
	more := func(x *thing) { x.Number++ }
	_, err := things.Get(ctx, s, "a")
	wantErr(t, "before it is there", err, store.ErrNotFound)
	add(t, s, newThing("a", here))
	number(0)
	must(t, change(all, s, "a", here, more))
	number(0)
	must(t, change(ctx, s, "a", here, more))
	number(2)
	if x := get(t, s, "a"); x.Number != 2 || x.Version != 3 {
		t.Errorf("there is %+v", x)
	}
	runs := 0
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		x, err := things.Get(ctx, tx, "a")
		must(t, err)
		if runs++; runs <= lost {
			must(t, change(all, s, "a", here, more))
		}
		x.Done = true
		return things.Put(tx, x, entry("change"))
	}))
	number(get(t, s, "a").Number)
	if x, err := things.Get(ctx, s, "a"); err != nil || !x.Done || x.Seq != get(t, s, "a").Seq {
		t.Errorf("after an update that lost: %+v, %v", x, err)
	}
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		x, err := things.Get(ctx, tx, "a")
		must(t, err)
		return things.Delete(tx, x, entry("delete"))
	}))
	_, err = things.Get(ctx, s, "a")
	wantErr(t, "once it is deleted", err, store.ErrNotFound)

	addNote(t, s, &note{Meta: store.Meta{ID: "n"}})
	for want := range int64(2) {
		if n, err := notes.Get(ctx, s, "n"); err != nil || n.Count != want {
			t.Errorf("what is not journaled: %+v, %v", n, err)
		}
		must(t, s.Update(all, nil, func(tx *store.Tx) error {
			n, err := notes.Get(all, tx, "n")
			must(t, err)
			n.Count = want + 1
			return notes.Put(tx, n)
		}))
	}
}
