package jobs

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"wangge/store"
)

// steps keeps, on a node, the steps of a done.
func steps(w *worker) *Kept[done, *done, []int64] {
	return Keep(w.Store, dones, "steps", []int64{-1}, func(_ context.Context, d *done) ([]int64, error) { return d.Steps, nil })
}

// What a node knows is what the head stands for: nothing without one, and an
// update decides by what is committed, however far behind its node is.
func TestKept(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		ctx, first := t.Context(), c.join("first", 0)
		second := c.beside(first, "second")
		ours, theirs := steps(first), steps(second)
		last := func(of []int64) int64 { return of[len(of)-1] }
		copies := 0
		add := func(k *Kept[done, *done, []int64], w *worker) { // a thing of the last step that there is
			t.Helper()
			copies++
			must(0, w.Store.Update(ctx, []string{here}, func(tx *store.Tx) error {
				known, err := k.In(ctx, tx)
				if err != nil {
					return err
				}
				return things.Insert(tx, &thing{Meta: store.Meta{ID: string(rune('a' + copies)), Partition: here}, Step: last(known)}, store.Entry{At: c.clock(), Actor: "x", Action: "add"})
			}))(t)
			if made := must(things.Get(ctx, w.Store, string(rune('a'+copies))))(t); made.Step != last(k.Now()) {
				t.Errorf("made of step %d, and %v is known", made.Step, k.Now())
			}
		}
		must(0, theirs.Refresh(ctx))(t)
		add(theirs, second)
		if last(theirs.Now()) != -1 {
			t.Errorf("known without a head: %v", theirs.Now())
		}
		insert := func(tx *store.Tx) error {
			return dones.Insert(tx, &done{Meta: store.Meta{ID: "steps"}, Steps: []int64{0}})
		}
		must(0, ours.Begin(ctx, nil, insert))(t)
		must(0, theirs.Begin(ctx, nil, func(*store.Tx) error { return errors.New("there is one") }))(t)
		for step := int64(1); step < 4; step++ {
			must(0, first.Store.Update(ctx, nil, func(tx *store.Tx) error {
				d, err := dones.Get(ctx, tx, "steps")
				if err != nil {
					return err
				}
				d.Steps = append(d.Steps, step)
				return dones.Put(tx, d)
			}))(t)
			if last(theirs.Now()) != step-1 {
				t.Errorf("%v is known before anybody asked", theirs.Now())
			}
			add(theirs, second) // which was behind
			if last(theirs.Now()) != step {
				t.Errorf("after step %d %v is known", step, theirs.Now())
			}
		}
	})
}

// Of several heads each counts by itself: an update reruns for the one that it
// read by, and learns no more than that one.
func TestHeads(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		ctx, first := t.Context(), c.join("first", 0)
		second := c.beside(first, "second")
		k := KeepHeads(second.Store, dones, map[string]int{}, func(_ context.Context, was map[string]int, changed []*done) (map[string]int, error) {
			all := maps.Clone(was)
			for _, d := range changed {
				all[d.ID] = len(d.Steps)
			}
			return all, nil
		})
		step := func(id string) {
			t.Helper()
			must(0, first.Store.Update(ctx, nil, func(tx *store.Tx) error {
				d, err := dones.Get(ctx, tx, id)
				if err != nil {
					return err
				}
				d.Steps = append(d.Steps, 1)
				return dones.Put(tx, d)
			}))(t)
		}
		knows := func(a, b int) {
			t.Helper()
			if got, want := k.Now(), map[string]int{"a": a, "b": b}; !maps.Equal(got, want) {
				t.Errorf("%v is known, not %v", got, want)
			}
		}
		for _, id := range []string{"a", "b"} {
			if k.Has(id) {
				t.Errorf("%s is known of before it is there", id)
			}
			must(0, k.Begin(ctx, id, nil, func(tx *store.Tx) error {
				return dones.Insert(tx, &done{Meta: store.Meta{ID: id}})
			}))(t)
			if !k.Has(id) {
				t.Errorf("%s is not known of", id)
			}
		}
		knows(0, 0)
		step("a")
		step("b")
		var by []int
		must(0, second.Store.Update(ctx, []string{here}, func(tx *store.Tx) error {
			known, err := k.In(ctx, tx, "a")
			if err != nil {
				return err
			}
			by = append(by, known["a"])
			return things.Insert(tx, &thing{Meta: store.Meta{ID: "by a", Partition: here}}, store.Entry{At: c.clock(), Actor: "x", Action: "add"})
		}))(t)
		if by[0] != 0 || by[len(by)-1] != 1 {
			t.Errorf("decided by %v steps", by)
		}
		knows(1, 0)
		must(0, k.Refresh(ctx, "a", "b", "none"))(t)
		knows(1, 1)
	})
}

// Who follows makes the head where there is none, and learns what others write.
func TestKeptFollows(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		ctx, stop := context.WithCancel(t.Context())
		first := c.join("first", 0)
		second := c.beside(first, "second")
		second.hasten()
		k := steps(second)
		begun, ended := make(chan struct{}), make(chan error)
		go func() {
			ended <- k.Follow(ctx, second.Node, "steps", here, func(ctx context.Context, _ time.Time) error {
				defer close(begun)
				return k.Begin(ctx, nil, func(tx *store.Tx) error {
					return dones.Insert(tx, &done{Meta: store.Meta{ID: "steps"}, Steps: []int64{0}})
				})
			})
		}()
		<-begun
		must(0, first.Store.Update(ctx, []string{here}, func(tx *store.Tx) error {
			d, err := dones.Get(ctx, tx, "steps")
			if err != nil {
				return err
			}
			d.Steps = append(d.Steps, 1)
			if err := dones.Put(tx, d); err != nil {
				return err
			}
			return things.Insert(tx, &thing{Meta: store.Meta{ID: "told", Partition: here}}, store.Entry{At: c.clock(), Actor: "x", Action: "told"})
		}))(t)
		c.eventually("it is known", func() bool { return len(k.Now()) == 2 })
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("followed to its end: %v", err)
		}
	})
}
