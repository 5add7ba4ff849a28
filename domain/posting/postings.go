package posting

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/fold"
	"wangge/domain/ids"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/store"
)

// Postings is what people do with postings.
type Postings struct {
	store    *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	keys     *personal.Keys
}

// New makes the use cases on a store that has Collections.
func New(st *store.Store, areas *area.Areas, accounts *account.Accounts, keys *personal.Keys) *Postings {
	return &Postings{st, areas, accounts, keys}
}

// Draft is what Create needs.
type Draft struct {
	ID           string // a UUID of the caller's, which makes a repetition harmless; "" for a new one
	Account      string // of the person; or else
	Name, Number string // of a person without an account, and their staff number, if any
	Area         string // code of a street or a community
	Kind         Kind
	Unit         string
	From, Until  civil.Date
}

const (
	nameLongest = 64 // runes
	unitLongest = 60
	numberMost  = 40
)

// Create enters a posting. The same draft again returns what became of it.
// ErrForbidden, InvalidError, ConflictError "duplicate" for an id in use.
func (s *Postings) Create(ctx context.Context, actor access.Actor, now time.Time, d Draft) (*Posting, error) {
	if !access.KeepsPostings(actor) {
		return nil, domain.ErrForbidden
	}
	bad := &domain.InvalidError{}
	made := s.read(actor, d, bad)
	made.ID, made.Sent, made.UpdatedAt = ids.Given(d.ID, "/id", bad), once.Sent(s.keys, "posting", []any{actor.Account, d}), now
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if err := s.seal(made, d.Name); err != nil {
		return nil, err
	}
	partitions := []string{made.Partition}
	if made.Account != "" { // that is disabled meanwhile must not be posted
		partitions = append(partitions, area.CityPartition)
	}
	err := s.store.Update(ctx, partitions, func(tx *store.Tx) error {
		was, err := postings.Get(ctx, tx, made.ID)
		if err == nil {
			if !once.Same(was.Sent, made.Sent) {
				return domain.ErrIDInUse
			}
			made = was
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := s.checkPerson(ctx, tx, made); err != nil {
			return err
		}
		if err := checkOthers(ctx, tx, made); err != nil {
			return err
		}
		fresh := *made
		made = &fresh
		return postings.Insert(tx, made, made.entry(actor, now, "create"))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return made, nil
}

// read makes a posting of a draft, without its id and the sealed name, and notes what is wrong with it.
func (s *Postings) read(actor access.Actor, d Draft, bad *domain.InvalidError) *Posting {
	p := &Posting{Account: d.Account, Number: strings.TrimSpace(d.Number), Kind: d.Kind, Unit: strings.TrimSpace(d.Unit), From: d.From, Until: d.Until}
	s.place(actor, p, d.Area, bad)
	name := strings.TrimSpace(d.Name)
	switch {
	case d.Account != "" && (name != "" || p.Number != ""):
		bad.Add("/name", domain.T("有账号的人员不另填姓名和工号", "who has an account needs no name and number"))
	case d.Account == "" && name == "":
		bad.Add("/name", domain.T("请指定账号或填写姓名", "an account or a name is needed"))
	}
	domain.CheckText(bad, "/name", name, nameLongest, false)
	domain.CheckText(bad, "/number", p.Number, numberMost, false)
	p.Who = s.Whoever(p.Place.Street, d.Account, name, p.Number)
	p.check(bad)
	return p
}

// Whoever is how a person is told from others: by account, or in a street by
// staff number, or where there is none by name.
func (s *Postings) Whoever(street, account, name, number string) string {
	switch {
	case account != "":
		return account
	case number != "":
		return s.keys.Index("staff number", street+"/"+fold.Name(number))
	}
	return s.keys.Index("staff name", street+"/"+fold.Name(name))
}

// place puts the posting in an area that the actor keeps postings of.
func (s *Postings) place(actor access.Actor, p *Posting, code string, bad *domain.InvalidError) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok || a.Level != access.Street && a.Level != access.Community {
		bad.Add("/area", domain.T("应为街道或社区的代码", "must be the code of a street or a community"))
		return
	}
	if !access.MayKeepPosting(actor, a.Place) {
		bad.Add("/area", domain.T("不在您的范围内", "it is outside your scope"))
		return
	}
	p.Place, p.Partition = a.Place, a.Place.Street
}

// check notes what is wrong with what a posting says.
func (p *Posting) check(bad *domain.InvalidError) {
	if !slices.Contains(Kinds, p.Kind) {
		bad.Add("/kind", KindWords.Fault())
	}
	domain.CheckText(bad, "/unit", p.Unit, unitLongest, false)
	for pointer, day := range map[string]civil.Date{"/from": p.From, "/until": p.Until} {
		if _, ok := civil.ParseDate(string(day)); day != "" && !ok {
			bad.Add(pointer, domain.T("应为日期，如 2026-03-05", "must be a date such as 2026-03-05"))
		}
	}
	if p.Until != "" && p.Until < p.From {
		bad.Add("/until", domain.T("结束日期不能早于开始日期", "it ends before it begins"))
	}
}

// seal seals the name of a person without an account, outside of any update.
func (s *Postings) seal(p *Posting, name string) (err error) {
	p.Name, err = s.keys.Seal(strings.TrimSpace(name), sealedAt(p.ID))
	return err
}

func sealedAt(id string) string { return "postings/" + id + "/name" }

// NameOf is the name of a person without an account, for who keeps the posting. "" of one with.
func (s *Postings) NameOf(p *Posting) (string, error) { return s.keys.Open(p.Name, sealedAt(p.ID)) }

// unknown is said of an account that may not be posted there.
var unknown = domain.T("没有这位工作人员，或其不在该街道工作", "no such member of the staff of the street")

// checkPerson: an account is somebody's who works in the street.
func (s *Postings) checkPerson(ctx context.Context, r store.Reader, p *Posting) error {
	if p.Account == "" {
		return nil
	}
	a, err := account.Load(ctx, r, p.Account)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if !s.worksThere(a, p.Place.Street) {
		return domain.Invalid("/account", unknown)
	}
	return nil
}

func (s *Postings) worksThere(a *account.Account, street string) bool {
	at, ok := s.areas.Tree().ByID(street)
	return ok && a.WorksWithin(s.areas.Tree(), at.Place, access.Staff...)
}

// twice is said of a posting that is on record for a day of it.
var twice = domain.T("该人员此时已有相同任职", "the same posting is on record for a part of that time")

// checkOthers: nobody has the same posting twice on a day.
func checkOthers(ctx context.Context, r store.Reader, p *Posting) error {
	others, err := ofPeople(ctx, r, p.Place.Street, []string{p.Who})
	if err == nil && slices.ContainsFunc(others, p.clashes) {
		err = domain.Invalid("/from", twice)
	}
	return err
}

// ofPeople are the postings of people in a street.
func ofPeople(ctx context.Context, r store.Reader, street string, who []string) (out []*Posting, err error) {
	for cursor := ""; ; {
		page, next, err := postings.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("place.street", street), store.In("who", who...)}, Order: []string{"who"}, Limit: 500, After: cursor})
		if err != nil {
			return nil, err
		}
		if out, cursor = append(out, page...), next; cursor == "" {
			return out, nil
		}
	}
}

