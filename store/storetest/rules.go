package storetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"wangge/store"
)

func ownWrites(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		must(t, things.Insert(tx, newThing("b", here), entry("add")))
		found, err := things.GetMany(ctx, tx, []string{"a", "b"})
		must(t, err)
		if len(found) != 2 || found["b"].Version != 1 {
			t.Fatalf("in the update: %v", found)
		}
		found["b"].Title = "changed"
		if x, err := things.Get(ctx, tx, "b"); err != nil || x.Title != "title of b" {
			t.Fatalf("changed before the put: %q, %v", x.Title, err)
		}
		must(t, things.Put(tx, found["b"], entry("change")))
		if x, err := things.Get(ctx, tx, "b"); err != nil || x.Title != "changed" {
			t.Fatalf("after the put: %q, %v", x.Title, err)
		}
		if _, err := things.Get(ctx, s, "b"); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("seen outside before the commit: %v", err)
		}
		return nil
	}))
	if x := get(t, s, "b"); x.Title != "changed" || x.Version != 1 || x.Seq != 3 {
		t.Fatalf("committed: %+v", x)
	}
}

// refused runs an update that must fail, and sees to it that it left nothing.
func refused(t *testing.T, s *store.Store, what string, partitions []string, fn func(tx *store.Tx) error) {
	t.Helper()
	before := len(readJournal(t, s, here))
	if err := s.Update(t.Context(), partitions, fn); err == nil {
		t.Errorf("%s: was taken", what)
	}
	if after := len(readJournal(t, s, here)); after != before {
		t.Errorf("%s: left %d entries", what, after-before)
	}
}

func unnamedPartition(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	for what, partitions := range map[string][]string{"none": nil, "another": {there}, "empty": {""}} {
		refused(t, s, "insert, "+what, partitions, func(tx *store.Tx) error {
			return things.Insert(tx, newThing("b", here), entry("add"))
		})
		refused(t, s, "put, "+what, partitions, func(tx *store.Tx) error {
			x, err := things.Get(ctx, tx, "a")
			must(t, err)
			return things.Put(tx, x, entry("change"))
		})
		refused(t, s, "record, "+what, partitions, func(tx *store.Tx) error {
			x, err := things.Get(ctx, tx, "a")
			must(t, err)
			return things.Record(tx, x, entry("reveal"))
		})
		refused(t, s, "move, "+what, append(partitions, there), func(tx *store.Tx) error {
			x, err := things.Get(ctx, tx, "a")
			must(t, err)
			x.Partition = there
			return things.Put(tx, x, entry("move"))
		})
	}
	refused(t, s, "document without a partition", []string{"", here}, func(tx *store.Tx) error {
		return things.Insert(tx, newThing("b", ""), entry("add"))
	})
	refused(t, s, "document without an id", []string{here}, func(tx *store.Tx) error {
		return things.Insert(tx, newThing("", here), entry("add"))
	})
	refused(t, s, "write without an entry", []string{here}, func(tx *store.Tx) error {
		return things.Insert(tx, newThing("b", here))
	})
	must(t, s.Update(ctx, []string{there, here, there}, func(tx *store.Tx) error {
		x, err := things.Get(ctx, tx, "a")
		must(t, err)
		x.Partition = there
		return things.Put(tx, x, entry("move"))
	}))
	if x := get(t, s, "a"); x.Partition != there || x.Seq != 1 || x.Version != 2 {
		t.Fatalf("moved: %+v", x.Meta)
	}
}

func unopened(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	if _, err := oldForms.Get(ctx, s, "a"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	q := store.Query{Where: []store.Cond{store.Eq("partition", here)}}
	if _, _, err := oldForms.Find(ctx, s, q); err == nil {
		t.Error("find")
	}
	if _, err := oldForms.Count(ctx, s, q, ""); err == nil {
		t.Error("count")
	}
	refused(t, s, "find in an update", nil, func(tx *store.Tx) error {
		_, _, err := oldForms.Find(ctx, tx, q)
		return err
	})
	refused(t, s, "insert", []string{here}, func(tx *store.Tx) error {
		return oldForms.Insert(tx, &oldForm{Meta: store.Meta{ID: "x", Partition: here}}, entry("add"))
	})
}

func queryAfterWrite(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	inHere := store.Query{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"number"}}
	refused(t, s, "query after a write", []string{here}, func(tx *store.Tx) error {
		must(t, things.Insert(tx, newThing("a", here), entry("add")))
		_, _, err := things.Find(ctx, tx, inHere)
		return err
	})
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		_, _, err := things.Find(ctx, tx, inHere)
		must(t, err)
		must(t, things.Insert(tx, newThing("a", here), entry("add")))
		_, _, err = notes.Find(ctx, tx, store.Query{Order: []string{"expires"}})
		return err
	}))
	get(t, s, "a")
}

