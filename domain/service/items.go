package service

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/store"
	"wangge/store/jobs"
)

// Items is what people do with service items and kinds of qualifications, and
// the memory that everything else reads them from.
type Items struct {
	st    *store.Store
	areas *area.Areas
	known atomic.Pointer[catalogue]
	load  sync.Mutex // one refresh at a time
}

// NewItems reads the catalogue of a store that has Collections.
func NewItems(ctx context.Context, st *store.Store, areas *area.Areas) (*Items, error) {
	s := &Items{st: st, areas: areas}
	s.known.Store(newCatalogue(0, nil, nil))
	return s, s.Refresh(ctx)
}

// At returns the version of an item that is in force at a moment, a retired
// one too; ErrNotFound. In an update it counts as read.
func (s *Items) At(ctx context.Context, r store.Reader, code string, at time.Time) (*Item, error) {
	c, err := s.in(ctx, r)
	if err != nil {
		return nil, err
	}
	if it := c.at(code, at); it != nil {
		return it, nil
	}
	return nil, domain.ErrNotFound
}

// All returns the items in force at a moment, without retired ones, by code.
func (s *Items) All(ctx context.Context, r store.Reader, at time.Time) ([]*Item, error) {
	c, err := s.in(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.all(at, false), nil
}

// Version returns a version of an item by its number; ErrNotFound.
func (s *Items) Version(ctx context.Context, r store.Reader, code string, number int64) (*Item, error) {
	c, err := s.in(ctx, r)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(c.items[code], func(it *Item) bool { return it.Number == number }); i >= 0 {
		return c.items[code][i], nil
	}
	return nil, domain.ErrNotFound
}

// in is the catalogue as a reader finds it: this node's, which an update counts as read.
func (s *Items) in(ctx context.Context, r store.Reader) (*catalogue, error) {
	tx, updating := r.(*store.Tx)
	if updating && tx.Again() { // perhaps since what this node knows is behind
		if err := s.Refresh(ctx); err != nil {
			return nil, err
		}
	}
	known := s.known.Load()
	if updating {
		store.Observe(tx, heads, headID, known.version)
	}
	return known, nil
}

// Refresh brings what this node knows up to what is committed.
func (s *Items) Refresh(ctx context.Context) error {
	s.load.Lock()
	defer s.load.Unlock()
	found, err := heads.GetMany(ctx, s.st, []string{headID})
	if err != nil {
		return err
	}
	h := found[headID]
	if h == nil || h.Version <= s.known.Load().version {
		return nil
	}
	all, err := every(ctx, s.st, versions, "code", "number") // read after the head: what is known is never less than it says
	if err != nil {
		return err
	}
	defined, err := every(ctx, s.st, kinds, "code")
	if err != nil {
		return err
	}
	s.known.Store(newCatalogue(h.Version, all, defined))
	return nil
}

// every reads a small collection whole, in the order of an index.
func every[T any, P store.Doc[T]](ctx context.Context, r store.Reader, of *store.Collection[T, P], order ...string) (all []P, err error) {
	for cursor := ""; ; {
		page, next, err := of.Find(ctx, r, store.Query{Order: order, Limit: 500, After: cursor})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

// Follow keeps what this node knows fresh, whoever changed it, until ctx ends; it returns ctx's error.
func (s *Items) Follow(ctx context.Context, n jobs.Node) error {
	seen := int64(0)
	return jobs.Watch(ctx, n, "service-items", func(ctx context.Context, last map[string]int64) error {
		if last[area.CityPartition] <= seen {
			return nil
		}
		if err := s.Refresh(ctx); err != nil {
			return err
		}
		seen = last[area.CityPartition]
		return nil
	})
}
