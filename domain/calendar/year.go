package calendar

import (
	"cmp"
	"fmt"
	"slices"

	"wangge/domain"
	"wangge/domain/civil"
)

// Year is the public holidays and make-up workdays of a year, as they are announced together.
type Year struct {
	Year    int    `store:"year"`
	Version int64  `store:"version"` // counts up with each change; 0: built in, or not known
	Source  string `store:"source"`  // what announced it
	Days    []Day  `store:"days"`    // by date
}

// Day is a day off that is a public holiday's, or a make-up workday.
type Day struct {
	Date civil.Date `store:"date"`
	Name string     `store:"name"` // of the holiday, as it is announced
	Kind Kind       `store:"kind"`
	For  civil.Date `store:"for,omitempty"` // of a make-up workday: the weekday off that it makes up for
}

// Kind of a day that is not as its weekday says.
type Kind string

const (
	Off    Kind = "off"
	MakeUp Kind = "make_up"
)

// KindWords are all of them.
var KindWords = domain.NewEnum("HolidayKind", domain.W(Off, "放假", "a day off"), domain.W(MakeUp, "调休上班", "a make-up workday"))

// Enum makes a kind a word of the contract.
func (Kind) Enum() domain.Enum { return KindWords }

// Enums of this package.
var Enums = []domain.Enum{KindWords}

const (
	daysBefore    = 7   // the New Year of a year may begin so many days before it
	daysMost      = 100 // of a year
	nameLongest   = 40  // characters
	sourceLongest = 200 // characters
	// FirstYear and LastYear are those that anything can be decided of.
	FirstYear = 2000
	LastYear  = 2100
)

func (y Year) valid() bool { return y.Year >= FirstYear && y.Year <= LastYear }

// First is the first day that may be in the year's data.
func (y Year) First() civil.Date {
	return civil.Date(fmt.Sprintf("%04d-01-01", y.Year)).Add(-daysBefore)
}

// has reports whether a day may be in the year's data.
func (y Year) has(d civil.Date) bool {
	return d.Year() == y.Year || d.Add(daysBefore).Year() == y.Year && d.Year() == y.Year-1
}

func (y Year) same(other Year) bool {
	return y.Source == other.Source && slices.Equal(y.Days, other.Days)
}

// settled is the year with its days by date.
func (y Year) settled() Year {
	y.Days = slices.SortedFunc(slices.Values(y.Days), func(a, b Day) int { return cmp.Compare(a.Date, b.Date) })
	return y
}

// paired is the year with what each make-up workday makes up for: where it is
// not said, the latest makes up for the latest weekday off of its holiday that is left.
func (y Year) paired() Year {
	y.Days = slices.Clone(y.Days)
	taken, latest := map[civil.Date]bool{}, make([]int, len(y.Days))
	for i, d := range y.Days {
		taken[d.For], latest[i] = true, i
	}
	slices.SortStableFunc(latest, func(a, b int) int { return cmp.Compare(y.Days[b].Date, y.Days[a].Date) })
	for _, i := range latest {
		d := &y.Days[i]
		if d.Kind != MakeUp || d.For != "" {
			continue
		}
		for _, j := range latest {
			if off := y.Days[j]; off.Kind == Off && off.Name == d.Name && !taken[off.Date] && !weekend(off.Date.Weekday()) {
				d.For, taken[off.Date] = off.Date, true
				break
			}
		}
	}
	return y
}

// check tells what is wrong with a field of a day, by the day's index.
func (y Year) check(fault func(day int, field string, detail domain.Text)) {
	off, dates, made := map[civil.Date]bool{}, map[civil.Date]bool{}, map[civil.Date]bool{}
	for _, d := range y.Days {
		off[d.Date] = off[d.Date] || d.Kind == Off
	}
	for i, d := range y.Days {
		_, ok := civil.ParseDate(string(d.Date))
		switch {
		case !ok:
			fault(i, "date", noDate)
		case !y.has(d.Date):
			fault(i, "date", domain.Textf("应在 %[1]d 年内，或在其前 %[2]d 天内", "must be in %[1]d, or in the %[2]d days before", y.Year, daysBefore))
		case dates[d.Date]:
			fault(i, "date", domain.T("该日期已有一项", "the date is there already"))
		case d.Kind == MakeUp && !weekend(d.Date.Weekday()):
			fault(i, "date", domain.T("周一至周五本是工作日", "from Monday to Friday it is a working day anyway"))
		}
		dates[d.Date] = true
		if !KindWords.Has(string(d.Kind)) {
			fault(i, "kind", KindWords.Fault())
		}
		name := &domain.InvalidError{}
		domain.CheckText(name, "", d.Name, nameLongest, true)
		for _, f := range name.Fields {
			fault(i, "name", f.Detail)
		}
		_, ok = civil.ParseDate(string(d.For))
		switch {
		case d.Kind == Off && d.For != "":
			fault(i, "for", domain.T("仅调休上班日填写", "only a make-up workday has it"))
		case d.Kind == MakeUp && (!ok || !off[d.For] || weekend(d.For.Weekday())):
			fault(i, "for", domain.T("应为所列的一个周一至周五的放假日", "must be a day off, from Monday to Friday, that is in the list"))
		case d.Kind == MakeUp && made[d.For]:
			fault(i, "for", domain.T("已有另一天补班", "another day makes up for it"))
		}
		made[d.For] = d.Kind == MakeUp
	}
}
