package homecall

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/jobs"
)

// Run has bookings follow what becomes of households, people and cases, on one
// node at a time until ctx ends.
func (s *Calls) Run(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, "homecalls", s.changes(n.Now).Follow(n)) // which returns ctx's error
}

// CatchUp does at once what Run would have done by now. store.ErrLeaseHeld while a node does it.
func (s *Calls) CatchUp(ctx context.Context, n jobs.Node) error {
	return jobs.Try(ctx, n, "homecalls", func(ctx context.Context, lease store.Lease) error {
		return s.changes(n.Now).CatchUp(ctx, s.Store, lease)
	})
}

// fields are by which index a change in a collection of the journal is followed.
var fields = map[string][]string{
	"households":  {"household", "dwelling"},
	"cells":       {"place.street"},
	"accounts":    {"worker"},
	"intakeCases": {"case"},
}

// givenUp reports whether an entry is of a visit that is to come again, whatever changed while somebody was at the door.
func givenUp(e *store.Entry) bool {
	return visit.AboutVisit(e) && e.Before.State == string(visit.CheckedIn) && e.After.State == string(visit.Planned)
}

// changes looks at what these are now: however often it does, a booking changes once.
func (s *Calls) changes(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true,
		Wants: func(e *store.Entry) bool {
			return givenUp(e) || fields[e.Collection] != nil && (e.Collection != "intakeCases" || e.Before.State != e.After.State)
		},
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			touched, err := s.touched(ctx, b)
			if err != nil {
				return jobs.Output{}, err
			}
			for _, id := range slices.Sorted(maps.Keys(touched)) {
				if err := s.follow(ctx, b.Lease, touched[id], now().UTC()); err != nil {
					return jobs.Output{}, err
				}
			}
			return jobs.Output{}, nil
		},
	}
}

// touched are the bookings to come that have to do with what a batch is about, by id.
func (s *Calls) touched(ctx context.Context, b jobs.Batch) (map[string]*Request, error) {
	out := map[string]*Request{}
	some, _, err := requests.Find(ctx, s.Store, store.Query{Where: []store.Cond{store.Eq("state", Booked)}, Limit: 1})
	if err != nil || len(some) == 0 {
		return nil, err
	}
	asked, again := map[[2]string]bool{}, []string{}
	for _, e := range b.Entries {
		if givenUp(e) {
			again = append(again, e.Doc)
		}
		for _, field := range fields[e.Collection] {
			id := e.Doc
			if field == "place.street" { // who calls may come from any cell of the community
				id = e.Partition
			}
			if asked[[2]string{field, id}] {
				continue
			}
			asked[[2]string{field, id}] = true
			if err := s.booked(ctx, field, id, out); err != nil {
				return nil, err
			}
		}
	}
	return out, s.bookedOf(ctx, again, out)
}

// bookedOf adds the bookings to come of visits.
func (s *Calls) bookedOf(ctx context.Context, ids []string, to map[string]*Request) error {
	visits, err := visit.LoadVisits(ctx, s.Store, ids)
	if err != nil {
		return err
	}
	found, err := s.OfVisits(ctx, slices.Collect(maps.Values(visits)))
	for _, r := range found {
		if r.State == Booked {
			to[r.ID] = r
		}
	}
	return err
}

// booked adds the bookings to come that have an id in a field.
func (s *Calls) booked(ctx context.Context, field, id string, to map[string]*Request) error {
	for cursor := ""; ; {
		page, next, err := requests.Find(ctx, s.Store, store.Query{Where: []store.Cond{store.Eq(field, id), store.Eq("state", Booked)}, Limit: 200, After: cursor})
		if err != nil {
			return err
		}
		for _, r := range page {
			to[r.ID] = r
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// follow brings a booking in line with its case, its household and its worker.
func (s *Calls) follow(ctx context.Context, lease store.Lease, was *Request, now time.Time) error {
	return s.update(ctx, was, func(tx *store.Tx, w *writing) error {
		r := w.request
		w.actor, w.now = access.Program, now
		if r.State != Booked || w.visit.State != visit.Planned {
			return nil // at the door: the stop says what becomes of it
		}
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		c, err := intake.Load(ctx, tx, r.Case)
		if err != nil {
			return err
		}
		there, err := household.Current(ctx, tx, []string{r.Dwelling})
		if err != nil {
			return err
		}
		switch h := there[r.Dwelling]; {
		case c.Over():
			return w.cancel(ctx, tx, CaseOver)
		case h == nil:
			return w.cancel(ctx, tx, HouseholdGone)
		case h.Partition != r.Partition:
			return w.cancel(ctx, tx, LeftStreet)
		default:
			return w.keepUp(ctx, tx, h)
		}
	})
}

// keepUp takes the booking along with its household, to another worker where
// its own is on duty there no more: the stand-in goes first, since they are who
// is on duty. Where nobody has time, it is with whoever staffs the cell.
func (w *writing) keepUp(ctx context.Context, tx *store.Tx, h *household.Household) error {
	r, v := w.request, w.visit
	moved := v.Place != h.Place
	if moved {
		r.Place = h.Place
	}
	if err := w.around(ctx, tx, r.Slot.Date); err != nil {
		return err
	}
	worker, err := w.successor(ctx, tx)
	if err != nil || !moved && worker == r.Worker && h.ID == r.Household {
		return err
	}
	c := v.Take(visit.Follow, w.now)
	what := "follow"
	if worker != r.Worker {
		what = "assign"
		if err := w.rebook(ctx, tx, r.Slot, worker); err != nil {
			return err
		}
		r.Chosen = false
	}
	r.Household, v.Household, v.Place, v.Assignee, v.Given = h.ID, h.ID, h.Place, worker, worker != ""
	if err := c.WriteBy(tx, w.actor, w.now); err != nil {
		return err
	}
	return w.save(ctx, tx, what, nil)
}

// successor is who makes the call: the worker who has it, while they are among
// those on duty, or work there and staff chose them; who stands in for them; or
// else who has time.
func (w *writing) successor(ctx context.Context, tx *store.Tx) (string, error) {
	r, on := w.request, w.board.workers(w.request.Slot.From)
	if slices.Contains(on, r.Worker) {
		return r.Worker, nil
	}
	if r.Chosen && r.Worker == "" {
		return "", nil
	}
	if r.Chosen {
		found, err := account.LoadMany(ctx, tx, []string{r.Worker})
		if err != nil || found[r.Worker].WorksAt(w.board.tree, r.Place, plan.Visitors...) {
			return r.Worker, err
		}
	}
	if in := w.board.standIn(r.Worker, r.Slot.From); slices.Contains(on, in) && w.board.room(in, r.Slot, r.ID) > 0 {
		return in, nil
	}
	return w.board.pick(r.Slot, "", r.ID), nil
}

// standIn is who stands in for a worker at a time; "" for nobody.
func (b *board) standIn(worker string, at time.Time) string {
	for _, c := range b.cells {
		for _, s := range c.StaffAt(at) {
			if worker != "" && s.For == worker {
				return s.Account
			}
		}
	}
	return ""
}
