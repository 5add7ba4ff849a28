package household

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/reveal"
	"wangge/store"
)

// Revealed is personal data in clear; what was not asked for is empty.
type Revealed struct{ Name, Phone, IDNumber string }

// Reveal shows the name, phone or idNumber of one of the household's people,
// by id, with a reason; each time is on the journal.
// Errors: ErrNotFound (no such person too), ErrForbidden, InvalidError, LimitError.
func (s *Households) Reveal(ctx context.Context, actor access.Actor, now time.Time, id, person string, fields []string, reason string) (Revealed, error) {
	fields, reason, err := reveal.Check(fields, FieldWords, reason)
	if err != nil {
		return Revealed{}, err
	}
	if err := s.Reveals.Count(ctx, actor, now); err != nil {
		return Revealed{}, err
	}
	var out Revealed
	record := ids.New()
	err = s.updateKept(ctx, actor, id, 0, nil, func(tx *store.Tx, h *Household) error {
		if !access.MayRevealPeople(actor, h.Place) {
			return domain.ErrForbidden
		}
		i := slices.IndexFunc(h.people(), func(p *Person) bool { return p.ID == person })
		if i < 0 {
			return domain.ErrNotFound
		}
		if out, err = s.open(h.people()[i], fields); err != nil {
			return err
		}
		e := h.entry(actor, now, "reveal", h.facts())
		e.Dims = map[string]string{"person": person, "fields": strings.Join(fields, ","), "record": record}
		if err := collection.Record(tx, h, e); err != nil {
			return err
		}
		return reveal.Record(tx, &reveal.Revealing{Meta: store.Meta{ID: record, Partition: h.Partition}, Household: h.ID, Person: person,
			Fields: fields, Reason: reason, By: actor.Account, At: now}, e)
	})
	if err != nil {
		return Revealed{}, err // nothing is shown that is not on the journal
	}
	return out, nil
}

// open opens the fields of a person that are asked for.
func (s *Households) open(p *Person, fields []string) (out Revealed, err error) {
	if slices.Contains(fields, "name") {
		out.Name, err = s.keys.Open(p.Name, sealedAt(p.ID, "name"))
	}
	if slices.Contains(fields, "phone") && err == nil {
		out.Phone, err = s.keys.Open(p.Phone, sealedAt(p.ID, "phone"))
	}
	if slices.Contains(fields, "idNumber") && err == nil {
		out.IDNumber, err = s.keys.Open(p.IDNumber, sealedAt(p.ID, "idNumber"))
	}
	return out, err
}
