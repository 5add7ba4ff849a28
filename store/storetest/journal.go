package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/store"
)

func entries(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	e := store.Entry{
		Action: "dispatch", Actor: "0190-actor", From: "session:1", At: noon.Add(1500 * time.Microsecond),
		Before: store.Facts{State: "new", Cell: "320594001001001"}, After: store.Facts{State: "dispatched", Assignee: "organisation:7"},
		Dims: map[string]string{"category": "parking,other", "source": "app"},
	}
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		if err := things.Insert(tx, newThing("a", here), e); err != nil {
			return err
		}
		return things.Insert(tx, newThing("b", here), entry("add"))
	}))
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error { // an entry without a write
		x, err := things.Get(ctx, tx, "a")
		must(t, err)
		return things.Record(tx, x, entry("reveal"))
	}))
	all := readJournal(t, s, here)
	if len(all) != 3 {
		t.Fatalf("%d entries, want 3", len(all))
	}
	got, want := *all[0], e
	want.Meta, want.Number, want.Set, want.At = got.Meta, 1, got.Set, noon.Add(time.Millisecond)
	want.Collection, want.Doc, want.DocVersion = "things", "a", 1
	if !reflect.DeepEqual(got, want) {
		t.Errorf("entry:\n got %+v\nwant %+v", got, want)
	}
	if all[0].Set == "" || all[0].Set != all[1].Set || all[2].Set == all[0].Set {
		t.Errorf("write sets %q, %q and %q", all[0].Set, all[1].Set, all[2].Set)
	}
	if x := get(t, s, "a"); x.Version != 1 || x.Seq != 1 {
		t.Errorf("a was only read, and is at version %d, number %d", x.Version, x.Seq)
	}
	var numbers []int64
	for _, e := range historyOf(t, s, things, "a") {
		numbers = append(numbers, e.Number)
	}
	if !reflect.DeepEqual(numbers, []int64{1, 3}) {
		t.Errorf("history of a: %v", numbers)
	}
	page, err := s.Journal(ctx, here, 1, 1)
	must(t, err)
	if len(page) != 1 || page[0].Number != 2 {
		t.Errorf("one entry above 1: %v", page)
	}
	page, err = s.Journal(ctx, here, math.MaxInt64, 10)
	must(t, err)
	if len(page) != 0 {
		t.Errorf("%d entries above the largest number", len(page))
	}
}

// historyOf reads the history of a document, an entry a page.
func historyOf[T any, P store.Doc[T]](t *testing.T, s *store.Store, c *store.Collection[T, P], id string) []*store.Entry {
	t.Helper()
	var all []*store.Entry
	for cursor := ""; ; {
		page, next, err := c.History(t.Context(), s, id, 1, cursor, nil)
		must(t, err)
		all = append(all, page...)
		if cursor = next; next == "" {
			return all
		}
	}
}

// sameID: a thing and its twin of another collection have one id, and the
// thing moves to another partition and back.
func sameID(t *testing.T, b *bed) {
	s := start(t, b.open(t, 1)[0], things, twins)
	add(t, s, newThing("a", there))
	must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		return twins.Insert(tx, &twin{Meta: store.Meta{ID: "a", Partition: here}}, entry("twin"), entry("twin.again"))
	}))
	for _, to := range []string{here, there} {
		must(t, s.Update(t.Context(), []string{here, there}, func(tx *store.Tx) error {
			x, err := things.Get(t.Context(), tx, "a")
			if err != nil {
				return err
			}
			x.Partition = to
			return things.Put(tx, x, entry("to."+to))
		}))
	}
	page, next, err := things.History(t.Context(), s, "a", 1, "", func(e *store.Entry) bool { return e.Action == "to."+here })
	must(t, err)
	if len(page) != 1 || next != "" {
		t.Errorf("only the move here: %d entries, and then %q", len(page), next)
	}
	for _, c := range []struct {
		name string
		got  []*store.Entry
		want []string
	}{
		{"thing", historyOf(t, s, things, "a"), []string{"add", "to." + here, "to." + there}},
		{"twin", historyOf(t, s, twins, "a"), []string{"twin", "twin.again"}},
		{"nothing", historyOf(t, s, twins, "b"), nil},
	} {
		var actions []string
		for _, e := range c.got {
			actions = append(actions, e.Action)
		}
		if !slices.Equal(actions, c.want) {
			t.Errorf("history of the %s: %v, want %v", c.name, actions, c.want)
		}
	}
}

