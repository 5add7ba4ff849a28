package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wangge/store"
)

// increment adds one to a thing's number; with a version, it is stated.
func increment(ctx context.Context, s *store.Store, id, partition string, version int64) error {
	return s.Update(ctx, []string{partition}, func(tx *store.Tx) error {
		x, err := things.GetAt(ctx, tx, id, version)
		if err != nil {
			return err
		}
		x.Number++
		return things.Put(tx, x, entry("increment"))
	})
}

func racingStated(t *testing.T, b *bed) {
	stores := b.nodes(t, 2)
	add(t, stores[0], newThing("a", here))
	winners := 0
	for i, err := range race(20, func(i int) error { return increment(t.Context(), stores[i%2], "a", here, 1) }) {
		if err == nil {
			winners++
		} else if !errors.Is(err, store.ErrVersion) {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	if x := get(t, stores[0], "a"); winners != 1 || x.Number != 1 || x.Version != 2 {
		t.Fatalf("%d winners, number %d, version %d", winners, x.Number, x.Version)
	}
}

func racingUnstated(t *testing.T, b *bed) {
	stores := b.nodes(t, 2)
	add(t, stores[0], newThing("a", here))
	applied := int64(40)
	for i, err := range race(int(applied), func(i int) error { return increment(t.Context(), stores[i%2], "a", here, 0) }) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	x := get(t, stores[0], "a")
	if x.Number != applied || x.Version != applied+1 {
		t.Fatalf("%d were told they are applied, number %d, version %d", applied, x.Number, x.Version)
	}
	if n := len(readJournal(t, stores[0], here)); int64(n) != applied+1 {
		t.Fatalf("%d entries for %d changes", n, applied+1)
	}
}

// lastRun is the run of an fn whose writes the first attempt commits: the one before rehearses.
const lastRun = 2

// meanwhile runs an update whose fn does read, then (in its last run before
// the commit) lets the world change, then writes what read returned into a new thing.
func meanwhile(t *testing.T, s *store.Store, read func(tx *store.Tx) string, change func()) string {
	t.Helper()
	runs := 0
	must(t, s.Update(t.Context(), []string{here, there}, func(tx *store.Tx) error {
		runs++
		saw := read(tx)
		if runs == lastRun {
			change()
		}
		x := newThing("witness", here)
		x.Title = saw
		return things.Insert(tx, x, entry("add"))
	}))
	if runs != 2*lastRun {
		t.Fatalf("%d runs: the attempt before the change was not made again once", runs)
	}
	return get(t, s, "witness").Title
}

func staleDocument(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", there))
	saw := meanwhile(t, s, func(tx *store.Tx) string {
		x, err := things.Get(ctx, tx, "a")
		must(t, err)
		return x.Title
	}, func() { must(t, change(ctx, s, "a", there, func(x *thing) { x.Title = "changed" })) })
	if saw != "changed" {
		t.Fatalf("committed after reading %q", saw)
	}
}

func staleMiss(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	saw := meanwhile(t, s, func(tx *store.Tx) string {
		if _, err := things.Get(ctx, tx, "a"); errors.Is(err, store.ErrNotFound) {
			return "missing"
		}
		return "there"
	}, func() { add(t, s, newThing("a", there)) })
	if saw != "there" {
		t.Fatalf("committed after finding it %s", saw)
	}
}

func staleQuery(t *testing.T, b *bed) {
	for what, c := range map[string]struct {
		change func(s *store.Store)
		want   string
	}{
		"one came":    {func(s *store.Store) { add(t, s, newThing("c", there)) }, "a b c "},
		"one changed": {func(s *store.Store) { must(t, change(t.Context(), s, "b", there, func(x *thing) { x.Number = -1 })) }, "b a "},
		"one left":    {func(s *store.Store) { remove(t, s, "b", there) }, "a "},
	} {
		t.Run(what, func(t *testing.T) {
			s := b.one(t)
			add(t, s, newThing("a", there), newThing("b", there))
			saw := meanwhile(t, s, func(tx *store.Tx) string {
				found, _, err := things.Find(t.Context(), tx, store.Query{
					Where: []store.Cond{store.Eq("partition", there)}, Order: []string{"number"}, Limit: 10,
				})
				must(t, err)
				all := ""
				for _, id := range ids(found) {
					all += id + " "
				}
				return all
			}, func() { c.change(s) })
			if saw != c.want {
				t.Fatalf("committed after finding %q, want %q", saw, c.want)
			}
		})
	}
	t.Run("one beyond the page", func(t *testing.T) {
		s := b.one(t)
		add(t, s, newThing("a", there), newThing("b", there))
		runs := 0
		must(t, s.Update(t.Context(), []string{here, there}, func(tx *store.Tx) error {
			runs++
			_, _, err := things.Find(t.Context(), tx, store.Query{Where: []store.Cond{store.Eq("partition", there)}, Order: []string{"number"}, Limit: 1})
			must(t, err)
			if runs == lastRun {
				add(t, s, newThing("z", there))
			}
			return things.Insert(tx, newThing("c", here), entry("add"))
		}))
		if runs != lastRun {
			t.Fatalf("%d runs: what lies beyond the next document does not matter", runs)
		}
	})
}

func staleError(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	refused := errors.New("refused by the domain")
	runs := 0
	try := func(meanwhile func()) error {
		runs = 0
		return s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			runs++
			x, err := things.Get(ctx, tx, "a")
			if err != nil {
				return err
			}
			if runs == 1 {
				meanwhile()
			}
			if x.Number == 0 {
				return refused
			}
			x.Done = true
			return things.Put(tx, x, entry("change"))
		})
	}
	if err := try(func() {}); err != refused || runs != 1 {
		t.Fatalf("an error that is true: %v after %d runs", err, runs)
	}
	must(t, try(func() { must(t, change(ctx, s, "a", here, func(x *thing) { x.Number = 1 })) }))
	if !get(t, s, "a").Done {
		t.Fatal("not written")
	}
	found := 0
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error { // the same for a query
		q := store.Query{Where: []store.Cond{store.Eq("partition", there)}, Order: []string{"number"}}
		all, _, err := things.Find(ctx, tx, q)
		must(t, err)
		if found = len(all); found == 0 {
			add(t, s, newThing("b", there))
			return refused
		}
		return nil
	}))
	if found != 1 {
		t.Fatal("not run again")
	}
}

