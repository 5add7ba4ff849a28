package visit

import (
	"context"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/store"
)

// Stop returns a stop; ErrNotFound when the actor may not see it.
func (s *Visits) Stop(ctx context.Context, actor access.Actor, id string) (*Stop, error) {
	stop, err := stops.Get(ctx, s.store, id)
	if err != nil {
		return nil, err
	}
	if !access.MaySeeStop(actor, stop.Facts()) {
		return nil, domain.ErrNotFound
	}
	return stop.shownTo(actor), nil
}

// shownTo takes off what was written after the stop about its household, for who was there and works there no more.
func (s *Stop) shownTo(actor access.Actor) *Stop {
	if !access.MaySeeVisit(actor, s.Facts()) {
		s.AlertNote = ""
	}
	return s
}

// Seen tells which of these stops the actor may see.
func (s *Visits) Seen(ctx context.Context, actor access.Actor, ids []string) (map[string]bool, error) {
	found, err := stops.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for id, stop := range found {
		out[id] = access.MaySeeStop(actor, stop.Facts())
	}
	return out, nil
}

// Review accepts or rejects the proof of a stop that is over, with a note. A
// rejected proof takes the coverage back; accepting it later gives it back.
// Errors: ErrNotFound, ErrForbidden (nobody reviews their own), InvalidError, ConflictError "wrong_state", ErrStale.
func (s *Visits) Review(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, accept bool, note string) (*Stop, error) {
	bad := &domain.InvalidError{}
	longText(bad, "/note", note, noteLongest, true)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	stop, err := s.reviewable(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	err = s.atStop(ctx, stop, func(tx *store.Tx, fresh *Stop, h *household.Household) error {
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
		recent, err := s.recent(ctx, tx, stop)
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
		if err := s.meet(ctx, tx, actor, now, stop, h, recent); err != nil {
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
func (s *Visits) reviewable(ctx context.Context, actor access.Actor, id string) (*Stop, error) {
	stop, err := s.Stop(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.Stands(access.VisitReviewer, stop.Facts()) {
		return nil, domain.ErrForbidden
	}
	return stop, nil
}

// ClearAlert says that a lead has seen to a welfare alert, with a note.
// Errors: ErrNotFound, ErrForbidden, InvalidError, ConflictError "wrong_state", ErrStale.
func (s *Visits) ClearAlert(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, note string) (*Stop, error) {
	bad := &domain.InvalidError{}
	longText(bad, "/note", note, noteLongest, true)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	stop, err := s.Stop(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.Stands(access.VisitLeadOf, stop.Facts()) {
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
		return quiet(tx, actor, now, stop)
	})
	if err != nil {
		return nil, err
	}
	return stop, nil
}

// Queue returns a page of the stops that wait for a lead where the actor
// leads or visits, for a review (InReview) or by an alert (InAlert), the
// oldest first, and the next page's cursor. Errors: ErrForbidden, InvalidError at ?area and ?cell, store.ErrCursor.
func (s *Visits) Queue(ctx context.Context, actor access.Actor, queue, area, cell string, limit int, cursor string) ([]*Stop, string, error) {
	if !access.ListsVisits(actor) {
		return nil, "", domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.VisitScopes(actor), area, cell)
	if err != nil {
		return nil, "", err
	}
	var qs []store.Query
	for _, l := range place.Levels(places) { // a street's queue is short: those of its cells are filtered from it
		where := []store.Cond{store.In("place.street", l.Streets...), store.Eq("queue", queue), store.Filter(l.Cond())}
		qs = append(qs, store.Query{Where: where, Order: []string{"at"}, Limit: limit, After: cursor})
	}
	return stops.Find(ctx, s.store, qs...)
}

// StopsAt returns a page of the stops at a household that the actor may see,
// the latest first, and the next page's cursor. Who sees none gets none.
// Errors: ErrForbidden, store.ErrCursor.
func (s *Visits) StopsAt(ctx context.Context, actor access.Actor, household string, limit int, cursor string) ([]*Stop, string, error) {
	if !access.ListsVisits(actor) {
		return nil, "", domain.ErrForbidden
	}
	ids, err := idsOf(ctx, s.store, household)
	if err != nil {
		return nil, "", err
	}
	at := func(more ...store.Cond) []store.Query {
		return atEach(ids, store.Query{Where: more, Order: []string{"-at"}, Limit: limit, After: cursor})
	}
	byLevel := map[access.Level][]string{}
	qs := at(store.Filter(store.Eq("account", actor.Account)))
	for _, scope := range access.VisitScopes(actor) {
		if scope == (access.Scope{}) {
			qs = at()
			break
		}
		byLevel[scope.Level] = append(byLevel[scope.Level], scope.ID)
	}
	for _, level := range []access.Level{access.City, access.County, access.Street, access.Community, access.Cell} {
		if ids := byLevel[level]; len(ids) > 0 {
			qs = append(qs, at(store.Filter(store.In("place."+string(level), ids...)))...)
		}
	}
	found, next, err := stops.Find(ctx, s.store, qs...)
	for _, stop := range found {
		stop.shownTo(actor)
	}
	return found, next, err
}

// Sheet is what somebody at the door needs.
type Sheet struct {
	*form.Sheet
	Offered  form.Answers // the last answers, where they still fit
	Promises []*Promise   // open at this household, the soonest first
}

// SheetOf returns the forms of an open stop's visits on one sheet, with the
// last answers and what was promised before it. Errors: ErrNotFound,
// ErrForbidden for another's stop, ConflictError "wrong_state".
func (s *Visits) SheetOf(ctx context.Context, actor access.Actor, id string) (*Sheet, error) {
	stop, err := s.Stop(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.Stands(access.VisitAtDoor, stop.Facts()) {
		return nil, domain.ErrForbidden
	}
	if stop.State != AtTheDoor {
		return nil, stop.refuse(actor, overAlready)
	}
	out := &Sheet{}
	if out.Sheet, err = s.sheet(ctx, stop); err != nil {
		return nil, err
	}
	ids, err := idsOf(ctx, s.store, stop.Household)
	if err != nil {
		return nil, err
	}
	if out.Promises, _, err = promises.Find(ctx, s.store, atEach(ids, store.Query{
		Where: []store.Cond{store.Eq("state", PromiseOpen)}, Order: []string{"dueOn"}, Limit: 100,
	})...); err != nil {
		return nil, err
	}
	out.Promises = slices.DeleteFunc(out.Promises, func(p *Promise) bool { return p.CreatedAt.After(stop.At) }) // what comes later is not this stop's to learn
	earlier, _, err := stops.Find(ctx, s.store, atEach(ids, store.Query{
		Where: []store.Cond{store.Between("at", nil, stop.At)}, Order: []string{"-at"}, Limit: 30,
	})...)
	if err != nil {
		return nil, err
	}
	last := map[string]form.Answers{}
	for _, o := range earlier {
		byForm, err := s.answers(ctx, o)
		if err != nil {
			return nil, err
		}
		for code, answers := range byForm {
			if last[code] == nil {
				last[code] = answers
			}
		}
	}
	out.Offered = out.Offer(last)
	return out, nil
}

// LeftBehind returns what a stop left behind: promises, the soonest first, and
// the aid given; ErrNotFound when the actor may not see it. Promises are the
// cell's: who made them and left it sees them no more.
func (s *Visits) LeftBehind(ctx context.Context, actor access.Actor, id string) ([]*Promise, []*Work, error) {
	if _, err := s.Stop(ctx, actor, id); err != nil {
		return nil, nil, err
	}
	at := []store.Cond{store.Eq("stop", id)}
	made, _, err := promises.Find(ctx, s.store, store.Query{Where: at, Order: []string{"dueOn"}, Limit: listMost})
	if err != nil {
		return nil, nil, err
	}
	made = slices.DeleteFunc(made, func(p *Promise) bool { return !access.MaySeeVisit(actor, access.Visit{Place: p.Place}) })
	aids, _, err := works.Find(ctx, s.store, store.Query{Where: at, Order: []string{"heldAt"}, Limit: listMost})
	return made, aids, err
}

// Answers returns what was answered at a stop, by the code of the form;
// ErrNotFound when the actor may not see it.
func (s *Visits) Answers(ctx context.Context, actor access.Actor, id string) (map[string]form.Answers, error) {
	stop, err := s.Stop(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	return s.answers(ctx, stop)
}

func (s *Visits) answers(ctx context.Context, stop *Stop) (map[string]form.Answers, error) {
	if len(stop.Forms) == 0 {
		return nil, nil
	}
	clear, err := s.keys.Open(stop.Answers, sealedAt(stop.ID))
	if err != nil {
		return nil, err
	}
	all, err := form.ReadStored(clear)
	if err != nil {
		return nil, err
	}
	found, err := form.Load(ctx, s.store, stop.Forms)
	if err != nil {
		return nil, err
	}
	out := map[string]form.Answers{}
	for id, answers := range all {
		if own, ok := answers.(map[string]any); ok && found[id] != nil {
			out[found[id].Code] = own
		}
	}
	return out, nil
}