// numbers: 32 writers on two nodes, some of whose sets fail, and readers on
// each node, alone and together, who must see every number in its turn.
func numbers(t *testing.T, b *bed) {
	stores := b.nodes(t, 2)
	add(t, stores[0], newThing("hot", here))
	const each = 8
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var written sync.WaitGroup
	accepted := make([]int, 32)
	for w := range 32 {
		written.Go(func() {
			s := stores[w%2]
			for i := range each {
				id := fmt.Sprintf("%02d-%02d", w, i)
				if i%4 == 3 {
					id = "hot" // taken: fails, and uses no number
				}
				err := s.Update(ctx, []string{here}, func(tx *store.Tx) error {
					if w%4 == 0 { // some depend on a document that changes all the time
						x, err := things.Get(ctx, tx, "hot")
						if err != nil {
							return err
						}
						if err := things.Put(tx, x, entry("touch")); err != nil {
							return err
						}
					}
					return things.Insert(tx, newThing(id, here), entry("add"), entry("note"))
				})
				if err == nil {
					accepted[w]++
				}
				var dup *store.DuplicateError
				if err != nil && !errors.As(err, &dup) && !errors.Is(err, store.ErrConflict) {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { written.Wait(); close(over) }()
	var read sync.WaitGroup
	var counts [6]int
	for n, s := range stores {
		read.Go(func() {
			counts[3*n] = tail(t, over, func(last int64) ([]*store.Entry, error) { return s.Journal(ctx, here, last, 100) })
		})
		for i, limit := range []int{100, 7} { // what one of these has read, the other may be given
			read.Go(func() {
				counts[3*n+1+i] = tail(t, over, func(last int64) ([]*store.Entry, error) { return s.JournalTo(ctx, here, last, last+1, limit) })
			})
		}
	}
	read.Wait()
	want := 1
	for w, n := range accepted {
		want += n * 2
		if w%4 == 0 {
			want += n
		}
	}
	if counts != [6]int{want, want, want, want, want, want} {
		t.Fatalf("the readers saw %v entries, want %d", counts, want)
	}
	readJournal(t, stores[0], here)
}

// tail reads the journal as it grows, until over and everything is read.
func tail(t *testing.T, over <-chan struct{}, read func(last int64) ([]*store.Entry, error)) int {
	last := int64(0)
	for {
		ended := false
		select {
		case <-over:
			ended = true
		default:
		}
		page, err := read(last)
		if err != nil {
			t.Errorf("tail: %v", err)
			return 0
		}
		for _, e := range page {
			if e.Number != last+1 {
				t.Errorf("the reader saw %d after %d", e.Number, last)
			}
			last = e.Number
		}
		if ended && len(page) == 0 {
			return int(last)
		}
	}
}

func twoPartitions(t *testing.T, b *bed) {
	stores := b.nodes(t, 2)
	for _, err := range race(16, func(i int) error {
		return stores[i%2].Update(t.Context(), []string{there, here}, func(tx *store.Tx) error {
			if err := things.Insert(tx, newThing(name(i), here), entry("split")); err != nil {
				return err
			}
			return things.Insert(tx, newThing("sister of "+name(i), there), entry("split"))
		})
	}) {
		must(t, err)
	}
	left, right := readJournal(t, stores[0], here), readJournal(t, stores[1], there)
	if len(left) != 16 || len(right) != 16 {
		t.Fatalf("%d and %d entries, want 16 each", len(left), len(right))
	}
	for i := range left { // the two counters move together
		if left[i].Set != right[i].Set {
			t.Fatalf("number %d belongs to set %s and to set %s", i+1, left[i].Set, right[i].Set)
		}
	}
	must(t, change(t.Context(), stores[0], name(0), here, func(*thing) {}))
	heads, others := stores[0].Heads(), stores[1].Heads()
	if heads[here] != 17 || max(heads[there], others[there]) != 16 {
		t.Fatalf("heads %v and %v", heads, others)
	}
}

func withoutJournal(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	n := &note{Meta: store.Meta{ID: "n", Partition: here}, Owner: "o", Count: 1}
	addNote(t, s, n)
	must(t, s.Update(ctx, []string{there}, func(tx *store.Tx) error { // beside journaled ones, of any partition
		n, err := notes.Get(ctx, tx, "n")
		must(t, err)
		n.Count = 2
		must(t, notes.Put(tx, n))
		return things.Insert(tx, newThing("a", there), entry("add"))
	}))
	if n := getNote(t, s, "n"); n.Count != 2 || n.Version != 2 || n.Seq != 0 {
		t.Fatalf("note: %+v", n)
	}
	if h, th := readJournal(t, s, here), readJournal(t, s, there); len(h) != 0 || len(th) != 1 {
		t.Fatalf("%d and %d entries, want 0 and 1", len(h), len(th))
	}
	refused(t, s, "an entry about a note", []string{here}, func(tx *store.Tx) error {
		return notes.Insert(tx, &note{Meta: store.Meta{ID: "m", Partition: here}}, entry("add"))
	})
	must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
		n, err := notes.Get(ctx, tx, "n")
		must(t, err)
		return notes.Delete(tx, n)
	}))
	_, err := notes.Get(ctx, s, "n")
	wantErr(t, "deleted note", err, store.ErrNotFound)
}

func racingWithoutJournal(t *testing.T, b *bed) {
	stores, ctx := b.nodes(t, 2), t.Context()
	addNote(t, stores[0], &note{Meta: store.Meta{ID: "n"}})
	applied := int64(0)
	for _, err := range race(20, func(i int) error {
		return stores[i%2].Update(ctx, nil, func(tx *store.Tx) error {
			n, err := notes.Get(ctx, tx, "n")
			if err != nil {
				return err
			}
			n.Count++
			return notes.Put(tx, n)
		})
	}) {
		if err == nil {
			applied++
		} else {
			wantErr(t, "a writer", err, store.ErrConflict)
		}
	}
	if n := getNote(t, stores[0], "n"); applied == 0 || n.Count != applied || n.Version != applied+1 {
		t.Fatalf("%d were told they are applied, count %d, version %d", applied, n.Count, n.Version)
	}
	keyed := 0
	for _, err := range race(12, func(i int) error { // one key, by writers without a counter to queue at
		return stores[i%2].Update(ctx, nil, func(tx *store.Tx) error {
			return notes.Insert(tx, &note{Meta: store.Meta{ID: fmt.Sprint("key-", i)}, Key: "one"})
		})
	}) {
		if err == nil {
			keyed++
		} else {
			wantDuplicate(t, "a writer", err, "notes", "key")
		}
	}
	if keyed != 1 {
		t.Fatalf("%d notes with one key", keyed)
	}
}

// consumer: two nodes race to consume a journal. Output and cursor move
// together, so every entry is counted once.
func consumer(t *testing.T, b *bed) {
	stores, ctx := b.nodes(t, 2), t.Context()
	const total = 60
	for i := range total {
		add(t, stores[0], newThing(name(i), here))
	}
	addNote(t, stores[0], &note{Meta: store.Meta{ID: "cursor"}})
	consume := func(s *store.Store) (more bool, err error) {
		return more, s.Update(ctx, nil, func(tx *store.Tx) error {
			cursor, err := notes.Get(ctx, tx, "cursor")
			if err != nil {
				return err
			}
			page, err := s.Journal(ctx, here, cursor.Count, 7)
			if err != nil {
				return err
			}
			if more = len(page) > 0; !more {
				return nil
			}
			for _, e := range page {
				if err := notes.Insert(tx, &note{Meta: store.Meta{ID: "out-" + e.Doc}, Owner: "out"}); err != nil {
					return err
				}
			}
			cursor.Count = page[len(page)-1].Number
			return notes.Put(tx, cursor)
		})
	}
	for _, err := range race(4, func(i int) error {
		for {
			more, err := consume(stores[i%2])
			if err != nil && !errors.Is(err, store.ErrConflict) {
				return err
			}
			if err == nil && !more {
				return nil
			}
		}
	}) {
		must(t, err)
	}
	out, _, err := notes.Find(ctx, stores[0], store.Query{Where: []store.Cond{store.Eq("owner", "out")}, Limit: 2 * total})
	must(t, err)
	if n := getNote(t, stores[0], "cursor"); len(out) != total || n.Count != total {
		t.Fatalf("%d outputs, cursor at %d, want %d", len(out), n.Count, total)
	}
}
