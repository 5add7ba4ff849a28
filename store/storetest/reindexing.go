package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// regrouped is things with other indexes, at the same schema.
var regrouped = store.Declare[thing](store.Declaration{
	Name: "things", Schema: 3, Upgrades: []store.Upgrade{titled, placed},
	Indexes:    []string{"title: partition, title", "cell: place.cell, number", "tags: place.street, tags, number", "street: place.street, number"},
	Predicates: []string{"place.cell", "other.street", "tags", "lines.sku", "done"},
})

func reindexing(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	old := start(t, engines[0], declared...)
	var some []*thing
	for i := range 300 {
		x := newThing(fmt.Sprintf("t%05d", i), here)
		x.Place, x.Tags, x.Number, x.Done = place{Street: fmt.Sprint("s", i%3), Cell: fmt.Sprint("c", i%5)}, []string{fmt.Sprint("a", i%4), "all"}, int64(i), i%2 == 0
		x.Lines = []line{{fmt.Sprint("k", i%7), 1}}
		some = append(some, x)
	}
	add(t, old, some...)
	s := startWith(t, engines[1], behind, regrouped)
	byStreet := store.Query{Where: []store.Cond{store.Eq("place.street", "s1")}, Order: []string{"number"}, Limit: 400}
	count := func(q store.Query) (int, error) {
		found, _, err := regrouped.Find(ctx, s, q)
		return len(found), err
	}
	if n, err := count(byStreet); err != nil || n != 100 {
		t.Errorf("on an index that stays: %d, %v", n, err)
	}
	queries := map[string]struct {
		where []store.Cond
		want  int
	}{
		"a new index":                {[]store.Cond{store.Eq("place.cell", "c2")}, 60},
		"an index on other fields":   {[]store.Cond{store.Eq("place.street", "s1"), store.HasAll("tags", "a1", "all")}, 25},
		"a filter by another field":  {[]store.Cond{store.Eq("place.cell", "c2"), store.Eq("lines.sku", "k3")}, 9},
		"a filter by several values": {[]store.Cond{store.Eq("partition", here), store.Eq("title", "title of t00007"), store.In("tags", "a3", "x")}, 1},
	}
	if _, err := count(store.Query{Where: queries["a new index"].where}); !errors.Is(err, store.ErrBuilding) {
		t.Errorf("a new index at once: %v", err)
	}
	wantErr(t, "whether it is answered", regrouped.Answers(s, byStreet, store.Query{Where: queries["a new index"].where}), store.ErrBuilding)
	must(t, regrouped.Answers(s, byStreet))
	for n := range 3 { // written meanwhile, by what is declared now
		must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			x, err := regrouped.Get(ctx, tx, fmt.Sprintf("t%05d", n))
			must(t, err)
			x.Labels = map[string]string{"k": "v"}
			return regrouped.Put(tx, x, entry("label"))
		}))
	}
	must(t, s.Upgrade(ctx, lead(t, s)))
	for what, q := range queries {
		if n, err := count(store.Query{Where: q.where, Limit: 400}); err != nil || n != q.want {
			t.Errorf("%s finds %d (%v), of %d", what, n, err, q.want)
		}
	}
	if _, err := count(store.Query{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"due"}}); !errors.Is(err, store.ErrNoIndex) {
		t.Errorf("an index that is not declared any more: %v", err)
	}
}

func uniqueAtOnce(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	numbered := store.Declare[thing](store.Declaration{
		Name: "things", Schema: 3, Upgrades: []store.Upgrade{titled, placed}, Indexes: []string{"title!: partition, title", "due: partition, due"},
	})
	add(t, start(t, engines[0], declared...), newThing("a", here), newThing("b", here), newThing("c", here))
	s := startWith(t, engines[1], behind, numbered)
	err := s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		return numbered.Insert(tx, &thing{Meta: store.Meta{ID: "d", Partition: here}, Title: "title of a"}, entry("add"))
	})
	if dup := (*store.DuplicateError)(nil); !errors.As(err, &dup) || dup.Index != "title" {
		t.Fatalf("a title twice: %v", err)
	}
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error { // codes are unique no more
		for _, id := range []string{"e", "f"} {
			if err := numbered.Insert(tx, &thing{Meta: store.Meta{ID: id, Partition: here}, Title: id, Code: "same"}, entry("add")); err != nil {
				return err
			}
		}
		return nil
	}))
}