// lost is how often an update loses before nobody else may commit; a rehearsed one runs twice each time.
const lost = 26

func alwaysStale(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here), newThing("b", here))
	runs := 0
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		runs++
		x, err := things.Get(ctx, tx, "a")
		must(t, err)
		if runs <= lost { // after that nobody else can
			must(t, change(ctx, s, "a", here, func(x *thing) { x.Number++ }))
		}
		x.Done = true
		return things.Put(tx, x, entry("change"))
	}))
	if x := get(t, s, "a"); !x.Done || runs < lost || x.Number < 10 {
		t.Fatalf("done %v, number %d after %d runs", x.Done, x.Number, runs)
	}
	addNote(t, s, &note{Meta: store.Meta{ID: "n"}})
	losing := func(within context.Context, least int) error {
		runs = 0
		return s.Update(within, nil, func(tx *store.Tx) error {
			runs++
			n, err := notes.Get(ctx, tx, "n")
			must(t, err)
			if runs <= least {
				must(t, s.Update(ctx, nil, func(other *store.Tx) error {
					m, err := notes.Get(ctx, other, "n")
					must(t, err)
					m.Count++
					return notes.Put(other, m)
				}))
			}
			return notes.Put(tx, n)
		})
	}
	wantErr(t, "one without a journal that loses every time", losing(ctx, 1000), store.ErrConflict)
	limited, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	must(t, losing(limited, 100))
	over, cancel := context.WithCancel(limited)
	cancel()
	wantErr(t, "one whose time is over", losing(over, 1000), context.Canceled)
}

