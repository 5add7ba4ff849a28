package homecall

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/intake"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/store"
)

// ActionInput is what a resident does with their own booking: move or cancel.
type ActionInput struct {
	ID     string // of this action: applied once, however often it is sent
	Action string
	Date   civil.Date // move
	Slot   string     // move; code
}

// TakeAction moves or cancels the actor's own booking. version, when not 0, is the one the caller read.
// Errors: ErrNotFound, InvalidError, ErrStale, ConflictError "wrong_state",
// "too_late" once it is the worker's to change, "slot_taken" with what is free.
func (s *Calls) TakeAction(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (r *Request, err error) {
	if !ActionWords.Has(in.Action) {
		return nil, domain.Invalid("/action", ActionWords.Fault())
	}
	was, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, was, func(tx *store.Tx, w *writing) error {
		if r = w.request; !access.OwnsHomeCall(actor, r.Facts()) {
			return domain.ErrNotFound
		}
		if r.has(in.ID) {
			return nil // sent again; the version stated is the one before it
		}
		if _, err := requests.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		w.actor, w.now = actor, now
		if err := w.changeable(ctx, tx); err != nil {
			return err
		}
		r.applied(in.ID)
		if in.Action == "cancel" {
			return w.cancel(ctx, tx, ByResident)
		}
		return w.move(ctx, tx, in)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// writing is a change of a booking within an update.
type writing struct {
	calls   *Calls
	actor   access.Actor
	now     time.Time
	request *Request
	visit   *visit.Visit
	before  store.Facts
	board   *board // when it is needed
}

// update runs fn in an update of the streets of a request and its case, on them as they are then.
func (s *Calls) update(ctx context.Context, was *Request, fn func(*store.Tx, *writing) error) error {
	return store.RetryMoved(func(moved error) error {
		c, err := intake.Load(ctx, s.Store, was.Case)
		if err != nil {
			return err
		}
		err = s.Store.Update(ctx, []string{was.Partition, c.Partition}, func(tx *store.Tx) error {
			w, err := s.writing(ctx, tx, was.ID)
			if err != nil {
				return err
			}
			return fn(tx, w)
		})
		if also := (visit.OtherStreetsError)(nil); errors.As(err, &also) {
			return moved // the case went to another street
		}
		return err
	})
}

func (s *Calls) writing(ctx context.Context, tx *store.Tx, id string) (*writing, error) {
	r, err := requests.Get(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	found, err := visit.LoadMany(ctx, tx, []string{r.Visit})
	if err == nil && found[r.Visit] == nil {
		err = domain.ErrNotFound
	}
	return &writing{calls: s, request: r, visit: found[r.Visit], before: r.facts()}, err
}

// changeable: the booking is to come, and still the resident's to change.
func (w *writing) changeable(ctx context.Context, tx *store.Tx) error {
	r := w.request
	if r.State != Booked || w.visit.State != visit.Planned {
		return &domain.ConflictError{Code: "wrong_state", Allowed: []string{}, Detail: domain.T("当前状态不能更改", "it cannot be changed in its present state")}
	}
	if err := w.around(ctx, tx); err != nil {
		return err
	}
	hours := w.board.policy.Limit(policy.HomeCallChangeHours)
	if !w.now.Before(r.Slot.From.Add(-time.Duration(hours) * time.Hour)) {
		return &domain.ConflictError{Code: "too_late", Allowed: []string{},
			Detail: domain.Textf("上门前 %d 小时内请电话联系网格员更改", "less than %d hours before it, phone the worker to change it", hours)}
	}
	return nil
}

// Changeable is until when the resident may change the booking themselves; zero where it is over.
func (s *Calls) Changeable(r *Request, now time.Time) time.Time {
	if r.State != Booked {
		return time.Time{}
	}
	hours := s.Policies.At(r.Place.Street, now).Limit(policy.HomeCallChangeHours)
	return r.Slot.From.Add(-time.Duration(hours) * time.Hour)
}

// around reads who makes calls where the request is.
func (w *writing) around(ctx context.Context, tx *store.Tx, dates ...civil.Date) (err error) {
	if w.board == nil {
		w.board, err = w.calls.readBoard(ctx, tx, w.request.Place, w.now)
	}
	if err != nil {
		return err
	}
	return w.board.load(ctx, tx, dates...)
}

// move books another slot instead.
func (w *writing) move(ctx context.Context, tx *store.Tx, in ActionInput) error {
	r := w.request
	if err := w.around(ctx, tx, in.Date); err != nil {
		return err
	}
	slot, err := w.board.slot(in.Date, in.Slot)
	if err != nil {
		return err
	}
	worker := w.board.pick(slot, r.Worker, r.ID)
	if worker == "" {
		return w.calls.taken(ctx, tx, w.board)
	}
	if worker != r.Worker {
		r.Chosen = false
	}
	if err := w.rebook(ctx, tx, slot, worker); err != nil {
		return err
	}
	c := w.visit.Take(visit.Reschedule, w.now)
	w.visit.Assignee, w.visit.Given = worker, true
	w.visit.PutOff(slot.Date, slot.To)
	if err := c.WriteBy(tx, w.actor, w.now); err != nil {
		return err
	}
	return w.save(ctx, tx, "move", nil)
}

// rebook gives back the time that the booking takes, and takes that of another slot or worker.
func (w *writing) rebook(ctx context.Context, tx *store.Tx, s Slot, worker string) error {
	r := w.request
	if err := w.board.release(ctx, tx, r); err != nil {
		return err
	}
	r.Slot, r.Worker = s, worker
	return w.board.take(ctx, tx, worker, s, r.ID)
}

// cancel ends the booking and the visit.
func (w *writing) cancel(ctx context.Context, tx *store.Tx, why Cause) error {
	if w.visit.State == visit.Planned {
		if err := w.visit.Take(visit.Cancel, w.now).WriteBy(tx, w.actor, w.now); err != nil {
			return err
		}
	}
	return w.end(ctx, tx, Cancelled, why, nil)
}

// end ends the booking, whose time is free from now on.
func (w *writing) end(ctx context.Context, tx *store.Tx, state State, why Cause, given []intake.Material) error {
	r := w.request
	if err := w.around(ctx, tx); err != nil {
		return err
	}
	if err := w.board.release(ctx, tx, r); err != nil {
		return err
	}
	r.State, r.Cause, r.EndedAt = state, why, w.now
	what := string(state)
	if state == Cancelled {
		what = "cancel"
	}
	return w.save(ctx, tx, what, given)
}

// save writes the request, what its case keeps of it, and what the resident is told.
func (w *writing) save(ctx context.Context, tx *store.Tx, what string, given []intake.Material) error {
	r := w.request
	r.note(what, w.now)
	if err := requests.Put(tx, r, r.entry(w.actor, w.now, what, w.before)); err != nil {
		return err
	}
	c, err := intake.Load(ctx, tx, r.Case)
	if err != nil {
		return err
	}
	if now := r.call(); c.HomeCall != nil && c.HomeCall.Call != nil && c.HomeCall.Call.Request == r.ID && (*c.HomeCall.Call != now || len(given) > 0) {
		if !tx.Covers(c.Partition) {
			return visit.OtherStreetsError{c.Partition}
		}
		if err := c.PutCall(ctx, tx, w.actor, w.now, now, given); err != nil {
			return err
		}
	}
	return w.tell(ctx, tx, what)
}

// Changed is told to whose home call somebody else changed, or where nobody was met.
var Changed = todo.Declare("home_call_changed", "上门代办有变动", "a home call was changed")

// AboutRequest is what todos are about.
const AboutRequest = "home-call"

// tell tells the resident what they did not do themselves.
func (w *writing) tell(ctx context.Context, tx *store.Tx, what string) error {
	r := w.request
	about := todo.About{Kind: AboutRequest, ID: r.ID, Place: r.Place}
	e := store.Entry{At: w.now, Actor: w.actor.Name(), From: w.actor.Session}
	if what == "follow" {
		return nil
	}
	if access.OwnsHomeCall(w.actor, r.Facts()) || what == string(Done) {
		return todo.Done(ctx, tx, Changed, about, w.now)
	}
	to := r.Account
	if to == "" {
		a, err := account.OfPhone(ctx, tx, r.Phone)
		if err != nil || a == nil {
			return err
		}
		to = a.ID
	}
	return todo.Settle(ctx, tx, Changed, about, []todo.Asking{{Occasion: r.UpdatedAt.UTC().Format(time.RFC3339Nano) + what, To: []string{to}}}, e)
}
