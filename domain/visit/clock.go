package visit

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wangge/domain"
	"wangge/store"
)

const (
	clockLease  = "visits.clock"
	clockAtOnce = 100
)

// RunClock climbs the overdue ladder of visits as their time comes, until ctx
// ends, on one node at a time. Whoever tells people reads it in the journal:
// visit.escalate, with whom it is for.
func (s *Visits) RunClock(ctx context.Context, node string, now func() time.Time, log *slog.Logger) {
	s.lead(ctx, clockLease, node, log, func(ctx context.Context, lease store.Lease) (bool, error) {
		n, err := s.escalateDue(ctx, lease, now().UTC())
		return n == clockAtOnce, err
	})
}

// escalateDue takes the rung that is due of each overdue visit, and returns
// how many it took. One that cannot be does not hold up the others.
func (s *Visits) escalateDue(ctx context.Context, lease store.Lease, now time.Time) (took int, err error) {
	due, _, err := visits.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Between("escalateAt", nil, now.Add(time.Millisecond))}, Order: []string{"escalateAt"}, Limit: clockAtOnce,
	})
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, v := range due {
		err := s.store.Update(ctx, []string{v.Partition}, func(tx *store.Tx) error {
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			return s.escalate(ctx, tx, v.ID, now)
		})
		var conflict *domain.ConflictError
		switch {
		case err == nil:
			took++
		case errors.Is(err, store.ErrFenced):
			return took, err
		case !errors.As(err, &conflict): // a conflict: it was done meanwhile
			failed = append(failed, err)
		}
	}
	return took, errors.Join(failed...)
}

func (s *Visits) escalate(ctx context.Context, tx *store.Tx, id string, now time.Time) error {
	v, err := visits.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	tr, err := v.decide(Escalate, theProgram)
	if err != nil {
		return err
	}
	p, err := plans.Get(ctx, tx, v.Plan)
	if err != nil {
		return err
	}
	ladder := p.terms(v).Ladder
	if v.EscalateAt.IsZero() || v.EscalateAt.After(now) || v.Escalated >= len(ladder) {
		return &domain.ConflictError{Code: "not_due", Detail: domain.T("未到上报时间", "it is not due yet")}
	}
	before, rung := v.facts(), ladder[v.Escalated]
	v.Escalated++
	v.climb(ladder)
	v.apply(tr, now)
	e := v.entry(theProgram, now, Escalate, before)
	e.Dims["to"] = rung.To
	return visits.Put(tx, v, e)
}
