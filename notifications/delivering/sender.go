// Package delivering is the one sender of what package delivery puts in line: a
// line for each channel, so that one that is down slows no other, and one that
// splits what is due among people's addresses. It knows nothing of what is
// told, and keeps nothing of its own.
package delivering

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"wangge/domain/delivery"
	"wangge/notifications/line"
	"wangge/store"
	"wangge/store/jobs"
)

// Channel is a way's, and how much it takes.
type Channel struct {
	delivery.Channel
	AtOnce    int // messages on their way
	PerMinute int // most in a minute; 0: any number
}

// Patience is how long a channel has for one message.
const Patience = 30 * time.Second

const splitAtOnce = 4

// Sender hands off what is due.
type Sender struct {
	deliveries *delivery.Deliveries
	channels   map[delivery.Way]Channel

	after func(time.Duration) <-chan time.Time // time.After, unless a test sets it

	mu    sync.Mutex
	lines []waker // while this node sends
}

type waker interface{ Wake() }

// New makes the sender of the deliveries, of which it hears from now on.
func New(deliveries *delivery.Deliveries, channels map[delivery.Way]Channel) *Sender {
	s := &Sender{deliveries: deliveries, channels: channels, after: time.After}
	deliveries.Due = s.Wake
	return s
}

// Wake has the lines look what is due, where this node sends.
func (s *Sender) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		l.Wake()
	}
}

// Run is the work of it, under one lease with the consumer that writes notices.
// What is on its way when it ends may be sent again.
func (s *Sender) Run(n jobs.Node) jobs.Work {
	return func(ctx context.Context, lease store.Lease) error {
		working, end := context.WithCancelCause(ctx)
		defer end(nil)
		runs := []func(context.Context) error{}
		s.mu.Lock()
		s.lines = nil
		split := s.splitting(n, lease)
		s.lines, runs = append(s.lines, split), append(runs, split.Run)
		for way, c := range s.channels {
			l := s.handing(n, lease, way, c)
			s.lines, runs = append(s.lines, l), append(runs, l.Run)
		}
		s.mu.Unlock()
		var all sync.WaitGroup
		for _, run := range runs {
			all.Go(func() {
				if err := run(working); err != nil {
					end(err)
				}
			})
		}
		all.Wait()
		s.mu.Lock()
		s.lines = nil
		s.mu.Unlock()
		return context.Cause(working)
	}
}

// splitting is the line that puts what is due in line for each address.
func (s *Sender) splitting(n jobs.Node, lease store.Lease) *line.Line[*delivery.Waiting] {
	return line.New(line.Line[*delivery.Waiting]{
		Key: func(w *delivery.Waiting) string { return w.ID },
		Look: func(ctx context.Context, sending map[string]bool) (due []*delivery.Waiting, rest time.Duration, err error) {
			now := n.Now().UTC()
			found, next, err := s.deliveries.Waiting(ctx, now, splitAtOnce)
			for _, w := range found {
				if !sending[w.ID] && len(sending)+len(due) < splitAtOnce {
					due = append(due, w)
				}
			}
			return due, until(next, now), err
		},
		Send: func(ctx context.Context, w *delivery.Waiting) error {
			now := n.Now().UTC().Truncate(time.Millisecond)
			err := s.deliveries.Split(ctx, lease, w, now)
			if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrFenced) {
				n.Log.Warn("what is due could not be split; trying again", "waiting", w.ID, "error", err)
				err = s.deliveries.PostponeSplit(ctx, lease, w, now)
			}
			if err == nil {
				s.Wake()
			}
			return err
		},
		After: s.after, Log: n.Log,
	})
}

// until is how long it is until a moment, at most as long as a line rests.
func until(next, now time.Time) time.Duration {
	if next.After(now) {
		return min(next.Sub(now), line.Rest)
	}
	return line.Rest
}

// channelLine is what is handed to one channel.
type channelLine struct {
	Channel
	s     *Sender
	n     jobs.Node
	lease store.Lease
	way   delivery.Way
	log   *slog.Logger

	minute time.Time // in which sent were
	sent   int
}

