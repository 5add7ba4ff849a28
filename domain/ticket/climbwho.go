package ticket

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/policy"
	"wangge/store"
)

// looking is one look at tickets: whomever it asks for again it has read already.
type looking struct {
	*climbs
	lease store.Lease
	now   time.Time
	led   map[leadership][]string
	known map[string]*access.Actor                             // nil: not there any more
	read  func(context.Context, string) (*access.Actor, error) // in place of known, where there is one

	granted map[account.Filter][]*account.Account
	duty    map[string][]string // by street
}

func newLooking(c *climbs, now time.Time) *looking {
	return &looking{climbs: c, now: now, led: map[leadership][]string{}, known: map[string]*access.Actor{}, granted: map[account.Filter][]*account.Account{}, duty: map[string][]string{}}
}

// leadership is a level from which people lead a place.
type leadership struct {
	level access.Level
	place access.Place
}

// Nearest finds who is to take the steps that tickets wait for. It remembers
// what it has read, which is as of one moment.
type Nearest struct{ l *looking }

// Nearest looks as of now. read is who an account is then; nil for one that is none any more.
func (s *Tickets) Nearest(now time.Time, read func(context.Context, string) (*access.Actor, error)) Nearest {
	l := newLooking(&climbs{tickets: s}, now)
	l.read = read
	return Nearest{l}
}

// Take are those who may take the step that the ticket waits for, of the first
// level of the street on which somebody leads who may; none where one of them
// has it before them already, where it waits for none of them, or where that has
// climbed, of which they are told.
func (n Nearest) Take(ctx context.Context, t *Ticket, before string) ([]string, error) {
	steps := awaited[t.State]
	if steps == nil || t.Climbed != nil && t.Climbed.State == t.State || t.Escalated {
		return nil, nil
	}
	p := n.l.tickets.policies.At(t.Partition, n.l.now)
	for _, level := range []access.Level{access.Cell, access.Community, access.Street} {
		who, err := n.l.candidates(ctx, t, level)
		if err != nil {
			return nil, err
		}
		able, err := n.l.able(ctx, t, p, steps[0], who, false)
		if err != nil || slices.Contains(able, before) {
			return nil, err
		}
		if len(able) > 0 { // but who stands in for one of them
			return slices.DeleteFunc(able, func(id string) bool { return !slices.Contains(who, id) }), nil
		}
	}
	return nil, nil
}

// candidates are the accounts that lead the ticket from exactly a level, and who stands in for them.
func (l *looking) candidates(ctx context.Context, t *Ticket, level access.Level) ([]string, error) {
	at := leadership{level, t.Place}
	if level != access.Cell {
		at.place.Cell = "" // roles over a cell are the posts in it
	}
	who, read := l.led[at]
	if read {
		return who, nil
	}
	who, err := l.leading(ctx, at)
	if err == nil {
		l.led[at] = who
	}
	return who, err
}

func (l *looking) leading(ctx context.Context, at leadership) (out []string, err error) {
	s, p, level := l.tickets, at.place, at.level
	switch level {
	case access.Cell:
		if cell, ok := s.areas.Map().ByID(p.Cell); ok {
			for _, post := range cell.StaffAt(l.now) {
				if post.Role == access.GridLead {
					out = append(out, post.Account, post.For)
				}
			}
		}
	case access.Community:
		out, err = s.grantedOf(ctx, l.all, p, level, access.CommunityManager)
	case access.Street:
		if out, err = s.grantedOf(ctx, l.all, p, level, access.Dispatcher, access.StreetManager); err == nil {
			var on []string
			on, err = l.onDuty(ctx, s.today(p.Street))
			out = append(out, on...)
		}
	case access.County:
		out, err = s.grantedOf(ctx, l.all, access.Place{City: p.City, County: p.County}, level, access.Dispatcher, access.StreetManager, access.Admin)
	case access.City:
		if out, err = s.grantedOf(ctx, l.all, access.Place{City: p.City}, level, access.Dispatcher, access.StreetManager, access.Admin); err == nil {
			var all []*account.Account
			all, err = l.all(ctx, account.Filter{Role: access.Admin})
			for _, a := range all {
				if a.WorksAt(s.areas.Tree(), access.Place{}, access.Admin) {
					out = append(out, a.ID)
				}
			}
		}
	}
	return out, err
}

// all are the accounts that a filter finds, read once: places of one street ask for the same ones.
func (l *looking) all(ctx context.Context, f account.Filter) ([]*account.Account, error) {
	if found, read := l.granted[f]; read {
		return found, nil
	}
	found, err := l.tickets.accounts.All(ctx, f)
	if err == nil {
		l.granted[f] = found
	}
	return found, err
}

// onDuty are who is on duty in a street, read once.
func (l *looking) onDuty(ctx context.Context, street string) ([]string, error) {
	if on, read := l.duty[street]; read {
		return on, nil
	}
	on, err := l.tickets.accounts.OnDuty(ctx, street, l.now)
	if err == nil {
		l.duty[street] = on
	}
	return on, err
}

// able are those of the accounts, or who stands in for them, that may take the step; with one, the first.
func (l *looking) able(ctx context.Context, t *Ticket, p *policy.Policy, step Action, who []string, one bool) (out []string, err error) {
	who = slices.Clip(who)          // which is everybody's
	for i := 0; i < len(who); i++ { // stand-ins come after those they stand in for
		if who[i] == "" || slices.Contains(who[:i], who[i]) {
			continue
		}
		actor, err := l.actor(ctx, who[i])
		if err != nil {
			return nil, err
		}
		if actor == nil {
			continue
		}
		who = append(who, actor.StandIns...)
		if t.leftTo(l.tickets.occasion(*actor, l.now, p), step) {
			if out = append(out, who[i]); one {
				return out, nil
			}
		}
	}
	return out, nil
}

// actor is an account as of now; nil where there is none any more.
func (l *looking) actor(ctx context.Context, id string) (*access.Actor, error) {
	if l.read != nil {
		return l.read(ctx, id)
	}
	if a, read := l.known[id]; read {
		return a, nil
	}
	a, err := l.tickets.accounts.AsOf(ctx, id, l.now)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		l.known[id] = nil
	case err == nil:
		l.known[id] = &a
	default:
		return nil, err
	}
	return l.known[id], nil
}

// leftTo reports whether the actor is one who takes the step; what it waits for else is no matter of who.
func (t *Ticket) leftTo(o occasion, step Action) bool {
	return slices.ContainsFunc(Transitions, func(tr Transition) bool {
		if tr.Action != step || !slices.Contains(tr.From, t.State) {
			return false
		}
		r, ok := relationFor(t, t.Facts(), &tr, &o)
		return ok && !errors.Is(tr.mayNot(t, r, o), domain.ErrForbidden)
	})
}
