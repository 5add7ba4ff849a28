package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// insertLater starts an update that inserts a thing, and returns its coming
// error once its fn has run and it is about to queue.
func insertLater(ctx context.Context, s *store.Store, x *thing) <-chan error {
	done, ran := make(chan error, 1), make(chan struct{})
	runs := 0
	go func() {
		done <- s.Update(ctx, []string{x.Partition}, func(tx *store.Tx) error {
			if runs++; runs == lastRun {
				defer close(ran)
			}
			return things.Insert(tx, x, entry("add"))
		})
	}()
	<-ran
	return done
}

func answer(t *testing.T, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Minute):
		t.Fatal("no answer")
		return nil
	}
}

// blocked starts a first update and returns when it stands in its transaction,
// so that what comes now waits for the next group.
func blocked(t *testing.T, s *store.Store, f *faults) (first <-chan error, open func()) {
	t.Helper()
	open = f.shut()
	before := f.waiting()
	first = insertLater(t.Context(), s, newThing("first", here))
	eventually(t, "the first group begins", func() bool { return f.waiting() > before })
	return first, open
}

// queued gives updates whose fn has run time to come to the queue.
func queued() { time.Sleep(50 * time.Millisecond) }

func cancelBefore(t *testing.T, b *bed) {
	s, f := b.faulty(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		wantErr(t, "an update after its context", answer(t, insertLater(ctx, s, newThing("late", here))), context.Canceled)
	}
	first, open := blocked(t, s, f)
	defer open()
	ctx, cancel = context.WithCancel(t.Context())
	done := insertLater(ctx, s, newThing("waiting", here))
	queued()
	cancel()
	wantErr(t, "an update given up in the queue", answer(t, done), context.Canceled)
	open()
	must(t, answer(t, first))
	add(t, s, newThing("next", here))
	for _, id := range []string{"late", "waiting"} {
		_, err := things.Get(t.Context(), s, id)
		wantErr(t, id, err, store.ErrNotFound)
	}
	if n := len(readJournal(t, s, here)); n != 2 {
		t.Fatalf("%d entries, want 2", n)
	}
}

func cancelAfter(t *testing.T, b *bed) {
	s, f := b.faulty(t)
	for what, partitions := range map[string][]string{"journaled": {here}, "not-journaled": nil} {
		open, before := f.shut(), f.waiting()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- s.Update(ctx, partitions, func(tx *store.Tx) error {
				if partitions == nil {
					return notes.Insert(tx, &note{Meta: store.Meta{ID: what}})
				}
				return things.Insert(tx, newThing(what, here), entry("add"))
			})
		}()
		eventually(t, "the group begins", func() bool { return f.waiting() > before })
		cancel()
		wantErr(t, "an update given up in its group, "+what, answer(t, done), context.Canceled)
		open()
	}
	eventually(t, "the groups are written", func() bool {
		_, err1 := things.Get(t.Context(), s, "journaled")
		_, err2 := notes.Get(t.Context(), s, "not-journaled")
		return err1 == nil && err2 == nil
	})
}

// failingSet: of 35 sets in one group one breaks a unique index, one fails
// in the engine, one takes an id that is taken. They alone fail.
func failingSet(t *testing.T, b *bed) {
	s, f := b.faulty(t)
	taken := newThing("taken", here)
	taken.Code = "K"
	add(t, s, taken)
	f.set(func(f *faults) { f.poison = "poison" })
	first, open := blocked(t, s, f)
	defer open()
	dones := map[string]<-chan error{}
	for i := range 32 {
		dones[name(i)] = insertLater(t.Context(), s, newThing(name(i), here))
		switch i {
		case 5:
			x := newThing("code", here)
			x.Code = "K"
			dones["code"] = insertLater(t.Context(), s, x)
		case 11:
			dones["poison"] = insertLater(t.Context(), s, newThing("poison", here))
		case 20:
			dones["again"] = insertLater(t.Context(), s, newThing("taken", here))
		}
	}
	queued()
	open()
	must(t, answer(t, first))
	for id, done := range dones {
		switch err := answer(t, done); id {
		case "code":
			wantDuplicate(t, "the taken code", err, "things", "code")
		case "again":
			wantDuplicate(t, "the taken id", err, "things", "_id")
		case "poison":
			wantErr(t, "the failing write", err, errPoison)
		default:
			if err != nil {
				t.Errorf("%s fell with its neighbour: %v", id, err)
			}
		}
	}
	for i := range 32 {
		get(t, s, name(i))
	}
	if n := len(readJournal(t, s, here)); n != 34 {
		t.Fatalf("%d entries, want 34", n)
	}
	for _, id := range []string{"code", "poison"} {
		_, err := things.Get(t.Context(), s, id)
		wantErr(t, "what failed", err, store.ErrNotFound)
	}
}

