package recurrence

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
)

// CheckStart refuses a rule whose day of the month comes from the anchor, when
// some month it is due in is too short to have that day: nobody wrote down
// that such months are left out. The *RuleError names the rule that leaves none out.
func (r *Rule) CheckStart() error {
	short := false
	if r.fromStart {
		first := months(day(r.anchor))
		for m := first; m <= first+28*12 && !short; m++ { // in 28 years months and leap years meet in every way
			at := time.Date(0, time.Month(m+1), 1, 0, 0, 0, 0, time.UTC)
			short = r.dueIn(at) && monthLength(at) < day(r.anchor).Day()
		}
	}
	if !short {
		return nil
	}
	return &RuleError{domain.Textf("开始日期为 %[1]d 日，较短的月份会被跳过；请写作 %[2]s", "months without a day %[1]d would be left out: write %[2]s",
		day(r.anchor).Day(), r.lastDay())}
}

// lastDay is the rule made to name the last day of a month that has no such
// day as the anchor's.
func (r *Rule) lastDay() string {
	parts, days := maps.Clone(r.parts), []string{}
	for d := 28; d <= day(r.anchor).Day(); d++ {
		days = append(days, fmt.Sprint(d))
	}
	parts["BYMONTHDAY"], parts["BYSETPOS"] = strings.Join(days, ","), "-1"
	switch {
	case r.freq == "YEARLY" && len(r.months) > 1 && r.interval == 1:
		parts["FREQ"] = "MONTHLY" // one day of each month, not of the year
	case r.freq == "YEARLY" && len(r.months) > 1:
		parts["BYMONTHDAY"], parts["BYSETPOS"] = "-1", ""
	case r.freq == "YEARLY":
		for m := range r.months {
			parts["BYMONTH"] = fmt.Sprint(m)
		}
	}
	return text(parts)
}

// Skipped lists the months of a window, as "2027-02", that the rule is due in but
// that lack a day which it names: a 31st, a fifth Friday.
func (r *Rule) Skipped(from, to civil.Date) []string {
	out := []string{}
	from, to = max(from, r.anchor), min(to, from.Add(WindowMost))
	if r.until != "" {
		to = min(to, r.until)
	}
	if r.count > 0 {
		if days, _ := r.between(r.anchor, to, r.count); len(days) == r.count {
			to = min(to, days[len(days)-1])
		}
	}
	for m := months(day(from)); from <= to && m <= months(day(to)); m++ {
		at := time.Date(0, time.Month(m+1), 1, 0, 0, 0, 0, time.UTC)
		if r.dueIn(at) && r.lacks(at) {
			out = append(out, at.Format("2006-01"))
		}
	}
	return out
}

// dueIn reports whether frequency, interval and BYMONTH lead to a month. Rules of
// weeks and of some days among others know no months.
func (r *Rule) dueIn(month time.Time) bool {
	a := day(r.anchor)
	if len(r.months) > 0 && !r.months[int(month.Month())] {
		return false
	}
	switch r.freq {
	case "MONTHLY":
		return (months(month)-months(a))%r.interval == 0
	case "YEARLY":
		return (month.Year()-a.Year())%r.interval == 0
	}
	return r.freq == "DAILY" && r.interval == 1
}

// lacks reports whether a month has not every day that the rule names in it;
// where positions choose among the days, whether it has none. A weekday that must be on
// a day of the month, as Friday the 13th, is not missed where it is on another.
func (r *Rule) lacks(month time.Time) bool {
	length := monthLength(month)
	if len(r.positions) > 0 {
		return r.freq == "MONTHLY" && len(r.named(month, month.AddDate(0, 1, 0))) == 0
	}
	if len(r.monthDays) > 0 && len(r.weekdays) > 0 {
		return false
	}
	for d := range r.monthDays {
		if d > length || -d > length {
			return true
		}
	}
	for w := range r.weekdays {
		if w.n != 0 && !r.ofYear() && !r.has(month, length, w) {
			return true
		}
	}
	return false
}

func (r *Rule) has(month time.Time, length int, w nth) bool {
	if w.n < 0 {
		w.n = -w.n // as many of a weekday from the end as from the beginning
	}
	first := (int(w.day-month.Weekday()) + 7) % 7
	return first+7*(w.n-1) < length
}
