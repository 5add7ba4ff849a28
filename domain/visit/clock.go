package visit

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/plan"
	"wangge/store"
	"wangge/store/jobs"
)

const clockLease = "visits.clock"

// RunClock goes up the overdue ladder of visits as their time comes, on one
// node at a time until ctx ends. Whoever tells people reads it in the journal:
// visit.escalate, with whom it is for.
func (s *Visits) RunClock(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, clockLease, s.rungs().Run(n)) // which returns ctx's error
}

// rungs are those of overdue visits, as they are to be taken.
func (s *Visits) rungs() *jobs.Due[Visit, *Visit] {
	return &jobs.Due[Visit, *Visit]{
		Collection: visits, Field: "escalateAt", At: func(v *Visit) time.Time { return v.EscalateAt },
		Do: func(ctx context.Context, lease store.Lease, v *Visit, now time.Time) error {
			err := s.store.Update(ctx, []string{v.Partition}, func(tx *store.Tx) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				return escalate(ctx, tx, v.ID, now)
			})
			var conflict *domain.ConflictError
			if errors.As(err, &conflict) { // it was done meanwhile
				return nil
			}
			return err
		},
	}
}

func escalate(ctx context.Context, tx *store.Tx, id string, now time.Time) error {
	v, err := visits.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	tr, err := v.decide(Escalate, access.Program)
	if err != nil {
		return err
	}
	p, err := plan.Load(ctx, tx, v.Plan)
	if err != nil {
		return err
	}
	ladder := p.On(v.Period).Ladder
	if v.EscalateAt.IsZero() || v.EscalateAt.After(now) || v.Escalated >= len(ladder) {
		return &domain.ConflictError{Code: "not_due", Detail: domain.T("未到上报时间", "it is not due yet")}
	}
	before, rung := v.facts(), ladder[v.Escalated]
	v.Escalated++
	v.SetEscalateAt(ladder)
	v.apply(tr, now)
	e := v.entry(access.Program, now, Escalate, before)
	e.Dims["to"] = rung.To
	return visits.Put(tx, v, e)
}
