package household

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wangge/domain/access"
	"wangge/store"
)

const (
	rollLease  = "households.roll"
	leaseFor   = 15 * time.Second
	rollIdle   = 5 * time.Second // between two looks
	rollAtOnce = 200
)

// RunRoll brings the tags that households are listed by up to the clock, as
// those of their members begin and end, until ctx ends: lists lag behind by
// seconds. One node at a time does it; the next takes over when the lease runs
// out. node names this process.
func (s *Households) RunRoll(ctx context.Context, node string, now func() time.Time, log *slog.Logger) {
	for ctx.Err() == nil {
		rolled := 0
		lease, err := s.store.Acquire(ctx, rollLease, node, leaseFor)
		if err == nil {
			rolled, err = s.roll(ctx, lease, now().UTC())
		}
		if err != nil && !errors.Is(err, store.ErrLeaseHeld) && ctx.Err() == nil {
			log.Warn("rolling up tags failed; trying again", "error", err)
		}
		if rolled == rollAtOnce {
			continue // more may be due
		}
		select {
		case <-ctx.Done():
		case <-time.After(rollIdle):
		}
	}
}

// roll rolls what is due at now, under the lease, and returns how many. One
// that fails does not hold up the others.
func (s *Households) roll(ctx context.Context, lease store.Lease, now time.Time) (rolled int, err error) {
	due, _, err := collection.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Between("rollAt", nil, now.Add(time.Millisecond))}, Order: []string{"rollAt"}, Limit: rollAtOnce,
	})
	if err != nil {
		return 0, err
	}
	program := access.Actor{System: true}
	var failed []error
	for _, h := range due {
		err := s.change(ctx, program, h.ID, 0, nil, func(tx *store.Tx, h *Household) error {
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			if h.RollAt.IsZero() || h.RollAt.After(now) {
				return nil
			}
			return h.save(tx, program, now, "roll", h.facts())
		})
		switch {
		case err == nil:
			rolled++
		case errors.Is(err, store.ErrFenced):
			return rolled, err
		default:
			failed = append(failed, err)
		}
	}
	return rolled, errors.Join(failed...)
}
