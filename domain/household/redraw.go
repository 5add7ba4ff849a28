package household

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/store"
)

// PlanMoves 随网格调整 is what a redraw moves: the households on its ground that
// lie in another cell from now on, or in none, or in one at last. What comes to
// another street whose household has the same address already stays in its own
// street without a cell, for somebody to look at. What was merged into a
// household goes with it.
func (s *Households) PlanMoves(ctx context.Context, actor access.Actor, g *area.Ground) (area.Moves, error) {
	return place.Kind[*Household]{
		Name: "households", Key: "position.key", Find: collection.Find,
		Lies: func(h *Household) (orb.Point, access.Place) { return h.Position.At(), h.Place },
		PlanMove: func(ctx context.Context, r store.Reader, h *Household, to area.Spot) (place.Move, error) {
			to, merged, err := h.otherStreet(ctx, r, to)
			if err != nil || to.Place == h.Place {
				return place.Move{}, err
			}
			return place.Move{From: h.Partition, To: to.Street, Do: func(tx *store.Tx, now time.Time) error {
				before := h.facts()
				h.setPlace(to)
				for _, m := range merged {
					if err := m.moveMergedTo(tx, actor, now, to.Street); err != nil {
						return err
					}
				}
				return h.save(tx, actor, now, "rezone", before)
			}}, nil
		},
	}.PlanMoves(ctx, s.store, g)
}

// otherStreet returns where a household that is to lie at a spot can come to, and
// what was merged into it, when that is another street.
func (h *Household) otherStreet(ctx context.Context, r store.Reader, to area.Spot) (area.Spot, []*Household, error) {
	if to.Street == h.Partition {
		return to, nil, nil
	}
	there, _, err := collection.Find(ctx, r, dwelling(to.Street, 1, h.AddressKey), alias(to.Street, h.AddressKey, 1))
	if err != nil {
		return to, nil, err
	}
	if len(there) > 0 {
		stays := area.Spot{Place: h.Place, Street: h.Partition}
		stays.Place.Community, stays.Place.Cell = "", ""
		return stays, nil, nil
	}
	merged, err := allMerged(ctx, r, h.ID)
	return to, merged, err
}
