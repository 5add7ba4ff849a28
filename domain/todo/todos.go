package todo

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/store"
)

// Sight says which of the things of a kind, by id, somebody may see now.
type Sight func(ctx context.Context, actor access.Actor, now time.Time, ids []string) (map[string]bool, error)

// Each is the Sight of what is loaded one by one: get returns ErrNotFound for what the actor may not see.
func Each(get func(ctx context.Context, actor access.Actor, now time.Time, id string) error) Sight {
	return func(ctx context.Context, actor access.Actor, now time.Time, ids []string) (map[string]bool, error) {
		seen := make(map[string]bool, len(ids))
		for _, id := range ids {
			err := get(ctx, actor, now, id)
			if err != nil && !errors.Is(err, domain.ErrNotFound) && !errors.Is(err, domain.ErrForbidden) {
				return nil, err
			}
			seen[id] = err == nil
		}
		return seen, nil
	}
}

// Todos are what people are asked and told, as they see it.
type Todos struct {
	st *store.Store
	// Sights are by the kind of what an item is about; of a kind without one
	// nobody sees more than that there is something. Set before use.
	Sights map[string]Sight
}

// New returns the lists on a store that has Collections.
func New(st *store.Store) *Todos { return &Todos{st: st, Sights: map[string]Sight{}} }

// Shown is an item as its recipient sees it.
type Shown struct {
	*Item
	Seen bool // whether what it is about may be named
}

// Filter of List.
type Filter struct {
	Open   *bool // nil: open and done
	Limit  int
	Cursor string
}

// List returns a page of the items of the actor and of who they stand in for,
// newest first, and the cursor of the next.
func (s *Todos) List(ctx context.Context, actor access.Actor, now time.Time, f Filter) ([]Shown, string, error) {
	states := []bool{true, false}
	if f.Open != nil {
		states = []bool{*f.Open}
	}
	page, next, err := items.Find(ctx, s.st, store.Query{
		Where: []store.Cond{store.In("recipient", actor.Persons()...), store.In("open", states...)},
		Order: []string{"-at"}, Limit: f.Limit, After: f.Cursor,
	})
	if err != nil {
		return nil, "", err
	}
	shown, err := s.shown(ctx, actor, now, page)
	return shown, next, err
}

// Get returns one of the actor's own items.
func (s *Todos) Get(ctx context.Context, actor access.Actor, now time.Time, id string) (*Shown, error) {
	it, err := own(ctx, s.st, actor, id)
	if err != nil {
		return nil, err
	}
	shown, err := s.shown(ctx, actor, now, []*Item{it})
	if err != nil {
		return nil, err
	}
	return &shown[0], nil
}

// Finish ends one of the actor's own items; one that is done stays as it is.
func (s *Todos) Finish(ctx context.Context, actor access.Actor, now time.Time, id string) (*Shown, error) {
	err := s.st.Update(ctx, nil, func(tx *store.Tx) error {
		it, err := own(ctx, tx, actor, id)
		if err != nil || !it.Open {
			return err
		}
		it.Open, it.DoneAt = false, now
		if err := items.Put(tx, it); err != nil {
			return err
		}
		return once.Finish(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, now, id)
}

func own(ctx context.Context, r store.Reader, actor access.Actor, id string) (*Item, error) {
	it, err := items.Get(ctx, r, id)
	if err == nil && !slices.Contains(actor.Persons(), it.Recipient) {
		err = domain.ErrNotFound
	}
	return it, err
}

// shown asks, once for each kind, what of the items their reader may see.
func (s *Todos) shown(ctx context.Context, actor access.Actor, now time.Time, page []*Item) ([]Shown, error) {
	about := map[string][]string{}
	for _, it := range page {
		about[it.About.Kind] = append(about[it.About.Kind], it.About.ID)
	}
	seen := map[string]map[string]bool{}
	for kind, of := range about {
		sight := s.Sights[kind]
		if sight == nil {
			continue
		}
		var err error
		if seen[kind], err = sight(ctx, actor, now, of); err != nil {
			return nil, err
		}
	}
	out := make([]Shown, len(page))
	for i, it := range page {
		out[i] = Shown{it, seen[it.About.Kind][it.About.ID]}
	}
	return out, nil
}

// Over reports whether nobody is asked any more what was asked of a kind about
// a thing; false where nobody ever was.
func Over(ctx context.Context, r store.Reader, kind Kind, about About) (bool, error) {
	id := space.Of("matter", string(kind), about.Kind, about.ID)
	found, err := matters.GetMany(ctx, r, []string{id})
	if err != nil || found[id] == nil {
		return false, err
	}
	open, err := items.GetMany(ctx, r, found[id].Open)
	for _, it := range open {
		if it.Open {
			return false, err
		}
	}
	return true, err
}
