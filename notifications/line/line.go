// Package line sends what one receiver is to get: it looks what is due, sends
// some of it at once, and sleeps until something is due or it is woken. What is
// sent, and what is written of it, is its user's.
package line

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"wangge/store"
)

// Rest is the longest that a line sleeps: clocks are set.
const Rest = time.Minute

const againAfter = time.Second // when the store fails

// Line is one receiver's sending.
type Line[T any] struct {
	// Look returns what is to be sent now beside what is being sent, by Key, and
	// how long there is nothing to do unless the line is woken or a sending ends.
	Look func(ctx context.Context, sending map[string]bool) (due []T, rest time.Duration, err error)
	// Key tells what is not sent twice at once.
	Key func(T) string
	// Send sends one, and writes what came of it. Its error is the store's: what
	// came of it is not on record, and it will be sent again.
	Send  func(ctx context.Context, one T) error
	After func(time.Duration) <-chan time.Time // time.After, but in tests
	Log   *slog.Logger                         // says whose line it is

	woken chan struct{}
}

// New completes a line.
func New[T any](l Line[T]) *Line[T] {
	l.woken = make(chan struct{}, 1)
	return &l
}

// Wake has the line look what is due.
func (l *Line[T]) Wake() {
	select {
	case l.woken <- struct{}{}:
	default: // it looks anyway
	}
}

// ended is what came of one sending.
type ended struct {
	key string
	err error
}

// Run sends until ctx ends, or this node is to send no more: then its error is store.ErrFenced.
func (l *Line[T]) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	sending, done := map[string]bool{}, make(chan ended)
	for {
		due, rest, err := l.Look(ctx, sending)
		if over(ctx, err) {
			return fenced(err)
		}
		if err != nil {
			l.Log.Warn("what is due was not looked for; trying again", "error", err)
			rest = againAfter
		}
		for _, one := range due {
			key := l.Key(one)
			sending[key] = true
			all.Go(func() {
				o := ended{key, l.Send(ctx, one)}
				select {
				case done <- o:
				case <-ctx.Done():
				}
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.woken:
		case <-l.After(rest):
		case o := <-done:
			if delete(sending, o.key); over(ctx, o.err) {
				return fenced(o.err)
			}
			if o.err != nil {
				l.Log.Warn("a message could not be seen to; trying again", "error", o.err)
				if !l.pause(ctx) {
					return nil
				}
			}
		}
	}
}

// pause waits a moment when the store fails, and reports whether to go on.
func (l *Line[T]) pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-l.After(againAfter):
		return true
	}
}

// over reports whether this node is to send no more.
func over(ctx context.Context, err error) bool {
	return errors.Is(err, store.ErrFenced) || ctx.Err() != nil
}

// fenced is an error by which another node sends from now on; nil for others.
func fenced(err error) error {
	if errors.Is(err, store.ErrFenced) {
		return err
	}
	return nil
}
