package household

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/store"
	"wangge/store/jobs"
)

const tagClockLease = "households.roll"

// RunTagClock brings the tags that households are listed by up to the clock, as
// those of their members begin and end, on one node at a time until ctx ends.
func (s *Households) RunTagClock(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, tagClockLease, s.tagsDue().Run(n)) // which returns ctx's error
}

// tagsDue are the households whose tags change as time passes.
func (s *Households) tagsDue() *jobs.Due[Household, *Household] {
	return &jobs.Due[Household, *Household]{
		Collection: collection, Field: "rollAt", At: func(h *Household) time.Time { return h.RollAt },
		Do: func(ctx context.Context, lease store.Lease, h *Household, now time.Time) error {
			return s.updateKept(ctx, access.Program, h.ID, 0, nil, func(tx *store.Tx, h *Household) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				if h.RollAt.IsZero() || h.RollAt.After(now) {
					return nil
				}
				return h.save(tx, access.Program, now, "roll", h.facts())
			})
		},
	}
}
