package account

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
)

// Actor is who stands behind a session, as of now: with the grants of today,
// over areas recoded since too, the posts of the cells staffed or covered now,
// and the communities of the stations on whose staff they are now. ErrUnauthenticated when the session ended or ran out, or the account is
// disabled. It is read from the store each time, so that no change is missed.
func (s *Accounts) Actor(ctx context.Context, account, session string, now time.Time) (access.Actor, error) {
	a, se, err := s.alive(ctx, s.st, session, now)
	if err != nil {
		return access.Actor{}, err
	}
	if a.ID != account {
		return access.Actor{}, domain.ErrUnauthenticated
	}
	actor, err := s.actor(ctx, a, now)
	actor.Session = se.ID
	return actor, err
}

// actor is an account without a session.
func (s *Accounts) actor(ctx context.Context, a *Account, now time.Time) (access.Actor, error) {
	actor := access.Actor{Account: a.ID, Organisation: a.Organisation}
	tree := s.areas.Tree()
	cells, counters := false, false
	for _, g := range a.Grants {
		switch {
		case posted(g.Role):
			actor.Posting, cells = append(actor.Posting, g.resolve(tree)...), true
		case g.Role == access.CounterWorker:
			actor.Posting, counters = append(actor.Posting, g.inStreet(tree).resolve(tree)...), true
		default:
			actor.Grants = append(actor.Grants, g.resolve(tree)...)
		}
	}
	if cells {
		posts, err := s.areas.Posts(ctx, a.ID, now)
		if err != nil {
			return access.Actor{}, err
		}
		for _, p := range posts {
			if mayTake(actor.Posting, p.Role, p.Cell.Place) {
				actor.Grants = append(actor.Grants, access.Grant{Role: p.Role, Level: access.Cell, Area: p.Cell.ID})
			}
		}
	}
	if !counters || s.Serving == nil {
		return actor, nil
	}
	served, err := s.Serving(ctx, s.st, a.ID, now)
	if err != nil {
		return access.Actor{}, err
	}
	for _, p := range served {
		if mayTake(actor.Posting, access.CounterWorker, p) {
			actor = actor.AtCounter(p)
		}
	}
	return actor, nil
}

// posted roles reach the cells that their people are posted in.
func posted(r access.Role) bool { return r == access.GridLead || r == access.OutreachWorker }

// inStreet widens a grant over a community to the street: a station there
// serves several communities, and who may be on its staff works for all of them.
func (g Grant) inStreet(tree *area.Tree) Grant {
	if at, ok := g.Today(tree); ok && at.Level == access.Community {
		g.Level, g.Area = access.Street, at.Place.Street
	}
	return g
}

// mayTake reports whether one of the grants lets its holder be posted so at the place.
func mayTake(posting []access.Grant, r access.Role, at access.Place) bool {
	for _, g := range posting {
		if g.Role == r && g.Covers(at) {
			return true
		}
	}
	return false
}
