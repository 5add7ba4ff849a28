package jobs

import (
	"context"
	"errors"
	"time"

	"wangge/store"
)

// Due is what an index of times wakes: each document of a collection, when the
// time in one of its fields has come. The times come by updates that write the
// journal, so that one which is earlier than those known is heard of.
type Due[T any, P store.Doc[T]] struct {
	Collection *store.Collection[T, P]
	Field      string // with an index that begins with it
	At         func(P) time.Time
	// Do does what is due of one document, held by the lease (Tx.Hold), and
	// takes its time out of the index or sets the next. It reads the document
	// again: it may have changed meanwhile, and to find it not due any more is
	// no error. One that fails does not hold up the others, and is tried again.
	Do func(ctx context.Context, lease store.Lease, doc P, now time.Time) error
}

const (
	dueAtOnce  = 100
	againAfter = 5 * time.Second // those that failed
	lookAtMost = time.Minute     // the longest sleep: clocks are set
)

// Run is the work of it: to do what is due as its time comes, by the clock of
// the database where that has one, and else by the node's.
func (d *Due[T, P]) Run(n Node) Work {
	return func(ctx context.Context, lease store.Lease) error {
		var p pace
		told := false
		for {
			heads := n.Store.Heads()
			rest, err := d.turn(ctx, n, lease)
			switch {
			case over(ctx, err):
				return errors.Join(ctx.Err(), err)
			case errors.Is(err, store.ErrBuilding):
				if !told {
					n.Log.Info("what is due waits for an index that is being built", "job", lease.ID)
				}
				told = true
			case err != nil:
				n.Log.Warn("what is due was not done; trying again", "job", lease.ID, "error", err)
			}
			p.wait(ctx, n, heads, n.timer(rest))
		}
	}
}

// turn does what is due and returns how long there is nothing to do unless something is written.
func (d *Due[T, P]) turn(ctx context.Context, n Node, lease store.Lease) (rest time.Duration, err error) {
	now, err := n.now(ctx)
	if err != nil {
		return againAfter, err
	}
	if _, err := d.Pass(ctx, n.Store, lease, now); err != nil {
		return againAfter, err
	}
	next, _, err := d.Collection.Find(ctx, n.Store, store.Query{Where: []store.Cond{store.Between(d.Field, after(now), nil)}, Order: []string{d.Field}, Limit: 1})
	if err != nil {
		return againAfter, err
	}
	if len(next) == 0 {
		return lookAtMost, nil
	}
	return min(d.At(next[0]).Sub(now), lookAtMost), nil
}

// after is the next time that the store tells from t.
func after(t time.Time) time.Time { return t.Add(time.Millisecond) }

// Pass does what is due at now, each document once, and returns how many it did.
func (d *Due[T, P]) Pass(ctx context.Context, st *store.Store, lease store.Lease, now time.Time) (did int, err error) {
	var failed []error
	for cursor := ""; ; {
		due, next, err := d.Collection.Find(ctx, st, store.Query{
			Where: []store.Cond{store.Between(d.Field, nil, after(now))}, Order: []string{d.Field}, Limit: dueAtOnce, After: cursor,
		})
		if err != nil {
			return did, errors.Join(append(failed, err)...)
		}
		for _, doc := range due {
			err := d.Do(ctx, lease, doc, now)
			switch {
			case over(ctx, err):
				return did, errors.Join(ctx.Err(), err)
			case err != nil:
				failed = append(failed, err)
			default:
				did++
			}
		}
		if cursor = next; cursor == "" {
			return did, errors.Join(failed...)
		}
	}
}

// now is the time by the database's clock, as far as one can be told from another.
func (n Node) now(ctx context.Context) (time.Time, error) {
	ahead, err := n.Store.Ahead(ctx)
	return n.Now().UTC().Add(-ahead), err
}
