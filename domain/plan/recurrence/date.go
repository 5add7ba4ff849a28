package recurrence

import "time"

// Local is the time zone of all dates: that of China.
var Local = time.FixedZone("Asia/Shanghai", 8*60*60)

// Date is a day of the local calendar, as "2026-03-05". Dates compare as
// strings do, from year 1000 to 9999. "" is no day.
type Date string

const form = "2006-01-02"

// DateOf is the local day of a moment.
func DateOf(t time.Time) Date { return Date(t.In(Local).Format(form)) }

// ParseDate reads "2026-03-05"; false for anything else.
func ParseDate(s string) (Date, bool) {
	t, err := time.ParseInLocation(form, s, Local)
	return Date(s), err == nil && t.Year() >= 1000
}

// Start is the moment the day begins. Its end is the Start of the next.
func (d Date) Start() time.Time {
	t, err := time.ParseInLocation(form, string(d), Local)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Add is the day so many days later.
func (d Date) Add(days int) Date { return DateOf(d.Start().AddDate(0, 0, days)) }

// Monday is the first day of the week that the day is in.
func (d Date) Monday() Date {
	return d.Add(-(int(d.Start().In(Local).Weekday()) + 6) % 7)
}
