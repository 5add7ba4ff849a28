package service

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/fold"
)

// ItemFilter of List; what is empty does not filter.
type ItemFilter struct {
	Category   string
	Department string // name, or id of an organisation
	Text       string // in the code, the name or the category
	HomeCall   *bool
	Retired    bool // those that are no longer taken too
	Limit      int
	Cursor     string
}

// List returns a page of the items in force at a moment, by code, for
// anybody: they are nobody's secret.
func (s *Items) List(at time.Time, f ItemFilter) ([]*Item, string, error) {
	c := s.known.Now()
	all := c.all(at, f.Retired)
	text := fold.Name(f.Text)
	return domain.Page(all, f.Limit, f.Cursor, func(it *Item) string { return it.Code }, func(it *Item) bool {
		return (f.Category == "" || it.Category == f.Category) &&
			(f.Department == "" || it.Department == f.Department || it.Organisation == f.Department) &&
			(f.HomeCall == nil || it.HomeCall == *f.HomeCall) &&
			(text == "" || strings.Contains(fold.Name(it.Code), text) || strings.Contains(fold.Name(it.Name), text) || strings.Contains(fold.Name(it.Category), text))
	})
}

// HeldItem is an item as it is in force at a moment, with what is decided of it for later.
type HeldItem struct {
	*Item
	Latest int64   // number of the latest version
	Ahead  []*Item // those that come into force later
}

// Read returns an item at a moment. ErrNotFound for one that is not there
// then, with the number of the latest version all the same: 0 for none.
func (s *Items) Read(code string, at time.Time) (*HeldItem, error) {
	c := s.known.Now()
	out := &HeldItem{Item: c.at(code, at)}
	if last := c.last(code); last != nil {
		out.Latest = last.Number
	}
	if out.Item == nil {
		return out, domain.ErrNotFound
	}
	for _, v := range c.items[code] {
		if v.begins().After(at) {
			out.Ahead = append(out.Ahead, v)
		}
	}
	return out, nil
}

// Versions returns a page of the versions of an item, the latest decided first; ErrNotFound.
func (s *Items) Versions(code string, limit int, cursor string) ([]*Item, string, error) {
	all := map[int64]*Item{}
	for _, it := range s.known.Now().items[code] {
		all[it.Number] = it
	}
	if len(all) == 0 {
		return nil, "", domain.ErrNotFound
	}
	numbers := slices.Sorted(maps.Keys(all))
	slices.Reverse(numbers)
	page, next, err := domain.Page(numbers, limit, cursor, func(n int64) string { return fmt.Sprintf("%019d", math.MaxInt64-n) }, func(int64) bool { return true })
	out := make([]*Item, len(page))
	for i, n := range page {
		out[i] = all[n]
	}
	return out, next, err
}

// VersionByID returns a version by its id, which another node may just have made; ErrNotFound.
func (s *Items) VersionByID(ctx context.Context, id string) (*Item, error) {
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	for _, all := range s.known.Now().items {
		if i := slices.IndexFunc(all, func(it *Item) bool { return it.ID == id }); i >= 0 {
			return all[i], nil
		}
	}
	return nil, domain.ErrNotFound
}

// KindName is what a kind of qualification is called; its code where it is not known.
func (s *Items) KindName(code string) domain.Text {
	if k := s.known.Now().kinds[code]; k != nil {
		return k.Name
	}
	return domain.T(code, code)
}

// KindByID is VersionByID of a kind of qualification.
func (s *Items) KindByID(ctx context.Context, id string) (*Kind, error) {
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	for _, k := range s.Kinds() {
		if k.ID == id {
			return k, nil
		}
	}
	return nil, domain.ErrNotFound
}

// Kinds lists the kinds of qualifications, by code.
func (s *Items) Kinds() []*Kind { return s.known.Now().listed() }
