package service

import (
	"cmp"
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
	"wangge/domain/photo"
	"wangge/domain/todo"
	"wangge/store"
)

// NewQualification is what somebody is given.
type NewQualification struct {
	Account  string
	Kind     string     // code
	From     civil.Date // "": today
	Until    civil.Date // the last day; "": for good
	Evidence []string   // loose photos of the actor's
}

const (
	evidenceMost = 9
	oldest       = civil.Date("1980-01-01") // what anybody who works now was given before
)

// Give gives somebody a qualification. Given again, it is the one there is.
// Errors: ErrForbidden, InvalidError, ConflictError "duplicate" where it was
// given with other evidence, or taken away since.
func (s *Qualifications) Give(ctx context.Context, actor access.Actor, now time.Time, in NewQualification) (*Qualification, error) {
	if !access.MayTrain(actor) {
		return nil, domain.ErrForbidden
	}
	if in.From == "" {
		in.From = civil.DateOf(now)
	}
	var q *Qualification
	err := s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		bad := &domain.InvalidError{}
		places, err := s.placesOf(ctx, tx, actor, in.Account, bad)
		if err != nil {
			return err
		}
		if err := s.check(ctx, tx, now, in, bad); err != nil {
			return err
		}
		q = newQualification(in, "", places)
		ever, err := qualifications.GetManyEver(ctx, tx, []string{q.ID})
		if err != nil {
			return err
		}
		others, err := ofAccounts(ctx, tx, []string{q.Account})
		if err != nil {
			return err
		}
		if was := ever[q.ID]; was != nil {
			if was.Revoked != nil || !slices.Equal(was.Evidence, q.Evidence) {
				return &domain.ConflictError{Code: "duplicate", Detail: domain.T("此人已有同一资格", "they were given the same already")}
			}
			q = was
			return nil
		}
		if err := photo.Attach(ctx, tx, actor, q.Evidence, photo.Owner{Kind: "qualification", ID: q.ID}); err != nil {
			return evidenceFault(err)
		}
		return give(ctx, tx, actor, now, q, others[q.Account])
	})
	if err != nil {
		return nil, err
	}
	return q, nil
}

// evidenceFault is what is wrong with the photos, under the name that they have here.
func evidenceFault(err error) error {
	var bad *domain.InvalidError
	if !errors.As(err, &bad) {
		return err
	}
	out := &domain.InvalidError{}
	for _, f := range bad.Fields {
		out.Add(strings.Replace(f.Pointer, "/photos", "/evidence", 1), f.Detail)
	}
	return out
}

// placesOf are those of the grants of somebody whom the actor may qualify; noted at /account else.
func (s *Qualifications) placesOf(ctx context.Context, tx *store.Tx, actor access.Actor, id string, bad *domain.InvalidError) ([]access.Place, error) {
	a, err := account.LoadMany(ctx, tx, []string{id})
	if err != nil {
		return nil, err
	}
	places, ok, err := s.theirs(ctx, tx, actor, a[id])
	if err == nil && !ok {
		bad.Add("/account", domain.T("没有这位工作人员，或不在您的范围内", "no such member of the staff of yours"))
	}
	return places, err
}

// theirs are the places of an account, and whether the actor may qualify it.
func (s *Qualifications) theirs(ctx context.Context, r store.Reader, actor access.Actor, a *account.Account) ([]access.Place, bool, error) {
	if a == nil || !a.Holds(access.Staff...) {
		return nil, false, nil
	}
	places, err := s.accounts.Places(ctx, r, a)
	return places, err == nil && access.MayQualify(actor, places), err
}

// check notes what is wrong with the rest, and returns all that was noted.
func (s *Qualifications) check(ctx context.Context, r store.Reader, now time.Time, in NewQualification, bad *domain.InvalidError) error {
	c, err := s.items.known.In(ctx, r)
	if err != nil {
		return err
	}
	c.checkKind(in.Kind, bad)
	checkDays(in.From, in.Until, "/from", now, bad)
	if len(in.Evidence) > evidenceMost {
		bad.Add("/evidence", domain.Textf("最多 %d 张照片", "%d photos at most", evidenceMost))
	}
	return bad.Err()
}

// checkKind notes at /kind one that nobody may be given.
func (c *catalogue) checkKind(code string, bad *domain.InvalidError) {
	if k := c.kinds[code]; k == nil || k.Retired {
		bad.Add("/kind", domain.T("没有这种资格", "there is no such qualification"))
	}
}

