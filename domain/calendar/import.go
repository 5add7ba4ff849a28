package calendar

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/once"
	"wangge/domain/table"
)

// Table is what a file of holidays has: a row is a day.
var Table = table.Declaration{
	Bytes: 1 << 20, Rows: 5_000, Strict: true,
	Columns: []table.Column{
		{Name: "date", Also: []string{"日期"}, Needed: true},
		{Name: "name", Also: []string{"节日", "名称"}, Needed: true},
		{Name: "kind", Also: []string{"类型", "安排"}, Needed: true}, // by code or by word
		{Name: "for", Also: []string{"补班日期", "所补日期"}},
		{Name: "year", Also: []string{"年份"}}, // of a day at the end of December that the next year's notice names
	},
}

// Import asks for the years of a file.
type Import struct {
	table.Options
	Source string // what announced them
	DryRun bool
}

// Import decides the years that a file has days of, each as the file has it
// whole. With a fault nothing is done, and unless it is a dry run the error is
// the InvalidError of all findings; the same file again changes nothing. The
// report counts years. Errors: ErrForbidden, InvalidError.
func (s *Calendars) Import(ctx context.Context, actor access.Actor, now time.Time, file io.Reader, in Import) (*table.Report, error) {
	if !access.MaySetHolidays(actor) {
		return nil, domain.ErrForbidden
	}
	t, err := Table.Read(ctx, file, in.Options)
	if err != nil {
		return nil, err
	}
	report := &table.Report{DryRun: in.DryRun, Encoding: t.Encoding, Rows: t.Count, Findings: t.Findings}
	years := readYears(t, report, in.Source)
	if err := report.Conclude(); err != nil || report.Failed() {
		return report, err
	}
	decide := func(of func(int) Year) (changed []Year) {
		report.Counts = table.Counts{}
		for _, y := range years {
			was := of(y.Year)
			y.Version = was.Version + 1
			switch {
			case was.same(y):
				report.Unchanged++
				continue
			case len(was.Days) == 0:
				report.Added++
			default:
				report.Changed++
			}
			changed = append(changed, y)
		}
		return changed
	}
	if in.DryRun {
		decide(func(year int) Year { return s.known.Now().years[year] })
		return report, nil
	}
	return report, s.update(ctx, actor, now, func(d *decided) ([]Year, error) {
		changed := decide(d.year)
		return changed, once.Report(ctx, report)
	})
}

// readYears takes the years out of a file; what is wrong with a row is a finding.
func readYears(t *table.Table, report *table.Report, source string) []Year {
	years, lines := map[int]*Year{}, map[int][]int{}
	for _, row := range t.Rows {
		d := Day{Date: civil.Date(row.Get("date")), Name: row.Get("name"), Kind: kindOf(row.Get("kind")), For: civil.Date(row.Get("for"))}
		year, err := strconv.Atoi(cmp.Or(row.Get("year"), strconv.Itoa(d.Date.Year())))
		if err != nil || !(Year{Year: year}).valid() {
			column := "year"
			if row.Get("year") == "" {
				column = "date"
			}
			report.Findings = append(report.Findings, table.Fault(row.Line, column, column, noYear))
			continue
		}
		y := years[year]
		if y == nil {
			y = &Year{Year: year, Source: source}
			years[year] = y
		}
		y.Days = append(y.Days, d)
		lines[year] = append(lines[year], row.Line)
	}
	var out []Year
	for _, year := range slices.Sorted(maps.Keys(years)) {
		y := years[year].paired()
		if len(y.Days) > daysMost {
			report.Findings = append(report.Findings, table.Fault(lines[year][daysMost], "", "more", tooMany))
		}
		y.check(func(day int, field string, detail domain.Text) {
			report.Findings = append(report.Findings, table.Fault(lines[year][day], field, field, detail))
		})
		out = append(out, y.settled())
	}
	return out
}

var (
	noYear  = domain.Textf("应为 %d 到 %d 年", "must be from %d to %d", FirstYear, LastYear)
	tooMany = domain.Textf("一年最多 %d 天", "%d days of a year at most", daysMost)
)

// kindOf reads a kind by its code or by a word for it.
func kindOf(text string) Kind {
	switch text {
	case "放假", "休":
		return Off
	case "上班", "班", "调休上班":
		return MakeUp
	}
	return Kind(text)
}
