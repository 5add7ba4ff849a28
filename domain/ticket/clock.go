package ticket

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

const (
	clockLease  = "tickets.clock"
	leaseFor    = 15 * time.Second
	clockIdle   = 5 * time.Second // between two looks
	clockAtOnce = 100
)

// RunClock resumes suspended tickets as their time comes, and gives back those
// of who has left, until ctx ends. One
// node at a time does it; the next takes over when the lease runs out.
// node names this process.
func (s *Tickets) RunClock(ctx context.Context, node string, now func() time.Time, log *slog.Logger) {
	for ctx.Err() == nil {
		resumed, more := 0, false
		lease, err := s.store.Acquire(ctx, clockLease, node, leaseFor)
		if err == nil {
			resumed, err = s.resumeDue(ctx, lease, now().UTC())
			var failed error
			more, failed = s.follow(ctx, lease, now().UTC())
			err = errors.Join(err, failed)
		}
		if err != nil && !errors.Is(err, store.ErrLeaseHeld) && ctx.Err() == nil {
			log.Warn("resuming suspended tickets or giving back those of who left failed; trying again", "error", err)
		}
		if resumed == clockAtOnce || more && err == nil {
			continue // more may be due
		}
		select {
		case <-ctx.Done():
		case <-time.After(clockIdle):
		}
	}
}

// resumeDue resumes what is due at now, under the lease, and returns how many.
// One that cannot be resumed does not hold up the others.
func (s *Tickets) resumeDue(ctx context.Context, lease store.Lease, now time.Time) (resumed int, err error) {
	due, _, err := collection.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Between("resumeAt", nil, now.Add(time.Millisecond))}, Order: []string{"resumeAt"}, Limit: clockAtOnce,
	})
	if err != nil {
		return 0, err
	}
	program := access.Actor{System: true}
	var failed []error
	for _, t := range due {
		err := s.change(ctx, program, t.ID, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			return s.move(ctx, tx, program, now, t, 0, &Move{Action: Resume}, nil)
		})
		var conflict *domain.ConflictError
		switch {
		case err == nil:
			resumed++
		case errors.Is(err, store.ErrFenced):
			return resumed, err
		case !errors.As(err, &conflict): // a conflict: somebody resumed it meanwhile, or suspended it anew
			failed = append(failed, err)
		}
	}
	return resumed, errors.Join(failed...)
}
