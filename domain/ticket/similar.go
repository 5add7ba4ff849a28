package ticket

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/store"
)

// Alike is an open ticket that is likely about the same as what is to be
// reported: of one that the actor sees the Ticket, else what the public knows.
type Alike struct {
	Ticket   *Ticket
	Public   *Public
	Followed bool // by the actor
	metres   float64
}

// KnownAs is the id by which the actor follows it.
func (a *Alike) KnownAs() string {
	if a.Ticket != nil {
		return a.Ticket.ID
	}
	return a.Public.ID
}

const (
	alikeMost   = 10
	alikeLooked = 500 // read at once
	squareOffM  = 40  // how far at most the public sees a ticket from where it is
)

var openStates = slices.DeleteFunc(slices.Clone(States), func(s State) bool { return !s.Open() })

// Similar 相似诉求 are the open tickets of a draft's category that lie nearest to
// it, within the radius and days of the street's policy, ten at most. Those
// that the actor does not see are found and put in order by what the public
// knows alone; nothing hidden bears upon the answer. None where the position is not found.
// Errors: ErrForbidden; InvalidError at /category, /position, /address or /area.
func (s *Tickets) Similar(ctx context.Context, actor access.Actor, now time.Time, d Draft) ([]Alike, error) {
	if !access.MayReport(actor) {
		return nil, domain.ErrForbidden
	}
	found, err := s.find(ctx, actor, now, &d)
	if err != nil {
		return nil, err
	}
	if err := d.Wrong.Err(); err != nil {
		return nil, err
	}
	p, err := s.policyOffering(ctx, found.Street, now, d.Category)
	if err != nil {
		return nil, err
	}
	category, ok := p.Offered(d.Category)
	if !ok {
		return nil, domain.Invalid("/category", p.CategoryWords().Fault())
	}
	if found.Position == nil {
		return nil, nil
	}
	near := category.SimilarWithin()
	since := civil.DateOf(now).Add(-near.Days).Start() // by the day for everybody: the public knows no more
	var out []Alike
	for _, part := range []float64{0.125, 0.5, 1} { // mostly the nearest ring has enough, and there is less to look at
		if out, err = s.alike(ctx, actor, category.Code, found.Position.At(), part*float64(near.RadiusM), since); err != nil {
			return nil, err
		}
		if len(out) >= alikeMost {
			break
		}
	}
	out = out[:min(len(out), alikeMost)]
	own, err := follows(ctx, s.store, actor.Account)
	for i := range out {
		out[i].Followed = slices.ContainsFunc(own, func(f *Follower) bool {
			return f.Public != "" && out[i].Public != nil && f.Public == out[i].Public.ID || out[i].Ticket != nil && f.Ticket == out[i].Ticket.ID
		})
	}
	return out, err
}

// alike are those in a circle, the nearest first. Of all tickets that lie there
// only the open ones are looked at, all of them: a part would be chosen by what is hidden.
func (s *Tickets) alike(ctx context.Context, actor access.Actor, category string, at orb.Point, radiusM float64, since time.Time) (out []Alike, err error) {
	conds := append(inBox("position", orbgeo.NewBoundAroundPoint(at, radiusM+squareOffM)), store.In("state", openStates...), store.Eq("category", category), store.Between("createdAt", since, nil))
	var queries []store.Query // the stretches of the curve, asked at once
	for _, r := range curve(orbgeo.NewBoundAroundPoint(at, radiusM+squareOffM)) {
		queries = append(queries, store.Query{Where: store.Driven(append(slices.Clone(conds), store.Between("openKey", r.From, r.To+1)), "openKey"), Order: []string{"openKey"}, Cap: most, Limit: alikeLooked})
	}
	for {
		page, next, err := collection.Find(ctx, s.store, queries...)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			if a, ok := t.alike(actor, at); ok && a.metres <= radiusM {
				out = append(out, a)
			}
		}
		if next == "" {
			break
		}
		for i := range queries {
			queries[i].After = next
		}
	}
	slices.SortFunc(out, func(a, b Alike) int {
		return cmp.Or(cmp.Compare(a.metres, b.metres), strings.Compare(a.KnownAs(), b.KnownAs()))
	})
	return out, nil
}

// alike is the ticket as the actor is told of it, and how far it is from there as they know it; false where they know nothing of it.
func (t *Ticket) alike(actor access.Actor, from orb.Point) (a Alike, ok bool) {
	if t.Public != nil {
		a.Public = t.public()
		a.metres = orbgeo.Distance(from, a.Public.At)
	}
	if access.TicketView(actor, t.Facts()) != access.Hidden {
		a.Ticket, a.metres = t, orbgeo.Distance(from, t.Position.At())
	}
	return a, a.Ticket != nil || a.Public != nil
}
