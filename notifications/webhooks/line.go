package webhooks

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"wangge/domain/webhook"
	"wangge/notifications/line"
	"wangge/notifications/outgoing"
	"wangge/notifications/signed"
	"wangge/store"
	"wangge/store/jobs"
)

const atOnce = 4 // messages of a target on their way, each of another stream

// targetLine is one target's sending.
type targetLine struct {
	*line.Line[*webhook.Delivery]
	s      *Sender
	n      jobs.Node
	lease  store.Lease
	target atomic.Pointer[webhook.Target]
	client *outgoing.Client
	ctx    context.Context
	end    context.CancelFunc
	gone   atomic.Int64 // version of the target whose receiver wants no more
}

func (s *Sender) newLine(ctx context.Context, n jobs.Node, lease store.Lease, t *webhook.Target) *targetLine {
	l := &targetLine{s: s, n: n, lease: lease, client: s.guard.Client(atOnce)}
	l.ctx, l.end = context.WithCancel(ctx)
	l.Line = line.New(line.Line[*webhook.Delivery]{Look: l.look, Key: func(d *webhook.Delivery) string { return d.Stream }, Send: l.send, After: s.after, Log: n.Log.With("target", t.ID)})
	l.target.Store(t)
	return l
}

// run sends until the target is no more or this node is to send no more. Its
// error is of the latter: that a target is no more ends no other's line.
func (l *targetLine) run() error {
	defer l.client.Close()
	defer l.end()
	return l.Run(l.ctx)
}

// look returns what is to be sent now and, where nothing more can be, how long
// there is nothing to do unless the line is woken or a message ends.
func (l *targetLine) look(ctx context.Context, sending map[string]bool) (due []*webhook.Delivery, rest time.Duration, err error) {
	t, now := l.target.Load(), l.n.Now().UTC()
	circuit, err := l.s.deliveries.Circuit(ctx, t.ID)
	if err != nil {
		return nil, 0, err
	}
	most := atOnce
	switch {
	case t.Version == l.gone.Load(), circuit.Waits(now):
		only := *t
		only.State, t = webhook.Paused, &only // test pings go out all the same
	case circuit.Open():
		most = 1
	}
	if len(sending) >= most {
		return nil, line.Rest, nil
	}
	found, err := l.s.deliveries.Due(ctx, t, now, most)
	if err != nil {
		return nil, 0, err
	}
	for _, d := range found {
		if !sending[d.Stream] && len(sending)+len(due) < most {
			due = append(due, d)
		}
	}
	rest = line.Rest
	var next time.Time
	if len(found) < most {
		if next, err = l.s.deliveries.NextDue(ctx, t, now); err != nil {
			return nil, 0, err
		}
	}
	for _, at := range []time.Time{next, circuit.OpenUntil} {
		if at.After(now) {
			rest = min(rest, at.Sub(now))
		}
	}
	return due, rest, nil
}

// send sends one message and writes what came of it.
func (l *targetLine) send(ctx context.Context, d *webhook.Delivery) error {
	t := l.target.Load()
	a, err := l.attempt(t, d)
	if err == nil && ctx.Err() == nil {
		_, _, err = l.s.deliveries.Settle(ctx, l.lease, d, a, rand.Float64())
	}
	if err == nil && a.Status == http.StatusGone && d.Thing != webhook.Ping {
		l.gone.Store(max(l.gone.Load(), t.Version))
	}
	return err
}

// attempt sends a message, after it was decided what is sent. Its error is the
// store's; whatever else goes wrong is in the attempt.
func (l *targetLine) attempt(t *webhook.Target, d *webhook.Delivery) (webhook.Attempt, error) {
	now := l.n.Now().UTC()
	a := webhook.Attempt{At: now}
	if len(d.Body) == 0 {
		m, err := l.s.deliveries.Message(l.ctx, d, now)
		if err != nil {
			return a, err
		}
		body, err := Render(*m)
		if err != nil {
			l.n.Log.Error("a message cannot be rendered", "message", d.ID, "error", err)
			a.Error = "body"
			return a, nil
		}
		if d, err = l.s.deliveries.Render(l.ctx, l.lease, d, body); err != nil {
			return a, err
		}
	}
	secrets, err := l.s.targets.Secrets(t, now)
	if err == nil {
		var h http.Header
		if h, err = signed.Header(d.ID, now, d.Body, secrets); err == nil {
			return l.post(t, d, h, a), nil
		}
	}
	l.n.Log.Error("a message cannot be signed", "target", t.ID, "error", err)
	a.Error = "secret"
	return a, nil
}

func (l *targetLine) post(t *webhook.Target, d *webhook.Delivery, h http.Header, a webhook.Attempt) webhook.Attempt {
	began := time.Now()
	answer, err := l.client.Post(l.ctx, t.URL, h, d.Body)
	a.Took = time.Since(began).Truncate(time.Millisecond)
	if err != nil {
		a.Error = outgoing.Code(err)
		return a
	}
	a.Status = answer.Status
	switch a.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		a.RetryAfter = answer.RetryAfter(a.At)
	}
	return a
}
