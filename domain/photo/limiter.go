package photo

import (
	"context"
	"sync"
)

// limiter bounds the pictures worked on: two at once, and one of each
// account, so that who sends many waits for their own and not others for them.
type limiter struct {
	places chan struct{}

	mu     sync.Mutex
	queues map[string]*queue // by account, while anything waits or works
}

type queue struct {
	turn chan struct{}
	here int // waiting or at work
}

func newLimiter() *limiter {
	return &limiter{places: make(chan struct{}, 2), queues: map[string]*queue{}}
}

// acquire waits for the account's turn and then for a place; leave gives both
// back. Errors: ctx's.
func (w *limiter) acquire(ctx context.Context, account string) (leave func(), err error) {
	q := w.enter(account)
	select {
	case q.turn <- struct{}{}:
	case <-ctx.Done():
		w.leave(account, q)
		return nil, ctx.Err()
	}
	select {
	case w.places <- struct{}{}:
	case <-ctx.Done():
		<-q.turn
		w.leave(account, q)
		return nil, ctx.Err()
	}
	return func() { <-w.places; <-q.turn; w.leave(account, q) }, nil
}

func (w *limiter) enter(account string) *queue {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queues[account]
	if q == nil {
		q = &queue{turn: make(chan struct{}, 1)}
		w.queues[account] = q
	}
	q.here++
	return q
}

func (w *limiter) leave(account string, q *queue) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if q.here--; q.here == 0 {
		delete(w.queues, account)
	}
}
