package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/store"
)

// Get returns the ticket and how much of it the actor sees; ErrNotFound when nothing.
func (s *Tickets) Get(ctx context.Context, actor access.Actor, id string) (*Ticket, access.View, error) {
	t, err := collection.Get(ctx, s.store, id)
	if err != nil {
		return nil, access.Hidden, err
	}
	view := access.TicketView(actor, t.Facts())
	if view == access.Hidden {
		return nil, view, domain.ErrNotFound
	}
	return t, view, nil
}

// Move takes one action of the lifecycle with the ticket. version, when not
// 0, is the one the caller read.
// Errors: ErrNotFound, ErrForbidden, ConflictError "wrong_state" with what is
// allowed, InvalidError naming what the action needs, ErrStale.
func (s *Tickets) Move(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Move) (*Ticket, error) {
	if in.Action == Correct && in.Position != nil {
		return s.relocate(ctx, actor, now, id, version, in)
	}
	was, _, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	var t *Ticket
	err = s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
		t, err = s.move(ctx, tx, actor, now, id, version, &in, nil)
		return err
	})
	return t, s.explain(err)
}

// relocate corrects the position: the ticket is routed anew, perhaps into another street.
func (s *Tickets) relocate(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in Move) (*Ticket, error) {
	var t *Ticket
	err := s.routed(ctx, *in.Position, func(street *area.Area, route func(*store.Tx) (area.Spot, error)) error {
		was, _, err := s.Get(ctx, actor, id)
		if err != nil {
			return err
		}
		return s.store.Update(ctx, []string{was.Partition, street.ID}, func(tx *store.Tx) error {
			t, err = s.move(ctx, tx, actor, now, id, version, &in, route)
			return err
		})
	})
	return t, s.explain(err)
}

func (s *Tickets) move(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, id string, version int64, in *Move, route func(*store.Tx) (area.Spot, error)) (*Ticket, error) {
	t, err := collection.GetAt(ctx, tx, id, version)
	if err != nil {
		return nil, err
	}
	if access.TicketView(actor, t.Facts()) == access.Hidden {
		return nil, domain.ErrNotFound
	}
	if in.ID != "" && slices.Contains(t.Applied, in.ID) {
		return t, nil
	}
	tr, relation, err := t.decide(in.Action, actor, now)
	if err != nil {
		return nil, err
	}
	if err := in.check(tr, t, now); err != nil {
		return nil, err
	}
	if tr.Action == Dispatch {
		if err := s.assignable(ctx, tx, t, in); err != nil {
			return nil, err
		}
	}
	before := t.facts()
	when := After
	if tr.Action == Correct {
		when = Before
	}
	if err := s.attach(ctx, tx, actor, t, in.Photos, when, now); err != nil {
		return nil, err
	}
	t.apply(tr, relation, actor, in, now)
	if route != nil {
		spot, err := route(tx)
		if err != nil {
			return nil, err
		}
		t.lay(spot, *in.Position, in.Datum, in.AccuracyM)
	}
	return t, collection.Put(tx, t, t.entry(actor, now, tr.Action, before))
}

// assignable checks that the assignee and helpers exist and work in the ticket's street.
func (s *Tickets) assignable(ctx context.Context, tx *store.Tx, t *Ticket, in *Move) error {
	bad := &domain.InvalidError{}
	check := func(pointer string, to access.Assignee) error {
		var err error
		switch to.Kind {
		case access.Person:
			err = s.worksIn(ctx, tx, to.ID, t.Place)
		case access.Organisation:
			err = handlesIn(ctx, tx, to.ID, t.Place)
		default:
			bad.Add(pointer+"/kind", domain.T("应为 person 或 organisation", "must be person or organisation"))
			return nil
		}
		if errors.Is(err, domain.ErrNotFound) {
			bad.Add(pointer+"/id", domain.T("没有这个处置人员或单位", "no such person or organisation here"))
			return nil
		}
		return err
	}
	if err := check("/assignee", *in.Assignee); err != nil {
		return err
	}
	for i, h := range in.Helpers {
		if err := check(fmt.Sprintf("/helpers/%d", i), h); err != nil {
			return err
		}
	}
	return bad.Err()
}

// worksIn: the account may sign in, and is staff of the place or handles for an organisation there.
func (s *Tickets) worksIn(ctx context.Context, tx *store.Tx, id string, p access.Place) error {
	a, err := account.All.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.Disabled {
		return domain.ErrNotFound
	}
	covers := func(g account.Grant) bool {
		areas := append(s.areas.Tree().Heirs(g.Area), g.Area)
		return slices.Contains(access.Staff, g.Role) && slices.ContainsFunc(areas, func(id string) bool {
			return access.Grant{Role: g.Role, Level: g.Level, Area: id}.Covers(p)
		})
	}
	if slices.ContainsFunc(a.Grants, covers) {
		return nil
	}
	if a.Holds(access.Handler) {
		return handlesIn(ctx, tx, a.Organisation, p)
	}
	return domain.ErrNotFound
}

// handlesIn: the organisation is active, in the ticket's street or in none.
func handlesIn(ctx context.Context, tx *store.Tx, id string, p access.Place) error {
	o, err := area.Organisations.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if !o.Active || (o.Place.Street != "" && o.Place.Street != p.Street) {
		return domain.ErrNotFound
	}
	return nil
}

// AddPhotos attaches uploaded photos to an open ticket, before or after the handling.
func (s *Tickets) AddPhotos(ctx context.Context, actor access.Actor, now time.Time, id string, when string, photos []string) (*Ticket, error) {
	if when != Before && when != After {
		return nil, domain.Invalid("/when", domain.T("应为 before 或 after", "must be before or after"))
	}
	if len(photos) == 0 {
		return nil, domain.Invalid("/photos", domain.T("请选择照片", "name at least one photo"))
	}
	was, _, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	var t *Ticket
	err = s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
		t, err = collection.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		switch view := access.TicketView(actor, t.Facts()); {
		case view == access.Hidden:
			return domain.ErrNotFound
		case view == access.Own && when == After:
			return domain.ErrForbidden
		case !t.State.Open():
			return t.withAllowed(&domain.ConflictError{Code: "wrong_state", Detail: domain.T("已办结，不能再添加照片", "the ticket is over")}, actor, now)
		}
		if photos := t.without(photos); len(photos) == 0 {
			return nil // sent again
		}
		before := t.facts()
		if err := s.attach(ctx, tx, actor, t, photos, when, now); err != nil {
			return err
		}
		t.UpdatedAt = now
		return collection.Put(tx, t, t.entry(actor, now, "photo", before))
	})
	return t, s.explain(err)
}

// without leaves out the photos the ticket has.
func (t *Ticket) without(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(t.Photos, func(p Photo) bool { return p.ID == id })
	})
}
