package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Rezone 随网格调整 is what a redraw moves: the open tickets on its ground that
// lie in another cell from now on, or in none, or in one at last. They keep
// who has them; closed ones keep the cell that they had.
func (s *Tickets) Rezone(ctx context.Context, actor access.Actor, g *area.Ground) (area.Moves, error) {
	found, err := misplaced(ctx, s.store, g)
	if err != nil {
		return area.Moves{}, err
	}
	streets := slices.Clone(g.Streets)
	for _, f := range found {
		streets = append(streets, f.ticket.Partition, f.spot.Street)
	}
	slices.Sort(streets)
	streets = slices.Compact(streets)
	return area.Moves{Streets: streets, Count: area.Moved{"tickets": len(found)}, Move: func(ctx context.Context, tx *store.Tx, now time.Time) (area.Moved, error) {
		found, err := misplaced(ctx, tx, g)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !slices.Contains(streets, f.ticket.Partition) || !slices.Contains(streets, f.spot.Street) {
				return nil, area.ErrOvertaken
			}
			before := f.ticket.facts()
			f.ticket.place(f.spot)
			f.ticket.UpdatedAt = now
			if err := put(tx, f.ticket, f.ticket.entry(actor, now, Rezone, before)); err != nil {
				return nil, err
			}
		}
		return area.Moved{"tickets": len(found)}, nil
	}}, nil
}

// misplacedTicket is an open ticket and where it lies from now on.
type misplacedTicket struct {
	ticket *Ticket
	spot   area.Spot // without a cell: in the list of the street that it is in
}

// misplaced looks through the open tickets on the ground, by their position.
func misplaced(ctx context.Context, r store.Reader, g *area.Ground) ([]misplacedTicket, error) {
	var out []misplacedTicket
	for _, keys := range g.Keys() {
		for cursor := ""; ; {
			page, next, err := collection.Find(ctx, r, store.Query{
				Where: []store.Cond{store.Between("openKey", keys.From, keys.To+1)}, Order: []string{"openKey"}, Limit: 1000, After: cursor,
			})
			if err != nil {
				return nil, err
			}
			for _, t := range page {
				if spot, moves := g.Elsewhere(t.Position.At(), t.Place); moves {
					out = append(out, misplacedTicket{t, spot})
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return out, nil
}