func impure(t *testing.T, b *bed) {
	s := b.one(t)
	runs := 0
	refused(t, s, "a document that differs", []string{here}, func(tx *store.Tx) error {
		runs++
		x := newThing("a", here)
		x.Number = int64(runs)
		return things.Insert(tx, x, entry("add"))
	})
	refused(t, s, "an id that differs", []string{here}, func(tx *store.Tx) error {
		runs++
		return things.Insert(tx, newThing(name(runs), here), entry("add"))
	})
	refused(t, s, "an entry that differs", []string{here}, func(tx *store.Tx) error {
		runs++
		e := entry("add")
		e.At = e.At.Add(time.Duration(runs) * time.Second)
		return things.Insert(tx, newThing("a", here), e)
	})
	must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error { // maps have one form
		x := newThing("a", here)
		x.Labels = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6", "g": "7"}
		e := entry("add")
		e.Dims = x.Labels
		return things.Insert(tx, x, e)
	}))
}

func foreignPut(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	outside := get(t, s, "a")
	refused(t, s, "put of what was not read", []string{here}, func(tx *store.Tx) error {
		return things.Put(tx, outside, entry("change"))
	})
	refused(t, s, "put of what is not there", []string{here}, func(tx *store.Tx) error {
		_, err := things.Get(ctx, tx, "b")
		wantErr(t, "b", err, store.ErrNotFound)
		return things.Put(tx, newThing("b", here), entry("change"))
	})
	refused(t, s, "insert of what was read", []string{here}, func(tx *store.Tx) error {
		outside.ID = "b"
		defer func() { outside.ID = "a" }()
		return things.Insert(tx, outside, entry("add"))
	})
	must(t, change(ctx, s, "a", here, func(x *thing) { x.Number = 5 }))
	refused(t, s, "put of an older version", []string{here}, func(tx *store.Tx) error {
		_, err := things.Get(ctx, tx, "a")
		must(t, err)
		return things.Put(tx, outside, entry("change"))
	})
	if x := get(t, s, "a"); x.Number != 5 || x.Version != 2 {
		t.Fatalf("a: %+v", x)
	}
}

func freeText(t *testing.T, b *bed) {
	s := b.one(t)
	for what, spoil := range map[string]func(*store.Entry){
		"words":          func(e *store.Entry) { e.Action = "two words" },
		"a name":         func(e *store.Entry) { e.Actor = "王小明" },
		"a line":         func(e *store.Entry) { e.From = "a\nb" },
		"a state":        func(e *store.Entry) { e.After.State = "待 处理" },
		"an assignee":    func(e *store.Entry) { e.Before.Assignee = "Mr. Wang" },
		"a cell":         func(e *store.Entry) { e.Before.Cell = "\x7f" },
		"a dimension":    func(e *store.Entry) { e.Dims = map[string]string{"k": "some text"} },
		"a dimension's":  func(e *store.Entry) { e.Dims = map[string]string{"some key": "v"} },
		"something long": func(e *store.Entry) { e.After.Assignee = string(bytes.Repeat([]byte("x"), 201)) },
		"no action":      func(e *store.Entry) { e.Action = "" },
		"no actor":       func(e *store.Entry) { e.Actor = "" },
		"no time":        func(e *store.Entry) { e.At = time.Time{} },
	} {
		e := entry("add")
		spoil(&e)
		refused(t, s, what, []string{here}, func(tx *store.Tx) error {
			return things.Insert(tx, newThing("a", here), entry("add"), e)
		})
	}
	e := entry("not plain") // an fn that goes on after the refusal leaves no half of it
	must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		if things.Insert(tx, newThing("a", here), entry("add"), e) == nil {
			t.Error("free text was taken")
		}
		return things.Insert(tx, newThing("b", here), entry("add"))
	}))
	if all := readJournal(t, s, here); len(all) != 1 || all[0].Doc != "b" {
		t.Fatalf("%d entries", len(all))
	}
}
