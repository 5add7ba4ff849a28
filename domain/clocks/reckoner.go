package clocks

import (
	"time"

	"wangge/domain/calendar"
	"wangge/domain/civil"
)

// Reckoner says when a term is over: by the city's calendar, and by when the
// office is open and how working days count, which are a street's. Without
// Office it is Usual, without Days OfficeHours.
type Reckoner struct {
	Calendar *calendar.Calendar
	Office   *calendar.Hours
	Days     WorkingDays
}

// Usual is the office week of who decided none: Monday to Friday 09:00–12:00
// and 13:30–17:00, closed on public holidays, open on make-up workdays.
func Usual() *calendar.Hours {
	return &calendar.Hours{MakeUpDays: true, Weekly: []calendar.Weekly{
		{Days: []calendar.Weekday{1, 2, 3, 4, 5}, Spans: []calendar.Span{{From: "09:00", Until: "12:00"}, {From: "13:30", Until: "17:00"}}},
	}}
}

func (r Reckoner) office() *calendar.Hours {
	if r.Office == nil {
		return Usual()
	}
	return r.Office
}

// Add is when a term that begins at from is over: the first moment by which so
// much of it has run. It is provisional where a day that it was reckoned with may
// still change for want of data. Without a term, or where the office is not
// open for so long within calendar.LongestDays days, it is the zero time.
func (r Reckoner) Add(from time.Time, t Term) (due time.Time, provisional bool) {
	switch t.Unit {
	case Minute:
		return from.Add(time.Duration(t.Count) * time.Minute), false
	case Hour:
		return from.Add(time.Duration(t.Count) * time.Hour), false
	case Day:
		return from.Add(time.Duration(t.Count) * 24 * time.Hour), false
	case WorkingHour:
		return r.open(from, time.Duration(t.Count)*time.Hour)
	case WorkingDay:
		if r.Days == NextDay {
			return r.closing(from, t.Count)
		}
		day, provisional := r.day(from)
		due, unsure := r.open(from, time.Duration(t.Count)*day)
		return due, provisional || unsure
	}
	return time.Time{}, false
}

// open is when the office has been open for d since from.
func (r Reckoner) open(from time.Time, d time.Duration) (due time.Time, provisional bool) {
	due, provisional, _ = r.office().Add(r.Calendar, from, d)
	return due, provisional
}

// day is how long the office is open on the day of from, or else on the next that it is open on.
func (r Reckoner) day(from time.Time) (long time.Duration, provisional bool) {
	start := civil.DateOf(from).Start()
	first, provisional := r.open(start, 1)
	if first.IsZero() {
		return 0, provisional
	}
	d := civil.DateOf(first)
	return r.office().Between(r.Calendar, d.Start(), d.Add(1).Start()), provisional
}

// closing is when the office closes on the n-th working day after that of
// from; the end of that day where it is not open on it.
func (r Reckoner) closing(from time.Time, n int) (due time.Time, provisional bool) {
	end, provisional := r.Calendar.AddWorkingDays(from, n)
	spans := r.office().Spans(r.Calendar, civil.DateOf(end).Add(-1).Start(), end)
	if len(spans) == 0 {
		return end, provisional
	}
	return spans[len(spans)-1].Until, provisional
}

// Middle is when half of the time for which the office is open between two
// moments has passed; half of the time between them where it is not open then.
func (r Reckoner) Middle(from, until time.Time) time.Time {
	if !until.After(from) {
		return time.Time{}
	}
	office := r.office()
	if open := office.Between(r.Calendar, from, until); open > 0 {
		at, _, _ := office.Add(r.Calendar, from, open/2)
		return at
	}
	return from.Add(until.Sub(from) / 2)
}