// checkDays notes, at the pointer and at /until, days that cannot be those of a qualification.
func checkDays(from, until civil.Date, pointer string, now time.Time, bad *domain.InvalidError) {
	switch _, ok := civil.ParseDate(string(from)); {
	case !ok:
		bad.Add(pointer, domain.T("应为日期，如 2026-12-01", "a day is needed, such as 2026-12-01"))
	case from < oldest || from > civil.DateOf(now).Add(aheadMost):
		bad.Add(pointer, domain.T("应为 1980 年以来、最多一年之后的日期", "must be a day since 1980, and a year ahead at most"))
	}
	if until == "" {
		return
	}
	switch _, ok := civil.ParseDate(string(until)); {
	case !ok:
		bad.Add("/until", domain.T("应为日期，如 2026-12-01", "a day is needed, such as 2026-12-01"))
	case until < from:
		bad.Add("/until", domain.T("不能早于开始日期", "must not be before it begins"))
	case until >= never:
		bad.Add("/until", domain.T("长期有效的请留空", "leave it out of one that is for good"))
	}
}

// newQualification has the id that follows from whose it is, of what kind, where from and for when.
func newQualification(in NewQualification, batch string, places []access.Place) *Qualification {
	q := &Qualification{Account: in.Account, Kind: in.Kind, Batch: batch, From: in.From, Until: in.Until, Evidence: in.Evidence, Ends: never, Areas: areasOf(places)}
	q.ID, q.Partition = space.Of("qualification", in.Account, in.Kind, batch, string(in.From), string(in.Until)), area.CityPartition
	if q.Until != "" {
		q.Ends = q.Until
	}
	return q
}

// areasOf are the areas around the places, and "" for everywhere.
func areasOf(places []access.Place) []string {
	out := []string{""}
	for _, p := range places {
		for _, l := range []access.Level{access.City, access.County, access.Street, access.Community} {
			out = append(out, p.At(l))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// give writes a new qualification. It ends what its holder was asked about
// those of the kind, among the others they have, that end before it.
func give(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, q *Qualification, others []*Qualification) error {
	q.By, q.At = actor.Name(), now
	if q.Until != "" && now.Before(q.end()) {
		q.Due = q.end().Add(-warned)
	}
	if err := qualifications.Insert(tx, q, q.entry(actor, now, "give")); err != nil {
		return err
	}
	for _, other := range others {
		if other.Kind != q.Kind || !other.Told || other.Ends >= q.Ends {
			continue
		}
		if err := todo.Done(ctx, tx, Expiring, other.about(), now); err != nil {
			return err
		}
	}
	return nil
}

// Revoke takes a qualification away; taken away already, it is as it is.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError at /reason.
func (s *Qualifications) Revoke(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, reason string) (*Qualification, error) {
	bad := &domain.InvalidError{}
	domain.CheckText(bad, "/reason", reason, 200, true)
	var q *Qualification
	err := s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) (err error) {
		if q, err = s.readable(ctx, tx, actor, id); err != nil {
			return err
		}
		a, err := account.LoadMany(ctx, tx, []string{q.Account})
		if err != nil {
			return err
		}
		if _, may, err := s.theirs(ctx, tx, actor, a[q.Account]); err != nil || !may {
			return cmp.Or(err, domain.ErrForbidden)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if q.Revoked != nil {
			return nil
		}
		if version > 0 && q.Version != version {
			return domain.ErrStale
		}
		q.Revoked, q.Due = &Revoked{At: now, By: actor.Name(), Reason: strings.TrimSpace(reason)}, time.Time{}
		if err := qualifications.Put(tx, q, q.entry(actor, now, "revoke")); err != nil {
			return err
		}
		return todo.Done(ctx, tx, Expiring, q.about(), now)
	})
	if err != nil {
		return nil, err
	}
	return q, nil
}

func (q *Qualification) about() todo.About { return todo.About{Kind: "qualification", ID: q.ID} }

// entry is a line of the journal about it: with whose it is, for who follows people.
func (q *Qualification) entry(actor access.Actor, now time.Time, what string) store.Entry {
	e := entry(actor, now, "qualification."+what)
	e.After.Assignee, e.Dims = q.Account, map[string]string{"account": q.Account, "kind": q.Kind}
	return e
}
