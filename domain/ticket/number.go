package ticket

import (
	"context"
	"errors"
	"time"

	"wangge/domain/area"
	"wangge/store"
)

// receiptNumber returns one never given before: <street code>-<yymmdd>-<n>,
// with the code that the street has today.
func (s *Tickets) receiptNumber(ctx context.Context, street *area.Area, now time.Time) (string, error) {
	if heir, ok := s.areas.Tree().ByID(s.today(street.ID)); ok {
		street = heir
	}
	return s.receipts.Next(ctx, street.Code, "", now)
}

// taken reports whether a ticket has a number.
func taken(st *store.Store) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, number string) (bool, error) {
		has, _, err := collection.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("number", number)}, Limit: 1})
		return len(has) > 0, err
	}
}

// numberTaken: another node gave the number out of a block from before its counter was lost.
func numberTaken(err error) bool {
	var twice *store.DuplicateError
	return errors.As(err, &twice) && twice.Collection == "tickets" && twice.Index == "number"
}
