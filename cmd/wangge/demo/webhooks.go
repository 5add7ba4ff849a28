package demo

import (
	"context"
	"crypto/rand"
	"time"

	"wangge/domain/access"
	"wangge/domain/webhook"
)

// receivers are those of the platforms: none is active, since nobody is at their addresses.
var receivers = []struct {
	platform int
	own      bool // only the platform's cases
	url      string
	events   []string
	state    webhook.State
}{
	{0, true, "https://hooks.sz-service.example/wangge", []string{"case.*"}, webhook.Paused},
	{1, false, "https://oneform.sip.example/events", []string{"case.state", "ticket.*"}, webhook.Disabled},
}

// webhooks makes the receivers of platforms: one whose secret is being changed,
// with a test that nobody took, and one that is disabled.
func (w *filling) webhooks(ctx context.Context) error {
	admin := access.Actor{Account: id("account", string(access.Admin)), Grants: []access.Grant{{Role: access.Admin}}}
	for i, x := range receivers {
		p, at := platforms[x.platform], w.now.AddDate(0, 0, -7)
		secret := func(what string) webhook.NewSecret {
			return webhook.NewSecret{ID: id("webhook secret", p.name+what), Clear: webhook.MakeSecret(rand.Reader)}
		}
		made := webhook.NewTarget{ID: id("webhook", p.name), Title: p.title, Account: id("account", p.account), URL: x.url, Events: x.events, Paused: true, Secret: secret("")}
		if x.own {
			made.System = p.name
		}
		t, err := w.Webhooks.Create(ctx, admin, at, made)
		if err == nil && t.State != x.state {
			_, err = w.Webhooks.Update(ctx, admin, at, t.ID, 0, webhook.Change{State: &x.state})
		}
		if err == nil && i == 0 {
			err = w.tested(ctx, admin, t, secret("/next"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tested changes a receiver's secret and sends it a test, which nobody takes.
func (w *filling) tested(ctx context.Context, admin access.Actor, t *webhook.Target, next webhook.NewSecret) error {
	if _, err := w.Webhooks.Rotate(ctx, admin, w.now, t.ID, 0, next, w.now.AddDate(0, 0, 7)); err != nil {
		return err
	}
	d, err := w.Deliveries.Test(ctx, admin, w.now, t.ID, id("webhook ping", t.ID))
	if err != nil || d.State != webhook.Waiting {
		return err
	}
	lease, err := w.Store.Acquire(ctx, "webhooks", "demo", time.Minute)
	if err != nil {
		return err
	}
	if _, _, err := w.Deliveries.Settle(ctx, lease, d, webhook.Attempt{At: w.now, Error: "name", Took: 12 * time.Millisecond}, 0.5); err != nil {
		return err
	}
	return w.Store.Release(ctx, lease)
}
