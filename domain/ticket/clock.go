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

// RunClock resumes suspended tickets as their time comes, and gives back those
// of who has left, on one node at a time until ctx ends.
func (s *Tickets) RunClock(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, clockLease, s.resumes().Run(n), s.leavers(n.Now).Follow(n)) // which returns ctx's error
}

// resumes are the suspended tickets whose time comes.
func (s *Tickets) resumes() *jobs.Due[Ticket, *Ticket] {
	return &jobs.Due[Ticket, *Ticket]{
		Collection: collection, Field: "resumeAt", At: func(t *Ticket) time.Time { return t.ResumeAt },
		Do: func(ctx context.Context, lease store.Lease, t *Ticket, now time.Time) error {
			err := s.updateSeen(ctx, access.Program, t.ID, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				return s.takeAction(ctx, tx, access.Program, now, t, 0, &ActionInput{Action: Resume}, nil)
			})
			var conflict *domain.ConflictError
			if errors.As(err, &conflict) { // somebody resumed it meanwhile, or suspended it anew
				return nil
			}
			return err
		},
	}
}
