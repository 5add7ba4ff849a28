package household

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Rezone lays the households of cells that were redrawn, by id, and those of
// the street that no cell held, into the cells that hold their positions now.
// It runs in the update that redraws; spot locates in the cells as they will
// be. It returns how many were laid elsewhere. What was merged into a
// household is located when it is taken out again.
func Rezone(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, street string, cells []string, spot func(Position) area.Spot) (int, error) {
	var queries []store.Query
	for _, cell := range append([]string{""}, cells...) {
		queries = append(queries, store.Query{Where: []store.Cond{store.Eq("place.street", street), store.Eq("place.cell", cell)}, Order: []string{"sort"}, Limit: 500})
	}
	var found []*Household
	for cursor := ""; ; {
		for i := range queries {
			queries[i].After = cursor
		}
		page, next, err := collection.Find(ctx, tx, queries...)
		if err != nil {
			return 0, err
		}
		if found = append(found, page...); next == "" {
			break
		}
		cursor = next
	}
	moved := 0
	for _, h := range found {
		at, before := spot(h.Position), h.facts()
		if at.Street != h.Partition {
			continue // a redraw moves nothing into another street
		}
		if at.Place == h.Place && (at.Cell == nil || at.Cell.Boundary == h.Boundary) {
			continue
		}
		if at.Place != h.Place {
			moved++
		}
		h.put(at)
		if err := h.save(tx, actor, now, "rezone", before); err != nil {
			return moved, err
		}
	}
	return moved, nil
}
