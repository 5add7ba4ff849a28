package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/store"
)

// Accounts is what people do with accounts, sessions and posts.
type Accounts struct {
	st     *store.Store
	areas  *area.Areas
	keys   *personal.Keys
	opts   Options
	limits *limit.Limits

	// Serving tells the communities of the stations on whose staff an account
	// is now or at which it stands in, also under the ids of those before them.
	// May be set before use; without it nobody is at a counter.
	Serving func(ctx context.Context, r store.Reader, account string, now time.Time) ([]access.Place, error)

	// Ended hears, within the update that ends them, which of an account's
	// sessions are over. May be set before use.
	Ended func(ctx context.Context, tx *store.Tx, account string, over func(session string) bool) error
}

// Options of New. The zero value sends no codes.
type Options struct {
	// Sender takes codes to phones; without one, asking for a code is ErrNoSender.
	Sender CodeSender
	// DemoCode signs any resident in, by any phone. For demonstrations only: whoever serves people leaves it empty.
	DemoCode string
}

// New makes the use cases on a store that declares Collections and those of package limit.
func New(st *store.Store, areas *area.Areas, keys *personal.Keys, opts Options) *Accounts {
	return &Accounts{st: st, areas: areas, keys: keys, opts: opts, limits: limit.New(st, keys)}
}

var city = []string{area.CityPartition}

// NewAccount is what Create needs.
type NewAccount struct {
	ID           string // a UUID of the caller's, which makes a repetition harmless; "" for a new one
	Username     string
	Name         string
	Phone        string // may be empty
	Password     string // may be empty: then nobody signs in by password
	Organisation string // id; of a handler
	Language     string // "" for the default
	Machine      bool
	Grants       []GrantInput
}

