package rating

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/station"
)

// rung is a level with whoever may be made responsible there.
type rung struct {
	level Level
	who   []string // accounts, the first first
}

// ladder is who may put something right, from the nearest up: who directs the
// station of a case or leads the cell of a visit, who manages the community,
// who manages the street. Whose work it was is not among them. It is looked up
// beside the update that uses it: who has just left is found by whoever is next.
func (s *Ratings) ladder(ctx context.Context, t *thing, now time.Time) ([]rung, error) {
	var out []rung
	if t.Kind == Case {
		directors, err := station.DirectorsOf(ctx, s.store, t.kase.Station, now)
		if err != nil {
			return nil, err
		}
		out = append(out, rung{ByStation, directors})
	} else if c, ok := s.areas.Map().ByID(t.place.Cell); ok {
		out = append(out, rung{ByCell, []string{c.LeadAt(now)}})
	}
	for _, up := range []struct {
		level Level
		at    access.Level
		role  access.Role
	}{{ByCommunity, access.Community, access.CommunityManager}, {ByStreet, access.Street, access.StreetManager}} {
		who, err := s.holders(ctx, t.place, up.at, up.role)
		if err != nil {
			return nil, err
		}
		out = append(out, rung{up.level, who})
	}
	for i := range out {
		out[i].who = slices.DeleteFunc(out[i].who, func(id string) bool { return id == "" || slices.Contains(t.staff, id) })
	}
	return slices.DeleteFunc(out, func(r rung) bool { return len(r.who) == 0 }), nil
}

// holders are who has a role over the area of the place, by username.
func (s *Ratings) holders(ctx context.Context, p access.Place, level access.Level, role access.Role) (out []string, err error) {
	tree := s.areas.Tree()
	heirs := tree.Heirs(p.At(level))
	if len(heirs) == 0 {
		return nil, nil
	}
	at, ok := tree.ByID(heirs[len(heirs)-1])
	if !ok {
		return nil, nil
	}
	all, err := s.accounts.All(ctx, account.Filter{Area: at.Code, Role: role})
	for _, a := range all {
		if a.WorksAt(tree, p, role) {
			out = append(out, a.ID)
		}
	}
	return out, err
}

// above are the rungs higher than a level; all for "".
func above(ladder []rung, level Level) []rung {
	order := []Level{"", ByStation, ByCell, ByCommunity, ByStreet}
	return slices.DeleteFunc(slices.Clone(ladder), func(r rung) bool {
		return slices.Index(order, r.level) <= slices.Index(order, level)
	})
}

// callers are who may call back: the nearest who manage there, but for who says that it was put right.
func callers(ladder []rung, rectifier string) []string {
	for _, r := range ladder {
		if r.level != ByCommunity && r.level != ByStreet {
			continue
		}
		if who := slices.DeleteFunc(slices.Clone(r.who), func(id string) bool { return id == rectifier }); len(who) > 0 {
			return who
		}
	}
	return nil
}