// insisting: a long update that depends on what others change all the time
// loses when it does not insist, and gets through when it does.
func insisting(t *testing.T, b *bed) {
	stores, ctx := b.nodes(t, 2), t.Context()
	add(t, stores[0], newThing("busy", here), newThing("long", here))
	var writers sync.WaitGroup
	var changes atomic.Int64
	done := make(chan struct{})
	for i := range 4 {
		writers.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
				}
				err := change(ctx, stores[i%2], "busy", here, func(x *thing) { x.Number++ })
				if err == nil {
					changes.Add(1)
				} else if !errors.Is(err, store.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	runs, insists := 0, false
	long := func(tx *store.Tx) error {
		runs++
		x, err := things.Get(ctx, tx, "long")
		if err != nil {
			return err
		}
		busy, err := things.Get(ctx, tx, "busy")
		if err != nil {
			return err
		}
		// Without insisting, at least one of five was not begun before busy was read, until nobody else commits.
		for before := changes.Load(); !insists && runs <= lost && changes.Load() < before+5 && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond)
		x.Number = busy.Number
		more := min(busy.Number, 400) + 1 // entries than in the run before
		return things.Put(tx, x, slices.Repeat([]store.Entry{entry("copy")}, int(more))...)
	}
	must(t, stores[0].Update(ctx, []string{here}, long))
	if runs < lost {
		t.Fatalf("one that does not insist after %d runs", runs)
	}
	runs, insists = 0, true
	must(t, change(ctx, stores[0], "long", here, func(x *thing) { x.Number = 0 }))
	must(t, stores[0].Insist(ctx, []string{here, there}, long))
	close(done)
	writers.Wait()
	if got := get(t, stores[1], "long"); got.Version != 4 || got.Number == 0 || runs > 12 {
		t.Fatalf("%+v after %d runs", got, runs)
	}
	wantErr(t, "what it refuses", stores[0].Insist(ctx, []string{here}, func(*store.Tx) error { return errPoison }), errPoison)
}

// writeSkew: each of two updates reads both documents and writes its own
// only while the sum of the two is below the limit.
func writeSkew(t *testing.T, b *bed) {
	stores, ctx := b.nodes(t, 2), t.Context()
	for round := range 10 {
		l, r := name(2*round), name(2*round+1)
		add(t, stores[0], newThing(l, here), newThing(r, there))
		errs := race(8, func(i int) error {
			own := []string{l, r}[i%2]
			return stores[i/2%2].Update(ctx, []string{here, there}, func(tx *store.Tx) error {
				both, err := things.GetMany(ctx, tx, []string{l, r})
				if err != nil || both[l].Number+both[r].Number > 0 {
					return err
				}
				both[own].Number++
				return things.Put(tx, both[own], entry("take"))
			})
		})
		for _, err := range errs {
			if err != nil && !errors.Is(err, store.ErrConflict) {
				t.Fatal(err)
			}
		}
		if sum := get(t, stores[0], l).Number + get(t, stores[0], r).Number; sum != 1 {
			t.Fatalf("round %d: %d were taken, of one", round, sum)
		}
	}
}

func observe(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("cached", there))
	cached, runs := int64(1), 0
	locate := func(meanwhile func()) error {
		runs = 0
		return s.Update(ctx, []string{here, there}, func(tx *store.Tx) error {
			runs++
			store.Observe(tx, things, "cached", cached)
			if runs == lastRun {
				meanwhile()
			}
			return things.Insert(tx, newThing(name(int(cached)), here), entry("add"))
		})
	}
	must(t, locate(func() {
		must(t, change(ctx, s, "cached", there, func(*thing) {}))
		cached = 2 // the cache follows
	}))
	if _, err := things.Get(ctx, s, name(1)); err == nil {
		t.Fatal("written from a stale cache")
	}
	get(t, s, name(2))
	cached = 1
	wantErr(t, "a cache that stays behind", locate(func() {}), store.ErrConflict)
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error {
		store.Observe(tx, things, "never there", 0)
		return things.Insert(tx, newThing("last", here), entry("add"))
	}))
}
