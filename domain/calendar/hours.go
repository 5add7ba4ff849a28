package calendar

import "wangge/domain/civil"

// Hours are when something is open: by the week, in seasons by another week,
// and on some days otherwise.
type Hours struct {
	Weekly     []Weekly    `store:"weekly"`
	Seasons    []Season    `store:"seasons,omitempty"`
	Exceptions []Exception `store:"exceptions,omitempty"`
	// OpenOnHolidays: a public holiday is a day like others. Else it is closed.
	OpenOnHolidays bool `store:"openOnHolidays,omitempty"`
	// MakeUpDays: a make-up workday counts as the weekday that it makes up for. Else it is a day like others.
	MakeUpDays bool `store:"makeUpDays,omitempty"`
}

// Weekday counts from 1, Monday, to 7, Sunday, as ISO 8601 does.
type Weekday int

// Weekly is when it is open on some days of the week. On those that no entry names it is closed.
type Weekly struct {
	Days  []Weekday `store:"days"`
	Spans []Span    `store:"spans"`
}

// Span of a day, up to but without Until. What lies between two of them is a break.
type Span struct {
	From  Clock `store:"from"`
	Until Clock `store:"until"`
}

// Season has a week of its own, from a day up to and including another: each
// year, as "06-15" until "09-15", also across New Year, or once, as "2026-06-15" until "2026-09-15".
type Season struct {
	From   string   `store:"from"`
	Until  string   `store:"until"`
	Weekly []Weekly `store:"weekly"` // none: it is closed
}

// Exception is a day with spans of its own, whatever week, season and holiday say.
type Exception struct {
	Date  civil.Date `store:"date"`
	Spans []Span     `store:"spans"` // none: it is closed
}

// Clock is a time of the local day to the minute, as "09:00"; "24:00" is its
// end. Clocks compare as strings do.
type Clock string

// ParseClock reads "09:00"; false for anything else.
func ParseClock(s string) (Clock, bool) {
	if len(s) != 5 || s[2] != ':' || s > "24:00" || s[3] > '5' {
		return "", false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return "", false
		}
	}
	return Clock(s), true
}

// minutes since midnight, of one that ParseClock reads.
func (c Clock) minutes() int {
	return int(c[0]-'0')*600 + int(c[1]-'0')*60 + int(c[3]-'0')*10 + int(c[4]-'0')
}

// day is when it is open on a day, and whether that may still change for want of data.
func (h *Hours) day(c *Calendar, d civil.Date) (spans []Span, provisional bool) {
	for _, e := range h.Exceptions {
		if e.Date == d {
			return e.Spans, false
		}
	}
	provisional = (!h.OpenOnHolidays || h.MakeUpDays) && !c.Known(d)
	if !h.OpenOnHolidays && c.Holiday(d) {
		return nil, provisional
	}
	weekly := h.Weekly
	for _, s := range h.Seasons {
		if s.has(d) {
			weekly = s.Weekly
		}
	}
	today := c.weekday(d, h.MakeUpDays)
	for _, w := range weekly {
		for _, day := range w.Days {
			if day == today {
				return w.Spans, provisional
			}
		}
	}
	return nil, provisional
}

// has reports whether a day is in the season.
func (s Season) has(d civil.Date) bool {
	of := string(d)
	if s.yearly() {
		of = of[len("2026-"):]
	}
	if s.From > s.Until { // across New Year
		return of >= s.From || of <= s.Until
	}
	return of >= s.From && of <= s.Until
}

func (s Season) yearly() bool { return len(s.From) == len("06-15") }
