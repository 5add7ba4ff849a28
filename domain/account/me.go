package account

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/personal"
	"wangge/store"
)

// Own is one's own account: with name and phone in clear.
type Own struct {
	*Account
	FullName, FullPhone string
}

// Me returns the actor's own account.
func (s *Accounts) Me(ctx context.Context, actor access.Actor) (*Own, error) {
	a, err := collection.Get(ctx, s.st, actor.Account)
	if err != nil {
		return nil, err
	}
	return s.own(a)
}

func (s *Accounts) own(a *Account) (*Own, error) {
	name, phone, err := s.Open(a)
	return &Own{a, name, phone}, err
}

// Open returns name and phone in clear, for who may have them revealed.
func (s *Accounts) Open(a *Account) (name, phone string, err error) {
	if name, err = s.keys.Open(a.NameSealed, nameAt(a.ID)); err != nil {
		return "", "", err
	}
	phone, err = s.keys.Open(a.Phone, phoneAt(a.ID))
	return name, phone, err
}

// CheckKeys opens one sealed name of the store, where there is any: ErrSealed
// when the keys are not those it was sealed with.
func CheckKeys(ctx context.Context, st *store.Store, keys *personal.Keys) error {
	a, err := collection.Any(ctx, st)
	if err != nil || a == nil {
		return err
	}
	_, err = keys.Open(a.NameSealed, nameAt(a.ID))
	return err
}

// OwnChange is what UpdateMe changes; nil leaves as it is.
type OwnChange struct {
	Name, Language        *string
	Phone, Code           *string // a new phone, with the code sent to it
	Password, OldPassword *string // a new password, with the one before
}

// UpdateMe changes the actor's own account. A new password or phone ends all
// other sessions. A wrong old password or code is an InvalidError, and is
// limited like a sign-in.
func (s *Accounts) UpdateMe(ctx context.Context, actor access.Actor, now time.Time, version int64, in OwnChange, address string) (*Own, error) {
	change, err := s.prepare(actor.Account, Change{Name: in.Name, Language: in.Language, Phone: in.Phone, Password: in.Password})
	if err != nil {
		return nil, err
	}
	proved, err := s.checkProof(ctx, actor, now, in, address)
	if err != nil {
		return nil, err
	}
	change.proved = true
	var a *Account
	err = s.st.Update(ctx, city, func(tx *store.Tx) error {
		if a, err = collection.GetAt(ctx, tx, actor.Account, version); err != nil {
			return err
		}
		if in.Password != nil && a.Password != proved {
			return domain.ErrStale
		}
		before, epoch := a.state(), a.Epoch
		actions, err := change.apply(a)
		if err != nil {
			return err
		}
		if in.Phone != nil {
			a.prove(now)
		}
		if in.Phone != nil && actor.Session != "" || a.Epoch != epoch {
			if err := s.keepSession(ctx, tx, actor, a, in.Phone != nil); err != nil {
				return err
			}
		}
		if a.Epoch != epoch {
			if err := s.endedBut(ctx, tx, a.ID, actor.Session); err != nil {
				return err
			}
		}
		return s.save(ctx, tx, a, actor, now, before, actions)
	})
	if err != nil {
		return nil, duplicate(err)
	}
	return s.own(a)
}

// checkProof checks what shows that the actor may change password or phone, and
// returns the hash that the old password fits.
func (s *Accounts) checkProof(ctx context.Context, actor access.Actor, now time.Time, in OwnChange, address string) (hash string, err error) {
	if in.Password == nil && in.Phone == nil {
		return "", nil
	}
	a, err := collection.Get(ctx, s.st, actor.Account)
	if err != nil {
		return "", err
	}
	subject, from := s.signInLimits(a.ID, address, true)
	if err := s.limits.Take(ctx, now, subject, from); err != nil {
		return "", err
	}
	if in.Password != nil {
		if ok, _ := CheckPassword(a.Password, text(in.OldPassword)); !ok {
			return "", domain.Invalid("/oldPassword", domain.T("原密码不正确", "not the password of now"))
		}
	}
	if in.Phone != nil {
		phone, err := mobilePhone(*in.Phone)
		if err != nil {
			return "", err
		}
		if err := s.redeem(ctx, now, phone, text(in.Code)); err != nil {
			return "", wrongCode(err)
		}
	}
	return a.Password, s.limits.Update(ctx, func(tx *store.Tx) error { return s.passed(ctx, tx, subject, from) })
}

// keepSession takes the actor's session over into the account's new epoch,
// with the phone, if that was proved in it.
func (s *Accounts) keepSession(ctx context.Context, tx *store.Tx, actor access.Actor, a *Account, proved bool) error {
	se, err := sessions.Get(ctx, tx, actor.Session)
	if err != nil {
		return unauthenticated(err)
	}
	se.Epoch = a.Epoch
	if proved {
		se.Phone = a.PhoneIndex
	}
	return sessions.Put(tx, se)
}

func wrongCode(err error) error {
	if errors.Is(err, domain.ErrUnauthenticated) {
		return domain.Invalid("/code", domain.T("验证码不正确或已失效", "not the code that was sent, or too old"))
	}
	return err
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
