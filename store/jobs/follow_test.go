package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wangge/store"
)

// following is a consumer at work, whose batches the test takes one by one.
type following struct {
	batches chan Batch
	verdict chan error // what Handle is to return; nil: what it read is written
}

func (w *worker) follow(t *testing.T, lease string, c *Consumer) *following {
	f := &following{make(chan Batch), make(chan error)}
	c.Handle = func(ctx context.Context, b Batch) (Output, error) {
		select {
		case f.batches <- b:
		case <-ctx.Done():
			return Output{}, ctx.Err()
		}
		select {
		case err := <-f.verdict:
			return add(b.Partition, b.Entries), err
		case <-ctx.Done():
			return Output{}, ctx.Err()
		}
	}
	w.run(t, lease, c.Follow(w.Node))
	return f
}

// run has the node lead until the test ends, or until it is told to stop.
func (w *worker) run(t *testing.T, lease string, works ...Work) (stop func()) {
	ctx, end := context.WithCancel(w.t.Context())
	var all sync.WaitGroup
	all.Go(func() { _ = Lead(ctx, w.Node, lease, works...) })
	stop = func() { end(); all.Wait() }
	t.Cleanup(stop)
	return stop
}

func numbers(entries []*store.Entry) (out []int64) {
	for _, e := range entries {
		out = append(out, e.Number)
	}
	return out
}

// The first entry after a quiet time is handled at once, what follows in a row is one batch.
func TestFirstAtOnceThenInBatches(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		f := w.follow(t, "job", &Consumer{Bookmarks: bookmarks, FromStart: true})
		handled := func(want ...int64) {
			t.Helper()
			if got := numbers(next(t, "a batch", f.batches).Entries); !slices.Equal(got, want) {
				t.Fatalf("handled %v, want %v", got, want)
			}
			f.verdict <- nil
		}
		w.fire(gatherLeast) // nothing is there yet
		w.write(here, "a", time.Time{})
		handled(1)
		c.eventually("it is written", func() bool { return len(w.steps(here)) == 1 })
		for range 5 {
			w.write(here, "a", time.Time{})
		}
		never(t, "handled before the gap is over", f.batches)
		w.fire(gatherLeast)
		handled(2, 3, 4, 5, 6)
		c.eventually("it is written", func() bool { return len(w.steps(here)) == 6 })
		w.write(here, "a", time.Time{})
		w.write(here, "a", time.Time{})
		w.fire(gatherLeast)
		handled(7, 8)
		w.fire(gatherLeast)
		w.write(here, "a", time.Time{})
		handled(9)
		c.eventually("all is written", func() bool { return len(w.steps(here)) == 9 })
		if m := must(bookmarks.Get(t.Context(), w.Store, here))(t); m.After != 9 || m.Version != 4 {
			t.Errorf("the bookmark is at %d, written %d times", m.After, m.Version)
		}
	})
}

// Entries that nobody wants cost no write: the bookmark moves beyond them now and then.
func TestUnwantedEntries(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		w.hasten()
		var seen atomic.Int64
		consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, Wants: func(e *store.Entry) bool {
			seen.Store(e.Number)
			return e.Doc == "wanted"
		}}
		f := w.follow(t, "job", consumer)
		w.write(here, "wanted", time.Time{})
		next(t, "a batch", f.batches)
		f.verdict <- nil
		c.eventually("it is written", func() bool { return len(w.steps(here)) == 1 })
		for n := range int64(3) {
			w.write(here, "other", time.Time{})
			c.eventually("it is read", func() bool { return seen.Load() == n+2 })
		}
		if m := must(bookmarks.Get(t.Context(), w.Store, here))(t); m.After != 1 || m.Version != 1 {
			t.Errorf("at %d, written %d times", m.After, m.Version)
		}
		if lag := must(consumer.Lag(t.Context(), w.Store))(t); lag != (Lag{3, noon}) {
			t.Errorf("behind by %+v", lag)
		}
		w.fire(passedFor)
		c.eventually("the bookmark moves", func() bool { return must(bookmarks.Get(t.Context(), w.Store, here))(t).After == 4 })
		if lag := must(consumer.Lag(t.Context(), w.Store))(t); lag != (Lag{}) {
			t.Errorf("behind by %+v", lag)
		}
	})
}

// A node that stops leaves the bookmark where it read, also beyond what nobody wanted.
func TestLeavesItsPlace(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		w.hasten()
		var seen atomic.Int64
		consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, Wants: func(e *store.Entry) bool { seen.Store(e.Number); return false }}
		stop := w.run(t, "job", consumer.Follow(w.Node))
		w.write(here, "a", time.Time{})
		c.eventually("it is read", func() bool { return seen.Load() == 1 })
		stop()
		if m := must(bookmarks.Get(t.Context(), w.Store, here))(t); m.After != 1 {
			t.Errorf("the bookmark is at %d", m.After)
		}
	})
}

