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
	change, err := s.prepare(id, in)
	if err != nil {
		return nil, err
	}
	if in.Disabled != nil && *in.Disabled && id == actor.Account {
		return nil, ownAccount()
	}
	var a *Account
	err = s.st.Update(ctx, city, func(tx *store.Tx) error {
		if a, err = s.loadManaged(ctx, tx, actor, id, version); err != nil {
			return err
		}
		before, epoch := a.state(), a.Epoch
		actions, err := change.apply(a)
		if err != nil {
			return err
		}
		if a.Epoch != epoch {
			if err := s.endedBut(ctx, tx, a.ID, ""); err != nil {
				return err
			}
		}
		if in.Organisation != nil {
			if err := s.mayJoin(ctx, tx, actor, a); err != nil {
				return err
			}
		}
		if slices.Contains(actions, "account.disable") {
			if err := endCovers(ctx, tx, a.ID, actor, now); err != nil {
				return err
			}
		}
		return s.save(ctx, tx, a, actor, now, before, actions)
	})
	if err != nil {
		return nil, duplicate(err)
	}
	return a, nil
}

// save writes a changed account, with an entry for each action.
func (s *Accounts) save(ctx context.Context, tx *store.Tx, a *Account, actor access.Actor, now time.Time, before store.Facts, actions []string) error {
	places, err := s.places(ctx, tx, a)
	if err != nil {
		return err
	}
	a.settle(places)
	var entries []store.Entry
	for _, action := range actions {
		entries = append(entries, a.recorded(actor, now, action, before))
	}
	return collection.Put(tx, a, entries...)
}

// prepared is a change with everything checked, hashed and sealed that does not depend on the account.
type prepared struct {
	Change
	name   sealedName
	phone  contact
	proved bool // the phone, by its code
	hash   string
}

func (s *Accounts) prepare(id string, in Change) (p prepared, err error) {
	var bad domain.InvalidError
	p.Change = in
	if in.Name != nil {
		if p.name, err = s.sealName(id, *in.Name, &bad); err != nil {
			return p, err
		}
	}
	if in.Phone != nil {
		if p.phone, err = s.phone(id, *in.Phone, &bad); err != nil {
			return p, err
		}
	}
	if in.Username != nil {
		checkUsername(normalUsername(*in.Username), &bad)
	}
	if in.Password != nil {
		if p.hash, err = password("", *in.Password, &bad); err != nil {
			return p, err
		}
	}
	if in.Language != nil {
		language(*in.Language, &bad)
	}
	return p, bad.Err()
}

// apply changes the account and names the actions taken.
func (p prepared) apply(a *Account) ([]string, error) {
	actions := []string{"account.update"}
	set := func(field *string, to *string) {
		if to != nil {
			*field = *to
		}
	}
	set(&a.Organisation, p.Organisation)
	set(&a.Language, p.Language)
	if p.Username != nil {
		a.Username = normalUsername(*p.Username)
	}
	if p.Name != nil {
		a.setName(p.name)
	}
	if p.Phone != nil && (a.PhoneIndex == "" || p.phone.index != a.PhoneIndex) {
		a.setPhone(p.phone, p.proved || !a.Public())
		if !a.Public() {
			a.Epoch++ // the phone is what a resident signs in by
		}
	}
	if p.Password != nil {
		if fault := PasswordFault(a.Username, *p.Password); fault != (domain.Text{}) {
			return nil, domain.Invalid("/password", fault)
		}
		a.Password = p.hash
		a.Epoch++
		actions = append(actions, "account.password")
	}
	switch {
	case p.Disabled == nil || *p.Disabled == a.Disabled:
	case *p.Disabled:
		a.Disabled = true
		a.Epoch++
		actions = append(actions, "account.disable")
	default:
		a.Disabled = false
		actions = append(actions, "account.enable")
	}
	return actions, nil
}

// SetGrants replaces the grants of an account. The actor must be free to give
// all it has and all it gets: ErrForbidden otherwise. Nobody changes their own.
func (s *Accounts) SetGrants(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in []GrantInput) (*Account, error) {
	var a *Account
	err := s.st.Update(ctx, city, func(tx *store.Tx) (err error) {
		if a, err = s.loadManaged(ctx, tx, actor, id, version); err != nil {
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
		return collection.Put(tx, a, append(grantEntries(actor, now, old, a), a.recorded(actor, now, "account.grants", before))...)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
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
		a, err := collection.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.ID != actor.Account {
			if a, err = s.loadManaged(ctx, tx, actor, id, 0); err != nil {
				return err
			}
		}
		a.Epoch++
		if err := s.endedBut(ctx, tx, a.ID, ""); err != nil {
			return err
		}
		return collection.Put(tx, a, a.recorded(actor, now, "account.end_sessions", a.state()))
	})
}
