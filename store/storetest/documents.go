package storetest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/store"
)

func notFound(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	for _, id := range []string{"b", "", "A", "a ", "a\x00", "\xff", "$where", "../a", "中"} {
		if _, err := things.Get(ctx, s, id); err != store.ErrNotFound {
			t.Errorf("get %q: %v", id, err)
		}
		must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
			_, err := things.Get(ctx, tx, id)
			wantErr(t, "get in an update", err, store.ErrNotFound)
			return nil
		}))
	}
	found, err := things.GetMany(ctx, s, []string{"x", "a", "y", "a"})
	must(t, err)
	if len(found) != 1 || found["a"] == nil || found["a"].Title != "title of a" {
		t.Fatalf("get many: %v", found)
	}
}

// getsTogether: many read by id at the same time, short and long lists, and nobody
// sees less than was committed before asking, nor another's documents.
func getsTogether(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			var own []string
			for i := range 12 {
				id := fmt.Sprintf("%d-%d", w, i)
				err := s.Update(ctx, nil, func(tx *store.Tx) error {
					return notes.Insert(tx, &note{Meta: store.Meta{ID: id}, Owner: id})
				})
				if err != nil {
					t.Error(err)
					return
				}
				own = append(own, id)
				if x, err := notes.Get(ctx, s, id); err != nil || x.Owner != id {
					t.Errorf("%s: %v", id, err)
				}
				if _, err := notes.Get(ctx, s, id+"x"); !errors.Is(err, store.ErrNotFound) {
					t.Error(err)
				}
				if i%4 != 0 {
					continue
				}
				found, err := notes.GetMany(ctx, s, append(own, "none", own[0]))
				got := slices.Sorted(maps.Keys(found))
				if err != nil || !slices.Equal(got, slices.Sorted(slices.Values(own))) {
					t.Errorf("%v of %v: %v", got, own, err)
				}
			}
		})
	}
	all.Wait()
}

func duplicateID(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here), newThing("gone", here))
	remove(t, s, "gone", here)
	ever, err := things.GetManyEver(ctx, s, []string{"a", "gone", "never"})
	must(t, err)
	if len(ever) != 2 || ever["a"].Deleted || !ever["gone"].Deleted {
		t.Errorf("with tombstones: %v", ever)
	}
	addNote(t, s, &note{Meta: store.Meta{ID: "n"}})
	for _, id := range []string{"a", "gone"} {
		for _, p := range []string{here, there} {
			wantDuplicate(t, "insert of "+id, s.Update(ctx, []string{p}, func(tx *store.Tx) error {
				return things.Insert(tx, newThing(id, p), entry("add"))
			}), "things", "_id")
		}
		wantDuplicate(t, "insert after a look at "+id, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			_, _ = things.Get(ctx, tx, id)
			return things.Insert(tx, newThing(id, here), entry("add"))
		}), "things", "_id")
	}
	wantDuplicate(t, "insert twice", s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		must(t, things.Insert(tx, newThing("twice", here), entry("add")))
		return things.Insert(tx, newThing("twice", here), entry("add"))
	}), "things", "_id")
	wantDuplicate(t, "insert of a note", s.Update(ctx, nil, func(tx *store.Tx) error {
		return notes.Insert(tx, &note{Meta: store.Meta{ID: "n"}})
	}), "notes", "_id")
	winners := 0
	for _, err := range race(8, func(int) error {
		return s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			return things.Insert(tx, newThing("raced", here), entry("add"))
		})
	}) {
		if err == nil {
			winners++
		} else {
			wantDuplicate(t, "racing insert", err, "things", "_id")
		}
	}
	if winners != 1 {
		t.Fatalf("%d of 8 inserts of one id won", winners)
	}
	if n := len(readJournal(t, s, here)); n != 4 {
		t.Fatalf("%d entries, want 4: the refused inserts left some", n)
	}
}