func (s *Sender) handing(n jobs.Node, lease store.Lease, way delivery.Way, c Channel) *line.Line[*delivery.Handoff] {
	l := &channelLine{Channel: c, s: s, n: n, lease: lease, way: way, log: n.Log.With("channel", way)}
	return line.New(line.Line[*delivery.Handoff]{Look: l.look, Key: func(h *delivery.Handoff) string { return h.ID }, Send: l.send, After: s.after, Log: l.log})
}

// look returns what is to be handed off now: as much as the channel takes at
// once and in a minute, and one at a time while it takes nothing.
func (l *channelLine) look(ctx context.Context, sending map[string]bool) (due []*delivery.Handoff, rest time.Duration, err error) {
	now := l.n.Now().UTC()
	circuit, err := l.s.deliveries.Circuit(ctx, l.way)
	if err != nil {
		return nil, 0, err
	}
	if circuit.Waits(now) {
		return nil, until(circuit.OpenUntil, now), nil
	}
	most := l.AtOnce
	if circuit.Open() {
		most = 1
	}
	room, end := l.room(now)
	if most = min(most-len(sending), room); most <= 0 {
		return nil, until(end, now), nil
	}
	found, next, err := l.s.deliveries.DueBy(ctx, l.way, now, most+len(sending))
	for _, h := range found {
		if !sending[h.ID] && len(due) < most {
			due = append(due, h)
		}
	}
	l.sent += len(due)
	return due, until(next, now), err
}

// room is how many more may be sent in this minute, and when it is over.
func (l *channelLine) room(now time.Time) (int, time.Time) {
	if now.Sub(l.minute).Abs() >= time.Minute {
		l.minute, l.sent = now, 0
	}
	if l.PerMinute == 0 {
		return l.AtOnce, time.Time{}
	}
	return l.PerMinute - l.sent, l.minute.Add(time.Minute)
}

// send looks once more whether one is to be sent, sends it, and writes what came of it.
func (l *channelLine) send(ctx context.Context, h *delivery.Handoff) error {
	now := l.n.Now().UTC().Truncate(time.Millisecond)
	r, err := l.s.deliveries.Ready(ctx, h, now)
	switch {
	case err != nil && ctx.Err() == nil:
		l.log.Warn("a message could not be looked at; trying again", "message", h.ID, "error", err)
		return l.s.deliveries.Postpone(ctx, l.lease, h, now)
	case err != nil:
		return err
	case r.Drop != "":
		return l.s.deliveries.Drop(ctx, l.lease, h, now, r.Drop)
	case !r.Until.IsZero():
		return l.s.deliveries.Held(ctx, l.lease, h, now, r.Until)
	}
	trying, end := context.WithTimeout(ctx, Patience)
	o := l.try(trying, r.Message)
	end()
	if ctx.Err() != nil { // what came of it is not known: it is sent again
		return ctx.Err()
	}
	if err := l.follow(ctx, h, r.To, o); err != nil {
		return err
	}
	at := l.n.Now().UTC().Truncate(time.Millisecond)
	_, err = l.s.deliveries.Settle(ctx, l.lease, h, o, at, rand.Float64())
	return err
}

// try hands a message to the channel, whose panic is no answer.
func (l *channelLine) try(ctx context.Context, m delivery.Message) (o delivery.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("a channel failed on a message", "message", m.ID, "panic", p)
			o = delivery.Outcome{State: delivery.Never, Code: "panic"}
		}
	}()
	return l.Send(ctx, m)
}

// follow does what an outcome says of the address and the channel. It is done
// before it is on record, so that it is not missed.
func (l *channelLine) follow(ctx context.Context, h *delivery.Handoff, to delivery.Address, o delivery.Outcome) error {
	switch o.State {
	case delivery.Taken:
		return l.s.deliveries.Taken(ctx, to, h.Kind)
	case delivery.Gone:
		return l.s.deliveries.Forget(ctx, to, o.Code)
	case delivery.Spent:
		return l.s.deliveries.Spent(ctx, to, h.Kind)
	case delivery.Broken:
		l.log.Error("a channel takes nothing until somebody sees to it", "code", o.Code)
	case delivery.Never:
		l.log.Warn("a channel refuses a message", "message", h.ID, "code", o.Code)
	}
	return nil
}