func unstorable(t *testing.T, b *bed) {
	s := b.one(t)
	for what, spoil := range map[string]func(*thing){
		"too large":     func(x *thing) { x.Data = make([]byte, store.MaxDocument) },
		"broken text":   func(x *thing) { x.Title = "\xff" },
		"broken id":     func(x *thing) { x.ID = "\xff" },
		"broken tag":    func(x *thing) { x.Tags = []string{"a\xc3"} },
		"broken key":    func(x *thing) { x.Labels = map[string]string{"\xff": ""} },
		"key with NUL":  func(x *thing) { x.Labels = map[string]string{"a\x00b": ""} },
		"broken nested": func(x *thing) { x.Other = &place{Street: "\xff"} },
	} {
		refused(t, s, what, []string{here}, func(tx *store.Tx) error {
			must(t, things.Insert(tx, newThing("good", here), entry("add")))
			bad := newThing("bad", here)
			spoil(bad)
			return things.Insert(tx, bad, entry("add"))
		})
		if _, err := things.Get(t.Context(), s, "good"); err == nil {
			t.Fatalf("%s: half of the update was written", what)
		}
	}
	large := newThing("large", here)
	large.Data, large.Title = make([]byte, 3<<20), strings.Repeat("长", 100)
	add(t, s, large)
	if x := get(t, s, "large"); len(x.Data) != 3<<20 {
		t.Fatalf("%d bytes of a large document", len(x.Data))
	}
}

func unknownOutcome(t *testing.T, b *bed) {
	for what, outcomes := range map[string][]fault{
		"committed":           {committedLost},
		"not committed":       {notCommitted},
		"not, then committed": {notCommitted, committedLost},
		"not, not":            {notCommitted, notCommitted},
	} {
		t.Run(what, func(t *testing.T) {
			s, f := b.faulty(t)
			add(t, s, newThing("count", here), newThing("other", here))
			first, open := blocked(t, s, f)
			defer open()
			dones := []<-chan error{first}
			for i := range 5 { // a group of several
				dones = append(dones, insertLater(t.Context(), s, newThing(name(i), here)))
			}
			counted := make(chan error, 1)
			go func() { counted <- increment(t.Context(), s, "count", here, 0) }()
			queued()
			f.set(func(f *faults) { f.victim, f.commit = "count", outcomes })
			open()
			for _, done := range append(dones, counted) {
				must(t, answer(t, done))
			}
			if x := get(t, s, "count"); x.Number != 1 || x.Version != 2 {
				t.Fatalf("applied %d times", x.Number)
			}
			all := readJournal(t, s, here)
			if len(all) != 9 {
				t.Fatalf("%d entries, want 9", len(all))
			}
			if got := s.Heads()[here]; got != 9 {
				t.Fatalf("the head is known as %d, want 9", got)
			}
		})
	}
	t.Run("committed, then the look-up fails", func(t *testing.T) {
		s, f := b.faulty(t)
		add(t, s, newThing("count", here))
		f.set(func(f *faults) {
			f.victim, f.commit = "count", []fault{committedLost}
			f.afterward = []error{errors.New("some failure"), store.ErrTransient, errors.New("another")}
		})
		must(t, increment(t.Context(), s, "count", here, 0))
		if x := get(t, s, "count"); x.Number != 1 {
			t.Fatalf("applied %d times", x.Number)
		}
	})
}

func unknownWithoutJournal(t *testing.T, b *bed) {
	s, f := b.faulty(t)
	ctx := t.Context()
	addNote(t, s, &note{Meta: store.Meta{ID: "count"}})
	for i, outcome := range []fault{committedLost, notCommitted} {
		f.set(func(f *faults) { f.victim, f.commit = "count", []fault{outcome} })
		must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
			n, err := notes.Get(ctx, tx, "count")
			must(t, err)
			n.Count++
			return notes.Put(tx, n)
		}))
		if n := getNote(t, s, "count"); n.Count != int64(i+1) {
			t.Fatalf("count is %d after %d updates", n.Count, i+1)
		}
		fresh := fmt.Sprint("new-", i)
		f.set(func(f *faults) { f.victim, f.commit = fresh, []fault{outcome} })
		addNote(t, s, &note{Meta: store.Meta{ID: fresh}}) // no false duplicate
	}
}

func closeWaits(t *testing.T, b *bed) {
	e := b.open(t, 1)[0]
	f := &faults{Engine: e}
	s, err := store.Open(t.Context(), f, store.Options{Rehearse: true}, declared...)
	must(t, err)
	first, open := blocked(t, s, f)
	second := insertLater(t.Context(), s, newThing("second", here))
	queued()
	closed := make(chan error, 1)
	go func() { closed <- s.Close(context.Background()) }()
	select {
	case <-closed:
		t.Fatal("closed with updates waiting")
	case <-time.After(50 * time.Millisecond):
	}
	open()
	must(t, answer(t, first))
	must(t, answer(t, second))
	must(t, answer(t, closed))
}
