package homecall

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/reveal"
	"wangge/domain/visit"
	"wangge/store"
)

// Phone shows the phone to call before coming to who makes the visit, or leads
// there, with a purpose; each time is on the journal, and counted with all
// other reveals of the account. record is a new id.
// Errors: ErrNotFound for a visit that the actor does not see, or that nobody asked for; ErrForbidden, InvalidError, LimitError.
func (s *Calls) Phone(ctx context.Context, actor access.Actor, now time.Time, of, record, reason string) (phone string, err error) {
	bad := &domain.InvalidError{}
	reason = reveal.CheckReason(reason, bad)
	if err := bad.Err(); err != nil {
		return "", err
	}
	if err := s.Households.Reveals.Count(ctx, actor, now); err != nil {
		return "", err
	}
	err = store.RetryMoved(func(moved error) error {
		v, err := seen(ctx, s.Store, actor, of)
		if err != nil {
			return err
		}
		return s.Store.Update(ctx, []string{v.Partition}, func(tx *store.Tx) error {
			v, err := seen(ctx, tx, actor, of)
			if err != nil {
				return err
			}
			r, err := requests.Get(ctx, tx, v.Request)
			if err != nil {
				return err
			}
			if !tx.Covers(r.Partition) {
				return moved
			}
			if !access.MayRevealCaller(actor, v.Facts(), r.Item.Sensitive) {
				return domain.ErrForbidden
			}
			if phone, err = s.Keys.Open(r.Contact, contactAt(r.ID)); err != nil {
				return err
			}
			e := r.entry(actor, now, "reveal", r.facts())
			e.Dims = map[string]string{"fields": "phone", "record": record}
			if err := requests.Record(tx, r, e); err != nil {
				return err
			}
			return reveal.Record(tx, &reveal.Revealing{Meta: store.Meta{ID: record, Partition: r.Partition}, Case: r.Case, Fields: []string{"phone"}, Reason: reason, By: actor.Account, At: now}, e)
		})
	})
	if err != nil {
		return "", err // nothing is shown that is not on the journal
	}
	return phone, nil
}

// seen is a visit that was asked for, if the actor sees it; ErrNotFound.
func seen(ctx context.Context, r store.Reader, actor access.Actor, id string) (*visit.Visit, error) {
	found, err := visit.LoadVisits(ctx, r, []string{id})
	if err != nil {
		return nil, err
	}
	if v := found[id]; v != nil && v.Asked() && access.MaySeeVisit(actor, v.Facts()) {
		return v, nil
	}
	return nil, domain.ErrNotFound
}
