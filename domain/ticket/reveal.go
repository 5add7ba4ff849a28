package ticket

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/ids"
	"wangge/domain/reveal"
	"wangge/store"
)

// Revealed is personal data of whom a ticket belongs to, in clear.
type Revealed struct{ Name, Phone string }

// Reveal shows the reporter's name or phone, with a reason; each time is on
// the journal. An anonymous reporter is not revealed.
// Errors: ErrNotFound, ErrForbidden, InvalidError, LimitError.
func (s *Tickets) Reveal(ctx context.Context, actor access.Actor, now time.Time, id string, fields []string, reason string) (Revealed, error) {
	fields, reason, err := reveal.Check(fields, FieldWords, reason)
	if err != nil {
		return Revealed{}, err
	}
	if err := s.Reveals.Count(ctx, actor, now); err != nil {
		return Revealed{}, err
	}
	var out Revealed
	record := ids.New()
	err = s.updateSeen(ctx, actor, id, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
		if t.Anonymous || !access.MayReveal(actor, t.Facts()) {
			return domain.ErrForbidden
		}
		of := t
		if t.Parent != "" { // who a child is for the parent says
			if of, err = collection.Get(ctx, tx, t.Parent); err != nil {
				return err
			}
		}
		clear, err := s.open(ctx, tx, of)
		if err != nil {
			return err
		}
		out = clear
		entry := t.entry(actor, now, "reveal", t.facts())
		entry.Dims = map[string]string{"fields": strings.Join(fields, ","), "internal": "true", "record": record}
		if err := collection.Record(tx, t, entry); err != nil {
			return err
		}
		return reveal.Record(tx, &reveal.Revealing{Meta: store.Meta{ID: record, Partition: t.Partition}, Ticket: t.ID, Fields: fields,
			Reason: reason, By: actor.Account, At: now}, entry)
	})
	if err != nil {
		return Revealed{}, err // nothing is shown that is not on the journal
	}
	if !slices.Contains(fields, "name") {
		out.Name = ""
	}
	if !slices.Contains(fields, "phone") {
		out.Phone = ""
	}
	return out, nil
}

func (s *Tickets) open(ctx context.Context, tx store.Reader, t *Ticket) (out Revealed, err error) {
	if t.Contact != nil {
		if out.Name, err = s.keys.Open(t.Contact.Name, sealedAt(t.ID, "name")); err != nil {
			return out, err
		}
		out.Phone, err = s.keys.Open(t.Contact.Phone, sealedAt(t.ID, "phone"))
		return out, err
	}
	a, err := account.Load(ctx, tx, t.Reporter)
	if err != nil {
		return out, err
	}
	out.Name, out.Phone, err = s.accounts.Open(a)
	return out, err
}
