package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wangge/store"
)

const looks = int(leaseFor / look) // after which a lease that nobody renewed is free

// While the holder renews, it leads, and what is done is done under its lease.
func TestOneLeads(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		one, two := c.join("one", 0), c.join("two", 0)
		first := one.lead("job")
		lease := next(t, "one leads", first.started)
		second := two.lead("job")
		for range 2 * looks {
			c.pass(beat)
			one.fire(beat)
			two.fire(look)
			must(0, one.do(lease, "work"))(t)
		}
		one.fire(beat) // the last renewal is over by then
		two.fire(look)
		never(t, "two leads as well", second.started)
		never(t, "one lost its lease", first.lost)

		first.finish <- nil
		if err := next(t, "one ends", first.ended); err != nil {
			t.Errorf("what has nothing left to do ends with %v", err)
		}
		two.fire(look)
		if later := next(t, "two leads, since one gave it up", second.started); later.Token <= lease.Token {
			t.Errorf("token %d after %d", later.Token, lease.Token)
		}
		if err := one.do(lease, "work"); !errors.Is(err, store.ErrFenced) {
			t.Errorf("under a lease given up: %v", err)
		}
	})
}

// A node that stops hands over at the next look, and what fails is tried again, elsewhere too.
func TestHandsOver(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		one, two := c.join("one", 0), c.join("two", 0)
		first := one.lead("job")
		next(t, "one leads", first.started)
		second := two.lead("job")
		two.sleeps(c, look) // it has seen that one leads
		first.stop()
		if err := next(t, "one ends", first.ended); !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		two.fire(look)
		next(t, "two leads", second.started)
		second.finish <- errors.New("fails")
		free := func() bool { return must(one.Store.Lease(t.Context(), "job"))(t).Holder == "" }
		c.eventually("two gives it up", free)
		third := one.lead("job")
		next(t, "one leads again", third.started)
		third.finish <- errors.New("fails here too")
		c.eventually("one gives it up", free)
		two.fire(look)
		next(t, "two tries again", second.started)
	})
}

// A killed holder's lease is free once it showed no life for its length; no clock decides.
func TestKilledHolder(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"clocks agree": 0, "it was days ahead": 72 * time.Hour, "it was days behind": -72 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, c *city) {
				one, two := c.join("one", ahead), c.join("two", 0)
				killed := must(one.Store.Acquire(t.Context(), "job", "one", leaseFor))(t) // and is heard of no more
				second := two.lead("job")
				for range looks {
					never(t, "two leads too early", second.started)
					c.pass(look)
					two.fire(look)
				}
				next(t, "two leads", second.started)
				if err := one.do(killed, "work"); !errors.Is(err, store.ErrFenced) {
					t.Errorf("the dead work: %v", err)
				}
			})
		})
	}
}

// Who alone has the store does not wait for what a killed process held, which is fenced.
func TestKilledHolderOfOneProcess(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		one, two := c.join("one", 0), c.join("two", 0)
		killed := must(one.Store.Acquire(t.Context(), "job", "one", leaseFor))(t)
		two.Alone = true
		next(t, "two leads at once", two.lead("job").started)
		if err := one.do(killed, "work"); !errors.Is(err, store.ErrFenced) {
			t.Errorf("the dead work: %v", err)
		}
	})
}

// A holder whose clock is wrong leads on as long as it lives, and is not fought over.
func TestWrongClockLeadsOn(t *testing.T) {
	for _, ahead := range []time.Duration{72 * time.Hour, -72 * time.Hour} {
		eachEngine(t, func(t *testing.T, c *city) {
			one, two := c.join("one", ahead), c.join("two", 0)
			first := one.lead("job")
			lease := next(t, "one leads", first.started)
			second := two.lead("job")
			for range 2 * looks {
				c.pass(beat)
				one.fire(beat)
				two.fire(look)
			}
			one.fire(beat)
			two.fire(look)
			never(t, "two leads as well", second.started)
			must(0, one.do(lease, "work"))(t)
		})
	}
}

