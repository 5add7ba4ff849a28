// Package calendar tells working days from days off, and reckons in working
// days and in hours of opening: public holidays and make-up workdays 调休 are
// data, built in or decided by the city, and hours are the owner's. It knows
// nothing of what is promised or who is present.
package calendar

import (
	"slices"
	"time"

	"wangge/domain/civil"
)

// Calendar is the public holidays and make-up workdays of the years that are
// known. It never changes. nil knows no year: it reckons by weekends.
type Calendar struct {
	years map[int]bool
	days  map[civil.Date]Day
}

// newCalendar is that of these years; where two have a day, the later decides.
func newCalendar(years []Year) *Calendar {
	c := &Calendar{map[int]bool{}, map[civil.Date]Day{}}
	for _, y := range slices.SortedFunc(slices.Values(years), func(a, b Year) int { return a.Year - b.Year }) {
		c.years[y.Year] = true
		for _, d := range y.Days {
			c.days[d.Date] = d
		}
	}
	return c
}

// WorkingDay reports whether people work on a day as a rule.
func (c *Calendar) WorkingDay(d civil.Date) bool {
	if of, ok := c.of(d); ok {
		return of.Kind == MakeUp
	}
	return !weekend(d.Weekday())
}

// Holiday reports whether a day is one of a public holiday, be it a weekend's.
func (c *Calendar) Holiday(d civil.Date) bool {
	of, ok := c.of(d)
	return ok && of.Kind == Off
}

// Known reports whether there is data for a day. The last days of December
// depend on the next year's too: its New Year may begin there.
func (c *Calendar) Known(d civil.Date) bool {
	return c != nil && c.years[d.Year()] && c.years[d.Add(daysBefore).Year()]
}

func (c *Calendar) of(d civil.Date) (Day, bool) {
	if c == nil {
		return Day{}, false
	}
	of, ok := c.days[d]
	return of, ok
}

// AddWorkingDays is the end of the n-th working day after the local day of
// from, that is, when the next day begins; n of 0 is the end of from's own day.
// It is provisional where a day that was reckoned with is not known.
func (c *Calendar) AddWorkingDays(from time.Time, n int) (due time.Time, provisional bool) {
	d := civil.DateOf(from)
	for n > 0 {
		d = d.Add(1)
		provisional = provisional || !c.Known(d)
		if c.WorkingDay(d) {
			n--
		}
	}
	return d.Add(1).Start(), provisional
}

// WorkingDaysBetween counts the working days after the local day of from, up
// to and including that of to, none where to is not later; of more than
// LongestDays days those of the first.
func (c *Calendar) WorkingDaysBetween(from, to time.Time) (n int, provisional bool) {
	d, last := civil.DateOf(from), civil.DateOf(to)
	for looked := 0; d < last && looked < LongestDays; looked++ {
		d = d.Add(1)
		provisional = provisional || !c.Known(d)
		if c.WorkingDay(d) {
			n++
		}
	}
	return n, provisional
}

// weekday is which day of the week a day counts as: of a make-up workday that
// which it makes up for, where that is asked for.
func (c *Calendar) weekday(d civil.Date, makeUp bool) Weekday {
	if of, ok := c.of(d); ok && of.Kind == MakeUp && makeUp {
		d = of.For
	}
	return Weekday((d.Weekday()+6)%7 + 1)
}

func weekend(w time.Weekday) bool { return w == time.Saturday || w == time.Sunday }
