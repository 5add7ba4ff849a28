package calendar

import (
	"fmt"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
)

// How many of each there may be.
const (
	spansMost      = 6   // in a day
	seasonsMost    = 12  //
	exceptionsMost = 400 // days
	seasonLongest  = 366 // days
)

// Check notes every field that is wrong, by its pointer below that of the hours.
func (h *Hours) Check(bad *domain.InvalidError, pointer string) {
	if !opens(h.Weekly) {
		bad.Add(pointer+"/weekly", domain.T("没有任何开放时间", "there are no hours at all"))
	}
	checkWeekly(bad, pointer+"/weekly", h.Weekly)
	if len(h.Seasons) > seasonsMost {
		bad.Add(pointer+"/seasons", domain.Textf("最多 %d 项", "%d at most", seasonsMost))
		return
	}
	for i, s := range h.Seasons {
		at := fmt.Sprintf("%s/seasons/%d", pointer, i)
		checkWeekly(bad, at+"/weekly", s.Weekly)
		if s.checkDays(bad, at) && overlapsAny(s, h.Seasons[:i]) {
			bad.Add(at+"/from", domain.T("与前面的季节重叠", "the season overlaps one before it"))
		}
	}
	if len(h.Exceptions) > exceptionsMost {
		bad.Add(pointer+"/exceptions", domain.Textf("最多 %d 项", "%d at most", exceptionsMost))
		return
	}
	seen := map[civil.Date]bool{}
	for i, e := range h.Exceptions {
		at := fmt.Sprintf("%s/exceptions/%d", pointer, i)
		if _, ok := civil.ParseDate(string(e.Date)); !ok {
			bad.Add(at+"/date", noDate)
		} else if seen[e.Date] {
			bad.Add(at+"/date", domain.T("该日期已有一项", "the date is there already"))
		}
		seen[e.Date] = true
		checkSpans(bad, at+"/spans", e.Spans)
	}
}

var noDate = domain.T("应为日期，如 2026-06-15", "a day is needed, such as 2026-06-15")

func opens(weekly []Weekly) bool {
	for _, w := range weekly {
		if len(w.Days) > 0 && len(w.Spans) > 0 {
			return true
		}
	}
	return false
}

func checkWeekly(bad *domain.InvalidError, pointer string, weekly []Weekly) {
	if len(weekly) > 7 {
		bad.Add(pointer, domain.Textf("最多 %d 项", "%d at most", 7))
		return
	}
	seen := map[Weekday]bool{}
	for i, w := range weekly {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if len(w.Days) == 0 || len(w.Days) > 7 {
			bad.Add(at+"/days", domain.T("应为 1 到 7 天", "from 1 to 7 days are needed"))
			continue
		}
		for j, d := range w.Days {
			switch {
			case d < 1 || d > 7:
				bad.Add(fmt.Sprintf("%s/days/%d", at, j), domain.T("应为 1（周一）到 7（周日）", "must be from 1, Monday, to 7, Sunday"))
			case seen[d]:
				bad.Add(fmt.Sprintf("%s/days/%d", at, j), domain.T("这一天已有开放时间", "the day has its hours already"))
			}
			seen[d] = true
		}
		checkSpans(bad, at+"/spans", w.Spans)
	}
}

func checkSpans(bad *domain.InvalidError, pointer string, spans []Span) {
	if len(spans) > spansMost {
		bad.Add(pointer, domain.Textf("最多 %d 项", "%d at most", spansMost))
		return
	}
	last := Clock("")
	for i, s := range spans {
		at := fmt.Sprintf("%s/%d", pointer, i)
		from, fromOK := ParseClock(string(s.From))
		until, untilOK := ParseClock(string(s.Until))
		if !fromOK {
			bad.Add(at+"/from", noClock)
		}
		if !untilOK {
			bad.Add(at+"/until", noClock)
		}
		if !fromOK || !untilOK {
			continue
		}
		if until <= from {
			bad.Add(at+"/until", domain.T("应晚于开始时间；跨午夜的分为两天", "must be after it begins; what goes on past midnight is of two days"))
		}
		if from < last {
			bad.Add(at+"/from", domain.T("与前一段重叠，或不按先后排列", "it overlaps the one before, or they are not in their order"))
		}
		last = max(last, until)
	}
}

var noClock = domain.T("应为时刻，如 09:00，至 24:00", "a time is needed, such as 09:00, up to 24:00")

// checkDays notes what is wrong with the days of a season, and reports whether nothing is.
func (s Season) checkDays(bad *domain.InvalidError, pointer string) bool {
	if !s.yearly() {
		from, fromOK := civil.ParseDate(s.From)
		until, untilOK := civil.ParseDate(s.Until)
		if !fromOK {
			bad.Add(pointer+"/from", noSeasonDay)
		}
		switch {
		case !untilOK:
			bad.Add(pointer+"/until", noSeasonDay)
		case !fromOK:
		case until < from || until > from.Add(seasonLongest-1):
			bad.Add(pointer+"/until", domain.Textf("应不早于开始日期，且不超过 %d 天", "must not be before it begins, nor %d days later", seasonLongest))
		default:
			return true
		}
		return false
	}
	from, until := monthDay(s.From), monthDay(s.Until)
	if !from {
		bad.Add(pointer+"/from", noSeasonDay)
	}
	if !until {
		bad.Add(pointer+"/until", noSeasonDay)
	}
	return from && until
}

var noSeasonDay = domain.T("起止应同为 06-15 的月日或同为 2026-06-15 的日期", "both ends are days of the year, such as 06-15, or both dates, such as 2026-06-15")

// monthDay reports whether it is a day of some year, as "06-15".
func monthDay(s string) bool {
	_, err := time.Parse(time.DateOnly, "2024-"+s) // which has a 29 February
	return err == nil
}

func overlapsAny(s Season, before []Season) bool {
	for _, b := range before {
		var ignored domain.InvalidError
		if b.checkDays(&ignored, "") && s.overlaps(b) {
			return true
		}
	}
	return false
}

// overlaps reports whether two good seasons have a day in common, in some year.
func (s Season) overlaps(b Season) bool {
	switch {
	case s.yearly() == b.yearly() && s.From <= s.Until && b.From <= b.Until:
		return s.From <= b.Until && b.From <= s.Until
	case s.yearly() && b.yearly(): // one or both across New Year
		return s.From > s.Until && b.From > b.Until || s.From <= b.Until || b.From <= s.Until
	case s.yearly():
		return b.overlaps(s)
	}
	for d := civil.Date(s.From); !b.has(d); d = d.Add(1) {
		if d == civil.Date(s.Until) {
			return false
		}
	}
	return true
}
