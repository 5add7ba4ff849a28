package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"wangge/store"
)

// clock is the time that leases go by in a test.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func clocked(t *testing.T, b *bed) (l, r *store.Store, c *clock) {
	c = &clock{at: noon}
	var stores []*store.Store
	for _, e := range b.open(t, 2) {
		s, err := store.Open(t.Context(), e, store.Options{Rehearse: true, Now: c.now}, declared...)
		must(t, err)
		t.Cleanup(func() { must(t, s.Close(context.WithoutCancel(t.Context()))) })
		stores = append(stores, s)
	}
	return stores[0], stores[1], c
}

func leaseHolder(t *testing.T, b *bed) {
	l, r, c := clocked(t, b)
	ctx := t.Context()
	first, err := l.Acquire(ctx, "job", "left", time.Minute)
	must(t, err)
	_, err = r.Acquire(ctx, "job", "right", time.Minute)
	wantErr(t, "held by another", err, store.ErrLeaseHeld)
	_, err = r.Acquire(ctx, "other job", "right", time.Minute)
	must(t, err)
	c.pass(40 * time.Second)
	again, err := l.Acquire(ctx, "job", "left", time.Minute)
	must(t, err)
	if again.Token != first.Token || !again.Until.Equal(c.now().Add(time.Minute)) {
		t.Fatalf("renewed: %+v after %+v", again, first)
	}
	c.pass(59 * time.Second)
	_, err = r.Acquire(ctx, "job", "right", time.Minute)
	wantErr(t, "renewed by another", err, store.ErrLeaseHeld)
	c.pass(time.Second) // until the minute is over, not after it
	second, err := r.Acquire(ctx, "job", "right", time.Minute)
	must(t, err)
	if second.Token <= again.Token {
		t.Fatalf("token %d after %d", second.Token, again.Token)
	}
	must(t, l.Release(ctx, again)) // no longer its own: no effect
	_, err = l.Acquire(ctx, "job", "left", time.Minute)
	wantErr(t, "after another's release", err, store.ErrLeaseHeld)
	must(t, r.Release(ctx, second))
	third, err := l.Acquire(ctx, "job", "left", time.Minute)
	must(t, err)
	if third.Token <= second.Token {
		t.Fatalf("token %d after %d", third.Token, second.Token)
	}
	c.pass(time.Hour) // a holder who lost count is a new one
	fourth, err := l.Acquire(ctx, "job", "left", time.Minute)
	must(t, err)
	if fourth.Token <= third.Token {
		t.Fatalf("token %d after %d", fourth.Token, third.Token)
	}
}

// leaseRenewed: whoever looks sees a living holder by the version, and none
// after a release, whatever the clocks say; a renewal never takes a lease back.
func leaseRenewed(t *testing.T, b *bed) {
	l, r, c := clocked(t, b)
	ctx := t.Context()
	_, err := r.Lease(ctx, "job")
	wantErr(t, "nobody ever had it", err, store.ErrNotFound)
	held, err := l.Acquire(ctx, "job", "left", time.Minute)
	must(t, err)
	before, err := r.Lease(ctx, "job")
	must(t, err)
	c.pass(time.Hour) // run out, but nobody took it
	must(t, l.Renew(ctx, held))
	after, err := r.Lease(ctx, "job")
	must(t, err)
	if after.Holder != "left" || after.Version <= before.Version || after.Token != held.Token || !after.Until.Equal(c.now().Add(time.Minute)) {
		t.Fatalf("renewed: %+v after %+v", after, before)
	}
	c.pass(20 * time.Second) // the clock of who gives it up is ahead
	must(t, l.Release(ctx, held))
	c.pass(-20 * time.Second)
	free, err := r.Lease(ctx, "job")
	must(t, err)
	if free.Holder != "" {
		t.Fatalf("given up: %+v", free)
	}
	wantErr(t, "renewed after it was given up", l.Renew(ctx, held), store.ErrFenced)
	taken, err := r.Acquire(ctx, "job", "right", time.Minute)
	must(t, err)
	if taken.Token <= held.Token {
		t.Fatalf("token %d after %d", taken.Token, held.Token)
	}
	wantErr(t, "renewed after another took it", l.Renew(ctx, held), store.ErrFenced)
	if ahead, err := l.Ahead(ctx); err != nil || ahead != 0 {
		t.Fatalf("on one machine the clock is ahead by %s, %v", ahead, err)
	}
}

