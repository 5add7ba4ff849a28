package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"wangge/store"
)

// Node is a process that takes its part in background work.
type Node struct {
	Store *store.Store
	Name  string           // of this process and of no other
	Now   func() time.Time // for Due, whose work is given the time; not what leases go by
	Log   *slog.Logger
	// Alone says that no other process can have the store: a lease that another
	// holds as a job begins is one of a process that was killed, and is taken at once.
	Alone bool

	after func(time.Duration) <-chan time.Time // time.After, unless a test sets it
}

const (
	leaseFor = 15 * time.Second // after a node was killed, its work stands still for as long, and a look
	beat     = 5 * time.Second  // between two renewals
	look     = 3 * time.Second  // between two looks whether another's lease is free
	release  = 5 * time.Second  // how long a node that stops tries to give its leases up
)

// Work is what one node at a time does under a lease. What it writes is guarded
// by Tx.Hold of it; its ctx ends when the lease is lost (its cause is store.ErrFenced then).
type Work func(ctx context.Context, lease store.Lease) error

// Lead does the works, at once, on one node at a time, under the lease of that
// name, until all have returned nil or ctx ends, whose error is returned then.
// They are started again, here or on another node, when one fails, and
// elsewhere when this node stops, is killed or loses its database.
//
// Another's lease is taken only when its holder showed no sign of life for as
// long as it was taken for, however wrong the clocks of the two are.
func Lead(ctx context.Context, n Node, name string, works ...Work) error {
	seen, still := int64(0), time.Duration(0) // the version that was there, and for how long
	if held, err := n.Store.Lease(ctx, name); n.Alone && err == nil && held.Holder != n.Name {
		if err := n.Store.Release(ctx, held); err != nil {
			n.Log.Warn("a dead process's lease was not given up; it is waited for", "job", name, "error", err)
		}
	}
	for ctx.Err() == nil {
		held, err := n.Store.Lease(ctx, name)
		pause, length := look, time.Duration(held.Length)*time.Millisecond
		if held.Version != seen {
			seen, still = held.Version, 0
		}
		if err == nil && held.Holder != "" && held.Holder != n.Name && still < length {
			pause = min(look, length-still)
			still += pause
		} else if err = Try(ctx, n, name, works...); err == nil {
			return nil
		} else if !errors.Is(err, store.ErrLeaseHeld) && !over(ctx, err) {
			n.Log.Warn("a job failed; trying again", "job", name, "error", err)
		}
		n.sleep(ctx, pause)
	}
	return ctx.Err()
}

// Try does the works once under the lease, which is renewed beside them and
// given up at the end; store.ErrLeaseHeld while another has it.
func Try(ctx context.Context, n Node, name string, works ...Work) error {
	lease, err := n.Store.Acquire(ctx, name, n.Name, leaseFor)
	if err != nil {
		return err
	}
	working, end := context.WithCancelCause(ctx)
	var renewing, all sync.WaitGroup
	renewing.Go(func() { n.renew(working, lease, end) })
	failed := make([]error, len(works))
	for i, work := range works {
		all.Go(func() {
			if failed[i] = work(working, lease); failed[i] != nil {
				end(failed[i])
			}
		})
	}
	all.Wait()
	if errors.Join(failed...) != nil {
		err = context.Cause(working) // the first
	}
	end(nil)
	renewing.Wait()
	if errors.Is(err, store.ErrFenced) {
		return err
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), release)
	defer stop()
	if err := n.Store.Release(last, lease); err != nil {
		n.Log.Warn("a lease was not given up; the next waits until it runs out", "job", name, "error", err)
	}
	return err
}

// renew keeps the lease until ctx ends, and ends it when the lease is lost:
// another has it, or may have, since it could not be renewed for its length.
func (n Node) renew(ctx context.Context, lease store.Lease, end context.CancelCauseFunc) {
	over := n.timer(leaseFor)
	for {
		select {
		case <-ctx.Done():
			return
		case <-over:
			end(store.ErrFenced)
			return
		case <-n.timer(beat):
		}
		again := n.timer(leaseFor)
		asking, stop := n.within(ctx, beat)
		err := n.Store.Renew(asking, lease)
		stop()
		switch {
		case err == nil:
			over = again
		case errors.Is(err, store.ErrFenced):
			end(err)
			return
		case ctx.Err() == nil:
			n.Log.Warn("a lease was not renewed; trying again", "job", lease.ID, "error", err)
		}
	}
}

func (n Node) timer(d time.Duration) <-chan time.Time {
	if n.after != nil {
		return n.after(d)
	}
	return time.After(d)
}

// within is a context that ends after d; in a test, which holds the time, with the test.
func (n Node) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if n.after != nil {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
