package account

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Change is what Update changes; nil leaves as it is, an empty phone or organisation takes it away.
type Change struct {
	Username, Name, Phone, Password, Organisation, Language *string
	Disabled                                                *bool
}

// Update changes an account on behalf of who manages it. version states the
// one the actor knows; 0 states none. A new password, a resident's new phone
// and disabling end all its sessions. Nobody disables themselves, so that an
// administrator is always left.
func (s *Accounts) Update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Change) (*Account, error) {
	apply, err := s.change(id, in)
	if err != nil {
		return nil, err
	}
	if in.Disabled != nil && *in.Disabled && id == actor.Account {
		return nil, ownAccount()
	}
	var a *Account
	err = s.st.Update(ctx, city, func(tx *store.Tx) error {
		if a, err = s.managed(ctx, tx, actor, id, version); err != nil {
			return err
		}
		before := a.state()
		actions, err := apply(a)
		if err != nil {
			return err
		}
		if in.Organisation != nil {
			if err := s.mayJoin(ctx, tx, actor, a); err != nil {
				return err
			}
		}
		places, err := s.places(ctx, tx, a)
		if err != nil {
			return err
		}
		a.settle(places)
		var entries []store.Entry
		for _, action := range actions {
			entries = append(entries, a.recorded(actor, now, action, before))
		}
		return All.Put(tx, a, entries...)
	})
	return a, duplicate(err)
}

// change checks the input, hashes and seals what has to be, and returns what
// applies it to the account and names the actions taken.
func (s *Accounts) change(id string, in Change) (apply func(*Account) ([]string, error), err error) {
	var bad domain.InvalidError
	var name naming
	var phone contact
	var hash string
	if in.Name != nil {
		if name, err = s.naming(id, *in.Name, &bad); err != nil {
			return nil, err
		}
	}
	if in.Phone != nil {
		if phone, err = s.phone(id, *in.Phone, &bad); err != nil {
			return nil, err
		}
	}
	if in.Username != nil {
		checkUsername(normalUsername(*in.Username), &bad)
	}
	if in.Password != nil {
		if hash, err = password("", *in.Password, &bad); err != nil {
			return nil, err
		}
	}
	if in.Language != nil {
		language(*in.Language, &bad)
	}
	return func(a *Account) ([]string, error) {
		actions := []string{"account.update"}
		if in.Username != nil {
			a.Username = normalUsername(*in.Username)
		}
		if in.Name != nil {
			a.setName(name)
		}
		if in.Phone != nil && phone.index != a.PhoneIndex {
			a.setPhone(phone)
			if !a.Public() {
				a.Epoch++ // the phone is what a resident signs in by
			}
		}
		if in.Organisation != nil {
			a.Organisation = *in.Organisation
		}
		if in.Language != nil {
			a.Language = *in.Language
		}
		if in.Password != nil {
			if fault := PasswordFault(a.Username, *in.Password); fault != (domain.Text{}) {
				return nil, domain.Invalid("/password", fault)
			}
			a.Password = hash
			a.Epoch++
			actions = append(actions, "account.password")
		}
		if in.Disabled != nil && *in.Disabled != a.Disabled {
			if a.Disabled = *in.Disabled; a.Disabled {
				a.Epoch++
				actions = append(actions, "account.disable")
			} else {
				actions = append(actions, "account.enable")
			}
		}
		return actions, nil
	}, bad.Err()
}

// SetGrants replaces the grants of an account. The actor must be free to give
// all it has and all it gets: ErrForbidden otherwise. Nobody changes their own.
func (s *Accounts) SetGrants(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in []GrantInput) (*Account, error) {
	var a *Account
	err := s.st.Update(ctx, city, func(tx *store.Tx) (err error) {
		if a, err = s.managed(ctx, tx, actor, id, version); err != nil {
			return err
		}
		if a.ID == actor.Account {
			return ownAccount()
		}
		var bad domain.InvalidError
		old, before := a.Grants, a.state()
		if a.Grants = grantsOf(s.areas.Tree(), in, a.Machine, &bad); bad.Err() != nil {
			return bad.Err()
		}
		if err := s.mayJoin(ctx, tx, actor, a); err != nil {
			return err
		}
		places, err := s.places(ctx, tx, a)
		if err != nil {
			return err
		}
		if !access.MayManageAccount(actor, a.roles(), places) {
			return domain.ErrForbidden
		}
		if a.Name, err = s.keys.Open(a.NameSealed, nameAt(a.ID)); err != nil {
			return err
		}
		a.settle(places)
		return All.Put(tx, a, append(grantEntries(actor, now, old, a), a.recorded(actor, now, "account.grants", before))...)
	})
	return a, err
}

func ownAccount() error {
	return &domain.ConflictError{Code: "own_account", Detail: domain.T("不能停用自己的账号或更改自己的角色", "nobody disables themselves or changes their own grants")}
}

// grantEntries record every grant that came or went, by role and area.
func grantEntries(actor access.Actor, now time.Time, old []Grant, a *Account) []store.Entry {
	var out []store.Entry
	record := func(action string, has, had []Grant) {
		for _, g := range has {
			if !slices.Contains(had, g) {
				e := a.recorded(actor, now, action, a.state())
				e.Dims = map[string]string{"role": string(g.Role), "area": g.Area}
				out = append(out, e)
			}
		}
	}
	record("account.revoke", old, a.Grants)
	record("account.grant", a.Grants, old)
	return out
}

// EndAll ends every session of the account: one's own, or that of somebody one manages.
func (s *Accounts) EndAll(ctx context.Context, actor access.Actor, now time.Time, id string) error {
	return s.st.Update(ctx, city, func(tx *store.Tx) error {
		a, err := All.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.ID != actor.Account {
			if a, err = s.managed(ctx, tx, actor, id, 0); err != nil {
				return err
			}
		}
		a.Epoch++
		return All.Put(tx, a, a.recorded(actor, now, "account.end_sessions", a.state()))
	})
}
