package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/clocks"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/store"
)

// TakeAction takes one action of the lifecycle with the ticket. version, when not
// 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, ConflictError "wrong_state" with what is
// allowed, "too_late", "reopened_twice", "into_merged", "merge_circle", "into_over",
// "into_full", InvalidError naming what the action needs, ErrStale.
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
	case in.Action == Split:
		return s.takeSplit(ctx, actor, now, id, version, in)
	case in.Action == Take || in.Action == Allot:
		return s.takeOffered(ctx, actor, now, id, version, in)
	case in.Action == Withdraw:
		return s.takeWithdraw(ctx, actor, now, id, version, in)
	}
	var others []string
	if in.Action == Dispatch || in.Action == Rework || in.Action == Convene {
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
	return t.allowed(s.occasion(actor, now, s.policies.At(t.Partition, now)))
}

// occasion is that on which the actor acts under a policy, by the calendar as this node knows it.
func (s *Tickets) occasion(actor access.Actor, now time.Time, p *policy.Policy) occasion {
	return occasion{actor: actor, now: now, policy: p, reckon: reckoner(s.calendars.Now(), p)}
}

// occasionIn is it in an update, which counts the calendar as read.
func (s *Tickets) occasionIn(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, p *policy.Policy) (occasion, error) {
	c, err := s.calendars.At(ctx, tx)
	return occasion{actor: actor, now: now, policy: p, reckon: reckoner(c, p)}, err
}

func reckoner(c *calendar.Calendar, p *policy.Policy) clocks.Reckoner {
	return clocks.Reckoner{Calendar: c, Office: p.Office(), Days: p.WorkingDays()}
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
	if _, _, err := was.decide(Correct, s.occasion(actor, now, s.policies.At(was.Partition, now))); err != nil {
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

// takeAction takes an action with a ticket of the update; route finds where one lies that is routed anew.
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
	o, err := s.occasionIn(ctx, tx, actor, now, p)
	if err != nil {
		return err
	}
	tr, relation, err := t.decide(in.Action, o)
	if err != nil {
		return err
	}
	o.through = t.throughWhom(in.Action, o)
	to, err := s.checked(ctx, tx, t, &tr, in, o, route)
	if err != nil {
		return err
	}
	with, err := s.changedWith(ctx, tx, t, tr.Action, in.Into, o)
	if err != nil {
		return err
	}
	was, from, when := t.was(), t.State, Before
	if tr.Action == Resolve || tr.Action == Close {
		when = After
	}
	if err := attach(ctx, tx, actor, t, in.Photos, when, now); err != nil {
		return err
	}
	x := t.apply(tr, relation, in, o, to.policy)
	if (tr.Action == Rework || tr.Action == Unmerge) && slices.Contains(handling, t.State) { // perhaps by nobody who is still there
		if _, err := s.release(ctx, tx, t, o); err != nil {
			return err
		}
	}
	to.move(t, in)
	t.publish(s.keys, to.policy)
	e := t.taken(o, to.line, was.facts)
	if tr.Action == Allot && to.moves {
		delete(e.Dims, "internal")
	}
	if x.request != "" {
		e.Dims["request"] = string(x.request)
	}
	if err := s.settle(ctx, tx, t, was, e); err != nil {
		return err
	}
	if len(with) > 0 {
		err = s.putWith(ctx, tx, t, with, tr.Action, was.facts, o)
	} else {
		err = put(tx, t, e)
	}
	if err != nil {
		return err
	}
	if err := s.putKin(ctx, tx, t, tr.Action, from, in, o); err != nil {
		return err
	}
	return s.announce(ctx, tx, t, actor, now, x.notices...)
}

// going is where a ticket comes to lie by an action, under which policy, and
// what the journal calls the action.
type going struct {
	policy *policy.Policy
	spot   area.Spot
	moves  bool // it is routed anew
	line   Action
}

// checked finds where the ticket comes to lie, and that the action has what it
// needs there. A correction into a street where the actor does not lead becomes an offer.
func (s *Tickets) checked(ctx context.Context, tx *store.Tx, t *Ticket, tr *Transition, in *ActionInput, o occasion, route func(*store.Tx) (area.Spot, error)) (to going, err error) {
	to = going{policy: o.policy, moves: route != nil, line: tr.Action}
	if to.moves {
		if to.spot, err = route(tx); err != nil {
			return to, err
		}
		if to.policy, err = s.policies.In(ctx, tx, to.spot.Street, o.now); err != nil {
			return to, err
		}
	}
	if tr.Action == Take || in.found != nil && tr.Action == Allot {
		if err := t.sameOffer(in); err != nil {
			return to, err
		}
	}
	if err := in.check(*tr, t, o, to.policy); err != nil {
		return to, err
	}
	switch {
	case tr.Action == Dispatch:
		return to, s.assignable(ctx, tx, t, in)
	case tr.Action == Convene:
		return to, s.callable(ctx, tx, in)
	case tr.Action != Correct || !to.moves:
		return to, nil
	}
	if err := t.checkMove(to.spot, o.actor); err != nil {
		return to, err
	}
	if t.offers(o.actor, to.spot) {
		tr.do, in.offers = doOffer, &to.spot.Place
		to.policy, to.moves, to.line = o.policy, false, MakeOffer
	}
	return to, nil
}

// move puts the ticket there.
func (to going) move(t *Ticket, in *ActionInput) {
	switch {
	case !to.moves:
	case in.Action == Reopen:
		t.setPlace(to.spot)
	default:
		t.setPosition(to.spot, in.found)
		t.Offer = nil
	}
}

// updateSeen runs fn in an update of the ticket's street and the other partitions
// named, on the ticket as it is then, if the actor may see it; ErrNotFound if not.
func (s *Tickets) updateSeen(ctx context.Context, actor access.Actor, id string, others []string, fn func(*store.Tx, *Ticket, access.View) error) error {
	return domain.TakenID(store.RetryMoved(func(moved error) error {
		was, _, err := s.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		with, err := above(ctx, s.store, was)
		if err != nil {
			return err
		}
		return s.store.Update(ctx, slices.Concat([]string{was.Partition}, with, others), func(tx *store.Tx) error {
			t, err := collection.Get(ctx, tx, id)
			if err != nil {
				return err
			}
			with, err := above(ctx, tx, t)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(append(with, t.Partition), func(p string) bool { return !tx.Covers(p) }) {
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
