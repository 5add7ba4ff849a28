package account

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/secret"
	"wangge/store"
)

// Credentials are a username and password, or a phone and the code sent to it.
type Credentials struct{ Username, Password, Phone, Code string }

// SignedIn is what a sign-in or a refresh gives. RefreshToken is good once; see Session.
type SignedIn struct {
	Account      *Account
	Session      *Session
	RefreshToken string
}

// check notes which half of the credentials is missing.
func (in Credentials) check(byCode bool) error {
	byPassword := in.Username != "" || in.Password != ""
	if byPassword == byCode {
		return domain.Invalid("", domain.T("需要用户名和密码，或手机号码和验证码", "either username and password, or phone and code are needed"))
	}
	bad := &domain.InvalidError{}
	need := func(needed bool, pointer, value string) {
		if needed && value == "" {
			bad.Add(pointer, domain.Missing)
		}
	}
	need(byPassword, "/username", in.Username)
	need(byPassword, "/password", in.Password)
	need(byCode, "/phone", in.Phone)
	need(byCode, "/code", in.Code)
	return bad.Err()
}

// SignIn begins a session. An unknown name, a wrong password or code and a
// disabled account are one and the same ErrUnauthenticated, at the same cost.
// Who tries too often gets a LimitError. A resident signs in by a code sent to
// their phone, and the first time gets an account; a phone of staff is refused
// with a ConflictError "password_required", once the code was right.
func (s *Accounts) SignIn(ctx context.Context, now time.Time, in Credentials, address string) (*SignedIn, error) {
	byCode := in.Phone != "" || in.Code != ""
	if err := in.check(byCode); err != nil {
		return nil, err
	}
	name, where := normalUsername(in.Username), store.Eq("username", normalUsername(in.Username))
	if byCode {
		phone, err := mobilePhone(in.Phone)
		if err != nil {
			return nil, err
		}
		name, where, in.Phone = phone, store.Eq("phoneIndex", s.phoneIndex(phone)), phone
	}
	a, err := findBy(ctx, s.st, where)
	if errors.Is(err, store.ErrNotFound) {
		a, err = &Account{}, nil // of nobody: no password fits, and no code but for a newcomer
	}
	if err != nil {
		return nil, err
	}
	known, err := s.knownAt(ctx, a, address)
	if err != nil {
		return nil, err
	}
	subject, from := s.signInLimits(name, address, known)
	if err := s.limits.Take(ctx, now, subject, from); err != nil {
		return nil, err
	}
	if !byCode {
		a, err = s.checkPassword(ctx, now, a, in.Password)
	} else {
		a, err = s.checkCode(ctx, now, in)
	}
	if err != nil {
		return nil, err
	}
	return s.open(ctx, now, a, byCode, address, subject, from)
}

