package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/enginetest"
)

// wake is what is to be done of things: each once, when it is due.
func (w *worker) wake(did chan<- string, broken func(id string) bool) *Due[thing, *thing] {
	return &Due[thing, *thing]{
		Collection: things, Field: "dueAt", At: func(x *thing) time.Time { return x.DueAt },
		Do: func(ctx context.Context, lease store.Lease, x *thing, now time.Time) error {
			if broken != nil && broken(x.ID) {
				return errors.New("broken")
			}
			err := w.Store.Update(ctx, []string{x.Partition}, func(tx *store.Tx) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				x, err := things.Get(ctx, tx, x.ID)
				if err != nil || x.DueAt.IsZero() || x.DueAt.After(now) {
					return err
				}
				x.DueAt = time.Time{}
				return things.Put(tx, x, store.Entry{Action: "done", Actor: "system", At: now})
			})
			if err == nil {
				did <- x.ID
			}
			return err
		},
	}
}

// It sleeps until the earliest time, and a commit that brings an earlier one wakes it.
func TestSleepsUntilTheEarliest(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		w.write(here, "soon", noon.Add(40*time.Second))
		w.write(here, "late", noon.Add(time.Hour))
		did := make(chan string, 10)
		w.run(t, "job", w.wake(did, nil).Run(w.Node))
		w.sleeps(c, 40*time.Second)
		looked := w.finds.Load()
		w.write(here, "sooner", noon.Add(10*time.Second))
		w.fire(gatherLeast) // and the node hears of it
		w.sleeps(c, 10*time.Second)
		never(t, "done early", did)
		if n := w.finds.Load() - looked; n != 2 {
			t.Errorf("it looked %d times, once for what is due and once for what will be", n)
		}
		c.pass(10 * time.Second)
		w.fire(10 * time.Second)
		if id := next(t, "something is done", did); id != "sooner" {
			t.Errorf("done: %s", id)
		}
		w.sleeps(c, 30*time.Second)
		c.pass(30 * time.Second)
		w.fire(30 * time.Second)
		if id := next(t, "something is done", did); id != "soon" {
			t.Errorf("done: %s", id)
		}
		w.sleeps(c, lookAtMost) // the next is an hour away, and the clock may be set
		w.fire(lookAtMost)
		w.sleeps(c, lookAtMost)
		never(t, "done early", did)
		c.pass(time.Hour)
		w.fire(lookAtMost)
		if id := next(t, "something is done", did); id != "late" {
			t.Errorf("done: %s", id)
		}
	})
}

// A node whose clock is wrong goes by the database's: nothing is done early, nor late.
func TestDueByTheDatabasesClock(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		eachEngine(t, func(t *testing.T, c *city) {
			w := c.join("one", ahead)
			w.write(here, "a", noon.Add(30*time.Minute))
			lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
			did := make(chan string, 10)
			d := w.wake(did, nil)
			must(d.turn(t.Context(), w.Node, lease))(t)
			never(t, "done early", did)
			c.pass(30*time.Minute + time.Minute)
			must(d.turn(t.Context(), w.Node, lease))(t)
			next(t, "done", did)
		})
	}
}

// However many cannot be done, the others are, and in order.
func TestFailuresHoldUpNobody(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		w := c.join("one", 0)
		for i := range 2*dueAtOnce + 10 {
			id := fmt.Sprintf("broken-%03d", i)
			if i%70 == 69 {
				id = fmt.Sprintf("sound-%03d", i)
			}
			w.write(here, id, noon.Add(time.Duration(i)*time.Second))
		}
		lease := must(w.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		did := make(chan string, 10)
		n, err := w.wake(did, func(id string) bool { return id[0] == 'b' }).Pass(t.Context(), w.Store, lease, noon.Add(time.Hour))
		if n != 3 || err == nil {
			t.Errorf("%d done, %v", n, err)
		}
		if got := []string{<-did, <-did, <-did}; !slices.Equal(got, []string{"sound-069", "sound-139", "sound-209"}) {
			t.Errorf("done: %v", got)
		}
		two := c.join("two", 0)
		c.pass(time.Hour)
		must(two.Store.Acquire(t.Context(), "job", "two", leaseFor))(t)
		if n, err := w.wake(did, nil).Pass(t.Context(), w.Store, lease, noon.Add(time.Hour)); n != 0 || !errors.Is(err, store.ErrFenced) {
			t.Errorf("under a lost lease: %d done, %v", n, err)
		}
	})
}

// What waits for an index is told of once, other failures each time.
func TestWaitsForAnIndexQuietly(t *testing.T) {
	enginetest.One(t, func(t *testing.T, p enginetest.Place) {
		c := &city{t: t, open: func() store.Engine { return p.Open(t) }, alone: true}
		w := c.join("one", 0)
		w.write(here, "a", noon)
		var log bytes.Buffer
		w.Log = slog.New(slog.NewTextHandler(&log, nil))
		tried := make(chan string, 100)
		d := w.wake(nil, nil)
		d.Do = func(_ context.Context, _ store.Lease, x *thing, _ time.Time) error {
			tried <- x.ID
			return store.ErrBuilding
		}
		w.run(t, "job", d.Run(w.Node))
		next(t, "a first look", tried)
		gap := gatherLeast
		for _, id := range []string{"b", "c", "d"} {
			w.write(here, id, noon)
			w.fire(gap)
			for next(t, "another look", tried) != id {
			}
			gap *= 2
		}
		w.sleeps(c, againAfter)
		if n := strings.Count(log.String(), "level=INFO"); n != 1 || strings.Contains(log.String(), "level=WARN") {
			t.Errorf("the log says %s", log.String())
		}
	})
}

// Nodes come and go, with clocks an hour off, while times are set and passed:
// each is done once, and none before its time.
func TestEachIsDoneOnceInTime(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		const total = 40
		one := c.join("writer", 0)
		nodes := []*worker{one, c.beside(one, "two")}
		if c.alone {
			nodes = append(nodes, c.beside(one, "three"))
		} else {
			nodes = append(nodes, c.join("ahead", time.Hour), c.join("behind", -time.Hour))
		}
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		did := make(chan string, 10*total)
		for _, w := range nodes {
			working.Go(func() {
				live(ctx, w.Node, func(node Node) Work { return w.wake(did, nil).Run(node) })
			})
		}
		at := map[string]time.Time{}
		for i := range total {
			id := fmt.Sprint("thing ", i)
			at[id] = c.clock().Add(time.Duration(i%7) * 10 * time.Second)
			one.write(here, id, at[id])
			c.pass(time.Second)
		}
		c.pass(2 * time.Minute)
		left := slices.Collect(maps.Keys(at))
		c.eventually("all are done", func() bool {
			for len(left) > 0 && must(things.Get(t.Context(), one.Store, left[0]))(t).DueAt.IsZero() {
				left = left[1:]
			}
			return len(left) == 0
		})
		stop()
		working.Wait()
		done := map[string]int{}
		for _, e := range must(one.Store.Journal(t.Context(), here, 0, 1000))(t) {
			if e.Action != "done" {
				continue
			}
			if done[e.Doc]++; e.At.Before(at[e.Doc]) {
				t.Errorf("%s was done %s early", e.Doc, at[e.Doc].Sub(e.At))
			}
		}
		for id := range at {
			if done[id] != 1 {
				t.Errorf("%s was done %d times", id, done[id])
			}
		}
	})
}
