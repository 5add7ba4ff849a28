package visit

import (
	"context"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/store"
)

// Abandon 放弃 ends a stop at which nothing was done: it was the wrong door, or
// the phone broke and nobody will complete it. What was due is due again, and
// a visit on the spot is cancelled. The stop stays, with the reason; the same
// again is that stop.
// Errors: ErrNotFound, ErrForbidden for who neither checked in nor leads,
// InvalidError, ConflictError "wrong_state", ErrStale.
func (s *Stops) Abandon(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, reason string) (*Stop, error) {
	bad := &domain.InvalidError{}
	domain.CheckText(bad, "/reason", reason, noteLongest, true)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	stop, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.HasVisitRelation(access.VisitAtDoor, stop.Facts()) && !actor.HasVisitRelation(access.VisitLeadOf, stop.Facts()) {
		return nil, domain.ErrForbidden
	}
	err = atStop(ctx, s.store, stop, func(tx *store.Tx, fresh *Stop, h *household.Household) error {
		stop = fresh
		if stop.State == Abandoned && stop.Note == strings.TrimSpace(reason) {
			return nil // sent again; the version stated is the one before it
		}
		if _, err := stops.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if stop.State != AtTheDoor {
			return stop.refuse(actor, overAlready)
		}
		before := stop.facts()
		stop.State, stop.Note, stop.LeftAt = Abandoned, strings.TrimSpace(reason), now
		if err := release(ctx, tx, actor, now, stop, h); err != nil {
			return err
		}
		return stops.Put(tx, stop, stop.entry(actor, now, "abandon", before))
	})
	if err != nil {
		return nil, err
	}
	return stop, nil
}

// release gives the visits of an abandoned stop back, to where the household is now.
func release(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, stop *Stop, h *household.Household) error {
	begun, err := visits.GetMany(ctx, tx, stop.Visits)
	if err != nil {
		return err
	}
	for _, id := range stop.Visits {
		v, before := begun[id], begun[id].facts()
		tr := transitionOf(Abandon)
		if v.Cause == OnTheSpot {
			tr.To = Cancelled
		}
		v.apply(tr, now)
		v.Steps = append(v.Steps, Step{v.Version + 1, stop.Note})
		v.Stop, v.By, v.Channel = "", "", ""
		if h != nil && h.Partition == v.Partition {
			v.Place = h.Place
		}
		if v.Plan != "" {
			p, err := plan.Load(ctx, tx, v.Plan)
			if err != nil {
				return err
			}
			v.SetEscalateAt(p.On(v.Period).Ladder)
		}
		if err := visits.Put(tx, v, v.entry(actor, now, Abandon, before)); err != nil {
			return err
		}
	}
	return nil
}
