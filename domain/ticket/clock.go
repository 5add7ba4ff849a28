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
	clockIdle   = 5 * time.Second // between looks while another node has the lease, and at most between looks at all
	clockAtOnce = 100
)

// RunClock resumes suspended tickets as their time comes, until ctx ends. One
// node at a time does it; the next takes over when the lease runs out.
// node names this process.
func (s *Tickets) RunClock(ctx context.Context, node string, now func() time.Time, log *slog.Logger) {
	for ctx.Err() == nil {
		lease, err := s.store.Acquire(ctx, clockLease, node, leaseFor)
		if err == nil {
			err = s.resumeDue(ctx, lease, now().UTC())
		}
		if err != nil && !errors.Is(err, store.ErrLeaseHeld) && ctx.Err() == nil {
			log.Warn("resuming suspended tickets failed; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(clockIdle):
		}
	}
}

// resumeDue resumes what is due at now, under the lease.
func (s *Tickets) resumeDue(ctx context.Context, lease store.Lease, now time.Time) error {
	due, _, err := collection.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Between("resumeAt", nil, now.Add(time.Millisecond))}, Order: []string{"resumeAt"}, Limit: clockAtOnce,
	})
	if err != nil {
		return err
	}
	program := access.Actor{System: true}
	for _, t := range due {
		err := s.store.Update(ctx, []string{t.Partition}, func(tx *store.Tx) error {
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			_, err := s.move(ctx, tx, program, now, t.ID, 0, &Move{Action: Resume}, nil)
			return err
		})
		var conflict *domain.ConflictError
		if err != nil && !errors.As(err, &conflict) { // somebody resumed it meanwhile
			return err
		}
	}
	return nil
}
