package calendar

import (
	"iter"
	"time"

	"wangge/domain/civil"
)

const (
	// SearchDays is how far a search for an opening looks.
	SearchDays = 400
	// LongestDays is the longest time that is reckoned over.
	LongestDays = 3660
)

// Interval is a time during which it is open, up to but without Until.
type Interval struct{ From, Until time.Time }

// Open reports whether it is open at a moment.
func (h *Hours) Open(c *Calendar, at time.Time) bool {
	for i := range h.openings(c, at, at.Add(1)) {
		return i.From.Equal(at)
	}
	return false
}

// Next is the first moment from at on when it is open, at itself where it is
// open then; false where it does not open within SearchDays days.
func (h *Hours) Next(c *Calendar, at time.Time) (time.Time, bool) {
	for i := range h.openings(c, at, at.AddDate(0, 0, SearchDays)) {
		return i.From, true
	}
	return time.Time{}, false
}

// Spans are the times between two moments during which it is open, in their
// order, each as long as it goes on; of more than LongestDays days those of the first.
func (h *Hours) Spans(c *Calendar, from, to time.Time) []Interval {
	var out []Interval
	for i := range h.openings(c, from, to) {
		if n := len(out); n > 0 && out[n-1].Until.Equal(i.From) {
			out[n-1].Until = i.Until
		} else {
			out = append(out, i)
		}
	}
	return out
}

// Between is how long it is open between two moments; of more than LongestDays days, in the first.
func (h *Hours) Between(c *Calendar, from, to time.Time) (sum time.Duration) {
	for i := range h.openings(c, from, to) {
		sum += i.Until.Sub(i.From)
	}
	return sum
}

// Add is the first moment by which it has been open for d since from. It is
// provisional where a day that was reckoned with may still change for want of
// data. Not ok: it closes for SearchDays days before, or it would be after LongestDays days.
func (h *Hours) Add(c *Calendar, from time.Time, d time.Duration) (at time.Time, provisional, ok bool) {
	if d <= 0 {
		return from, false, true
	}
	day, closed := civil.DateOf(from), 0
	for range LongestDays {
		spans, unsure := h.day(c, day)
		provisional = provisional || unsure
		closed++
		for i := range within(day, spans, from, day.Add(1).Start()) {
			if long := i.Until.Sub(i.From); long < d {
				d, closed = d-long, 0
				continue
			}
			return i.From.Add(d), provisional, true
		}
		if closed > SearchDays {
			break
		}
		day = day.Add(1)
	}
	return time.Time{}, provisional, false
}

// openings are the times between two moments during which it is open: one that
// goes on at midnight is two.
func (h *Hours) openings(c *Calendar, from, to time.Time) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		day := civil.DateOf(from)
		for range LongestDays {
			if !day.Start().Before(to) {
				return
			}
			spans, _ := h.day(c, day)
			for i := range within(day, spans, from, to) {
				if !yield(i) {
					return
				}
			}
			day = day.Add(1)
		}
	}
}

// within are the spans of a day as far as they lie between two moments.
func within(day civil.Date, spans []Span, from, to time.Time) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		begin := day.Start()
		for _, s := range spans {
			i := Interval{begin.Add(time.Duration(s.From.minutes()) * time.Minute), begin.Add(time.Duration(s.Until.minutes()) * time.Minute)}
			if i.From.Before(from) {
				i.From = from
			}
			if i.Until.After(to) {
				i.Until = to
			}
			if i.From.Before(i.Until) && !yield(i) {
				return
			}
		}
	}
}