func uniqueIndex(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	coded := func(id, partition, code string) *thing {
		x := newThing(id, partition)
		x.Code = code
		return x
	}
	insert := func(x *thing) error {
		return s.Update(ctx, []string{x.Partition}, func(tx *store.Tx) error { return things.Insert(tx, x, entry("add")) })
	}
	add(t, s, coded("a", here, "K-1"), coded("none-1", here, ""), coded("none-2", here, ""), coded("c", there, "K-1"))
	wantDuplicate(t, "taken code", insert(coded("b", here, "K-1")), "things", "code")
	must(t, insert(coded("b", here, "k-1"))) // another code: case counts
	wantDuplicate(t, "change to a taken code", change(ctx, s, "none-1", here, func(x *thing) { x.Code = "K-1" }), "things", "code")
	wantIDs(t, "by code", find(t, s, store.Query{Where: []store.Cond{store.Eq("partition", here), store.Eq("code", "K-1")}}), "a")
	remove(t, s, "a", here)
	wantIDs(t, "by the code of a tombstone", find(t, s, store.Query{Where: []store.Cond{store.Eq("partition", here), store.Eq("code", "K-1")}}))
	must(t, insert(coded("d", here, "K-1")))
	must(t, change(ctx, s, "d", here, func(x *thing) { x.Code = "" }))
	must(t, insert(coded("e", here, "K-1")))
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error { // handed over within one update
		e, err := things.Get(ctx, tx, "e")
		must(t, err)
		e.Code = ""
		must(t, things.Put(tx, e, entry("change")))
		return things.Insert(tx, coded("f", here, "K-1"), entry("add"))
	}))
	addNote(t, s, &note{Meta: store.Meta{ID: "n1"}, Key: "k"})
	addNote(t, s, &note{Meta: store.Meta{ID: "n2"}})
	addNote(t, s, &note{Meta: store.Meta{ID: "n3"}})
	wantDuplicate(t, "taken key", s.Update(ctx, nil, func(tx *store.Tx) error {
		return notes.Insert(tx, &note{Meta: store.Meta{ID: "n4"}, Key: "k"})
	}), "notes", "key")
}

func softDelete(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here), newThing("b", here))
	remove(t, s, "a", here)
	_, err := things.Get(ctx, s, "a")
	wantErr(t, "get of a tombstone", err, store.ErrNotFound)
	all := store.Query{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"title"}}
	wantIDs(t, "without tombstones", find(t, s, all), "b")
	all.Deleted = true
	found, _, err := things.Find(ctx, s, all)
	must(t, err)
	wantIDs(t, "with tombstones", ids(found), "a", "b")
	if a := found[0]; !a.Deleted || a.Version != 2 || a.Seq != 3 || a.Title != "title of a" {
		t.Fatalf("tombstone: %+v", a)
	}
	all.Deleted = false
	n, err := things.Count(ctx, s, all, "")
	must(t, err)
	if n[""] != 1 {
		t.Fatalf("count: %v", n)
	}
	addNote(t, s, &note{Meta: store.Meta{ID: "n"}, Key: "k"})
	for range 2 { // deleted and back
		must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			ever, err := things.GetManyEver(ctx, tx, []string{"a"})
			must(t, err)
			a := ever["a"]
			if a.Deleted = !a.Deleted; !a.Deleted {
				return things.Put(tx, a, entry("restore"))
			}
			return things.Put(tx, a, entry("delete"))
		}))
		must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
			n, err := notes.Get(ctx, tx, "n")
			must(t, err)
			return notes.Delete(tx, n)
		}))
		must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
			ever, err := notes.GetManyEver(ctx, tx, []string{"n"})
			must(t, err)
			ever["n"].Deleted, ever["n"].Key = false, "k again"
			return notes.Put(tx, ever["n"])
		}))
	}
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		ever, err := things.GetManyEver(ctx, tx, []string{"a"})
		must(t, err)
		ever["a"].Deleted = false
		return things.Put(tx, ever["a"], entry("restore"))
	}))
	if a := get(t, s, "a"); a.Version != 5 {
		t.Errorf("back: %+v", a)
	}
	if n := getNote(t, s, "n"); n.Version != 5 || n.Key != "k again" {
		t.Errorf("the note is back: %+v", n)
	}
	wantIDs(t, "with what is back", find(t, s, all), "a", "b")
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		x, err := things.Get(ctx, tx, "b")
		must(t, err)
		must(t, things.Delete(tx, x, entry("delete")))
		_, err = things.Get(ctx, tx, "b")
		wantErr(t, "get after the delete in the same update", err, store.ErrNotFound)
		return nil
	}))
}

