// Package sms sends what package sms of the domain has in line, through the
// service that is configured, and asks it what became of it. Every node sends;
// what one holds another leaves alone, so that a code goes out from the node
// that it was asked of at once, and what a killed node left, from another. No
// error or log of it names a number or a code.
package sms

import (
	"context"
	"sync"
	"time"

	"wangge/domain/delivery"
	"wangge/domain/sms"
	"wangge/store/jobs"
)

const (
	atOnce     = 8                // messages on their way
	patience   = 10 * time.Second // for the service's answer
	lookAtMost = 15 * time.Second // between two looks for what another node left
	againAfter = time.Second      // when the store fails
)

// Sender sends.
type Sender struct {
	texts   *sms.Texts
	service sms.Service
	woken   chan struct{}
	room    chan struct{}                        // for what is on its way
	after   func(time.Duration) <-chan time.Time // time.After, unless a test sets it
}

// New makes the sender of the texts, of which it hears from now on.
func New(texts *sms.Texts, service sms.Service) *Sender {
	s := &Sender{texts: texts, service: service, woken: make(chan struct{}, 1), room: make(chan struct{}, atOnce), after: time.After}
	texts.Enqueued = s.wake
	return s
}

func (s *Sender) wake() {
	select {
	case s.woken <- struct{}{}:
	default: // it looks anyway
	}
}

// Run sends until ctx ends, and lets what is on its way come to its end.
func (s *Sender) Run(ctx context.Context, n jobs.Node) {
	var all sync.WaitGroup
	defer all.Wait()
	for ctx.Err() == nil {
		rest, err := s.round(ctx, n, func(work func()) {
			select {
			case s.room <- struct{}{}:
				all.Go(func() {
					work()
					<-s.room
					s.wake() // it may be due again before what is known of
				})
			case <-ctx.Done():
			}
		})
		if err != nil && ctx.Err() == nil {
			n.Log.Warn("text messages were not looked for; trying again", "error", err)
			rest = againAfter
		}
		select {
		case <-ctx.Done():
		case <-s.woken:
		case <-s.after(rest):
		}
	}
}

// round begins what is due, and returns how long there is nothing more to do.
func (s *Sender) round(ctx context.Context, n jobs.Node, begin func(func())) (time.Duration, error) {
	for ctx.Err() == nil {
		now, err := storeTime(ctx, n)
		if err != nil {
			return 0, err
		}
		due, err := s.texts.Due(ctx, now, 4*atOnce)
		if err != nil {
			return 0, err
		}
		held := 0
		for _, t := range due {
			h, err := s.texts.Hold(ctx, t.ID, now)
			if err != nil {
				n.Log.Warn("a text message was not seen to; trying again", "message", t.ID, "error", err)
				continue
			}
			if held++; h != nil {
				begin(func() { s.see(ctx, n, h) })
			}
		}
		if held > 0 {
			continue
		}
		next, err := s.texts.NextDue(ctx, now)
		switch {
		case err != nil:
			return 0, err
		case len(due) > 0:
			return againAfter, nil
		case next.IsZero():
			return lookAtMost, nil
		}
		return min(next.Sub(now), lookAtMost), nil
	}
	return 0, ctx.Err()
}

// storeTime is the database's time, as far as it can be told: nodes agree by it who holds a message.
func storeTime(ctx context.Context, n jobs.Node) (time.Time, error) {
	ahead, err := n.Store.Ahead(ctx)
	return n.Now().UTC().Add(-ahead), err
}

// see sends a message, or asks for its receipt, and writes what came of it.
// That is written also when the node stops meanwhile: else another would ask.
func (s *Sender) see(ctx context.Context, n jobs.Node, h *sms.Held) {
	asking, stop := context.WithTimeout(ctx, patience)
	defer stop()
	writing, end := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer end()
	var err error
	if h.Ask {
		found, failed := s.service.Find(asking, h.Message)
		if failed != nil {
			n.Log.Warn("the text message service does not say what became of a message", "message", h.ID, "error", failed)
		}
		err = s.texts.Heard(writing, h.ID, found, failed, n.Now().UTC())
	} else {
		o := s.service.Send(asking, h.Message)
		if o.State == delivery.Broken {
			n.Log.Error("the text message service refuses us: look at its keys, signature, templates and balance", "code", o.Code)
		}
		err = s.texts.Sent(writing, h.ID, o, n.Now().UTC())
	}
	if err != nil {
		n.Log.Warn("what became of a text message was not written; the service will be asked", "message", h.ID, "error", err)
	}
}
