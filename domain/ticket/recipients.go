package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/policy"
)

// upwards are those whom clocks and steps tell, the nearest first.
var upwards = []policy.Recipient{policy.ToLead, policy.ToCommunityManager, policy.ToDispatcher, policy.ToStreetManager, policy.ToCounty}

// WhoAt are the accounts for which a word of the policy stands at a place; where
// nobody does, those of the next word up. It is looked up beside the update
// that uses it: for whom has just left, whoever is next up is told when it is due there.
func (s *Tickets) WhoAt(ctx context.Context, p access.Place, now time.Time, to policy.Recipient) ([]string, error) {
	for _, to := range upwards[max(0, slices.Index(upwards, to)):] {
		if who, err := s.Holders(ctx, p, now, to); err != nil || len(who) > 0 {
			return who, err
		}
	}
	return nil, nil
}

// Holders are the accounts for which a word of the policy stands at a place; none where nobody does.
func (s *Tickets) Holders(ctx context.Context, p access.Place, now time.Time, to policy.Recipient) ([]string, error) {
	switch to {
	case policy.ToLead:
		if c, ok := s.areas.Map().ByID(p.Cell); ok && c.LeadAt(now) != "" {
			return []string{c.LeadAt(now)}, nil
		}
		return nil, nil
	case policy.ToCommunityManager:
		return s.grantedAt(ctx, p, access.Community, access.CommunityManager)
	case policy.ToDispatcher:
		return s.grantedAt(ctx, p, access.Street, access.Dispatcher)
	case policy.ToStreetManager:
		return s.grantedAt(ctx, p, access.Street, access.StreetManager)
	}
	county := access.Place{City: p.City, County: p.County} // what is granted below does not cover it
	if who, err := s.grantedAt(ctx, county, access.County, access.Admin, access.StreetManager, access.Dispatcher); err != nil || len(who) > 0 {
		return who, err
	}
	return s.grantedAt(ctx, county, access.City, access.Admin)
}

// grantedAt are who has one of the roles over the area of the place at a level, by username.
func (s *Tickets) grantedAt(ctx context.Context, p access.Place, level access.Level, roles ...access.Role) ([]string, error) {
	return s.grantedOf(ctx, s.accounts.All, p, level, roles...)
}

// grantedOf is grantedAt of the accounts that all finds.
func (s *Tickets) grantedOf(ctx context.Context, all func(context.Context, account.Filter) ([]*account.Account, error), p access.Place, level access.Level, roles ...access.Role) (out []string, err error) {
	at, ok := s.areas.Tree().ByID(s.today(p.At(level)))
	if !ok {
		return nil, nil
	}
	for _, role := range roles {
		found, err := all(ctx, account.Filter{Area: at.Code, Role: role})
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			if a.WorksAt(s.areas.Tree(), p, role) {
				out = append(out, a.ID)
			}
		}
	}
	return out, nil
}

// WhoHas are the accounts of who has a ticket: the person, or the handlers of the organisation.
func (s *Tickets) WhoHas(ctx context.Context, to access.Assignee) (out []string, err error) {
	switch to.Kind {
	case access.Person:
		return []string{to.ID}, nil
	case access.Organisation:
		all, err := s.accounts.All(ctx, account.Filter{Organisation: to.ID, Role: access.Handler})
		for _, a := range all {
			if !a.Disabled {
				out = append(out, a.ID)
			}
		}
		return out, err
	}
	return nil, nil
}