// What fails keeps its place: the other partition, and the other consumer, go on.
func TestWhatFailsKeepsItsPlace(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		var mu sync.Mutex
		var log []string
		broken := true
		failing := &Consumer{Bookmarks: bookmarks, FromStart: true, Handle: func(_ context.Context, b Batch) (Output, error) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, fmt.Sprint(b.Partition, numbers(b.Entries)))
			if b.Partition == here && broken {
				return Output{}, errors.New("fails")
			}
			return add("first "+b.Partition, b.Entries), nil
		}}
		sound := &Consumer{Bookmarks: others, FromStart: true, Handle: func(_ context.Context, b Batch) (Output, error) {
			return add("second "+b.Partition, b.Entries), nil
		}}
		w.hasten()
		w.run(t, "job", failing.Follow(w.Node), sound.Follow(w.Node))
		w.write(here, "a", time.Time{})
		c.eventually("the other consumer has it", func() bool { return len(w.steps("second "+here)) == 1 })
		c.eventually("it failed", func() bool { mu.Lock(); defer mu.Unlock(); return len(log) == 1 })
		w.write(here, "a", time.Time{})
		w.write(there, "b", time.Time{})
		c.eventually("the other partition goes on", func() bool { return len(w.steps("first "+there)) == 1 })
		if n := len(w.steps("first " + here)); n != 0 {
			t.Errorf("%d of what failed was written", n)
		}
		mu.Lock()
		broken = false
		mu.Unlock()
		w.fire(retryAfter)
		c.eventually("it is handled at last", func() bool { return slices.Equal(w.steps("first "+here), []int64{1, 2}) })
		if want := "[street-1[1] street-2[1] street-1[1 2]]"; fmt.Sprint(log) != want {
			t.Errorf("handled %v, want %s", log, want)
		}
	})
}

// The documents of a batch are handled at once, each in its order, and written together.
func TestPerDocument(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		for _, id := range []string{"a", "b", "a", "c", "b", "a"} {
			w.write(here, id, time.Time{})
		}
		lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		failing := true
		var both sync.WaitGroup
		both.Add(2)
		consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, PerDocument: true, Handle: func(_ context.Context, b Batch) (Output, error) {
			doc := b.Entries[0].Doc
			if doc != "c" {
				both.Done()
				both.Wait() // each waits until the other is handled, too
			} else if failing {
				return Output{}, errors.New("fails")
			}
			return add(doc, b.Entries), nil
		}}
		if err := consumer.CatchUp(t.Context(), w.Store, lease); err == nil {
			t.Error("a failure was not told")
		}
		if got := fmt.Sprint(w.steps("a"), w.steps("b"), w.steps("c")); got != "[] [] []" {
			t.Errorf("half was written: %s", got)
		}
		failing = false
		both.Add(2)
		must(0, consumer.CatchUp(t.Context(), w.Store, lease))(t)
		if got := fmt.Sprint(w.steps("a"), w.steps("b"), w.steps("c")); got != "[1 3 6] [2 5] [4]" {
			t.Errorf("written %s", got)
		}
	})
}

// A holder that is paused in the middle of a batch writes nothing any more: the next has done it.
func TestPausedConsumer(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		one := c.join("one", 0)
		two := c.beside(one, "two")
		one.write(here, "a", time.Time{})
		first := one.follow(t, "job", &Consumer{Bookmarks: bookmarks, FromStart: true})
		next(t, "one's batch", first.batches) // and there it stands
		second := two.follow(t, "job", &Consumer{Bookmarks: bookmarks, FromStart: true})
		for range looks {
			c.pass(look)
			two.fire(look)
		}
		next(t, "two's batch", second.batches)
		first.verdict <- nil // one wakes first, and is fenced all the same
		one.fire(look)
		second.verdict <- nil
		c.eventually("it is written", func() bool { return len(two.steps(here)) > 0 })
		two.write(here, "a", time.Time{})
		two.fire(gatherLeast)
		if b := next(t, "two goes on", second.batches); !slices.Equal(numbers(b.Entries), []int64{2}) {
			t.Errorf("two goes on with %v", numbers(b.Entries))
		}
		second.verdict <- nil
		c.eventually("it is written", func() bool { return len(two.steps(here)) > 1 })
		if got := two.steps(here); !slices.Equal(got, []int64{1, 2}) {
			t.Errorf("written %v", got)
		}
	})
}

