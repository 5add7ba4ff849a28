package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/secret"
	"wangge/store"
)

// ErrReused: a refresh token that was used before came again, and its session has ended.
var ErrReused = fmt.Errorf("%w: a refresh token came twice", domain.ErrUnauthenticated)

// ErrOtherAccount: a refresh token is not of the account that it is used for.
var ErrOtherAccount = errors.New("the session is another account's")

// Refresh takes a refresh token and gives the one of its family that is good
// then; see Session. Errors: ErrReused, which ends the session, and
// ErrUnauthenticated for everything else that is refused.
func (s *Accounts) Refresh(ctx context.Context, now time.Time, token string) (*SignedIn, error) {
	return s.RefreshFor(ctx, now, token, "")
}

// RefreshFor is Refresh for this account only, whichever it is where none is
// named. Errors: those, and ErrOtherAccount, which changes nothing.
func (s *Accounts) RefreshFor(ctx context.Context, now time.Time, token, account string) (*SignedIn, error) {
	given, ok := parseRefreshToken(token)
	if !ok {
		return nil, domain.ErrUnauthenticated
	}
	out := &SignedIn{}
	reused := false
	err := s.st.Update(ctx, nil, func(tx *store.Tx) error {
		a, se, err := s.family(ctx, tx, given, account, now)
		if err != nil {
			return err
		}
		reused = false
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
			reused = true
			return s.end(ctx, tx, se, "reuse")
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

// family loads the session that a refresh token is of, for this account only where one is named.
func (s *Accounts) family(ctx context.Context, r store.Reader, given refreshToken, account string, now time.Time) (*Account, *Session, error) {
	a, se, err := s.alive(ctx, r, given.session, now)
	switch {
	case err != nil:
		return nil, nil, err
	case !secret.Matches(se.Family, given.family):
		return nil, nil, domain.ErrUnauthenticated
	case account != "" && account != a.ID:
		return nil, nil, ErrOtherAccount
	}
	return a, se, nil
}

// SignOutBy ends the session that a refresh token is of, for this account only
// where one is named, and says which it was. Any token that was ever the
// session's will do: who has it could end the session by using it twice.
// Errors: ErrUnauthenticated when there is no such session any more, ErrOtherAccount.
func (s *Accounts) SignOutBy(ctx context.Context, now time.Time, token, account string) (session string, err error) {
	given, ok := parseRefreshToken(token)
	if !ok {
		return "", domain.ErrUnauthenticated
	}
	return given.session, s.st.Update(ctx, nil, func(tx *store.Tx) error {
		_, se, err := s.family(ctx, tx, given, account, now)
		if err != nil {
			return err
		}
		if !secret.Matches(se.Token, given.secret) && !se.wasGood(s.keys, given) {
			return domain.ErrUnauthenticated
		}
		return s.end(ctx, tx, se, "signed_out")
	})
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

// Standing says which of these sessions stand for the account that began them now.
func (s *Accounts) Standing(ctx context.Context, ids []string, now time.Time) (map[string]bool, error) {
	found, err := sessions.GetMany(ctx, s.st, ids)
	if err != nil {
		return nil, err
	}
	var owners []string
	for _, se := range found {
		owners = append(owners, se.Account)
	}
	slices.Sort(owners)
	accounts, err := collection.GetMany(ctx, s.st, slices.Compact(owners))
	out := make(map[string]bool, len(found))
	for id, se := range found {
		a := accounts[se.Account]
		out[id] = a != nil && se.Alive(a, now)
	}
	return out, err
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
	return s.st.Update(ctx, nil, func(tx *store.Tx) error { return s.EndSessionIn(ctx, tx, actor, id) })
}

// EndSessionIn is EndSession within an update.
func (s *Accounts) EndSessionIn(ctx context.Context, tx *store.Tx, actor access.Actor, id string) error {
	se, err := sessions.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if se.Account != actor.Account {
		return domain.ErrNotFound
	}
	return s.end(ctx, tx, se, "signed_out")
}

// end ends a session, and says why.
func (s *Accounts) end(ctx context.Context, tx *store.Tx, se *Session, why string) error {
	se.End = why
	if err := sessions.Delete(tx, se); err != nil {
		return err
	}
	return s.ended(ctx, tx, se.Account, func(session string) bool { return session == se.ID })
}

// ended tells which sessions of the account are over.
func (s *Accounts) ended(ctx context.Context, tx *store.Tx, account string, over func(session string) bool) error {
	if s.Ended == nil {
		return nil
	}
	return s.Ended(ctx, tx, account, over)
}

// endedBut tells that all sessions of the account are over but one, or, without one, all.
func (s *Accounts) endedBut(ctx context.Context, tx *store.Tx, account, kept string) error {
	return s.ended(ctx, tx, account, func(session string) bool { return kept == "" || session != kept })
}

// Standing says of sessions that stand whose they are; those that are over are left out.
func Standing(ctx context.Context, r store.Reader, ids []string, now time.Time) (map[string]string, error) {
	found, err := sessions.GetMany(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	var whose []string
	for _, se := range found {
		whose = append(whose, se.Account)
	}
	slices.Sort(whose) // the same each time it is asked
	accounts, err := collection.GetMany(ctx, r, slices.Compact(whose))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for id, se := range found {
		if a := accounts[se.Account]; a != nil && se.Alive(a, now) {
			out[id] = a.ID
		}
	}
	return out, nil
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
