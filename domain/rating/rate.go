package rating

import (
	"context"
	"reflect"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// Input is what somebody says of something.
type Input struct {
	ID    string `once:"-"` // of this rating: the same id and content again is the same answer
	Grade int
	Words string
	Wrong domain.InvalidError `once:"-"` // what is wrong with it beforehand
}

func (in *Input) check() error {
	bad := &domain.InvalidError{Fields: in.Wrong.Fields}
	if in.Grade < 1 || in.Grade > Best {
		bad.Add("/grade", domain.Textf("应为 1 到 %d", "must be from 1 to %d", Best))
	}
	domain.CheckText(bad, "/words", in.Words, WordsLongest, false)
	return bad.Err()
}

// RatedError says that something was rated already; it has the first rating.
// It is a ConflictError "rated".
type RatedError struct{ First *Rating }

func (e *RatedError) Error() string { return "rating: it was rated already" }

// Unwrap tells of the conflict.
func (e *RatedError) Unwrap() error {
	return &domain.ConflictError{Code: "rated", Detail: domain.T("已评价过，一事一评", "it was rated already: each can be rated once")}
}

var (
	errNotOver = &domain.ConflictError{Code: "not_over", Detail: domain.T("尚未办结，暂不能评价", "it is not over yet: it can be rated afterwards")}
	errTooLate = &domain.ConflictError{Code: "too_late", Detail: domain.Textf("已超过 %d 天，不能评价", "it can be rated within %d days only", OpenDays)}
)

// Rate 评价 keeps what somebody says of a case, a visit or a ticket of theirs
// and, where that is bad, opens its rectification. Sent again under the same
// id it is the same rating.
// Errors: ErrNotFound; ErrForbidden for who sees a ticket that is not theirs,
// and of one's own work; InvalidError; ConflictError "not_over", "too_late",
// "duplicate"; RatedError.
func (s *Ratings) Rate(ctx context.Context, actor access.Actor, now time.Time, about About, in Input) (*Own, error) {
	sent := once.Sent(s.keys, "rating", struct {
		About About
		In    Input
	}{about, in})
	invalid := in.check()
	var own *Own
	err := store.RetryMoved(func(moved error) error {
		was, err := load(ctx, s.store, about)
		if err != nil {
			return err
		}
		words, err := s.sealedWords(was, in)
		if err != nil {
			return err
		}
		var up []rung
		if bad(about.Kind, in.Grade) {
			if up, err = s.ladder(ctx, was, now); err != nil {
				return err
			}
		}
		return s.store.Update(ctx, []string{was.partition}, func(tx *store.Tx) error {
			t, r, err := s.rated(ctx, tx, about)
			if err != nil {
				return err
			}
			if t.partition != was.partition || !t.overAt.Equal(was.overAt) {
				return moved
			}
			if err := mayRate(actor, t, r); err != nil {
				return err
			}
			if invalid != nil {
				return invalid
			}
			own = &Own{Rating: r, thing: t}
			if r != nil && r.Grade > 0 {
				return r.again(actor, in.ID, sent)
			}
			switch {
			case t.overAt.IsZero():
				return errNotOver
			case !now.Before(t.overAt.Add(open)):
				return errTooLate
			}
			if own.Rating, err = s.keep(tx, t, r, func(r *Rating) {
				r.Grade, r.Words, r.By, r.RatedAt, r.Request, r.Sent = in.Grade, words, actor.Account, now, in.ID, sent
				if bad(t.Kind, in.Grade) {
					r.Rectification = Open
				}
			}); err != nil {
				return err
			}
			e := store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Dims: map[string]string{"grade": gradeWord(in.Grade), "community": t.place.Community}}
			if err := t.record(tx, e); err != nil {
				return err
			}
			if !bad(t.Kind, in.Grade) {
				return nil
			}
			return s.openRectification(ctx, tx, actor, now, t, own.Rating, up)
		})
	})
	if err != nil {
		return nil, err
	}
	return s.shownOwn(actor, now, own)
}

// rated reads something and its present rating; nil where there is none yet,
// and while a ticket is not closed. One that was taken back is there as deleted.
func (s *Ratings) rated(ctx context.Context, r store.Reader, about About) (*thing, *Rating, error) {
	t, err := load(ctx, r, about)
	if err != nil || about.Kind == Ticket && t.overAt.IsZero() {
		return t, nil, err
	}
	id := t.ratingID()
	found, err := ratings.GetManyEver(ctx, r, []string{id})
	return t, found[id], err
}

// mayRate is nil for whose it is. Of a ticket, which others see by the same
// address, who sees it learns that it is not theirs to rate.
func mayRate(actor access.Actor, t *thing, r *Rating) error {
	f := t.facts(actor, r)
	switch {
	case access.MayRate(actor, f):
		return nil
	case access.OwnsRated(actor, f), t.Kind == Ticket && access.TicketView(actor, t.ticket.Facts()) != access.Hidden:
		return domain.ErrForbidden
	}
	return domain.ErrNotFound
}

// again is nil where the same was sent by the same person under the same id.
func (r *Rating) again(actor access.Actor, id, sent string) error {
	switch {
	case r.Request != id:
		return &RatedError{r}
	case r.By != actor.Account || !once.Same(r.Sent, sent):
		return domain.ErrIDInUse
	}
	return nil
}

// sealedWords seals what somebody says, outside of any update: the same is never sealed to the same bytes twice.
func (s *Ratings) sealedWords(t *thing, in Input) (personal.Sealed, error) {
	return sealed(s.keys, in.Words, wordsAt(t.ratingID()))
}

// keep writes the rating of a thing: r as it was read, nil where there is none.
// One that was taken back when its thing was not over any more comes again.
func (s *Ratings) keep(tx *store.Tx, t *thing, r *Rating, change func(*Rating)) (*Rating, error) {
	if r == nil {
		r = &Rating{Meta: store.Meta{ID: t.ratingID()}}
	}
	was := *r
	t.fill(r)
	r.Deleted = false
	change(r)
	switch {
	case r.Version == 0:
		return r, ratings.Insert(tx, r)
	case reflect.DeepEqual(was, *r):
		return r, nil
	}
	return r, ratings.Put(tx, r)
}

// openRectification opens the rectification of what was rated badly: with who
// is next to put it right, within the working days of the street's policy.
func (s *Ratings) openRectification(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, t *thing, r *Rating, up []rung) error {
	p, err := s.policies.In(ctx, tx, t.place.Street, now)
	if err != nil {
		return err
	}
	cal, err := s.calendars.At(ctx, tx)
	if err != nil {
		return err
	}
	x := &Rectification{Meta: store.Meta{ID: r.ID, Partition: t.partition}, About: t.About, Place: t.place, Sensitive: r.Sensitive, Grade: r.Grade, Rated: t.staff,
		State: Open, OpenedAt: now, From: now, Days: p.Limit(policy.RectifyDays), UpdatedAt: now}
	x.DueAt, x.Provisional = cal.AddWorkingDays(x.From, x.Days)
	if len(up) > 0 {
		x.Responsible, x.Level = up[0].who[0], up[0].level
	}
	x.settle()
	e := x.entry(actor, now, "open", store.Facts{})
	if err := rectifications.Insert(tx, x, e); err != nil {
		return err
	}
	return todo.Ask(ctx, tx, x.asking(ToPutRight, x.Responsible), e)
}
