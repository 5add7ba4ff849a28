package jobs

import (
	"context"
	"errors"
	"time"

	"wangge/store"
)

const (
	gatherLeast = 25 * time.Millisecond  // after a round of work, before the next
	gatherMost  = 250 * time.Millisecond // the same, while the journals keep growing
	retryAfter  = time.Second            // what failed
)

// pace spaces rounds of work on what the journals say: the first entry after
// an idle time is worked on at once, what comes in a row is gathered.
type pace struct{ gap time.Duration }

// wait returns when the journals have grown beyond seen and the gap since the
// last round is over, or true as soon as something comes from until.
func (p *pace) wait(ctx context.Context, n Node, seen map[string]int64, until <-chan time.Time) bool {
	p.gap = max(p.gap, gatherLeast)
	select {
	case <-ctx.Done():
		return false
	case <-until:
		return true
	case <-n.timer(p.gap):
	}
	idle := true
	for partition, head := range n.Store.Heads() {
		idle = idle && head <= seen[partition]
	}
	if !idle {
		p.gap = min(2*p.gap, gatherMost)
		return false
	}
	p.gap = 0
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	grown := make(chan struct{})
	go func() {
		_, _ = n.Store.Wait(waiting, seen) // its error is the end of ctx
		close(grown)
	}()
	select {
	case <-grown:
		return false
	case <-until:
		return true
	}
}

// Watch calls catchUp with the last number of every journal at once, and again
// whenever one has grown, until ctx ends; it returns ctx's error. It is for
// what every node keeps in memory and makes anew when it starts. A failure is
// logged, and catchUp called again after a second.
func Watch(ctx context.Context, n Node, what string, catchUp func(ctx context.Context, heads map[string]int64) error) error {
	var p pace
	for ctx.Err() == nil {
		heads := n.Store.Heads()
		if err := catchUp(ctx, heads); err == nil {
			p.wait(ctx, n, heads, nil)
		} else if ctx.Err() == nil {
			n.Log.Warn("what is kept in memory cannot be brought up to date; trying again", "what", what, "error", err)
			n.sleep(ctx, retryAfter)
		}
	}
	return ctx.Err()
}

func (n Node) sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-n.timer(d):
	}
}

// over reports whether the work under a lease is at its end: another node has it, or the node stops.
func over(ctx context.Context, err error) bool {
	return errors.Is(err, store.ErrFenced) || ctx.Err() != nil
}
