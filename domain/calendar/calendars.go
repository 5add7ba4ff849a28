package calendar

import (
	"context"

	"wangge/store"
)

// Calendars is the calendar of the city, as every node has it in memory.
type Calendars struct{ st *store.Store }

// New reads the calendar from a store that has Collections.
func New(_ context.Context, st *store.Store) (*Calendars, error) {
	return &Calendars{st: st}, nil
}

// At is the calendar as it is now. Read through an update it counts as read by
// it: the update runs again when the calendar has changed since.
func (s *Calendars) At(context.Context, store.Reader) (*Calendar, error) {
	return newCalendar(builtIn), nil
}
