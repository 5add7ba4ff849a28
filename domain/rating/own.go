package rating

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/store"
)

// Own is a rating as whose it is sees it.
type Own struct {
	*Rating
	thing *thing

	Mine        bool   // it was they who rated it, not another of the household
	Words       string // of their own
	Open        bool   // it can be rated still
	Number      string // of a case or a ticket
	Title       string // a case's item, a ticket's title
	On          civil.Date
	ReopenUntil time.Time // of a ticket with which they are dissatisfied: until when they may have it reopened; zero: they may not
}

// shownOwn completes what the actor sees of something of their own.
func (s *Ratings) shownOwn(actor access.Actor, now time.Time, o *Own) (*Own, error) {
	o.Mine = o.By != "" && o.By == actor.Account
	o.Open = o.OpenAt(now) && access.MayRate(actor, o.thing.facts(actor, o.Rating))
	o.On = civil.DateOf(o.OverAt)
	if o.Mine {
		var err error
		if o.Words, err = opened(s.keys, o.Rating.Words, wordsAt(o.ID)); err != nil {
			return nil, err
		}
	}
	switch t := o.thing; t.Kind {
	case Case:
		o.Number, o.Title = t.kase.Key().Number, t.kase.Item.Name
	case Ticket:
		o.Number, o.Title = t.ticket.Number, t.ticket.Title
		if o.Grade > 0 && o.Grade < good && o.OverAt.Equal(t.overAt) {
			o.ReopenUntil = t.ticket.ReopenUntil(actor, now, s.policies.At(t.place.Street, now))
		}
	}
	return o, nil
}

// Get returns the rating of something of the actor's own, or that it can be
// rated; of a ticket that was reopened the last. ErrNotFound of anything else, and before it is over.
func (s *Ratings) Get(ctx context.Context, actor access.Actor, now time.Time, about About) (*Own, error) {
	t, r, err := s.rated(ctx, s.store, about)
	if err != nil {
		return nil, err
	}
	if err := mayRate(actor, t, r); err != nil {
		return nil, err
	}
	if about.Kind == Ticket && t.overAt.IsZero() {
		if r, err = s.lastOf(ctx, about); err != nil {
			return nil, err
		}
	}
	if r == nil || r.Deleted {
		if !t.rateable() || !now.Before(t.overAt.Add(open)) {
			return nil, domain.ErrNotFound
		}
		r = &Rating{Meta: store.Meta{ID: t.ratingID()}}
		t.fill(r)
	}
	return s.shownOwn(actor, now, &Own{Rating: r, thing: t})
}

// lastOf is the rating of something that was over last; nil for none.
func (s *Ratings) lastOf(ctx context.Context, about About) (*Rating, error) {
	found, _, err := ratings.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("of", about.key())}, Order: []string{"-overAt"}, Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// OwnFilter narrows the list of one's own ratings.
type OwnFilter struct {
	Open   *bool // only what can be rated still, or only what was; nil: both
	Limit  int
	Cursor string
}

// ListOwn returns a page of what the actor may still rate, and of what of
// theirs was rated, what was over last first. What has just been over is there
// within a second. Errors: store.ErrCursor.
func (s *Ratings) ListOwn(ctx context.Context, actor access.Actor, now time.Time, f OwnFilter) ([]*Own, string, error) {
	keys := access.OwnerKeys(actor)
	if len(keys) == 0 {
		return nil, "", nil
	}
	given := []store.Cond{store.Filter(store.In("grade", 1, 2, 3, 4, 5))}
	waits := []store.Cond{store.Between("overAt", now.Add(-open).Add(time.Millisecond), nil), store.Filter(store.Eq("grade", 0))}
	var queries []store.Query
	for _, key := range keys {
		for isOpen, more := range map[bool][]store.Cond{false: given, true: waits} {
			if f.Open == nil || *f.Open == isOpen {
				where := append([]store.Cond{store.Eq("owners", key)}, more...)
				queries = append(queries, store.Query{Where: where, Order: []string{"-overAt"}, Limit: f.Limit, Cap: most, After: f.Cursor})
			}
		}
	}
	found, next, err := ratings.Find(ctx, s.store, queries...)
	if err != nil {
		return nil, "", err
	}
	things, err := thingsOf(ctx, s.store, found)
	if err != nil {
		return nil, "", err
	}
	var out []*Own
	for _, r := range found {
		t := things[r.About]
		if t == nil || !access.OwnsRated(actor, t.facts(actor, r)) || r.Grade == 0 && !t.overAt.Equal(r.OverAt) { // it changed, and the journal was not read as far yet
			continue
		}
		o, err := s.shownOwn(actor, now, &Own{Rating: r, thing: t})
		if err != nil {
			return nil, "", err
		}
		out = append(out, o)
	}
	return slices.Clip(out), next, nil
}

// thingsOf are what ratings are of, by what they are.
func thingsOf(ctx context.Context, r store.Reader, all []*Rating) (map[About]*thing, error) {
	about := make([]About, len(all))
	for i, x := range all {
		about[i] = x.About
	}
	return loadAll(ctx, r, about)
}
