package rating

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/intake"
	"wangge/domain/place"
	"wangge/store"
)

// Shown is a rectification as far as its reader sees it.
type Shown struct {
	*Rectification
	Whole     bool     // they see all of what was rated: what it is, and what the resident wrote
	Words     string   // the resident's
	CallWords []string // of each of Calls
	Number    string   // of a case
	Title     string   // a case's item
}

// rectification returns one that the actor has a part in; ErrNotFound.
func (s *Ratings) rectification(ctx context.Context, actor access.Actor, id string) (*Rectification, error) {
	r, err := rectifications.Get(ctx, s.store, id)
	if err == nil && !access.MaySeeRectification(actor, r.Facts()) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Rectification returns one as its reader sees it; ErrNotFound.
func (s *Ratings) Rectification(ctx context.Context, actor access.Actor, id string) (*Shown, error) {
	r, err := s.rectification(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	shown, err := s.Show(ctx, actor, r)
	if err != nil {
		return nil, err
	}
	return shown[0], nil
}

// Seen reports whether the actor has a part in a rectification: ErrNotFound where not.
func (s *Ratings) Seen(ctx context.Context, actor access.Actor, _ time.Time, id string) error {
	_, err := s.rectification(ctx, actor, id)
	return err
}

// Show completes rectifications, that the actor may see, with what they see of what was rated.
func (s *Ratings) Show(ctx context.Context, actor access.Actor, all ...*Rectification) ([]*Shown, error) {
	var about []About
	var ids []string
	for _, r := range all {
		about, ids = append(about, r.About), append(ids, r.ID)
	}
	things, err := loadAll(ctx, s.store, about)
	if err != nil {
		return nil, err
	}
	said, err := ratings.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*Shown, len(all))
	for i, r := range all {
		x := &Shown{Rectification: r, CallWords: make([]string, len(r.Calls))}
		out[i] = x
		t, of := things[r.About], said[r.ID]
		if t == nil || of == nil || !access.SeesRectificationWords(actor, r.Facts(), t.whole(actor)) {
			continue
		}
		x.Whole = true
		if x.Words, err = opened(s.keys, of.Words, wordsAt(r.ID)); err != nil {
			return nil, err
		}
		for j, c := range r.Calls {
			if x.CallWords[j], err = opened(s.keys, c.Words, callAt(r.ID, c.ID)); err != nil {
				return nil, err
			}
		}
		if t.Kind == Case {
			x.Number, x.Title = caseName(t.kase)
		}
	}
	return out, nil
}

func caseName(c *intake.Case) (number, title string) { return c.Key().Number, c.Item.Name }

// RectificationFilter narrows the list of rectifications. Empty fields do not filter.
type RectificationFilter struct {
	Area    string // code
	Kinds   []Kind
	States  []State
	Mine    bool      // I put it right or call back
	Overdue time.Time // only what is overdue at this time
	Limit   int
	Cursor  string
}

// Rectifications returns a page of those that the actor has a part in, the last
// opened first: those of their areas, or, for who manages none and with Mine, those that are with them.
// Errors: ErrForbidden for who does not work in the streets, InvalidError at ?area, store.ErrCursor, store.ErrTooBroad.
func (s *Ratings) Rectifications(ctx context.Context, actor access.Actor, f RectificationFilter) ([]*Rectification, string, error) {
	if !actor.IsStaff() {
		return nil, "", domain.ErrForbidden
	}
	scopes := access.RatingScopes(actor)
	var more []store.Cond
	if len(f.Kinds) > 0 {
		more = append(more, store.In("about.kind", f.Kinds...))
	}
	if !f.Overdue.IsZero() {
		if len(f.States) > 0 && !has(f.States, Open) {
			return nil, "", nil
		}
		f.States = []State{Open}
		more = append(more, store.Between("dueAt", nil, f.Overdue.Add(time.Millisecond)))
	}
	if len(f.States) > 0 {
		more = append(more, store.In("state", f.States...))
	}
	more = append(more, store.NoneOf("rated", append(actor.Persons(), actor.StandIns...)...))
	var queries []store.Query
	add := func(by string, conds []store.Cond) {
		queries = append(queries, store.Query{Where: store.Driven(append(conds, more...), by, "openedAt"), Order: []string{"-openedAt"}, Limit: f.Limit, Cap: most, After: f.Cursor})
	}
	if f.Mine || len(scopes) == 0 {
		within, err := place.Within(s.areas, f.Area, "")
		if err != nil {
			return nil, "", err
		}
		for _, who := range actor.Persons() {
			add("people", append([]store.Cond{store.Eq("people", who)}, within...))
		}
	} else {
		places, err := place.Reach(s.areas, scopes, f.Area, "")
		if err != nil {
			return nil, "", err
		}
		for _, l := range place.Levels(places) {
			add("place.street", l.Conds())
		}
	}
	return rectifications.Find(ctx, s.store, queries...)
}