// Change is a merge: nil leaves a field as it is.
type Change struct {
	Area        *string // code
	Kind        *Kind
	Unit        *string
	From, Until *civil.Date // "" opens that end; Until ends the posting
}

// Update changes a posting. version is the one the caller knows, 0 for any.
// ErrNotFound, ErrStale, InvalidError, also for another street.
func (s *Postings) Update(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Change) (*Posting, error) {
	return s.change(ctx, actor, id, version, func(tx *store.Tx, p *Posting) error {
		before, bad := *p, &domain.InvalidError{}
		if in.Area != nil {
			if s.place(actor, p, *in.Area, bad); p.Place.Street != before.Place.Street {
				bad.Add("/area", domain.T("不能改到其他街道：请结束后另行登记", "not into another street: end it, and enter another"))
			}
		}
		set(&p.Kind, in.Kind)
		set(&p.From, in.From)
		set(&p.Until, in.Until)
		if in.Unit != nil {
			p.Unit = strings.TrimSpace(*in.Unit)
		}
		p.check(bad)
		if err := bad.Err(); err != nil {
			return err
		}
		if p.Place == before.Place && p.Kind == before.Kind && p.Unit == before.Unit && p.From == before.From && p.Until == before.Until {
			return nil
		}
		if err := checkOthers(ctx, tx, p); err != nil {
			return err
		}
		p.UpdatedAt = now
		return postings.Put(tx, p, p.entry(actor, now, "update"))
	})
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

// Remove takes away a posting that never was: one that is over is ended instead, by Update. ErrNotFound, ErrStale.
func (s *Postings) Remove(ctx context.Context, actor access.Actor, now time.Time, id string, version int64) error {
	_, err := s.change(ctx, actor, id, version, func(tx *store.Tx, p *Posting) error {
		return postings.Delete(tx, p, p.entry(actor, now, "remove"))
	})
	return err
}

// change loads a posting of the actor's for an update of its street, which it never leaves.
func (s *Postings) change(ctx context.Context, actor access.Actor, id string, version int64, alter func(*store.Tx, *Posting) error) (p *Posting, err error) {
	first, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, []string{first.Partition}, func(tx *store.Tx) error {
		if p, err = postings.Get(ctx, tx, id); err != nil {
			return err
		}
		if !access.MayKeepPosting(actor, Today(s.areas.Tree(), p.Place)) {
			return domain.ErrNotFound
		}
		if p, err = postings.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		return alter(tx, p)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Get returns a posting of the actor's scope; ErrNotFound.
func (s *Postings) Get(ctx context.Context, actor access.Actor, id string) (*Posting, error) {
	p, err := postings.Get(ctx, s.store, id)
	if err == nil && !access.MayKeepPosting(actor, Today(s.areas.Tree(), p.Place)) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Post is the posting as posts are listed.
func (s *Postings) Post(p *Posting) *Post {
	out := p.post()
	out.Place = Today(s.areas.Tree(), p.Place)
	return out
}

// entry is the journal's line for what an actor did with the posting.
func (p *Posting) entry(actor access.Actor, now time.Time, what string) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "posting." + what,
		Dims: map[string]string{"kind": string(p.Kind), "community": p.Place.Community}}
}
