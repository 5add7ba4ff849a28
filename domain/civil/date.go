// Package civil is the one home of the city's time zone and of its days: what
// a day is, when it begins, and which day a moment lies in.
package civil

import "time"

// Zone is the time zone of the city, that of all dates. It has no summer time.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// Date is a day of the local calendar, as "2026-03-05". Dates compare as
// strings do, from year 1000 to 9999. "" is no day.
type Date string

// DateOf is the local day of a moment.
func DateOf(t time.Time) Date { return Date(t.In(Zone).Format(time.DateOnly)) }

// ParseDate reads "2026-03-05"; false for anything else.
func ParseDate(s string) (Date, bool) {
	t, err := time.ParseInLocation(time.DateOnly, s, Zone)
	return Date(s), err == nil && t.Year() >= 1000
}

// Start is the moment the day begins. Its end is the Start of the next.
func (d Date) Start() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Zone)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Add is the day so many days later.
func (d Date) Add(days int) Date { return DateOf(d.Start().AddDate(0, 0, days)) }

// Weekday is the day's in the week.
func (d Date) Weekday() time.Weekday { return d.Start().In(Zone).Weekday() }

// Year is that which the day is in; 0 of no day.
func (d Date) Year() int {
	if d == "" {
		return 0
	}
	return d.Start().In(Zone).Year()
}

// Monday is the first day of the week that the day is in.
func (d Date) Monday() Date { return d.Add(-(int(d.Weekday()) + 6) % 7) }
