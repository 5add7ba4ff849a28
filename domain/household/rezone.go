package household

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Rezone 随网格调整 is what a redraw moves: the households on its ground that
// lie in another cell from now on, or in none, or in one at last. What comes to
// another street whose household has the same address already stays in its own
// street without a cell, for somebody to look at. What was merged into a
// household goes with it.
func (s *Households) Rezone(ctx context.Context, actor access.Actor, g *area.Ground) (area.Moves, error) {
	found, err := misplaced(ctx, s.store, g)
	if err != nil {
		return area.Moves{}, err
	}
	streets := slices.Clone(g.Streets)
	for _, f := range found {
		streets = append(streets, f.household.Partition, f.spot.Street)
	}
	slices.Sort(streets)
	streets = slices.Compact(streets)
	return area.Moves{Streets: streets, Count: area.Moved{"households": len(found)}, Move: func(ctx context.Context, tx *store.Tx, now time.Time) (area.Moved, error) {
		found, err := misplaced(ctx, tx, g)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !slices.Contains(streets, f.household.Partition) || !slices.Contains(streets, f.spot.Street) {
				return nil, area.ErrOvertaken
			}
		}
		for _, f := range found {
			if err := f.move(tx, actor, now); err != nil {
				return nil, err
			}
		}
		return area.Moved{"households": len(found)}, nil
	}}, nil
}

// misplacedHousehold lies elsewhere from now on.
type misplacedHousehold struct {
	household *Household
	spot      area.Spot
	merged    []*Household // into it, when it comes to another street
}

// misplaced looks through the households on the ground, by their position.
func misplaced(ctx context.Context, r store.Reader, g *area.Ground) ([]misplacedHousehold, error) {
	var out []misplacedHousehold
	for _, keys := range g.Keys() {
		for cursor := ""; ; {
			page, next, err := collection.Find(ctx, r, store.Query{
				Where: []store.Cond{store.Between("position.key", keys.From, keys.To+1)}, Order: []string{"position.key"}, Limit: 1000, After: cursor,
			})
			if err != nil {
				return nil, err
			}
			for _, h := range page {
				spot, moves := g.Elsewhere(h.Position.At(), h.Place)
				if !moves {
					continue
				}
				f := misplacedHousehold{h, spot, nil}
				if spot.Street != h.Partition {
					if err := f.emigrates(ctx, r); err != nil {
						return nil, err
					}
				}
				if f.spot.Place != h.Place {
					out = append(out, f)
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return out, nil
}

// emigrates prepares a household to come to another street.
func (f *misplacedHousehold) emigrates(ctx context.Context, r store.Reader) error {
	there, _, err := collection.Find(ctx, r, dwelling(f.spot.Street, 1, f.household.AddressKey),
		alias(f.spot.Street, f.household.AddressKey, 1))
	if err != nil {
		return err
	}
	if len(there) > 0 {
		f.spot = area.Spot{Place: f.household.Place, Street: f.household.Partition}
		f.spot.Place.Community, f.spot.Place.Cell = "", ""
		return nil
	}
	f.merged, err = allMerged(ctx, r, f.household.ID)
	return err
}

func (f *misplacedHousehold) move(tx *store.Tx, actor access.Actor, now time.Time) error {
	before := f.household.facts()
	f.household.put(f.spot)
	for _, m := range f.merged {
		if err := m.followTo(tx, actor, now, f.spot.Street); err != nil {
			return err
		}
	}
	return f.household.save(tx, actor, now, "rezone", before)
}