// Create makes an account for somebody who works, or for a machine. The same
// id with the same content again returns the account. ErrForbidden for a
// grant that is not the actor's to give; a ConflictError "duplicate" names the
// field whose value is taken.
func (s *Accounts) Create(ctx context.Context, actor access.Actor, now time.Time, in NewAccount) (*Account, error) {
	if !access.MayManageAccounts(actor) {
		return nil, domain.ErrForbidden
	}
	a, err := s.fromInput(now, in)
	if err != nil {
		return nil, err
	}
	var taken *Account
	err = s.st.Update(ctx, city, func(tx *store.Tx) error {
		if taken, err = collection.Get(ctx, tx, a.ID); !errors.Is(err, store.ErrNotFound) {
			return err
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
		a.settle(places)
		return collection.Insert(tx, a, append(grantEntries(actor, now, nil, a), a.recorded(actor, now, "account.create", store.Facts{}))...)
	})
	if err != nil {
		return nil, duplicate(err)
	}
	if taken != nil {
		return s.again(ctx, actor, taken, a, in.Password)
	}
	return a, nil
}

// fromInput is the account that the input describes, with every wrong field told at once.
func (s *Accounts) fromInput(now time.Time, in NewAccount) (*Account, error) {
	var bad domain.InvalidError
	id := ids.Given(in.ID, "/id", &bad)
	a := &Account{Username: normalUsername(in.Username), Organisation: in.Organisation, Machine: in.Machine, Language: in.Language, Created: now}
	a.ID, a.Partition = id, area.CityPartition
	if a.Language == "" {
		a.Language = Languages[0]
	}
	language(a.Language, &bad)
	checkUsername(a.Username, &bad)
	a.Grants = grantsOf(s.areas.Tree(), in.Grants, in.Machine, &bad)
	name, err := s.sealName(id, in.Name, &bad)
	if err != nil {
		return nil, err
	}
	phone, err := s.phone(id, in.Phone, &bad)
	if err != nil {
		return nil, err
	}
	if in.Password != "" {
		if a.Password, err = password(a.Username, in.Password, &bad); err != nil {
			return nil, err
		}
	}
	a.setName(name)
	a.setPhone(phone, !a.Public())
	return a, bad.Err()
}

func checkUsername(normal string, bad *domain.InvalidError) {
	if !usernameForm.MatchString(normal) {
		bad.Add("/username", domain.T("用户名应为3至64个小写字母、数字或 . _ -", "a username has 3 to 64 letters, digits or . _ -"))
	}
}

// again answers a Create whose id is in use: the account, if it is what was asked for.
func (s *Accounts) again(ctx context.Context, actor access.Actor, taken, asked *Account, password string) (*Account, error) {
	places, err := s.places(ctx, s.st, taken)
	if err != nil {
		return nil, err
	}
	if !access.MayReadAccount(actor, taken.ID, places) {
		return nil, domain.ErrIDInUse
	}
	_, had, err := s.Open(taken)
	if err != nil {
		return nil, err
	}
	_, wanted, err := s.Open(asked)
	if err != nil {
		return nil, err
	}
	same := taken.Username == asked.Username && taken.Name == asked.Name && had == wanted &&
		taken.Organisation == asked.Organisation && taken.Language == asked.Language && taken.Machine == asked.Machine &&
		slices.Equal(taken.Grants, asked.Grants)
	if same && password != "" {
		same, _ = CheckPassword(taken.Password, password)
	}
	if !same {
		return nil, domain.ErrIDInUse
	}
	return taken, nil
}

// EnsureAdmin makes the first account, an administrator of everything. It does
// nothing, and says so, where there is an account already.
func (s *Accounts) EnsureAdmin(ctx context.Context, now time.Time, username, password string) (made bool, err error) {
	if none, err := s.None(ctx); err != nil || !none {
		return false, err
	}
	_, err = s.Create(ctx, access.Program, now, NewAccount{
		Username: username, Name: username, Password: password, Grants: []GrantInput{{Role: access.Admin}},
	})
	if conflict := (*domain.ConflictError)(nil); errors.As(err, &conflict) {
		return false, nil // another node was first
	}
	return err == nil, err
}

// None reports whether there is no account.
func (s *Accounts) None(ctx context.Context) (bool, error) {
	some, _, err := collection.Find(ctx, s.st, store.Query{Order: []string{"sort"}, Limit: 1})
	return len(some) == 0, err
}

// Get returns the account; ErrNotFound outside the actor's scope.
func (s *Accounts) Get(ctx context.Context, actor access.Actor, id string) (*Account, error) {
	a, _, err := s.loadReadable(ctx, s.st, actor, id)
	return a, err
}

// loadReadable loads an account that the actor may read, with the places of its grants.
func (s *Accounts) loadReadable(ctx context.Context, r store.Reader, actor access.Actor, id string) (*Account, []access.Place, error) {
	a, err := collection.Get(ctx, r, id)
	if err != nil {
		return nil, nil, err
	}
	places, err := s.places(ctx, r, a)
	if err != nil {
		return nil, nil, err
	}
	if !access.MayReadAccount(actor, a.ID, places) {
		return nil, nil, domain.ErrNotFound
	}
	return a, places, nil
}

// loadManaged loads an account for a change by the actor, who may state its version.
func (s *Accounts) loadManaged(ctx context.Context, tx *store.Tx, actor access.Actor, id string, version int64) (*Account, error) {
	a, places, err := s.loadReadable(ctx, tx, actor, id)
	if err != nil {
		return nil, err
	}
	if !access.MayManageAccount(actor, a.roles(), places) {
		return nil, domain.ErrForbidden
	}
	return collection.GetAt(ctx, tx, a.ID, version)
}

// entry is the journal's line for what an actor did.
func entry(actor access.Actor, now time.Time, action string) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: action}
}

// recorded is the entry about a change of the account's.
func (a *Account) recorded(actor access.Actor, now time.Time, action string, before store.Facts) store.Entry {
	e := entry(actor, now, action)
	e.Before, e.After = before, a.state()
	return e
}

// duplicate says which value is taken.
func duplicate(err error) error {
	dup := (*store.DuplicateError)(nil)
	if !errors.As(err, &dup) {
		return err
	}
	switch dup.Index {
	case "username":
		return &domain.ConflictError{Code: "duplicate", Detail: domain.T("用户名已被使用", "the username is taken")}
	case "phone":
		return &domain.ConflictError{Code: "duplicate", Detail: domain.T("该手机号码已属于另一个账号", "the phone belongs to another account")}
	}
	return domain.ErrIDInUse
}