// leaseAstray: a node dies while its clock is days ahead. Whoever comes next
// takes the lease, and says so in the log; a few seconds are no wrong clock.
func leaseAstray(t *testing.T, b *bed) {
	c := &clock{at: noon}
	var log bytes.Buffer
	var stores []*store.Store
	for _, e := range b.open(t, 2) {
		s, err := store.Open(t.Context(), e, store.Options{Rehearse: true, Now: c.now, Log: slog.New(slog.NewTextHandler(&log, nil))}, declared...)
		must(t, err)
		t.Cleanup(func() { must(t, s.Close(context.WithoutCancel(t.Context()))) })
		stores = append(stores, s)
	}
	l, r, ctx := stores[0], stores[1], t.Context()
	c.pass(72 * time.Hour)
	ahead, err := l.Acquire(ctx, "job", "left", time.Minute)
	must(t, err)
	c.pass(-72 * time.Hour)
	taken, err := r.Acquire(ctx, "job", "right", time.Minute)
	must(t, err)
	if taken.Token <= ahead.Token || !taken.Until.Equal(c.now().Add(time.Minute)) {
		t.Fatalf("taken over: %+v after %+v", taken, ahead)
	}
	if !strings.Contains(log.String(), "lease=job") || !strings.Contains(log.String(), "holder=left") {
		t.Errorf("the log says %q", log.String())
	}
	wantErr(t, "the holder of days ahead", l.Update(ctx, []string{here}, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, ahead); err != nil {
			return err
		}
		return things.Insert(tx, newThing("a", here), entry("work"))
	}), store.ErrFenced)

	log.Reset()
	c.pass(5 * time.Second)
	_, err = l.Acquire(ctx, "other job", "left", time.Minute)
	must(t, err)
	c.pass(-5 * time.Second)
	_, err = r.Acquire(ctx, "other job", "right", time.Hour) // the length is the holder's, not the asker's
	wantErr(t, "a clock that is a few seconds ahead", err, store.ErrLeaseHeld)
	c.pass(-time.Hour)
	_, err = r.Acquire(ctx, "other job", "right", 24*time.Hour)
	must(t, err)
	if !strings.Contains(log.String(), "other job") {
		t.Errorf("the log says %q", log.String())
	}
}

func leaseRace(t *testing.T, b *bed) {
	l, r, c := clocked(t, b)
	for round := range 3 { // the first makes the lease, the others take it over
		winners := 0
		for i, err := range race(8, func(i int) error {
			_, err := []*store.Store{l, r}[i%2].Acquire(t.Context(), "job", name(8*round+i), time.Minute)
			return err
		}) {
			if err == nil {
				winners++
			} else if !errors.Is(err, store.ErrLeaseHeld) {
				t.Errorf("runner %d: %v", i, err)
			}
		}
		if winners != 1 {
			t.Fatalf("round %d: %d holders", round, winners)
		}
		c.pass(time.Hour)
	}
}

func fencing(t *testing.T, b *bed) {
	l, r, c := clocked(t, b)
	ctx := t.Context()
	lease, err := l.Acquire(ctx, "job", "left", time.Minute)
	must(t, err)
	work := func(s *store.Store, lease store.Lease, id string, pause func()) error {
		runs := 0
		return s.Update(ctx, []string{here}, func(tx *store.Tx) error {
			runs++
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			if runs == lastRun {
				pause()
			}
			return things.Insert(tx, newThing(id, here), entry("work"))
		})
	}
	must(t, work(l, lease, "while it holds", func() {}))
	must(t, work(l, lease, "while it renews", func() {
		_, err := l.Acquire(ctx, "job", "left", time.Minute)
		must(t, err)
	}))
	c.pass(time.Hour)
	must(t, work(l, lease, "run out, but nobody took it", func() {}))
	var taken store.Lease
	wantErr(t, "a holder paused before its commit", work(l, lease, "paused", func() {
		taken, err = r.Acquire(ctx, "job", "right", time.Minute)
		must(t, err)
	}), store.ErrFenced)
	wantErr(t, "a holder that comes back", work(l, lease, "back", func() {}), store.ErrFenced)
	must(t, work(r, taken, "the new holder", func() {}))
	wantErr(t, "a lease that never was", work(l, store.Lease{Meta: store.Meta{ID: "never"}}, "never", func() {}), store.ErrFenced)
	for _, id := range []string{"paused", "back", "never"} {
		_, err := things.Get(ctx, l, id)
		wantErr(t, id, err, store.ErrNotFound)
	}
	if n := len(readJournal(t, l, here)); n != 4 {
		t.Fatalf("%d entries, want 4", n)
	}
}

// underOneLease: many that write under a lease at once each get their turn, and
// a long one, which another was before, is not lost to the short ones that come all the time.
func underOneLease(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	lease, err := s.Acquire(ctx, "job", "one", time.Hour)
	must(t, err)
	short := func(id string) error {
		return s.Update(ctx, nil, func(tx *store.Tx) error {
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			return notes.Insert(tx, &note{Meta: store.Meta{ID: id}})
		})
	}
	var written atomic.Int64
	done := make(chan struct{})
	var writers sync.WaitGroup
	for i := range 60 {
		writers.Go(func() {
			for n := range 5 {
				if err := short(fmt.Sprint(i, " ", n)); err != nil {
					t.Errorf("one of many: %v", err)
				}
				written.Add(1)
			}
		})
	}
	writers.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			if err := short(fmt.Sprint("more ", n)); err != nil {
				t.Errorf("beside a long one: %v", err)
			}
			written.Add(1)
		}
	})
	err = s.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		// It loses if another can commit meanwhile, which is so once: first nobody has the turn.
		for before, began := written.Load(), time.Now(); written.Load() == before && (!tx.Again() || time.Since(began) < 50*time.Millisecond); {
			time.Sleep(time.Millisecond)
		}
		return notes.Insert(tx, &note{Meta: store.Meta{ID: "long"}})
	})
	close(done)
	writers.Wait()
	must(t, err)
	must(t, s.Renew(ctx, lease))
}

