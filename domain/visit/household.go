package visit

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/store"
)

// tagged pages through the households of a place that have a tag now.
func (s *Visits) tagged(ctx context.Context, at access.Place, tag string, now time.Time, cursor string) ([]*household.Household, string, error) {
	f := household.Filter{Tags: []string{tag}, Limit: 500, Cursor: cursor}
	if c, ok := s.areas.Map().ByID(at.Cell); ok {
		f.Cell = c.Code
	} else if a, ok := s.areas.Tree().ByID(at.Community); ok {
		f.Area = a.Code
	} else if a, ok := s.areas.Tree().ByID(at.Street); ok {
		f.Area = a.Code
	}
	return s.households.List(ctx, theProgram, now, f)
}

// tagOf returns the tag that a household has at a time, with the highest level of its members'.
func tagOf(h *household.Household, code string, at time.Time) (household.Tag, bool) {
	tags := h.Tags(at)
	i := slices.IndexFunc(tags, func(t household.Tag) bool { return t.Code == code })
	if i < 0 {
		return household.Tag{}, false
	}
	return tags[i], true
}

// Household returns a household to who reads it, and to who has a visit to
// make there wherever it is; ErrNotFound.
func (s *Visits) Household(ctx context.Context, actor access.Actor, id string) (*household.Household, error) {
	h, err := s.households.Get(ctx, actor, id)
	if !errors.Is(err, domain.ErrNotFound) {
		return h, err
	}
	seen, err := s.SeenHouseholds(ctx, actor, []string{id})
	if err == nil && seen[id] == nil {
		err = domain.ErrNotFound
	}
	return seen[id], err
}

// SeenHouseholds returns, by id, those of the households that the actor sees
// now: who reads them where they are, and who has a visit to make there that
// has not ended, unless the household has left the visit's street.
func (s *Visits) SeenHouseholds(ctx context.Context, actor access.Actor, ids []string) (map[string]*household.Household, error) {
	there, err := household.LoadMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range sortedKeys(there) {
		h, seen := there[id], access.MayReadHousehold(actor, there[id].Place)
		for _, st := range []State{Planned, CheckedIn} {
			if seen {
				break
			}
			if err := eachVisit(ctx, s.store, func(v *Visit) {
				seen = seen || v.Partition == h.Partition && access.MayCallAt(actor, v.Facts())
			}, store.Eq("household", id), store.Eq("state", st)); err != nil {
				return nil, err
			}
		}
		if !seen {
			delete(there, id)
		}
	}
	return there, nil
}
