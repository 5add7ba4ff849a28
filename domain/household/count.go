package household

import (
	"context"
	"math"

	"wangge/store"
)

// Journaled is the name under which the journal speaks of households.
var Journaled = collection.Spec().Name

// CountIn counts the households of a street by the id of their cell, "" for
// those in none; only of these cells, unless cells is nil.
func (s *Households) CountIn(ctx context.Context, street string, cells []string) (map[string]int64, error) {
	q := store.Query{Where: []store.Cond{store.Eq("place.street", street)}, Order: []string{"sort"}, Cap: math.MaxInt32}
	if cells != nil {
		q.Where = append(q.Where, store.In("place.cell", cells...))
	}
	return collection.Count(ctx, s.store, q, "place.cell")
}
