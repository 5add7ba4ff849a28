package once

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"wangge/domain"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

type thing struct {
	store.Meta `store:",inline"`
}

var things = store.Declare[thing](store.Declaration{Name: "things", Schema: 1})

const street = "320508018"

var now = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

func eachEngine(t *testing.T, test func(*testing.T, *store.Store)) {
	enginetest.Each(t, func(t *testing.T, p enginetest.Place) {
		test(t, enginetest.Store(t, p.Open(t), store.Options{Rehearse: true}, append(Collections(), things)...))
	})
}

func claim(t *testing.T, st *store.Store, at time.Time, fingerprint string) (*Attempt, *Answer, error) {
	t.Helper()
	return New(st).Claim(t.Context(), at, Request{Key: "key", Fingerprint: fingerprint, Keep: time.Hour, Collection: "things", New: true,
		Answer: Answer{Status: 201, Kind: "thing"}})
}

// claimed is an attempt that may begin.
func claimed(t *testing.T, st *store.Store, at time.Time) *Attempt {
	t.Helper()
	a, done, err := claim(t, st, at, "body")
	if err != nil || done != nil {
		t.Fatalf("claimed: %v, done %v", err, done)
	}
	return a
}

// insert is a use case: it makes a thing.
func insert(ctx context.Context, st *store.Store, id string) error {
	return st.Update(ctx, []string{street}, func(tx *store.Tx) error {
		return things.Insert(tx, &thing{store.Meta{ID: id, Partition: street}}, store.Entry{At: now, Actor: "a", Action: "made"})
	})
}

func inProgressIs(err error) bool {
	var conflict *domain.ConflictError
	return errors.As(err, &conflict) && conflict.Code == "in_progress" && conflict.RetryAfter > 0
}

// What was committed is known when it is asked for again, without a word from whoever carried it out.
func TestTheUpdateCompletesTheRecord(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		a := claimed(t, st, now)
		if _, _, err := claim(t, st, now.Add(time.Second), "body"); !inProgressIs(err) {
			t.Errorf("while it runs: %v", err)
		}
		if err := insert(a.WithFinish(t.Context()), st, "one"); err != nil {
			t.Fatal(err)
		}
		_, done, err := claim(t, st, now.Add(time.Second), "body")
		if err != nil || done == nil || *done != (Answer{201, "thing", "one", ""}) {
			t.Errorf("again: %v, %v", done, err)
		}
		if _, _, err := claim(t, st, now.Add(time.Second), "another"); !errors.Is(err, ErrKeyReused) {
			t.Errorf("another body: %v", err)
		}
		if err := a.Free(t.Context(), now, nil); err != nil {
			t.Fatal(err)
		}
		if _, done, _ := claim(t, st, now, "body"); done == nil {
			t.Error("what was done was given up")
		}
		if err := insert(a.WithFinish(t.Context()), st, "two"); err == nil {
			t.Error("a second update went unnoticed")
		}
		later, done, err := claim(t, st, now.Add(2*time.Hour), "another")
		if err != nil || done != nil {
			t.Fatalf("after its time: %v, %v", done, err)
		}
		if err := insert(later.WithFinish(t.Context()), st, "three"); err != nil {
			t.Error(err)
		}
	})
}

// An attempt that died while its clock was days ahead holds the key no longer than any other.
func TestAnAttemptUnderAWrongClock(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		astray := claimed(t, st, now.AddDate(0, 0, 3))
		again := claimed(t, st, now)
		if err := insert(astray.WithFinish(t.Context()), st, "astray"); !inProgressIs(err) {
			t.Errorf("taken over: %v", err)
		}
		if err := insert(again.WithFinish(t.Context()), st, "again"); err != nil {
			t.Fatal(err)
		}
	})
}

// An attempt that another has taken over, or whose caller gave up, can no longer be committed.
func TestAnAttemptThatIsOverCommitsNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		slow := claimed(t, st, now)
		given := claimed(t, st, now.Add(time.Minute))
		if err := insert(slow.WithFinish(t.Context()), st, "slow"); !inProgressIs(err) {
			t.Errorf("taken over: %v", err)
		}
		if err := given.Free(t.Context(), now.Add(time.Minute), nil); err != nil {
			t.Fatal(err)
		}
		if err := insert(given.WithFinish(t.Context()), st, "given"); !inProgressIs(err) {
			t.Errorf("given up: %v", err)
		}
		last := claimed(t, st, now.Add(time.Minute))
		if err := insert(last.WithFinish(t.Context()), st, "last"); err != nil {
			t.Fatal(err)
		}
		found, err := things.GetMany(t.Context(), st, []string{"slow", "given", "last"})
		if err != nil || len(found) != 1 || found["last"] == nil {
			t.Errorf("made: %v, %v", found, err)
		}
	})
}

