package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/store"
)

// TakeAction takes one action of the lifecycle with the ticket. version, when not
// 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, ConflictError "wrong_state" with what is
// allowed, "too_late", "reopened_twice", InvalidError naming what the action needs, ErrStale.
func (s *Tickets) TakeAction(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Ticket, error) {
	switch {
	case in.Action == Correct && in.Position != nil:
		in.found = place.Given(*in.Position, in.Datum, in.AccuracyM)
		return s.takeRerouting(ctx, actor, now, id, version, in)
	case in.Action == Correct && in.Candidate != "":
		return s.takeCandidate(ctx, actor, now, id, version, in)
	case in.Action == Reopen: // the cells may be others than when it was closed
		was, _, err := s.Get(ctx, actor, id)
		if err != nil {
			return nil, err
		}
		in.found = &place.Found{Street: was.Place.Street, Position: was.Position, Candidates: was.Candidates}
		return s.takeRerouting(ctx, actor, now, id, version, in)
	}
	var others []string
	if in.Action == Dispatch || in.Action == Rework {
		others = []string{area.CityPartition} // an account disabled meanwhile must not get it
	}
	var moved *Ticket
	err := s.updateSeen(ctx, actor, id, others, func(tx *store.Tx, t *Ticket, _ access.View) error {
		moved = t
		return s.takeAction(ctx, tx, actor, now, t, version, &in, nil)
	})
	return moved, err
}

// Allowed lists the actions that the actor may take with the ticket now, in the
// order of a ticket's life.
func (s *Tickets) Allowed(actor access.Actor, t *Ticket, now time.Time) []string {
	return t.allowed(occasion{actor, now, s.policies.At(t.Partition, now)})
}

// takeCandidate corrects the position to that of one of the ticket's candidates.
func (s *Tickets) takeCandidate(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Ticket, error) {
	was, _, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if in.ID != "" && slices.Contains(was.Applied, in.ID) {
		return was, nil // sent again
	}
	if _, _, err := was.decide(Correct, occasion{actor, now, s.policies.At(was.Partition, now)}); err != nil {
		return nil, err
	}
	seen := was.SeenCandidates(actor)
	i := slices.IndexFunc(seen, func(c place.Candidate) bool { return c.Is(in.Candidate) })
	if i < 0 {
		return nil, domain.Invalid("/candidate", domain.T("工单没有这个候选地址", "the ticket has no such candidate"))
	}
	in.found = &place.Found{Position: &seen[i].Position, Confidence: 1}
	return s.takeRerouting(ctx, actor, now, id, version, in)
}

// takeRerouting takes an action by which the ticket is routed anew, perhaps into another street.
func (s *Tickets) takeRerouting(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Ticket, error) {
	var moved *Ticket
	err := s.routed(ctx, in.found, func(street *area.Area, route func(*store.Tx) (area.Spot, error)) error {
		return s.updateSeen(ctx, actor, id, []string{street.ID}, func(tx *store.Tx, t *Ticket, _ access.View) error {
			moved = t
			return s.takeAction(ctx, tx, actor, now, t, version, &in, route)
		})
	})
	return moved, err
}

func (s *Tickets) takeAction(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, t *Ticket, version int64, in *ActionInput, route func(*store.Tx) (area.Spot, error)) error {
	if in.ID != "" && slices.Contains(t.Applied, in.ID) {
		return nil // sent again; the version stated is the one before it
	}
	if _, err := collection.GetAt(ctx, tx, t.ID, t.stated(actor, version)); err != nil {
		return err
	}
	p, err := s.policies.In(ctx, tx, t.Partition, now)
	if err != nil {
		return err
	}
	o, there, spot := occasion{actor, now, p}, p, area.Spot{}
	tr, relation, err := t.decide(in.Action, o)
	if err != nil {
		return err
	}
	if route != nil {
		if spot, err = route(tx); err != nil {
			return err
		}
		if there, err = s.policies.In(ctx, tx, spot.Street, now); err != nil {
			return err
		}
	}
	if err := in.check(tr, t, o, there); err != nil {
		return err
	}
	if tr.Action == Dispatch {
		if err := s.assignable(ctx, tx, t, in); err != nil {
			return err
		}
	}
	before, when := t.facts(), Before
	if tr.Action == Resolve || tr.Action == Close {
		when = After
	}
	if err := attach(ctx, tx, actor, t, in.Photos, when, now); err != nil {
		return err
	}
	t.apply(tr, relation, in, o, there)
	if tr.Action == Rework { // perhaps by nobody who is still there
		if _, err := s.release(ctx, tx, now, t); err != nil {
			return err
		}
	}
	if route != nil {
		if tr.Action == Correct {
			t.setPosition(spot, in.found)
		} else {
			t.setPlace(spot)
		}
	}
	t.publish(s.keys, there)
	return put(tx, t, t.entry(actor, now, tr.Action, before))
}

// updateSeen runs fn in an update of the ticket's street and the other partitions
// named, on the ticket as it is then, if the actor may see it; ErrNotFound if not.
func (s *Tickets) updateSeen(ctx context.Context, actor access.Actor, id string, others []string, fn func(*store.Tx, *Ticket, access.View) error) error {
	return domain.TakenID(store.RetryMoved(func(moved error) error {
		was, _, err := s.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		return s.store.Update(ctx, append([]string{was.Partition}, others...), func(tx *store.Tx) error {
			t, err := collection.Get(ctx, tx, id)
			if err != nil {
				return err
			}
			if t.Partition != was.Partition {
				return moved
			}
			view := access.TicketView(actor, t.Facts())
			if view == access.Hidden {
				return domain.ErrNotFound
			}
			return fn(tx, t, view)
		})
	}))
}
