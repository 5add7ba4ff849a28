package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/secret"
	"wangge/store"
)

// ErrReused: a refresh token that was used before came again, and its session has ended.
var ErrReused = fmt.Errorf("%w: a refresh token came twice", domain.ErrUnauthenticated)

// Refresh takes a refresh token and gives the one of its family that is good
// then; see Session. Errors: ErrReused, which ends the session, and
// ErrUnauthenticated for everything else that is refused.
func (s *Accounts) Refresh(ctx context.Context, now time.Time, token string) (*SignedIn, error) {
	given, ok := parseRefreshToken(token)
	if !ok {
		return nil, domain.ErrUnauthenticated
	}
	out := &SignedIn{}
	reused := false
	err := s.st.Update(ctx, nil, func(tx *store.Tx) error {
		a, se, err := s.alive(ctx, tx, given.session, now)
		if err != nil {
			return err
		}
		if reused = false; !secret.Matches(se.Family, given.family) {
			return domain.ErrUnauthenticated
		}
		out.Account, out.Session = a, se
		switch {
		case secret.Matches(se.Token, given.secret):
			se.Number++
			next := given.numbered(s.keys, se.Number)
			se.Before, se.Token = se.Token, secret.Hash(next.secret)
			se.touch(now)
			out.RefreshToken = next.String()
			return sessions.Put(tx, se)
		case secret.Matches(se.Before, given.secret) && now.Before(se.Used.Add(repeatFor)):
			out.RefreshToken = given.numbered(s.keys, se.Number).String()
			return nil
		case se.wasGood(s.keys, given):
			reused, se.End = true, "reuse"
			return sessions.Delete(tx, se)
		}
		return domain.ErrUnauthenticated
	})
	if err == nil && reused {
		err = ErrReused
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// alive loads a session that stands, and its account; ErrUnauthenticated when it does not.
func (s *Accounts) alive(ctx context.Context, r store.Reader, session string, now time.Time) (*Account, *Session, error) {
	se, err := sessions.Get(ctx, r, session)
	if err != nil {
		return nil, nil, unauthenticated(err)
	}
	a, err := collection.Get(ctx, r, se.Account)
	if err != nil {
		return nil, nil, unauthenticated(err)
	}
	if !se.Alive(a, now) {
		return nil, nil, domain.ErrUnauthenticated
	}
	return a, se, nil
}

func unauthenticated(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return domain.ErrUnauthenticated
	}
	return err
}

// SignOut ends the session that the actor acts in.
func (s *Accounts) SignOut(ctx context.Context, actor access.Actor) error {
	return s.EndSession(ctx, actor, actor.Session)
}

// EndSession ends one of the actor's own sessions; ErrNotFound for another's and for one that has ended.
func (s *Accounts) EndSession(ctx context.Context, actor access.Actor, id string) error {
	return s.st.Update(ctx, nil, func(tx *store.Tx) error {
		se, err := sessions.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if se.Account != actor.Account {
			return domain.ErrNotFound
		}
		se.End = "signed_out"
		return sessions.Delete(tx, se)
	})
}

// OwnSessions lists the actor's own sessions that stand, the latest first, 50 at most.
func (s *Accounts) OwnSessions(ctx context.Context, actor access.Actor, now time.Time) ([]*Session, error) {
	a, err := collection.Get(ctx, s.st, actor.Account)
	if err != nil {
		return nil, err
	}
	all, _, err := sessions.Find(ctx, s.st, store.Query{
		Where: []store.Cond{store.Eq("account", a.ID)}, Order: []string{"-started"},
	})
	var out []*Session
	for _, se := range all {
		if se.Alive(a, now) {
			out = append(out, se)
		}
	}
	return out, err
}

// Sweep deletes for good what has run out: sessions and codes.
func (s *Accounts) Sweep(ctx context.Context, now time.Time) error {
	_, err := sessions.Expire(ctx, s.st, "expires", now)
	if err != nil {
		return err
	}
	_, err = codes.Expire(ctx, s.st, "expires", now)
	return err
}
