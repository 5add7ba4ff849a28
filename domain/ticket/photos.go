package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/photo"
	"wangge/store"
)

// AddPhotos attaches photos that the actor uploaded to an open ticket, before
// or after the handling; those it has are left out.
// Errors: ErrNotFound, ErrForbidden (after, by the reporter), ConflictError "wrong_state", InvalidError.
func (s *Tickets) AddPhotos(ctx context.Context, actor access.Actor, now time.Time, id string, when string, photos []string) (*Ticket, error) {
	if when != Before && when != After {
		return nil, domain.Invalid("/when", PhotoTimeWords.Fault())
	}
	if len(photos) == 0 {
		return nil, domain.Invalid("/photos", domain.T("请选择照片", "name at least one photo"))
	}
	var changed *Ticket
	err := s.updateSeen(ctx, actor, id, nil, func(tx *store.Tx, t *Ticket, view access.View) error {
		changed = t
		photos := t.without(photos, when)
		switch {
		case view == access.Own && when == After:
			return domain.ErrForbidden
		case len(photos) == 0:
			return nil // sent again
		case !t.State.Open():
			return t.withAllowed(&domain.ConflictError{Code: "wrong_state", Detail: domain.T("已办结，不能再添加照片", "the ticket is over")}, s.occasion(actor, now, s.policies.At(t.Partition, now)))
		}
		before := t.facts()
		if err := attach(ctx, tx, actor, t, photos, when, now); err != nil {
			return err
		}
		t.UpdatedAt = now
		return put(tx, t, t.entry(actor, now, "photo", before))
	})
	return changed, err
}

// without leaves out the photos the ticket has.
func (t *Ticket) without(ids []string, when string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(t.Photos, func(p Photo) bool { return p.ID == id && p.When == when })
	})
}

// attach adds photos that the actor uploaded.
func attach(ctx context.Context, tx *store.Tx, actor access.Actor, t *Ticket, ids []string, when string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if len(t.Photos)+len(ids) > photosMost {
		return domain.Invalid("/photos", domain.T("照片最多 20 张", "20 photos at most"))
	}
	if err := photo.Attach(ctx, tx, actor, ids, photo.Owner{Kind: "ticket", ID: t.ID}); err != nil {
		return err
	}
	for _, id := range ids {
		t.Photos = append(t.Photos, Photo{ID: id, When: when, By: actor.Account, At: now})
	}
	return nil
}
