package account

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/limit"
	"wangge/domain/secret"
	"wangge/store"
)

// Vouched is a sign-in that another part of the program answers for, since a
// service elsewhere said who it is.
type Vouched struct {
	Account *Account // as it was when that was found out
	Phone   bool     // its phone was proved in it
	Way     string   // what they are known by there, blind: what ends with it, see EndVouched
	Session string   // its id
	Family  string   // its secret, which nobody else can guess
	Address string
}

// Attempt counts an attempt to sign in from an address; a LimitError when
// there were too many. TakeBack takes one back that did no harm.
func (s *Accounts) Attempt(ctx context.Context, now time.Time, address string) error {
	return s.limits.Take(ctx, now, s.limits.Of(addressRule, limit.Network(address)))
}

// TakeBack takes back what Attempt counted.
func (s *Accounts) TakeBack(ctx context.Context, address string) error {
	return s.limits.Update(ctx, func(tx *store.Tx) error {
		return s.limits.Return(ctx, tx, s.limits.Of(addressRule, limit.Network(address)))
	})
}

// OfProvedPhone is the account of a mobile phone that its owner has proved just
// now: a resident's is made the first time. It may be one of staff, whom a phone
// alone does not sign in. ErrUnauthenticated for a disabled one.
func (s *Accounts) OfProvedPhone(ctx context.Context, now time.Time, phone string) (*Account, error) {
	a, err := s.ByPhone(ctx, phone)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.register(ctx, now, phone)
	case err != nil:
		return nil, err
	case a.Disabled:
		return nil, domain.ErrUnauthenticated
	case a.Public():
		return a, nil
	}
	return s.proved(ctx, now, a)
}

// OwnPassword returns the account if the password is its own. Attempts are
// limited with those to sign in by its username.
func (s *Accounts) OwnPassword(ctx context.Context, now time.Time, a *Account, password, address string) (*Account, error) {
	known, err := s.knownAt(ctx, a, address)
	if err != nil {
		return nil, err
	}
	subject, _ := s.signInLimits(a.Username, address, known)
	if err := s.limits.Take(ctx, now, subject); err != nil {
		return nil, err
	}
	if a, err = s.checkPassword(ctx, now, a, password); err != nil {
		return nil, err
	}
	return a, s.limits.Update(ctx, func(tx *store.Tx) error { return s.limits.Clear(ctx, tx, subject) })
}

// OpenVouched begins the session within an update.
func (s *Accounts) OpenVouched(ctx context.Context, tx *store.Tx, now time.Time, v Vouched) (*SignedIn, error) {
	se := &Session{Address: s.addressIndex(v.Address), Way: v.Way}
	return s.begin(ctx, tx, now, v.Account, se, v.Phone, refreshToken{session: v.Session, family: v.Family})
}

// SameVouched is a sign-in once more, whose answer was lost; ErrUnauthenticated
// when its token was used, or the session ended.
func (s *Accounts) SameVouched(ctx context.Context, now time.Time, session, family string) (*SignedIn, error) {
	a, se, err := s.alive(ctx, s.st, session, now)
	if err != nil {
		return nil, err
	}
	token := refreshToken{session: session, family: family}.numbered(s.keys, 1)
	if !secret.Matches(se.Family, family) || !secret.Matches(se.Token, token.secret) {
		return nil, domain.ErrUnauthenticated
	}
	return &SignedIn{a, se, token.String()}, nil
}

// EndVouched ends, within an update, an account's sessions that began by a way, but one.
func (s *Accounts) EndVouched(ctx context.Context, tx *store.Tx, account, way, but string) error {
	all, _, err := sessions.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("account", account)}, Order: []string{"-started"}})
	if err != nil {
		return err
	}
	over := map[string]bool{}
	for _, se := range all {
		if se.Way == way && se.ID != but {
			over[se.ID], se.End = true, "signed_out"
			if err := sessions.Delete(tx, se); err != nil {
				return err
			}
		}
	}
	return s.ended(ctx, tx, account, func(session string) bool { return over[session] })
}
