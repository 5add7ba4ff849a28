package homecall

import (
	"context"

	"wangge/domain/civil"
	"wangge/store"
)

// Taken is who has the time of a worker on a day.
func TakenOf(ctx context.Context, st *store.Store, worker string, date civil.Date) ([]Taken, error) {
	found, err := days.GetMany(ctx, st, []string{dayID(worker, date)})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[dayID(worker, date)].Taken, nil
}

// All are all requests of a street.
func All(ctx context.Context, st *store.Store, street string) ([]*Request, error) {
	out, _, err := requests.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("place.street", street), store.In("state", Booked, Done, NotMet, Missed, Cancelled)}, Limit: 5000})
	return out, err
}
