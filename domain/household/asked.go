package household

import (
	"context"
	"errors"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// HasPhone reports whether somebody of the household has the phone of a blind index.
func (h *Household) HasPhone(index string) bool {
	for _, p := range h.people() {
		if index != "" && p.PhoneIndex == index {
			return true
		}
	}
	return false
}

// Prepared is a household that only wants its place.
type Prepared struct {
	made  *Household
	draft Draft
}

// Prepare does what can be done before the update that makes a household of a
// draft, which has no members: checks and sealing. Whoever calls it has
// authorised the actor. InvalidError.
func (s *Households) Prepare(now time.Time, d Draft) (*Prepared, error) {
	made, err := s.fromDraft(now, &d)
	if err != nil {
		return nil, err
	}
	return &Prepared{made, d}, nil
}

// AtAddress returns the household that is on record at the draft's address in a
// spot's street, which stays as it is, or else makes the draft's.
func (p *Prepared) AtAddress(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, spot area.Spot) (*Household, error) {
	h := *p.made
	h.setPosition(spot, p.draft.Position, p.draft.Datum)
	key := h.Address.key()
	found, _, err := collection.Find(ctx, tx, dwelling(h.Partition, 3, key), alias(h.Partition, key, 3))
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	if _, err := collection.Get(ctx, tx, h.ID); !errors.Is(err, store.ErrNotFound) {
		return nil, errors.Join(err, store.ErrConflict)
	}
	h.settle(now)
	return &h, collection.Insert(tx, &h, h.entry(actor, now, "create", store.Facts{}))
}
