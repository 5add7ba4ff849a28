package intake

import (
	"context"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/reveal"
	"wangge/store"
)

// matter is what a reveal of a sensitive case is kept as: what it is about, and whose it is, masked.
const matter = "matter"

// Reveal shows an applicant's name, phone or ID number, with a purpose; each
// time is on the journal, and counted with all other reveals of the account.
// Errors: ErrNotFound, ErrForbidden, InvalidError, LimitError.
func (s *Cases) Reveal(ctx context.Context, actor access.Actor, now time.Time, id, record string, fields []string, reason string) (out ApplicantInput, err error) {
	fields, reason, err = reveal.Check(fields, FieldWords, reason)
	if err != nil {
		return out, err
	}
	if err := s.Reveals.Count(ctx, actor, now); err != nil {
		return out, err
	}
	_, err = s.updateSeen(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if !access.MayRevealCase(actor, c.Facts()) {
			return domain.ErrForbidden
		}
		clear, err := c.Applicant.open(s.keys)
		if err != nil {
			return err
		}
		out = clear.only(fields)
		return c.recordReveal(tx, actor, now, record, fields, reason)
	})
	if err != nil {
		return ApplicantInput{}, err // nothing is shown that is not on the journal
	}
	return out, nil
}

// Sight tells the id of a case and how much of it its reader is shown; ErrNotFound when nothing.
type Sight func(ctx context.Context, r store.Reader) (id string, shown access.CaseShown, err error)

// Seen is how much of the case the actor is shown where it is asked for itself.
func Seen(actor access.Actor, id string) Sight {
	return func(ctx context.Context, r store.Reader) (string, access.CaseShown, error) {
		c, err := Load(ctx, r, id)
		if err != nil {
			return "", access.CaseHidden, err
		}
		shown := access.CaseView(actor, c.Facts())
		if shown == access.CaseHidden {
			err = domain.ErrNotFound
		}
		return id, shown, err
	}
}

// RevealMatter shows what a sensitive case is about and, masked, whose it is, to
// who is shown no more than how it stands; with a purpose, on the journal, and
// counted, like Reveal. Errors: ErrNotFound, ErrForbidden, InvalidError, LimitError.
func (s *Cases) RevealMatter(ctx context.Context, actor access.Actor, now time.Time, sight Sight, record, reason string) (c *Case, err error) {
	bad := &domain.InvalidError{}
	reason = reveal.CheckReason(reason, bad)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if err := s.Reveals.Count(ctx, actor, now); err != nil {
		return nil, err
	}
	err = store.RetryMoved(func(moved error) error {
		id, _, err := sight(ctx, s.store)
		if err != nil {
			return err
		}
		was, err := Load(ctx, s.store, id)
		if err != nil {
			return err
		}
		return s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
			id, shown, err := sight(ctx, tx)
			if err != nil {
				return err
			}
			if c, err = Load(ctx, tx, id); err != nil {
				return err
			}
			if c.Partition != was.Partition {
				return moved
			}
			if !access.MayRevealMatter(actor, c.Facts(), shown) {
				return domain.ErrForbidden
			}
			return c.recordReveal(tx, actor, now, record, []string{matter}, reason)
		})
	})
	if err != nil {
		return nil, err // nothing is shown that is not on the journal
	}
	return c, nil
}

// recordReveal puts on the journal that these fields are shown, and keeps why.
func (c *Case) recordReveal(tx *store.Tx, actor access.Actor, now time.Time, record string, fields []string, reason string) error {
	entry := c.entry(actor, now, "reveal", c.facts())
	entry.Dims = map[string]string{"fields": strings.Join(fields, ","), "record": record}
	if err := collection.Record(tx, c, entry); err != nil {
		return err
	}
	return reveal.Record(tx, &reveal.Revealing{Meta: store.Meta{ID: record, Partition: c.Partition}, Case: c.ID, Fields: fields, Reason: reason, By: actor.Account, At: now}, entry)
}
