package ticket

import (
	"context"
	"errors"
	"fmt"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/store"
)

// assignable checks that the assignee and helpers exist and work in the ticket's street.
func (s *Tickets) assignable(ctx context.Context, tx *store.Tx, t *Ticket, in *ActionInput) error {
	bad := &domain.InvalidError{}
	check := func(pointer string, to access.Assignee) error {
		var err error
		switch to.Kind {
		case access.Person:
			err = s.worksIn(ctx, tx, to.ID, t.Place)
		case access.Organisation:
			err = s.handlesIn(ctx, tx, to.ID, t.Place)
		default:
			bad.Add(pointer+"/kind", access.AssigneeKindWords.Fault())
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
	if err := bad.Err(); err != nil {
		return err
	}
	var err error
	in.charged, err = s.chargedTo(ctx, tx, *in.Assignee, t.Place)
	return err
}

// chargedTo is whom the handling is laid to: the assignee, but the organisation
// of one of its own people, among whom it may go from hand to hand.
func (s *Tickets) chargedTo(ctx context.Context, tx *store.Tx, to access.Assignee, p access.Place) (string, error) {
	if to.Kind != access.Person {
		return to.ID, nil
	}
	a, err := account.Load(ctx, tx, to.ID)
	if err != nil || a.Organisation == "" || a.WorksAt(s.areas.Tree(), p, access.Staff...) {
		return to.ID, err
	}
	return a.Organisation, nil
}

// worksIn: the account may sign in, and is staff of the place or handles for an organisation there.
func (s *Tickets) worksIn(ctx context.Context, tx *store.Tx, id string, p access.Place) error {
	a, err := account.Load(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.WorksAt(s.areas.Tree(), p, access.Staff...) {
		return nil
	}
	if !a.Disabled && a.Holds(access.Handler) {
		return s.handlesIn(ctx, tx, a.Organisation, p)
	}
	return domain.ErrNotFound
}

// handlesIn: the organisation is active, in the ticket's street or in none.
func (s *Tickets) handlesIn(ctx context.Context, tx *store.Tx, id string, p access.Place) error {
	o, err := area.LoadOrganisation(ctx, tx, id)
	if err != nil {
		return err
	}
	if !o.Active || (o.Place.Street != "" && s.today(o.Place.Street) != s.today(p.Street)) {
		return domain.ErrNotFound
	}
	return nil
}