// Whatever nodes do (stop, fail, lose their lease in the middle), each entry is
// written once and in the order of its partition.
func TestNothingIsMissedOrWrittenTwice(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		const total = 150
		one := c.join("one", 0)
		nodes := []*worker{one, c.beside(one, "two"), c.beside(one, "three")}
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		for i, w := range nodes {
			rng := rand.New(rand.NewPCG(uint64(i), 2))
			consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, Wants: func(e *store.Entry) bool { return e.Number%3 > 0 },
				Handle: func(ctx context.Context, b Batch) (Output, error) {
					out := add(b.Partition, b.Entries)
					switch rng.IntN(8) {
					case 0:
						return Output{}, errors.New("fails")
					case 1:
						return Output{Write: func(tx *store.Tx) error { return errors.Join(out.Write(tx), errors.New("fails late")) }}, nil
					}
					return out, nil
				}}
			working.Go(func() { live(ctx, w.Node, consumer.Follow) })
		}
		var want []int64
		for n := range int64(total) {
			if (n+1)%3 > 0 {
				want = append(want, n+1)
			}
			nodes[n%2].write(here, fmt.Sprint("a", n%5), time.Time{})
			nodes[n%2].write(there, fmt.Sprint("b", n%5), time.Time{})
		}
		for _, partition := range []string{here, there} {
			c.eventually("all is written of "+partition, func() bool { return len(one.steps(partition)) >= len(want) })
		}
		stop()
		working.Wait()
		for _, partition := range []string{here, there} {
			if got := one.steps(partition); !slices.Equal(got, want) {
				t.Errorf("of %s was written %v", partition, got)
			}
		}
	})
}

// Who stops while what it wrote is being committed leaves the bookmark where that commit puts it.
func TestStopsWhileItCommits(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, Wants: func(e *store.Entry) bool { return e.Number > 1 },
			Handle: func(_ context.Context, b Batch) (Output, error) { return add(b.Partition, b.Entries), nil }}
		r := consumer.newReading(w.Store, lease)
		w.write(here, "unwanted", time.Time{})
		must(r.round(ctx, w.Store.Heads()))(t)
		w.write(here, "wanted", time.Time{})
		heads, gone := w.Store.Heads(), make(chan struct{})
		w.begins = func() { stop(); <-gone }
		if _, err := r.round(ctx, heads); !errors.Is(err, context.Canceled) {
			t.Fatalf("it did not stop meanwhile: %v", err)
		}
		close(gone)
		r.leave(ctx)
		c.eventually("it is written", func() bool { return len(w.steps(here)) > 0 })
		if m := must(bookmarks.Get(t.Context(), w.Store, here))(t); m.After != 2 {
			t.Errorf("the bookmark lies after %d, and %v is written", m.After, w.steps(here))
		}
	})
}

// The gap between two rounds grows while the journals do, up to its most, and is over after a quiet time.
func TestGapsGrowUnderLoad(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		var gaps []time.Duration
		w.after = func(d time.Duration) <-chan time.Time {
			gaps = append(gaps, d)
			over := make(chan time.Time, 1)
			over <- noon
			return over
		}
		w.write(here, "a", time.Time{})
		var p pace
		for range 6 {
			p.wait(t.Context(), w.Node, map[string]int64{}, nil)
		}
		quiet := make(chan time.Time)
		close(quiet)
		for p.gap > 0 && p.wait(t.Context(), w.Node, w.Store.Heads(), quiet) { // which one comes first is chance
		}
		p.wait(t.Context(), w.Node, map[string]int64{}, nil)
		ms := time.Millisecond
		if got, want := gaps[:6], []time.Duration{25 * ms, 50 * ms, 100 * ms, 200 * ms, 250 * ms, 250 * ms}; !slices.Equal(got, want) || gaps[len(gaps)-1] != 25*ms {
			t.Errorf("gaps of %v", gaps)
		}
	})
}

// An entry whose forerunner lies in another partition waits until that was
// handled, with what comes after it; what comes before it does not, and while
// the other partition fails, nobody goes round and round.
func TestWaitsForAnotherPartition(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		for _, id := range []string{"a", "moved here", "b"} {
			w.write(here, id, time.Time{})
		}
		w.write(there, "moved away", time.Time{})
		lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		asked, broken, written := 0, true, 0
		consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, Handle: func(_ context.Context, b Batch) (Output, error) {
			if b.Partition == there {
				if broken {
					return Output{}, errors.New("fails")
				}
				return add(there, b.Entries), nil
			}
			asked++
			for i, e := range b.Entries {
				if e.Doc == "moved here" && b.Read(there) < 1 {
					out := add(here, b.Entries[:i])
					out.Waits = e
					return out, nil
				}
			}
			out := add(here, b.Entries)
			out.Written = func() { written++ }
			return out, nil
		}}
		if err := consumer.CatchUp(t.Context(), w.Store, lease); err == nil {
			t.Error("a failure was not told")
		}
		if got := w.steps(here); !slices.Equal(got, []int64{1}) || asked > 2 {
			t.Errorf("written %v, asked %d times", got, asked)
		}
		broken = false
		must(0, consumer.CatchUp(t.Context(), w.Store, lease))(t)
		if got := fmt.Sprint(w.steps(here), w.steps(there)); got != "[1 2 3] [1]" || written != 1 {
			t.Errorf("written %s, told of %d times", got, written)
		}
		if lag := must(consumer.Lag(t.Context(), w.Store))(t); lag != (Lag{}) {
			t.Errorf("behind by %+v", lag)
		}
	})
}

