package account

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
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
	actor.Session, actor.Since = se.ID, a.HeldSince
	if se.Phone == a.PhoneIndex {
		actor.Phone, actor.PhoneSince = a.PhoneIndex, a.PhoneSince
	}
	return actor, err
}

// AsOf is who an account is now, whether or not it is signed in; ErrNotFound
// where it may not sign in.
func (s *Accounts) AsOf(ctx context.Context, id string, now time.Time) (access.Actor, error) {
	a, err := Load(ctx, s.st, id)
	if err != nil {
		return access.Actor{}, err
	}
	if a.Disabled {
		return access.Actor{}, domain.ErrNotFound
	}
	return s.actor(ctx, a, now)
}

// Reached is AsOf of whom something is brought to: their phone counts as in a
// session in which its code was given, where one ever was since they have it.
func (s *Accounts) Reached(ctx context.Context, id string, now time.Time) (access.Actor, error) {
	a, err := Load(ctx, s.st, id)
	if err == nil && a.Disabled {
		err = domain.ErrNotFound
	}
	if err != nil {
		return access.Actor{}, err
	}
	actor, err := s.actor(ctx, a, now)
	if actor.Since = a.HeldSince; !a.PhoneProved.IsZero() {
		actor.Phone, actor.PhoneSince = a.PhoneIndex, a.PhoneSince
	}
	return actor, err
}

// actor is an account without a session: with what is its own, and with what
// is that of those it stands in for now.
func (s *Accounts) actor(ctx context.Context, a *Account, now time.Time) (access.Actor, error) {
	actor, err := s.alone(ctx, a, now)
	if err != nil || !a.Holds(access.Staff...) {
		return actor, err
	}
	covers, err := runningCovers(ctx, s.st, a.ID, now)
	if err != nil {
		return access.Actor{}, err
	}
	for _, c := range covers {
		if c.Absent == a.ID {
			actor.StandIns = append(actor.StandIns, c.StandIn)
			continue
		}
		absent, err := collection.Get(ctx, s.st, c.Absent)
		if err != nil {
			return access.Actor{}, err
		}
		if absent.Disabled {
			continue
		}
		theirs, err := s.alone(ctx, absent, now)
		if err != nil {
			return access.Actor{}, err
		}
		actor = actor.InPlaceOf(theirs)
	}
	return actor, nil
}

// alone is the actor without covers of people; with those of cells.
func (s *Accounts) alone(ctx context.Context, a *Account, now time.Time) (access.Actor, error) {
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
			for _, part := range p.Cell.Parts(a.ID, now) {
				if mayTake(actor.Posting, part.Role, p.Cell.Place) {
					actor = actor.Posted(part.Role, p.Cell.ID, part.For)
				}
			}
			actor.StandIns = append(actor.StandIns, p.Cell.StandIns(a.ID, now)...)
		}
	}
	onDuty, err := s.duties(ctx, a, now)
	if err != nil {
		return access.Actor{}, err
	}
	actor.Grants = append(actor.Grants, onDuty...)
	if !counters || s.Serving == nil {
		return actor, nil
	}
	served, err := s.Serving(ctx, s.st, a.ID, now)
	if err != nil {
		return access.Actor{}, err
	}
	for _, p := range served {
		if mayTake(actor.Posting, access.CounterWorker, p) {
			actor = actor.AtCounter(p, "")
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

// Machine is who a machine account is, as of now, without a session; ErrNotFound
// for one that there is not, or that is disabled.
func (s *Accounts) Machine(ctx context.Context, r store.Reader, id string, now time.Time) (access.Actor, error) {
	a, err := collection.Get(ctx, r, id)
	if err == nil && (a.Disabled || !a.Machine) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return access.Actor{}, err
	}
	return s.actor(ctx, a, now)
}
