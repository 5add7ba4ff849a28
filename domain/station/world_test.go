package station

import (
	"context"
	"testing"

	"wangge/domain/calendar"
)

func calendarOf(t *testing.T) (*calendar.Calendar, error) {
	return (&calendar.Calendars{}).At(context.Background(), nil)
}