// What is written in parts moves the bookmark with each, and what fails of it
// is handled again from the first part that was not written.
func TestWritesInParts(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		for range 6 {
			w.write(here, "a", time.Time{})
		}
		lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		failing, written := true, 0
		var handled [][]int64
		consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, Handle: func(_ context.Context, b Batch) (Output, error) {
			handled = append(handled, numbers(b.Entries))
			var out *Output
			for i := len(b.Entries); i > 0; i -= 2 {
				part := add(b.Partition, b.Entries[i-2:i])
				part.Rest, part.Upto, part.Written = out, b.Entries[i-1].Number, func() { written++ }
				if write := part.Write; i == len(b.Entries) && failing {
					part.Write = func(tx *store.Tx) error { return errors.Join(write(tx), errors.New("fails")) }
				}
				out = &part
			}
			return *out, nil
		}}
		r := consumer.newReading(w.Store, lease)
		for _, upto := range []int64{4, 6} {
			if _, err := r.round(t.Context(), w.Store.Heads()); (err != nil) != failing {
				t.Fatalf("failing is %v: %v", failing, err)
			}
			failing = false
			clear(r.failed)
			if m := must(bookmarks.Get(t.Context(), w.Store, here))(t); m.After != upto || r.read[here] != upto {
				t.Errorf("the bookmark lies after %d, and %d is read", m.After, r.read[here])
			}
		}
		if got := w.steps(here); !slices.Equal(got, []int64{1, 2, 3, 4, 5, 6}) || written != 3 {
			t.Errorf("%v is written, in %d parts", got, written)
		}
		if want := [][]int64{{1, 2, 3, 4, 5, 6}, {5, 6}}; !slices.EqualFunc(handled, want, slices.Equal) {
			t.Errorf("%v was handled", handled)
		}
	})
}

// What a consumer finds that nobody wants after all costs no write.
func TestUnwantedAfterAll(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		w.write(here, "a", time.Time{})
		lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		consumer := &Consumer{Bookmarks: bookmarks, FromStart: true, Handle: func(context.Context, Batch) (Output, error) { return Output{Unwanted: true}, nil }}
		r := consumer.newReading(w.Store, lease)
		must(r.round(t.Context(), w.Store.Heads()))(t)
		if r.read[here] != 1 || r.passed[here] != 1 {
			t.Errorf("read up to %d, passed %d", r.read[here], r.passed[here])
		}
		if _, err := bookmarks.Get(t.Context(), w.Store, here); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the bookmark was written: %v", err)
		}
	})
}

// What one consumer of a node has read, the others are not read again; one
// that is far behind reads by itself and is in nobody's way.
func TestReadOnceForAll(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		consumer := func(name string, marks *store.Collection[Bookmark, *Bookmark]) *Consumer {
			return &Consumer{Bookmarks: marks, FromStart: true, Handle: func(_ context.Context, b Batch) (Output, error) { return add(name, b.Entries), nil }}
		}
		first, second := consumer("first", bookmarks), consumer("second", others)
		catchUp := func(c *Consumer, name string, reads, upTo int64) {
			t.Helper()
			was := w.finds.Load()
			must(0, c.CatchUp(t.Context(), w.Store, lease))(t)
			if n := w.finds.Load() - was; n != reads {
				t.Errorf("%s read %d times, want %d", name, n, reads)
			}
			if got := w.steps(name); int64(len(got)) != upTo || got[upTo-1] != upTo || !slices.IsSorted(got) {
				t.Errorf("%s wrote %v, want them up to %d", name, got, upTo)
			}
		}
		w.write(here, "a", time.Time{})
		w.write(here, "b", time.Time{})
		catchUp(first, "first", 1, 2)
		catchUp(second, "second", 0, 2)
		w.write(here, "a", time.Time{})
		catchUp(second, "second", 1, 3)
		w.write(here, "a", time.Time{})
		catchUp(second, "second", 1, 4)
		catchUp(first, "first", 0, 4)
		must(0, w.Store.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
			for i := range 400 {
				if err := things.Insert(tx, &thing{Meta: store.Meta{ID: fmt.Sprint("many ", i), Partition: here}}, store.Entry{Action: "step", Actor: "tester", At: noon}); err != nil {
					return err
				}
			}
			return nil
		}))(t)
		catchUp(second, "second", 1, 404)
		w.write(here, "a", time.Time{})
		catchUp(second, "second", 1, 405)
		catchUp(first, "first", 1, 405)
	})
}
