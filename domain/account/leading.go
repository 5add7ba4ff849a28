package account

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
)

// Leading are the people who lead in a street or in a part of it, as of now,
// those too who do so from above it. Who only stands in for one of them is
// nobody else and is not among them.
func (s *Accounts) Leading(ctx context.Context, street *area.Area, now time.Time) (out []access.Actor, err error) {
	tree, seen := s.areas.Tree(), map[string]bool{}
	filters := []Filter{{Role: access.Admin}}
	for _, role := range access.Leads {
		filters = append(filters, Filter{Role: role, Area: street.Code})
	}
	if city, ok := tree.ByID(street.Place.City); ok {
		filters = append(filters, Filter{Role: access.Dispatcher, Area: city.Code}, Filter{Role: access.StreetManager, Area: city.Code})
	}
	for _, f := range filters {
		all, err := s.All(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			if seen[a.ID] || !a.WorksWithin(tree, street.Place, f.Role) {
				continue
			}
			seen[a.ID] = true
			actor, err := s.actor(ctx, a, now)
			if err != nil {
				return nil, err
			}
			out = append(out, actor)
		}
	}
	return out, nil
}