// What prepares an update does not complete the record, and an import goes on from where it came to.
func TestSeveralUpdates(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		a := claimed(t, st, now)
		ctx := a.WithFinish(t.Context())
		if err := insert(WithoutFinish(ctx), st, "aside"); err != nil {
			t.Fatal(err)
		}
		reach := func(ctx context.Context, id string, n int) error {
			return st.Update(ctx, []string{street}, func(tx *store.Tx) error {
				if err := ReportProgress(ctx, n); err != nil {
					return err
				}
				return things.Insert(tx, &thing{store.Meta{ID: id, Partition: street}}, store.Entry{At: now, Actor: "a", Action: "made"})
			})
		}
		for i, id := range []string{"first", "second"} {
			if err := reach(ctx, id, i+1); err != nil {
				t.Fatal(err)
			}
		}
		again := claimed(t, st, now.Add(time.Minute))
		n := 0
		if ok, err := Resume(again.WithFinish(t.Context()), &n); !ok || err != nil || n != 2 {
			t.Errorf("resumed at %d: %v, %v", n, ok, err)
		}
		if err := reach(ctx, "third", 3); !inProgressIs(err) {
			t.Errorf("the one before goes on: %v", err)
		}
		if err := again.Keep(t.Context(), Answer{Status: 200, Report: "3"}); err != nil {
			t.Fatal(err)
		}
		if _, done, err := claim(t, st, now.Add(time.Minute), "body"); err != nil || done == nil || *done != (Answer{200, "thing", "", "3"}) {
			t.Errorf("kept: %v, %v", done, err)
		}
	})
}

// A brief request leaves nothing behind until its update is committed; of two
// nodes that work on it at once, one does.
func TestBriefRequests(t *testing.T) {
	eachEngine(t, func(t *testing.T, st *store.Store) {
		brief := func(key string) (*Attempt, *Answer, error) {
			return New(st).Claim(t.Context(), now, Request{Key: key, Fingerprint: "body", Keep: time.Hour, Collection: "things", New: true, Brief: true, Answer: Answer{Status: 201, Kind: "thing"}})
		}
		begun := func(key string) *Attempt {
			t.Helper()
			a, done, err := brief(key)
			if err != nil || done != nil {
				t.Fatalf("%v, done %v", err, done)
			}
			return a
		}
		here := begun("key")
		if _, err := records.Get(t.Context(), st, "key"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the claim is written: %v", err)
		}
		if _, _, err := brief("key"); !inProgressIs(err) {
			t.Errorf("while it runs: %v", err)
		}
		here.End() // as another node sees it
		there := begun("key")
		if err := insert(there.WithFinish(t.Context()), st, "there"); err != nil {
			t.Fatal(err)
		}
		there.End()
		if err := insert(here.WithFinish(t.Context()), st, "here"); !inProgressIs(err) {
			t.Errorf("a second time: %v", err)
		}
		if err := here.Free(t.Context(), now, errors.New("it is there already")); !inProgressIs(err) {
			t.Errorf("an error of what the other did: %v", err)
		}
		if _, done, err := brief("key"); err != nil || done == nil || *done != (Answer{201, "thing", "there", ""}) {
			t.Errorf("again: %v, %v", done, err)
		}
		failed := begun("failed")
		if err := failed.Free(t.Context(), now, nil); err != nil {
			t.Fatal(err)
		}
		failed.End()
		if _, err := records.Get(t.Context(), st, "failed"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a failure is written: %v", err)
		}
		idle := begun("failed")
		if err := idle.Keep(t.Context(), Answer{Status: 200, Resource: "one"}); err != nil {
			t.Fatal(err)
		}
		idle.End()
		if _, done, err := brief("failed"); err != nil || done == nil || *done != (Answer{200, "thing", "one", ""}) {
			t.Errorf("kept: %v, %v", done, err)
		}
		if found, err := things.GetMany(t.Context(), st, []string{"here", "there"}); err != nil || len(found) != 1 {
			t.Errorf("made: %v, %v", found, err)
		}
	})
}
