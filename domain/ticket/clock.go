package ticket

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
	"wangge/store/jobs"
)

const clockLease = "tickets.clock"

// RunClock rings the alarms of tickets as their time comes, and gives back those
// of who has left, on one node at a time until ctx ends.
func (s *Tickets) RunClock(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, clockLease, s.waking().Run(n), s.comingIntoForce().Run(n), s.leavers(n.Now).Follow(n)) // which returns ctx's error
}

// CatchUp rings the alarms whose time has come, and returns when none is left.
func (s *Tickets) CatchUp(ctx context.Context, n jobs.Node) error {
	return jobs.Lead(ctx, n, clockLease, func(ctx context.Context, lease store.Lease) error {
		for range alarmsMost {
			if did, err := s.waking().Pass(ctx, n.Store, lease, n.Now()); err != nil || did == 0 {
				return err
			}
		}
		return nil
	})
}

const alarmsMost = 50 // of one ticket, for what it is late by: each pass rings one

// waking are the tickets of which something is due.
func (s *Tickets) waking() *jobs.Due[Ticket, *Ticket] {
	return &jobs.Due[Ticket, *Ticket]{
		Collection: collection, Field: "nextAt", At: func(t *Ticket) time.Time { return t.NextAt },
		Do: func(ctx context.Context, lease store.Lease, t *Ticket, now time.Time) error {
			err := s.updateSeen(ctx, access.Program, t.ID, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				for _, a := range alarms {
					if at := a.at(t); !at.IsZero() && !at.After(now) {
						return a.ring(ctx, s, tx, t, now)
					}
				}
				return nil
			})
			var conflict *domain.ConflictError
			if errors.As(err, &conflict) { // somebody did it meanwhile, or moved its time
				return nil
			}
			return err
		},
	}
}
