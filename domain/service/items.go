package service

import (
	"context"
	"slices"
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
	known *jobs.Kept[head, *head, *catalogue]
}

// NewItems reads the catalogue of a store that has Collections.
func NewItems(ctx context.Context, st *store.Store, areas *area.Areas) (*Items, error) {
	s := &Items{st: st, areas: areas}
	s.known = jobs.Keep(st, heads, headID, newCatalogue(nil, nil), s.read)
	return s, s.Refresh(ctx)
}

// At returns the version of an item that is in force at a moment, a retired
// one too; ErrNotFound. In an update it counts as read.
func (s *Items) At(ctx context.Context, r store.Reader, code string, at time.Time) (*Item, error) {
	c, err := s.known.In(ctx, r)
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
	c, err := s.known.In(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.all(at, false), nil
}

// Version returns a version of an item by its number; ErrNotFound.
func (s *Items) Version(ctx context.Context, r store.Reader, code string, number int64) (*Item, error) {
	c, err := s.known.In(ctx, r)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(c.items[code], func(it *Item) bool { return it.Number == number }); i >= 0 {
		return c.items[code][i], nil
	}
	return nil, domain.ErrNotFound
}

// Refresh brings what this node knows up to what is committed.
func (s *Items) Refresh(ctx context.Context) error { return s.known.Refresh(ctx) }

// read reads the catalogue.
func (s *Items) read(ctx context.Context, _ *head) (*catalogue, error) {
	all, err := every(ctx, s.st, versions, "code", "number")
	if err != nil {
		return nil, err
	}
	defined, err := every(ctx, s.st, kinds, "code")
	if err != nil {
		return nil, err
	}
	return newCatalogue(all, defined), nil
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
	return s.known.Follow(ctx, n, "service-items", area.CityPartition, func(ctx context.Context, _ time.Time) error {
		return s.known.Begin(ctx, nil, func(tx *store.Tx) error { return heads.Insert(tx, newHead()) })
	})
}
