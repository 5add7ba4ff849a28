// Package webhooks is the one sender of what package webhook puts in line: it
// renders messages, signs them by Standard Webhooks, sends them, and says what
// came of it. It knows nothing of what happened or who may hear of it, and
// keeps nothing of its own.
package webhooks

import (
	"context"
	"sync"
	"time"

	"wangge/domain/area"
	"wangge/domain/webhook"
	"wangge/notifications/outgoing"
	"wangge/store"
	"wangge/store/jobs"
)

// Sender sends what is due, each target's by itself, so that one that does not
// answer costs the others nothing.
type Sender struct {
	targets    *webhook.Targets
	deliveries *webhook.Deliveries
	guard      *outgoing.Guard

	after func(time.Duration) <-chan time.Time // time.After, unless a test sets it

	mu    sync.Mutex
	lines map[string]*targetLine // by target, while this node sends
}

// New makes the sender of the targets' deliveries, of which it hears from now on.
func New(targets *webhook.Targets, deliveries *webhook.Deliveries, guard *outgoing.Guard) *Sender {
	s := &Sender{targets: targets, deliveries: deliveries, guard: guard, after: time.After, lines: map[string]*targetLine{}}
	deliveries.Enqueued = s.wake
	return s
}

// wake has a target's line look what is due, where this node sends.
func (s *Sender) wake(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lines[target]; l != nil {
		l.Wake()
	}
}

// Run is the work of it, under one lease with the consumer that puts messages
// in line. A message that is on its way when it ends may be sent again.
func (s *Sender) Run(n jobs.Node) jobs.Work {
	return func(ctx context.Context, lease store.Lease) error {
		working, end := context.WithCancelCause(ctx)
		var all sync.WaitGroup
		defer func() {
			end(nil)
			all.Wait()
			s.mu.Lock()
			clear(s.lines)
			s.mu.Unlock()
		}()
		seen := int64(-1)
		err := jobs.Watch(working, n, "webhooks", func(ctx context.Context, heads map[string]int64) error {
			head := heads[area.CityPartition]
			if head == seen { // whatever a person does about targets and their messages is on the city's journal
				return nil
			}
			if err := s.targets.Refresh(ctx); err != nil {
				return err
			}
			for _, l := range s.settle(working, n, lease) {
				all.Go(func() {
					if err := l.run(); err != nil {
						end(err)
					}
				})
			}
			seen = head
			return nil
		})
		if cause := context.Cause(working); cause != nil {
			return cause
		}
		return err
	}
}

// settle ends the lines of targets that are no more, wakes those that are, and returns new ones to be run.
func (s *Sender) settle(ctx context.Context, n jobs.Node, lease store.Lease) (fresh []*targetLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := map[string]*webhook.Target{}
	for _, t := range s.targets.All() {
		there[t.ID] = t
	}
	for id, l := range s.lines {
		if there[id] == nil {
			l.end()
			delete(s.lines, id)
		}
	}
	for id, t := range there {
		l := s.lines[id]
		if l == nil {
			l = s.newLine(ctx, n, lease, t)
			s.lines[id], fresh = l, append(fresh, l)
		}
		l.target.Store(t)
		l.Wake()
	}
	return fresh
}
