package wechat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/store"
)

// Count is how many messages by a template may still be sent to somebody.
type Count struct {
	Template string `store:"template"`
	Left     int    `store:"left"`
}

// granted is what an openid has accepted.
type granted struct {
	store.Meta `store:",inline"`
	Account    string    `store:"account"` // that it signs in; "" once it is unbound
	Counts     []Count   `store:"counts"`
	At         time.Time `store:"at"`
}

var grants = store.Declare[granted](store.Declaration{Name: "wechatGrants", Schema: 1, Unjournaled: true})

const (
	reportMost = 10 // of a template, in one report
	keptMost   = 99 // of a template: nobody accepts more in earnest
)

// ErrUnbound: the account has no WeChat to send to.
var ErrUnbound = &domain.ConflictError{Code: "wechat_unbound", Detail: domain.T("本账号未绑定微信", "this account is bound to no WeChat")}

// Report adds what the actor has accepted in their mini-program: so many
// messages by each template, and by those with 0 none any more, since they
// said no. Errors: InvalidError, ErrUnbound.
func (s *WeChat) Report(ctx context.Context, actor access.Actor, now time.Time, accepted []Count) error {
	if err := s.checkReport(accepted); err != nil {
		return err
	}
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		b, err := s.holding(ctx, tx, actor.Account)
		if err == nil && b == nil {
			err = ErrUnbound
		}
		if err != nil {
			return err
		}
		g, err := grantsOf(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		for _, c := range accepted {
			g.change(c.Template, func(left int) int {
				if c.Left == 0 {
					return 0
				}
				return min(left+c.Left, keptMost)
			})
		}
		g.At = now
		if err := g.save(tx); err != nil {
			return err
		}
		return once.Finish(ctx, tx)
	})
}

func (s *WeChat) checkReport(accepted []Count) error {
	bad := &domain.InvalidError{}
	if len(accepted) == 0 {
		bad.Add("/accepted", domain.Missing)
	}
	for i, c := range accepted {
		at := fmt.Sprintf("/accepted/%d", i)
		if !slices.ContainsFunc(s.Templates, func(t Template) bool { return t.ID == c.Template }) {
			bad.Add(at+"/template", domain.T("本平台没有此模板", "there is no such template here"))
		}
		if slices.ContainsFunc(accepted[:i], func(o Count) bool { return o.Template == c.Template }) {
			bad.Add(at+"/template", domain.T("重复", "is there twice"))
		}
		if c.Left < 0 || c.Left > reportMost {
			bad.Add(at+"/count", domain.Textf("应为 0 至 %d", "must be 0 to %d", reportMost))
		}
	}
	return bad.Err()
}

// Allowed reports whether a message of a kind may be sent to an openid.
func (s *WeChat) Allowed(ctx context.Context, openID string, kind notice.Kind) (bool, error) {
	id, ok := s.templateOf(kind)
	if !ok {
		return false, nil
	}
	g, err := grants.Get(ctx, s.store, s.idOf(openID))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return g.left(id) > 0, nil
}

// Taken counts one message that WeChat has taken; Spent, that it takes none any more.
func (s *WeChat) Taken(ctx context.Context, openID string, kind notice.Kind) error {
	return s.count(ctx, openID, kind, func(left int) int { return max(left-1, 0) })
}

// Spent is what 43101 means: none is left, whatever was counted.
func (s *WeChat) Spent(ctx context.Context, openID string, kind notice.Kind) error {
	return s.count(ctx, openID, kind, func(int) int { return 0 })
}

func (s *WeChat) count(ctx context.Context, openID string, kind notice.Kind, change func(int) int) error {
	id, ok := s.templateOf(kind)
	if !ok {
		return nil
	}
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		g, err := grants.Get(ctx, tx, s.idOf(openID))
		if errors.Is(err, store.ErrNotFound) || err == nil && g.left(id) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		g.change(id, change)
		return grants.Put(tx, g)
	})
}

// templateOf is the template by which a kind goes.
func (s *WeChat) templateOf(kind notice.Kind) (id string, ok bool) {
	for _, t := range s.Templates {
		if slices.Contains(t.Kinds, kind) {
			return t.ID, true
		}
		if len(t.Kinds) == 0 {
			id, ok = t.ID, true
		}
	}
	return id, ok
}

func (g *granted) left(template string) int {
	for _, c := range g.Counts {
		if c.Template == template {
			return c.Left
		}
	}
	return 0
}

func (g *granted) change(template string, to func(int) int) {
	left := to(g.left(template))
	g.Counts = slices.DeleteFunc(g.Counts, func(c Count) bool { return c.Template == template })
	if left > 0 {
		g.Counts = append(g.Counts, Count{template, left})
	}
}

func (g *granted) save(tx *store.Tx) error {
	if g.Version == 0 {
		return grants.Insert(tx, g)
	}
	return grants.Put(tx, g)
}

// counts are what is left by each template there is.
func (s *WeChat) counts(g *granted) []Count {
	out := make([]Count, len(s.Templates))
	for i, t := range s.Templates {
		if out[i].Template = t.ID; g != nil {
			out[i].Left = g.left(t.ID)
		}
	}
	return out
}

// grantsOf are those of an openid, new where there are none.
func grantsOf(ctx context.Context, r store.Reader, id string) (*granted, error) {
	g, err := grants.Get(ctx, r, id)
	if errors.Is(err, store.ErrNotFound) {
		return &granted{Meta: store.Meta{ID: id}}, nil
	}
	return g, err
}

// keepGrants writes those of who signs in, as forgetGrants does of who is
// unbound: both write the same document, so that of two at once one comes
// first, and no session begins by a binding that is gone.
func keepGrants(ctx context.Context, tx *store.Tx, a *attempt) error {
	g, err := grantsOf(ctx, tx, a.id)
	if err != nil {
		return err
	}
	if g.Account != a.account.ID {
		g.Account, g.Counts = a.account.ID, nil
	}
	g.At = a.now
	return g.save(tx)
}

func forgetGrants(ctx context.Context, tx *store.Tx, id string) error {
	g, err := grantsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	g.Counts, g.Account = nil, ""
	return g.save(tx)
}
