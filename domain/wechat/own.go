package wechat

import (
	"context"
	"errors"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/store"
)

// Own is the binding of an account, and what may still be sent there.
type Own struct {
	Since  time.Time // zero where there is none, or it does not hold any more
	Counts []Count   // by template, in the order of Templates
}

// Own is the actor's own binding.
func (s *WeChat) Own(ctx context.Context, actor access.Actor) (*Own, error) {
	b, err := s.holding(ctx, s.store, actor.Account)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return &Own{Counts: s.counts(nil)}, nil
	}
	g, err := grants.Get(ctx, s.store, b.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return &Own{b.Since, s.counts(g)}, nil
}

// holding is the binding by which an account is signed in; nil for none.
func (s *WeChat) holding(ctx context.Context, r store.Reader, id string) (*Binding, error) {
	b, err := s.ofAccount(ctx, r, id)
	if err != nil || b == nil {
		return nil, err
	}
	a, err := account.Load(ctx, r, id)
	if err != nil || a.Epoch != b.Epoch {
		return nil, err
	}
	return b, nil
}

// ofAccount is the binding of an account; nil for none.
func (s *WeChat) ofAccount(ctx context.Context, r store.Reader, id string) (*Binding, error) {
	found, _, err := bindings.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("account", id)}, Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Unbind has the actor's WeChat sign nobody in any more, and ends the sessions
// that it began but the one that the actor acts in. Sent again, it is unbound still.
func (s *WeChat) Unbind(ctx context.Context, actor access.Actor, now time.Time) error {
	return s.store.Update(ctx, city, func(tx *store.Tx) error {
		b, err := s.ofAccount(ctx, tx, actor.Account)
		if err != nil || b == nil {
			return err
		}
		return s.drop(ctx, tx, actor, now, b, actor.Session)
	})
}

// drop ends a binding and what came of it, but one session.
func (s *WeChat) drop(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, b *Binding, but string) error {
	if err := s.accounts.EndVouched(ctx, tx, b.Account, b.ID, but); err != nil {
		return err
	}
	if err := s.devices.EndIn(ctx, tx, b.Account, b.ID); err != nil {
		return err
	}
	if err := forgetGrants(ctx, tx, b.ID); err != nil {
		return err
	}
	return bindings.Delete(tx, b, store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "wechat.unbind"})
}