// A paused holder that wakes is fenced: what it was about to write is refused, and its work ends.
func TestPausedHolder(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		one, two := c.join("one", 0), c.join("two", 0)
		first := one.lead("job")
		lease := next(t, "one leads", first.started)
		must(0, one.do(lease, "work"))(t)
		second := two.lead("job")
		for range looks { // one renews nothing
			c.pass(look)
			two.fire(look)
		}
		must(0, two.do(next(t, "two leads", second.started), "work"))(t)
		if err := one.do(lease, "work"); !errors.Is(err, store.ErrFenced) {
			t.Errorf("one wakes and writes: %v", err)
		}
		one.fire(beat)
		if err := next(t, "one's work ends", first.lost); !errors.Is(err, store.ErrFenced) {
			t.Errorf("it ended by %v", err)
		}
		one.fire(look)
		one.fire(look)
		never(t, "one leads again", first.started)
		if d := must(dones.Get(t.Context(), two.Store, "work"))(t); fmt.Sprint(d.By) != "[one two]" {
			t.Errorf("done by %v", d.By)
		}
	})
}

// A holder without a database stops by itself when its time is over, since another may lead.
func TestCutOffHolder(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		one := c.join("one", 0)
		first := one.lead("job")
		next(t, "one leads", first.started)
		one.cut.Store(true)
		one.fire(beat)
		one.fire(beat)
		never(t, "it stopped before its time", first.lost)
		one.fire(leaseFor)
		if err := next(t, "one's work ends", first.lost); !errors.Is(err, store.ErrFenced) {
			t.Errorf("it ended by %v", err)
		}
		one.cut.Store(false)
		one.fire(look)
		next(t, "one leads again", first.started)
	})
}

// However nodes come and go and whatever their clocks say, each step of a job
// is written once, in order, by whoever leads then.
func TestEachStepIsWrittenOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, c *city) {
		const steps = 60
		must(0, c.join("first", 0).Store.Update(t.Context(), nil, func(tx *store.Tx) error {
			return dones.Insert(tx, &done{Meta: store.Meta{ID: "work"}})
		}))(t)
		var all sync.WaitGroup
		for i, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
			w := c.join(fmt.Sprint("node ", i), ahead)
			w.after = func(time.Duration) <-chan time.Time {
				return time.After(time.Duration(rand.IntN(5)) * time.Millisecond)
			} // all too short
			rng := rand.New(rand.NewPCG(uint64(i), 1))
			all.Go(func() {
				_ = Lead(t.Context(), w.Node, "job", func(ctx context.Context, lease store.Lease) error {
					for {
						d, err := dones.Get(ctx, w.Store, "work")
						if err != nil {
							return err
						}
						n := int64(len(d.Steps))
						if n >= steps {
							return nil
						}
						if rng.IntN(5) == 0 {
							return errors.New("killed")
						}
						err = w.Store.Update(ctx, nil, func(tx *store.Tx) error {
							if err := tx.Hold(ctx, lease); err != nil {
								return err
							}
							d, err := dones.Get(ctx, tx, "work")
							if err != nil || int64(len(d.Steps)) != n {
								return errors.Join(err, errors.New("another leads as well"))
							}
							d.Steps, d.By = append(d.Steps, n), append(d.By, lease.Holder)
							return dones.Put(tx, d)
						})
						if err != nil {
							return err
						}
					}
				})
			})
		}
		all.Wait()
		d := must(dones.Get(t.Context(), c.join("last", 0).Store, "work"))(t)
		for i, n := range d.Steps {
			if int(n) != i {
				t.Fatalf("steps %v", d.Steps)
			}
		}
		if len(d.Steps) != steps {
			t.Errorf("%d steps", len(d.Steps))
		}
	})
}
