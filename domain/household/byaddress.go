package household

import (
	"context"
	"errors"
	"slices"

	"wangge/domain/access"
	"wangge/domain/fold"
	"wangge/domain/place"
	"wangge/store"
)

// ByAddress returns the households that the actor may read in an area by code,
// "" for everywhere, whose address has the parts of a plain one, so many at most;
// none where the address tells too little to look for.
// Error: InvalidError at ?area.
func (s *Households) ByAddress(ctx context.Context, actor access.Actor, area string, asked Address, most int) ([]*Household, error) {
	words, err := fold.Search(asked.Estate)
	if errors.Is(err, fold.ErrTooShort) || err == nil && len(words) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, part := range []string{asked.Building, asked.Unit, asked.Floor, asked.Room} {
		words = append(words, fold.Grams(part))
	}
	places, err := place.Reach(s.areas, access.HouseholdScopes(actor), area, "")
	if err != nil {
		return nil, err
	}
	var queries []store.Query
	for _, p := range place.Sets(s.areas, places) {
		queries = append(queries, store.Query{Where: append(p.Conds(), store.Terms("text", slices.Concat(words...)...)), Order: []string{"sort"}, Limit: most})
	}
	if len(queries) == 0 {
		return nil, nil
	}
	found, _, err := collection.Find(ctx, s.store, queries...)
	if errors.Is(err, store.ErrTooBroad) {
		return nil, nil
	}
	return slices.DeleteFunc(found, func(h *Household) bool { return !h.Address.Plain().has(asked) }), err
}

// has reports whether a plain address has the parts that another one has, below the estate.
func (a Address) has(asked Address) bool {
	same := func(own, asked string) bool { return asked == "" || own == asked }
	return same(a.Building, asked.Building) && same(a.Unit, asked.Unit) && same(a.Floor, asked.Floor) && same(a.Room, asked.Room)
}
