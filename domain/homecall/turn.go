package homecall

import (
	"context"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/intake"
	"wangge/domain/visit"
	"wangge/store"
)

// Hear brings a booking in line with a step that staff take with its visit,
// within the update of that: it moves, goes to somebody else, or ends, its time
// is taken and freed with it, and the case says what came of it.
// ConflictError "slot_taken" where the worker has no time.
func (s *Calls) Hear(ctx context.Context, tx *store.Tx, t visit.Turn) error {
	r, err := requests.Get(ctx, tx, t.Visit.Request)
	if err != nil {
		return err
	}
	w := &writing{calls: s, actor: t.Actor, now: t.Now, request: r, visit: t.Visit, before: r.facts()}
	switch t.Action {
	case visit.Reschedule:
		return w.putOff(ctx, tx, t.Slot)
	case visit.Reassign:
		return w.assign(ctx, tx, t.Visit.Assignee)
	case visit.Miss:
		return w.end(ctx, tx, Missed, NoCause, nil)
	case visit.Cancel:
		return w.end(ctx, tx, Cancelled, ByStaff, nil)
	case visit.Complete:
		return w.complete(ctx, tx, t)
	}
	return nil
}

// putOff moves the booking to the visit's new day: to the slot that is named, or the same time of day.
func (w *writing) putOff(ctx context.Context, tx *store.Tx, code string) error {
	r, date := w.request, w.visit.Period
	if err := w.around(ctx, tx, date); err != nil {
		return err
	}
	slot := r.Slot.on(date)
	if code != "" {
		found := false
		for _, s := range w.board.slotsOf(date) {
			if s.Code == code {
				slot, found = s, true
			}
		}
		if !found {
			return domain.Invalid("/slot", domain.T("没有这个时段", "no such slot"))
		}
	}
	if !slot.To.After(w.now) {
		return domain.Invalid("/day", domain.T("该时段已过", "the slot is over"))
	}
	if err := w.reserve(ctx, tx, slot, r.Worker); err != nil {
		return err
	}
	w.visit.PutOff(date, slot.To)
	return w.save(ctx, tx, "move", nil)
}

// on is the same time of another day.
func (s Slot) on(date civil.Date) Slot {
	from := date.Start().Add(s.From.Sub(s.Date.Start()))
	return Slot{s.Code, date, from, from.Add(s.To.Sub(s.From))}
}

// assign gives the booking to somebody else, or to whoever staffs the cell.
func (w *writing) assign(ctx context.Context, tx *store.Tx, worker string) error {
	if worker == w.request.Worker {
		return nil
	}
	if err := w.around(ctx, tx); err != nil {
		return err
	}
	if err := w.reserve(ctx, tx, w.request.Slot, worker); err != nil {
		return err
	}
	w.request.Chosen = true
	return w.save(ctx, tx, "assign", nil)
}

// reserve is rebook for a worker whom staff chose, if they have the time.
func (w *writing) reserve(ctx context.Context, tx *store.Tx, s Slot, worker string) error {
	if worker != "" {
		if _, err := w.board.day(ctx, tx, worker, s.Date); err != nil {
			return err
		}
		if w.board.room(worker, s, w.request.ID) == 0 {
			return w.calls.taken(ctx, tx, w.board)
		}
	}
	return w.rebook(ctx, tx, s, worker)
}

// complete writes what came of the call, and the materials that were collected, into the case.
func (w *writing) complete(ctx context.Context, tx *store.Tx, t visit.Turn) error {
	w.request.Result = t.Visit.Result
	state := NotMet
	if t.Visit.Result == visit.Met {
		state = Done
	}
	var given []intake.Material
	for _, m := range t.Sent.Materials {
		if m.Visit == t.Visit.ID {
			given = append(given, intake.Material{ID: m.ID, Name: m.Name, Photos: m.Photos})
		}
	}
	return w.end(ctx, tx, state, NoCause, given)
}
