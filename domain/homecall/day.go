package homecall

import (
	"context"
	"slices"

	"wangge/domain/civil"
	"wangge/store"
)

// overlaps reports whether a booking takes time of the slot.
func (t Taken) overlaps(s Slot) bool { return t.From.Before(s.To) && s.From.Before(t.To) }

// take takes the worker's time for a booking; nobody's for "".
func (b *board) take(ctx context.Context, tx *store.Tx, worker string, s Slot, request string) error {
	if worker == "" {
		return nil
	}
	day, err := b.day(ctx, tx, worker, s.Date)
	if err != nil {
		return err
	}
	day.Worker, day.Date = worker, s.Date
	day.Taken = append(day.Taken, Taken{request, s.From, s.To})
	return putDay(tx, day)
}

// release gives back the time that a booking took.
func (b *board) release(ctx context.Context, tx *store.Tx, r *Request) error {
	if r.Worker == "" {
		return nil
	}
	day, err := b.day(ctx, tx, r.Worker, r.Slot.Date)
	if err != nil {
		return err
	}
	day.Taken = slices.DeleteFunc(day.Taken, func(t Taken) bool { return t.Request == r.ID })
	return putDay(tx, day)
}

// day is a worker's, as this update reads it.
func (b *board) day(ctx context.Context, r store.Reader, worker string, date civil.Date) (*Day, error) {
	id := dayID(worker, date)
	if b.days[id] == nil {
		if err := b.read(ctx, r, []string{id}); err != nil {
			return nil, err
		}
	}
	return b.days[id], nil
}

func putDay(tx *store.Tx, day *Day) error {
	if day.Version == 0 {
		return days.Insert(tx, day)
	}
	return days.Put(tx, day)
}