// fencedAtCommit: the lease passes to another while the holder's work stands before its commit.
func fencedAtCommit(t *testing.T, b *bed) {
	l, r, f := b.faultyPair(t)
	ctx := t.Context()
	lease, err := l.Acquire(ctx, "job", "left", time.Millisecond)
	must(t, err)
	time.Sleep(2 * time.Millisecond) // run out
	var other rival
	f.set(func(f *faults) {
		f.victim = "work"
		f.atCommit = other.try(func() error {
			_, err := r.Acquire(ctx, "job", "right", time.Hour)
			return err
		})
	})
	err = l.Update(ctx, []string{here}, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		return things.Insert(tx, newThing("work", here), entry("work"))
	})
	must(t, answer(t, other.done))
	if other.first || err != nil { // a database may also abort the holder, and the other then comes first
		wantErr(t, "a commit after the lease was taken", err, store.ErrFenced)
	}
	if _, missing := things.Get(ctx, l, "work"); (missing == nil) != (err == nil) {
		t.Fatalf("the update said %v, its work says %v", err, missing)
	}
}

func blobs(t *testing.T, b *bed) {
	stores, ctx := b.nodes(t, 2), t.Context()
	s := stores[0]
	_, err := s.OpenBlob(ctx, "missing")
	wantErr(t, "missing blob", err, store.ErrNotFound)
	for _, size := range []int{0, 1, 255 << 10, 255<<10 + 1, 3 << 20} {
		id, content := name(size), bytes.Repeat([]byte("网格"), size/6+1)[:size]
		n, err := s.PutBlob(ctx, id, iotest.HalfReader(bytes.NewReader(content)))
		must(t, err)
		r, err := stores[1].OpenBlob(ctx, id)
		must(t, err)
		got, err := io.ReadAll(r)
		must(t, err)
		must(t, r.Close())
		if n != int64(size) || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes stored as %d, read as %d", size, n, len(got))
		}
	}
	if _, err := s.PutBlob(ctx, name(1), strings.NewReader("other")); err == nil {
		t.Error("an id was written twice")
	}
	r, err := s.OpenBlob(ctx, name(1))
	must(t, err)
	if got, _ := io.ReadAll(r); len(got) != 1 {
		t.Errorf("after the second put it holds %q", got)
	}
	must(t, r.Close())
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("the line is cut")))
	if _, err := s.PutBlob(ctx, "broken", broken); err == nil {
		t.Error("half a blob was stored")
	}
	_, err = s.OpenBlob(ctx, "broken")
	wantErr(t, "half a blob", err, store.ErrNotFound)
	for _, id := range []string{"", ".", "..", "../escape", "a/b", "a\x00b", "\xff"} { // ids are file names somewhere
		if _, err := s.PutBlob(ctx, id, strings.NewReader("x")); err == nil {
			t.Errorf("id %q was taken", id)
		}
		_, err := s.OpenBlob(ctx, id)
		wantErr(t, "open "+id, err, store.ErrNotFound)
	}
}

func sweep(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	var all []string
	for i := range 12 {
		all = append(all, name(i))
		_, err := s.PutBlob(ctx, name(i), strings.NewReader("photo"))
		must(t, err)
	}
	x := newThing("a", here)
	x.Photos = []string{name(3), name(7)}
	gone := newThing("gone", here)
	gone.Photos = []string{name(8)}
	add(t, s, x, gone)
	remove(t, s, "gone", here)
	kept := func() (left []string) {
		for _, id := range all {
			if r, err := s.OpenBlob(ctx, id); err == nil {
				must(t, r.Close())
				left = append(left, id)
			} else {
				wantErr(t, id, err, store.ErrNotFound)
			}
		}
		return left
	}
	n, err := s.SweepBlobs(ctx, time.Now().Add(-time.Hour))
	must(t, err)
	if left := kept(); n != 0 || !slices.Equal(left, all) {
		t.Fatalf("within the grace time %d were swept, left are %q", n, left)
	}
	n, err = s.SweepBlobs(ctx, time.Now().Add(time.Hour))
	must(t, err)
	if left := kept(); n != 10 || !slices.Equal(left, []string{name(3), name(7)}) {
		t.Fatalf("%d were swept, left are %q", n, left)
	}
	n, err = s.SweepBlobs(ctx, time.Now().Add(time.Hour))
	must(t, err)
	if n != 0 {
		t.Fatalf("swept %d again", n)
	}
}