func emptyAndNil(t *testing.T, b *bed) {
	s := b.one(t)
	empty := newThing("empty", here)
	empty.Title, empty.Tags, empty.Lines, empty.Data = "", []string{}, []line{}, []byte{}
	empty.Labels, empty.Other = map[string]string{}, &place{}
	empty.Levels, empty.Audience = []int{}, []string{} // omitempty: these come back nil
	full := newThing("full", here)
	full.Tags, full.Lines, full.Data = []string{"", "x"}, []line{{}, {SKU: "s", Count: 2}}, []byte{0, 255}
	full.Labels, full.Other = map[string]string{"": "", "b": "1", "a.b": "$x"}, &place{Street: "s", Cell: "c"}
	full.Levels, full.Audience, full.Until = []int{-1, 0, 1 << 40}, []string{"k"}, noon
	add(t, s, newThing("nil", here), empty, full)
	empty.Levels, empty.Audience = nil, nil
	for _, want := range []*thing{newThing("nil", here), empty, full} {
		got := get(t, s, want.ID)
		w, g := reflect.ValueOf(*want), reflect.ValueOf(*got)
		for i := range w.NumField() {
			f := w.Type().Field(i)
			if f.Name != "Meta" && !reflect.DeepEqual(w.Field(i).Interface(), g.Field(i).Interface()) {
				t.Errorf("%s.%s: stored %#v, read %#v", want.ID, f.Name, w.Field(i), g.Field(i))
			}
		}
		if !slices.Equal(want.Audience, got.Audience) || (want.Audience == nil) != (got.Audience == nil) {
			t.Errorf("%s: audience %#v, want %#v", want.ID, got.Audience, want.Audience)
		}
	}
}

func times(t *testing.T, b *bed) {
	s := b.one(t)
	east := time.FixedZone("UTC+8", 8*3600)
	for i, at := range []time.Time{
		noon, noon.In(east), noon.Add(1_999_999), time.UnixMilli(0), time.UnixMilli(-1), {},
		time.Date(1949, 10, 1, 7, 0, 0, 5_000_000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
	} {
		x := newThing(name(i), here)
		x.Due, x.Until = at, at
		add(t, s, x)
		got := get(t, s, x.ID)
		if want := time.UnixMilli(at.UnixMilli()).UTC(); got.Due != want || !at.IsZero() && got.Until != want {
			t.Errorf("stored %v, read %v and %v", at, got.Due, got.Until)
		}
		if got.Due.Location() != time.UTC {
			t.Errorf("read in %v", got.Due.Location())
		}
		wantIDs(t, "by that time", find(t, s, store.Query{Where: []store.Cond{
			store.Eq("partition", here), store.Between("due", at.In(east), at.Add(time.Millisecond)),
		}, Limit: 1}), find(t, s, store.Query{Where: []store.Cond{store.Eq("partition", here), store.Eq("due", at)}, Limit: 1})...)
	}
}

func statedVersion(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	stating := func(v int64, meanwhile func()) (runs int, err error) {
		return runs, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			runs++
			x, err := things.GetAt(ctx, tx, "a", v)
			if err != nil {
				return err
			}
			if runs == lastRun {
				meanwhile()
			}
			x.Number++
			return things.Put(tx, x, entry("change"))
		})
	}
	nothing := func() {}
	_, err := stating(1, nothing)
	must(t, err)
	for _, v := range []int64{1, 3, -1} {
		_, err = stating(v, nothing)
		wantErr(t, "stale version", err, store.ErrVersion)
	}
	_, err = stating(0, nothing)
	must(t, err)
	runs, err := stating(3, func() { must(t, change(ctx, s, "a", here, func(x *thing) { x.Number = 100 })) })
	wantErr(t, "version that goes stale before the commit", err, store.ErrVersion)
	if runs != lastRun {
		t.Fatalf("%d runs: a stated version that is stale is told at once", runs)
	}
	if x := get(t, s, "a"); x.Version != 4 || x.Number != 100 {
		t.Fatalf("a: version %d, number %d", x.Version, x.Number)
	}
	must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
		_, err := things.GetAt(ctx, tx, "missing", 3)
		wantErr(t, "version of what is missing", err, store.ErrNotFound)
		return nil
	}))
}

func stamps(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	x := newThing("a", here)
	x.Version, x.Seq, x.Schema = 77, 78, 79
	add(t, s, newThing("other", here), x)
	must(t, change(ctx, s, "a", here, func(*thing) {}))
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error { // several entries and writes of one document: the last number counts
		x, err := things.Get(ctx, tx, "a")
		must(t, err)
		must(t, things.Put(tx, x, entry("one"), entry("two")))
		return things.Put(tx, x, entry("three"))
	}))
	if m := get(t, s, "a").Meta; m.Version != 3 || m.Seq != 6 || m.Schema != 3 || m.Deleted || m.Partition != here {
		t.Fatalf("envelope: %+v", m)
	}
	for i, e := range readJournal(t, s, here)[1:] {
		if want := []int64{1, 2, 3, 3, 3}[i]; e.Doc != "a" || e.DocVersion != want {
			t.Fatalf("entry %d is about %s at version %d, want a at %d", e.Number, e.Doc, e.DocVersion, want)
		}
	}
}