// findBy finds an account by a unique field, or ErrNotFound.
func findBy(ctx context.Context, r store.Reader, where store.Cond) (*Account, error) {
	found, _, err := collection.Find(ctx, r, store.Query{Where: []store.Cond{where}, Limit: 1})
	if err == nil && len(found) == 0 {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// ByPhone returns the account of a normalised phone, or ErrNotFound. It serves
// the program's own linking; what an actor learns of it is the caller's to decide.
func (s *Accounts) ByPhone(ctx context.Context, phone string) (*Account, error) {
	return findBy(ctx, s.st, store.Eq("phoneIndex", s.phoneIndex(phone)))
}

// Works reports whether a normalised phone is that of an account whose owner
// works. It serves the program alone.
func (s *Accounts) Works(ctx context.Context, phone string) (bool, error) {
	a, err := s.ByPhone(ctx, phone)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && a.Public() && !a.Disabled, err
}

// knownAt reports whether the account had a session from the address lately.
func (s *Accounts) knownAt(ctx context.Context, a *Account, address string) (bool, error) {
	found, _, err := sessions.Find(ctx, s.st, store.Query{
		Where: []store.Cond{store.Eq("account", a.ID), store.Eq("address", s.addressIndex(address))}, Limit: 1, Deleted: true,
	})
	return len(found) > 0, err
}

func (s *Accounts) addressIndex(address string) string {
	return s.keys.Index("session address", limit.Network(address))
}

// checkPassword returns the account if the password is its own. Whether there
// is an account and it may sign in makes no difference to the cost.
func (s *Accounts) checkPassword(ctx context.Context, now time.Time, a *Account, password string) (*Account, error) {
	ok, outdated := CheckPassword(a.Password, password)
	if !ok || a.Disabled {
		return nil, domain.ErrUnauthenticated
	}
	if !outdated {
		return a, nil
	}
	hash, err := HashPassword(rand.Reader, password)
	if err != nil {
		return nil, err
	}
	var fresh *Account
	err = s.st.Update(ctx, city, func(tx *store.Tx) error {
		if fresh, err = collection.Get(ctx, tx, a.ID); err != nil {
			return err
		}
		if fresh.Password != a.Password {
			return domain.ErrUnauthenticated
		}
		fresh.Password = hash
		return collection.Put(tx, fresh, fresh.recorded(access.Actor{Account: a.ID}, now, "account.rehash", a.state()))
	})
	return fresh, err
}

// checkCode returns the account of the phone if the code is right, made anew the first time.
func (s *Accounts) checkCode(ctx context.Context, now time.Time, in Credentials) (*Account, error) {
	if err := s.redeem(ctx, now, in.Phone, in.Code); err != nil {
		return nil, err
	}
	a, err := s.OfProvedPhone(ctx, now, in.Phone)
	if err == nil && a.Public() {
		err = &domain.ConflictError{Code: "password_required", Detail: domain.T("该号码属于工作人员账号，请用用户名和密码登录", "this phone belongs to a staff account: sign in by username and password")}
	}
	return a, err
}

// register makes the account of a resident who signs in for the first time.
func (s *Accounts) register(ctx context.Context, now time.Time, phone string) (*Account, error) {
	var bad domain.InvalidError
	fresh := ids.New()
	sealed, err := s.phone(fresh, phone, &bad)
	if err != nil || bad.Err() != nil {
		return nil, errors.Join(err, bad.Err())
	}
	var a *Account
	err = s.st.Update(ctx, city, func(tx *store.Tx) error {
		if a, err = findBy(ctx, tx, store.Eq("phoneIndex", sealed.index)); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		a = &Account{Grants: []Grant{{Role: access.Resident}}, Language: Languages[0], Created: now}
		a.ID, a.Partition = fresh, area.CityPartition
		a.setPhone(sealed, true)
		a.prove(now)
		a.settle([]access.Place{{}})
		return collection.Insert(tx, a, a.recorded(access.Actor{Account: a.ID}, now, "account.register", store.Facts{}))
	})
	return a, err
}

// open begins a session of an account that has proved itself.
func (s *Accounts) open(ctx context.Context, now time.Time, a *Account, byCode bool, address string, subject, from limit.Limit) (out *SignedIn, err error) {
	token := refreshToken{session: ids.New(), family: secret.New(rand.Reader)}
	err = s.limits.Update(ctx, func(tx *store.Tx) error {
		if out, err = s.begin(ctx, tx, now, a, &Session{Address: s.addressIndex(address)}, byCode, token); err != nil {
			return err
		}
		return s.passed(ctx, tx, subject, from)
	})
	return out, err
}

// begin begins a session of an account within an update, unless it changed
// meanwhile in what it was proved by. The token has no number yet.
func (s *Accounts) begin(ctx context.Context, tx *store.Tx, now time.Time, a *Account, se *Session, byPhone bool, token refreshToken) (*SignedIn, error) {
	fresh, err := collection.Get(ctx, tx, a.ID)
	if err != nil {
		return nil, err
	}
	if fresh.Disabled || fresh.Epoch != a.Epoch || fresh.Password != a.Password || fresh.PhoneIndex != a.PhoneIndex {
		return nil, domain.ErrUnauthenticated
	}
	token = token.numbered(s.keys, 1)
	se.Account, se.Epoch, se.Family, se.Token, se.Number, se.Derived, se.Started = a.ID, a.Epoch, secret.Hash(token.family), secret.Hash(token.secret), 1, true, now
	if byPhone {
		se.Phone = a.PhoneIndex
	}
	se.ID, se.Partition = token.session, area.CityPartition
	se.touch(now)
	return &SignedIn{fresh, se, token.String()}, sessions.Insert(tx, se)
}
