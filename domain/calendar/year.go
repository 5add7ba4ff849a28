package calendar

import (
	"cmp"
	"slices"
	"time"
	"wangge/domain/civil"
)

// Year is the public holidays and make-up workdays of a year, as they are announced together.
type Year struct {
	Year    int    `store:"year"`
	Version int64  `store:"version"` // counts up with each change; 0: built in
	Source  string `store:"source"`  // what announced it
	Days    []Day  `store:"days"`    // by date
}

// Day is a day off that is a public holiday's, or a make-up workday 调休.
type Day struct {
	Date civil.Date `store:"date"`
	Name string     `store:"name"`           // of the holiday, as it is announced
	Work bool       `store:"work,omitempty"` // a make-up workday
	For  civil.Date `store:"for,omitempty"`  // of a make-up workday: the weekday off that it makes up for
}

// daysBefore: the New Year of a year may begin so many days before it.
const daysBefore = 7

// first and last are the days that a year's data may be of.
func first(year int) civil.Date { return newYear(year).Add(-daysBefore) }
func last(year int) civil.Date  { return newYear(year + 1).Add(-1) }

func newYear(year int) civil.Date {
	return civil.DateOf(time.Date(year, time.January, 1, 0, 0, 0, 0, civil.Zone))
}

// inOrder are days by their date.
func inOrder(days []Day) []Day {
	slices.SortFunc(days, func(a, b Day) int { return cmp.Compare(a.Date, b.Date) })
	return days
}
