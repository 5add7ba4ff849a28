package ticket

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/place"
	"wangge/store"
)

// PlanMoves 随网格调整 is what a redraw moves: the open tickets on its ground, and
// those that joined another, that lie in another cell from now on, or in none,
// or in one at last. They keep who has them; closed ones keep the cell that they had.
func (s *Tickets) PlanMoves(ctx context.Context, actor access.Actor, g *area.Ground) (area.Moves, error) {
	return place.Kind[*Ticket]{
		Name: "tickets", Key: "openKey", Find: collection.Find,
		// What has no position has no key there.
		Lies: func(t *Ticket) (orb.Point, access.Place) { return t.Position.At(), t.Place },
		PlanMove: func(ctx context.Context, _ store.Reader, t *Ticket, to area.Spot) (place.Move, error) {
			return place.Move{From: t.Partition, To: to.Street, Do: func(tx *store.Tx, now time.Time) error {
				was := t.was()
				t.UpdatedAt = now
				t.setPlace(to) // without a cell: in the list of the street that it is in
				e := t.entry(actor, now, Rezone, was.facts)
				if err := s.settle(ctx, tx, t, was, e); err != nil {
					return err
				}
				return put(tx, t, e)
			}}, nil
		},
	}.PlanMoves(ctx, s.store, g)
}
