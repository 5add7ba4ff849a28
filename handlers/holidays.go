package handlers

import (
	"strconv"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/table"
	"wangge/handlers/web"
)

// holidaysOut is what is known of a year.
type holidaysOut struct {
	Year        int          `json:"year"`
	Provisional bool         `json:"provisional"` // nothing is known: it is reckoned by weekends
	BuiltIn     bool         `json:"builtIn"`
	Source      *string      `json:"source"`
	Days        []holidayOut `json:"days"`
	Version     int64        `json:"version"`
}

type holidayOut struct {
	Date civil.Date    `json:"date"`
	Name string        `json:"name"`
	Kind calendar.Kind `json:"kind"`
	For  *civil.Date   `json:"for"`
}

func holidaysTo(y calendar.Year) *web.Reply {
	known := len(y.Days) > 0
	return web.Versioned(holidaysOut{y.Year, !known, known && y.Version == 0, optional(y.Source),
		each(y.Days, func(d calendar.Day) holidayOut { return holidayOut{d.Date, d.Name, d.Kind, optional(d.For)} }), y.Version}, y.Version)
}

func getHolidays(r *apiRequest) (*web.Reply, error) {
	year := civil.DateOf(r.Now).Year()
	if text, given := r.Query.Find("year"); given {
		var err error
		if year, err = strconv.Atoi(text); err != nil || year < calendar.FirstYear || year > calendar.LastYear {
			return nil, web.BadQuery("year", "应为 2000 到 2100 年", "must be a year from 2000 to 2100")
		}
	}
	return r.holidays(year)
}

func (r *apiRequest) holidays(year int) (*web.Reply, error) {
	y, err := r.Calendars.Year(year)
	if err != nil {
		return nil, err
	}
	return holidaysTo(y), nil
}

// pathYear is the year in the path; ErrNotFound for a text that is none.
func (r *apiRequest) pathYear() (int, error) {
	year, err := strconv.Atoi(r.Param("year"))
	if err != nil || strconv.Itoa(year) != r.Param("year") {
		return 0, domain.ErrNotFound
	}
	return year, nil
}

type holidaysIn struct {
	Source string      `json:"source" need:"true"`
	Days   []holidayIn `json:"days" need:"true"`
}

type holidayIn struct {
	Date civil.Date    `json:"date" need:"true"`
	Name string        `json:"name" need:"true"`
	Kind calendar.Kind `json:"kind" need:"true"`
	For  *civil.Date   `json:"for"`
}

func putHolidays(r *apiRequest) (*web.Reply, error) {
	year, err := r.pathYear()
	if err != nil {
		return nil, err
	}
	var in holidaysIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	y, err := r.Calendars.SetYear(r.Ctx, r.Actor, r.Now, version, calendar.Year{Year: year, Source: in.Source,
		Days: each(in.Days, func(d holidayIn) calendar.Day {
			return calendar.Day{Date: d.Date, Name: d.Name, Kind: d.Kind, For: given(d.For)}
		})})
	if err != nil {
		return nil, err
	}
	return holidaysTo(y), nil
}

// holidaysPut answers for the year that a request which was done before decided.
func holidaysPut(r *apiRequest) (*web.Reply, error) {
	year, err := r.pathYear()
	if err != nil {
		return nil, err
	}
	return r.holidays(year)
}

func importHolidays(r *apiRequest) (*web.Reply, error) {
	file, dry, opts, err := r.table(&calendar.Table)
	if err != nil {
		return nil, err
	}
	source := r.Query.Get("source")
	if n := utf8.RuneCountInString(source); n == 0 || n > 200 {
		return nil, web.BadQuery("source", "应为所依据的通知，最多 200 个字", "must name what announced them, in 200 characters at most")
	}
	report, err := r.Calendars.Import(r.Ctx, r.Actor, r.Now, file, calendar.Import{Options: opts, Source: source, DryRun: dry})
	if err != nil {
		return nil, refusedFor(err, given(report).Findings, r.Lang())
	}
	return holidaysImported(r, *report), nil
}

// holidayImportOut counts years.
type holidayImportOut struct {
	tableOut
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

func holidaysImported(r *apiRequest, report table.Report) *web.Reply {
	return &web.Reply{Status: 200, Body: holidayImportOut{tableReport(report, r.Lang()), report.Added, report.Changed, report.Unchanged}, Report: report}
}
