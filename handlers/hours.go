package handlers

import (
	"wangge/domain/calendar"
	"wangge/domain/civil"
)

// hoursBody are hours of opening, as they are sent and answered.
type hoursBody struct {
	Weekly         []weeklyBody    `json:"weekly" need:"true"`
	Seasons        []seasonBody    `json:"seasons"`
	Exceptions     []exceptionBody `json:"exceptions"`
	OpenOnHolidays bool            `json:"openOnHolidays"`
	MakeUpDays     bool            `json:"makeUpDays"`
}

type weeklyBody struct {
	Days  []calendar.Weekday `json:"days" need:"true"`
	Spans []spanBody         `json:"spans" need:"true"`
}

type spanBody struct {
	From  calendar.Clock `json:"from" need:"true"`
	Until calendar.Clock `json:"until" need:"true"`
}

type seasonBody struct {
	From   string       `json:"from" need:"true"`
	Until  string       `json:"until" need:"true"`
	Weekly []weeklyBody `json:"weekly" need:"true"`
}

type exceptionBody struct {
	Date  civil.Date `json:"date" need:"true"`
	Spans []spanBody `json:"spans" need:"true"`
}

func (b hoursBody) hours() calendar.Hours {
	return calendar.Hours{
		Weekly: each(b.Weekly, weeklyBody.weekly),
		Seasons: each(b.Seasons, func(s seasonBody) calendar.Season {
			return calendar.Season{From: s.From, Until: s.Until, Weekly: each(s.Weekly, weeklyBody.weekly)}
		}),
		Exceptions: each(b.Exceptions, func(e exceptionBody) calendar.Exception {
			return calendar.Exception{Date: e.Date, Spans: each(e.Spans, spanBody.span)}
		}),
		OpenOnHolidays: b.OpenOnHolidays, MakeUpDays: b.MakeUpDays,
	}
}

func (b weeklyBody) weekly() calendar.Weekly {
	return calendar.Weekly{Days: b.Days, Spans: each(b.Spans, spanBody.span)}
}

func (b spanBody) span() calendar.Span { return calendar.Span(b) }

func hoursTo(h calendar.Hours) hoursBody {
	return hoursBody{
		Weekly:         each(h.Weekly, weeklyTo),
		Seasons:        each(h.Seasons, func(s calendar.Season) seasonBody { return seasonBody{s.From, s.Until, each(s.Weekly, weeklyTo)} }),
		Exceptions:     each(h.Exceptions, func(e calendar.Exception) exceptionBody { return exceptionBody{e.Date, each(e.Spans, spanTo)} }),
		OpenOnHolidays: h.OpenOnHolidays, MakeUpDays: h.MakeUpDays,
	}
}

func weeklyTo(w calendar.Weekly) weeklyBody { return weeklyBody{w.Days, each(w.Spans, spanTo)} }

func spanTo(s calendar.Span) spanBody { return spanBody(s) }

// each makes one of each; of none an empty list.
func each[A, B any](list []A, to func(A) B) []B {
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = to(x)
	}
	return out
}
