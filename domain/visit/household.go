package visit

import (
	"context"
	"errors"
	"maps"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/store"
)

// Household returns a household to who reads it, and to who has a visit to
// make there wherever it is; ErrNotFound.
func (s *Visits) Household(ctx context.Context, actor access.Actor, id string) (*household.Household, error) {
	h, err := s.households.Get(ctx, actor, id)
	if !errors.Is(err, domain.ErrNotFound) {
		return h, err
	}
	seen, err := s.SeenHouseholds(ctx, actor, []string{id})
	if err == nil && (seen[id] == nil || seen[id].ID != id) {
		return nil, domain.ErrNotFound
	}
	return seen[id], err
}

// SeenHouseholds returns, by id, those of the households that the actor sees
// now: who reads them where they are, and who has a visit to make there that
// has not ended, unless the household has left the visit's street. One that is
// merged into another is that one.
func (s *Visits) SeenHouseholds(ctx context.Context, actor access.Actor, ids []string) (map[string]*household.Household, error) {
	there, err := household.Current(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(there)) {
		h, seen := there[id], access.MayReadHousehold(actor, there[id].Place)
		if !seen {
			err := forEachVisitAt(ctx, s.store, h, func(v *Visit) {
				seen = seen || v.Partition == h.Partition && access.MayCallAt(actor, v.Facts())
			}, Planned, CheckedIn)
			if err != nil {
				return nil, err
			}
		}
		if !seen {
			delete(there, id)
		}
	}
	return there, nil
}

// forEachVisitAt visits the visits in some states at a household and at those merged into it.
func forEachVisitAt(ctx context.Context, r store.Reader, h *household.Household, visit func(*Visit), states ...State) error {
	ids, err := h.IDs(ctx, r)
	for _, id := range ids {
		for _, st := range states {
			if err == nil {
				err = eachVisit(ctx, r, visit, store.Eq("household", id), store.Eq("state", st))
			}
		}
	}
	return err
}

// idsOf are the ids under which there may be something of a household: of it as it
// is by now and of all merged into it; of one that is no more, its own.
func idsOf(ctx context.Context, r store.Reader, id string) ([]string, error) {
	there, err := household.Current(ctx, r, []string{id})
	if err != nil || there[id] == nil {
		return []string{id}, err
	}
	return there[id].IDs(ctx, r)
}

// atEach makes a query for each of a household's ids: together they are one list.
func atEach(ids []string, q store.Query) []store.Query {
	out := make([]store.Query, len(ids))
	for i, id := range ids {
		out[i] = q
		out[i].Where = append([]store.Cond{store.Eq("household", id)}, q.Where...)
	}
	return out
}
