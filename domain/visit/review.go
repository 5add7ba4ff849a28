package visit

import (
	"context"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/store"
)

// Reviews are what leads see to after a stop: proofs in doubt, and alerts.
type Reviews struct {
	store *store.Store
	areas *area.Areas
	stops *Stops
}

// Review accepts or rejects the proof of a stop that is over, with a note. A
// rejected proof takes the coverage back; accepting it later gives it back.
// Errors: ErrNotFound, ErrForbidden (nobody reviews their own), InvalidError, ConflictError "wrong_state", ErrStale.
func (s *Reviews) Review(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, accept bool, note string) (*Stop, error) {
	bad := &domain.InvalidError{}
	domain.CheckText(bad, "/note", note, noteLongest, true)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	stop, err := s.reviewable(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	err = atStop(ctx, s.store, stop, func(tx *store.Tx, fresh *Stop, h *household.Household) error {
		stop = fresh
		state := Rejected
		if accept {
			state = Accepted
		}
		if p := stop.Proof; p.State == state && p.By == actor.Account && p.Note == strings.TrimSpace(note) {
			return nil // sent again; the version stated is the one before it
		}
		if _, err := stops.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if stop.State != Over || stop.Proof.State == state {
			return stop.refuse(actor, domain.T("走访未完成或已如此审核", "the stop is not over, or was reviewed so already"))
		}
		recent, err := recentAt(ctx, tx, stop)
		if err != nil {
			return err
		}
		before := stop.facts()
		stop.Proof.State, stop.Proof.By, stop.Proof.At, stop.Proof.Note = state, actor.Account, now, strings.TrimSpace(note)
		stop.settle()
		done, err := visits.GetMany(ctx, tx, stop.Visits)
		if err != nil {
			return err
		}
		for _, vid := range stop.Visits {
			v := done[vid]
			was := v.facts()
			tr, err := v.decide(Review, actor)
			if err != nil {
				return err
			}
			doneAt := v.DoneAt
			v.apply(tr, now)
			v.DoneAt, v.Covered = doneAt, stop.covers()
			if err := visits.Put(tx, v, v.entry(actor, now, Review, was)); err != nil {
				return err
			}
		}
		if err := recordMet(tx, actor, now, stop, h, recent); err != nil {
			return err
		}
		return stops.Put(tx, stop, stop.entry(actor, now, "review", before))
	})
	if err != nil {
		return nil, err
	}
	return stop, nil
}

// reviewable returns a stop that the actor may review: ErrNotFound, ErrForbidden.
func (s *Reviews) reviewable(ctx context.Context, actor access.Actor, id string) (*Stop, error) {
	stop, err := s.stops.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.HasVisitRelation(access.VisitReviewer, stop.Facts()) {
		return nil, domain.ErrForbidden
	}
	return stop, nil
}

// ClearAlert says that a lead has seen to a welfare alert, with a note.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ConflictError "wrong_state", ErrStale.
func (s *Reviews) ClearAlert(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, note string) (*Stop, error) {
	bad := &domain.InvalidError{}
	domain.CheckText(bad, "/note", note, noteLongest, true)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	stop, err := s.stops.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.HasVisitRelation(access.VisitLeadOf, stop.Facts()) {
		return nil, domain.ErrForbidden
	}
	err = s.store.Update(ctx, []string{stop.Partition}, func(tx *store.Tx) error {
		if stop, err = stops.Get(ctx, tx, id); err != nil {
			return err
		}
		if stop.Alert == Cleared && stop.AlertNote == strings.TrimSpace(note) {
			return nil // sent again; the version stated is the one before it
		}
		if _, err := stops.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if stop.Alert != Raised {
			return stop.refuse(actor, domain.T("没有待处理的预警", "no alert is raised"))
		}
		stop.AlertNote = strings.TrimSpace(note)
		return clearAlert(tx, actor, now, stop)
	})
	if err != nil {
		return nil, err
	}
	return stop, nil
}

// Queue returns a page of the stops that wait for a lead where the actor
// leads or visits, for a review (InReview) or by an alert (InAlert), the
// oldest first, and the next page's cursor. Errors: ErrForbidden, InvalidError at ?area and ?cell, store.ErrCursor.
func (s *Reviews) Queue(ctx context.Context, actor access.Actor, queue, area, cell string, limit int, cursor string) ([]*Stop, string, error) {
	if !access.ListsVisits(actor) {
		return nil, "", domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.VisitScopes(actor), area, cell)
	if err != nil {
		return nil, "", err
	}
	var qs []store.Query
	for _, l := range place.Levels(places) {
		where := append(l.Conds(), store.Eq("queue", queue))
		qs = append(qs, store.Query{Where: where, Order: []string{"at"}, Limit: limit, After: cursor})
	}
	return stops.Find(ctx, s.store, qs...)
}
