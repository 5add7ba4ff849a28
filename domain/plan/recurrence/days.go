package recurrence

import (
	"slices"
	"time"

	"wangge/domain/civil"
)

// Between lists the days from one up to and including another, in order, so
// many at most. Of a window longer than WindowMost it lists the beginning.
func (r *Rule) Between(from, to civil.Date, most int) []civil.Date {
	days, _ := r.between(from, min(to, from.Add(WindowMost)), most)
	return days
}

// between lists the days of a window, and says how many days it looked at for
// that: those of the periods that touch the window; with a COUNT, of all
// periods since the anchor. It ends when the window does, whatever the rule names.
func (r *Rule) between(from, to civil.Date, most int) (out []civil.Date, looked int) {
	if r.until != "" {
		to = min(to, r.until)
	}
	k, counted, last := 0, 0, day(to)
	if r.count == 0 && from > r.anchor {
		k = r.index(from)
	}
	for ; ; k += r.interval {
		start, end := r.period(k)
		if start.After(last) {
			return out, looked
		}
		looked += int(end.Sub(start) / fullDay)
		for _, d := range r.named(start, end) {
			if d < r.anchor {
				continue
			}
			counted++
			if d >= from && d <= to {
				out = append(out, d)
			}
			if len(out) == most || counted == r.count {
				return out, looked
			}
		}
	}
}

const fullDay = 24 * time.Hour

// index is the number of the last period that the rule is due in and that
// begins by a day, which is not before the anchor.
func (r *Rule) index(d civil.Date) int {
	a, b := day(r.anchor), day(d)
	var n int
	switch r.freq {
	case "DAILY":
		n = int(b.Sub(a) / fullDay)
	case "WEEKLY":
		n = int(r.week(b).Sub(r.week(a)) / fullDay / 7)
	case "MONTHLY":
		n = months(b) - months(a)
	case "YEARLY":
		n = b.Year() - a.Year()
	}
	return n - n%r.interval
}

// period is the k-th day, week, month or year from that of the anchor, and where the next begins.
func (r *Rule) period(k int) (start, end time.Time) {
	a := day(r.anchor)
	switch r.freq {
	case "DAILY":
		start = a.AddDate(0, 0, k)
		return start, start.AddDate(0, 0, 1)
	case "WEEKLY":
		start = r.week(a).AddDate(0, 0, 7*k)
		return start, start.AddDate(0, 0, 7)
	case "MONTHLY":
		start = time.Date(a.Year(), a.Month()+time.Month(k), 1, 0, 0, 0, 0, time.UTC)
		return start, start.AddDate(0, 1, 0)
	}
	start = time.Date(a.Year()+k, time.January, 1, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(1, 0, 0)
}

// week is the beginning of the week that a day is in.
func (r *Rule) week(t time.Time) time.Time {
	return t.AddDate(0, 0, -(int(t.Weekday()-r.weekStart)+7)%7)
}

// named are the days of a period that the rule names, were there no anchor and no end.
func (r *Rule) named(start, end time.Time) []civil.Date {
	var all []civil.Date
	for t := start; t.Before(end); t = t.Add(fullDay) {
		if r.matches(t) {
			all = append(all, civil.Date(t.Format(time.DateOnly)))
		}
	}
	if len(r.positions) == 0 {
		return all
	}
	var out []civil.Date
	for _, p := range r.positions {
		if p < 0 {
			p += len(all) + 1
		}
		if p > 0 && p <= len(all) {
			out = append(out, all[p-1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *Rule) matches(t time.Time) bool {
	back := t.Day() - monthLength(t) - 1
	return (len(r.months) == 0 || r.months[int(t.Month())]) &&
		(len(r.monthDays) == 0 || r.monthDays[t.Day()] || r.monthDays[back]) &&
		(len(r.weekdays) == 0 || r.onWeekday(t))
}

func (r *Rule) onWeekday(t time.Time) bool {
	of, length := t.Day(), monthLength(t)
	if r.ofYear() {
		of, length = t.YearDay(), time.Date(t.Year(), time.December, 31, 0, 0, 0, 0, time.UTC).YearDay()
	}
	return r.weekdays[nth{0, t.Weekday()}] || r.weekdays[nth{(of-1)/7 + 1, t.Weekday()}] || r.weekdays[nth{-((length-of)/7 + 1), t.Weekday()}]
}

// ofYear reports whether the weekdays of BYDAY are counted through the year, not the month.
func (r *Rule) ofYear() bool { return r.freq == "YEARLY" && r.parts["BYMONTH"] == "" }

func monthLength(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// months counts the months since year 0.
func months(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }

// day is how days are counted: as UTC, which has no days of 23 hours.
func day(d civil.Date) time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}