func newerStore(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	add(t, start(t, engines[0], declared...), newThing("a", here))
	before := lying(t, engines[0], things.Spec())
	_, err := store.Open(ctx, engines[1], store.Options{}, firstThings)
	wantErr(t, "an older program on a newer store", err, store.ErrNewer)
	for _, word := range []string{"things", "schema 3", "knows 1", "run that version", "backup"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	if after := lying(t, engines[0], things.Spec()); len(after) != len(before) || !slices.Equal(after["a"], before["a"]) {
		t.Error("it changed something")
	}
}

// unchanged is an engine whose database must not change.
type unchanged struct {
	store.Engine
	t *testing.T
}

func (u *unchanged) Setup(context.Context, []*store.Spec) ([]store.Found, error) {
	u.t.Error("the store is set up")
	return nil, store.ErrUnavailable
}

func (u *unchanged) Begin(context.Context, []string, []int64) (store.EngineTx, error) {
	u.t.Error("something is written")
	return nil, store.ErrUnavailable
}

// refusedOpening: with Before's error nothing has changed, and Before reads what an
// earlier program wrote, or that there is nothing yet.
func refusedOpening(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	no := errors.New("other keys")
	open := func(want *string) {
		t.Helper()
		_, err := store.Open(ctx, &unchanged{engines[1], t}, store.Options{Before: func(ctx context.Context, s *store.Store) error {
			x, err := things.Any(ctx, s)
			must(t, err)
			if got := x != nil; got != (want != nil) || got && x.Title != *want {
				t.Errorf("before opening: %v", x)
			}
			return no
		}}, declared...)
		wantErr(t, "opening", err, no)
	}
	open(nil)
	addFirst(t, start(t, engines[0], firstThings), 1)
	title := "n0"
	open(&title)
}

func olderNode(t *testing.T, b *bed) {
	if !b.caps.WatchAcrossNodes {
		return // one process has the database
	}
	engines, ctx := b.open(t, 2), t.Context()
	older := start(t, engines[0], firstThings)
	addFirst(t, older, 1)
	start(t, engines[1], declared...)
	insert := func(id string) error {
		return older.Update(ctx, []string{here}, func(tx *store.Tx) error {
			return firstThings.Insert(tx, &firstThing{Meta: store.Meta{ID: id, Partition: here}}, entry("add"))
		})
	}
	eventually(t, "the older node hears of the upgrade", func() bool { return errors.Is(insert(fmt.Sprint("x", time.Now().UnixNano())), store.ErrNewer) })
}

func learning(t *testing.T, b *bed) {
	if !b.caps.WatchAcrossNodes {
		return // one process has the database
	}
	engines, ctx := b.open(t, 3), t.Context()
	addFirst(t, start(t, engines[0], firstThings), 10)
	one, other := startWith(t, engines[1], behind, declared...), startWith(t, engines[2], behind, declared...)
	byStreet := store.Query{Where: []store.Cond{store.Eq("place.street", "s1")}}
	_, _, err := things.Find(ctx, other, byStreet)
	wantErr(t, "a query before", err, store.ErrBuilding)
	must(t, one.Upgrade(ctx, lead(t, one)))
	eventually(t, "the other node finds by the new index", func() bool {
		found, _, err := things.Find(ctx, other, byStreet)
		return err == nil && len(found) == 5
	})
}

// rewriting: a document that was changed, removed, or removed and put in
// again under the same version, is not what the rewriting read.
func rewriting(t *testing.T, b *bed) {
	engine, ctx := b.open(t, 1)[0], t.Context()
	s := start(t, engine, declared...)
	put := func(id string, count int64) {
		must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
			return notes.Insert(tx, &note{Meta: store.Meta{ID: id}, Owner: "o", Count: count, Expires: noon})
		}))
	}
	for _, id := range []string{"same", "changed", "gone", "again"} {
		put(id, 1)
	}
	read, err := engine.Scan(ctx, notes.Spec(), "", 100)
	must(t, err)
	must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
		n, err := notes.Get(ctx, tx, "changed")
		must(t, err)
		n.Count = 2
		return notes.Put(tx, n)
	}))
	must(t, engine.Remove(ctx, notes.Spec(), []store.Stamp{{ID: "gone", Version: 1}, {ID: "again", Version: 1}}))
	put("again", 3)
	var documents []store.Rewrite
	for _, raw := range read {
		n, err := notes.Decode(raw)
		must(t, err)
		n.Count += 10
		doc, err := notes.Encode(n)
		must(t, err)
		documents = append(documents, store.Rewrite{Write: store.Write{Spec: notes.Spec(), ID: n.ID, Old: n.Version, Doc: doc}, Was: raw})
	}
	must(t, engine.Rewrite(ctx, notes.Spec(), documents))
	found, _, err := notes.Find(ctx, s, store.Query{Where: []store.Cond{store.Eq("owner", "o")}})
	must(t, err)
	got := map[string]int64{}
	for _, n := range found {
		got[n.ID] = n.Count
	}
	if fmt.Sprint(got) != "map[again:3 changed:2 same:11]" {
		t.Errorf("after rewriting: %v", got)
	}
}
