// Package clocks reckons what is to be done by when: terms in the trade's
// units, by the city's calendar and a street's office hours, and clocks that
// stand still, are extended and go on. It knows nothing of what a clock is kept for.
package clocks

import (
	"strconv"
	"strings"

	"wangge/domain"
)

// Unit is what a term is counted in.
type Unit string

const (
	Minute      Unit = "minute"       // runs through nights and holidays, as an hour does
	Hour        Unit = "hour"         // 紧急工作时: runs through nights and holidays
	WorkingHour Unit = "working_hour" // runs while the office is open
	Day         Unit = "day"          // of 24 hours: the same hour of a later day, holiday or not
	WorkingDay  Unit = "working_day"  // as WorkingDays says
)

// UnitWords are all of them.
var UnitWords = domain.NewEnum("TermUnit", domain.W(Minute, "分钟", "minutes"), domain.W(Hour, "紧急工作时", "hours, by day and night"), domain.W(WorkingHour, "工作时", "working hours"),
	domain.W(Day, "天", "days"), domain.W(WorkingDay, "工作日", "working days"))

// Enum makes a unit a word of the contract.
func (Unit) Enum() domain.Enum { return UnitWords }

// WorkingDays is how a term in working days is reckoned.
type WorkingDays string

const (
	// OfficeHours: each is as long as the office is open on the day of start, of
	// the next that it is open on where it is not open then, and they run while it is open, to the second.
	OfficeHours WorkingDays = "office_hours"
	// NextDay: the day of start does not count, and it is due when the office
	// closes on the n-th working day after it.
	NextDay WorkingDays = "next_day"
)

// WorkingDaysWords are all of them.
var WorkingDaysWords = domain.NewEnum("WorkingDays", domain.W(OfficeHours, "按办公时间累计", "by office hours"), domain.W(NextDay, "次日起算，到下班为止", "from the next day, until the office closes"))

// Enum makes it a word of the contract.
func (WorkingDays) Enum() domain.Enum { return WorkingDaysWords }

// Enums of this package.
var Enums = []domain.Enum{UnitWords, WorkingDaysWords, KindWords, EndWords}

// Term is how long something may take. The zero Term is none.
type Term struct {
	Count int  `store:"count"`
	Unit  Unit `store:"unit"`
}

// most is the largest count of a unit: about a year, so that reckoning stays cheap.
var most = map[Unit]int{Minute: 60 * 24 * 366, Hour: 24 * 366, WorkingHour: 2000, Day: 366, WorkingDay: 250}

// Most is the largest count that a term of the unit may have; 0 for what is no unit.
func (u Unit) Most() int { return most[u] }

// Valid reports whether it is a term that clocks can run by.
func (t Term) Valid() bool { return t.Count > 0 && t.Count <= most[t.Unit] }

// IsZero reports whether it is none.
func (t Term) IsZero() bool { return t == Term{} }

// spelled are the trade's words for units. 小时 without 紧急 is office time: in
// the tables of the trade only 紧急工作时 runs through nights and holidays, and
// 工作时 and 小时 stand in one column for the same thing. So are 日 and 天, of
// the calendar, whereas 工作日 is said where it is meant.
var spelled = map[string]Unit{
	"分钟": Minute, "分": Minute, "紧急工作时": Hour, "紧急工作小时": Hour, "紧急小时": Hour, "工作时": WorkingHour, "工作小时": WorkingHour, "小时": WorkingHour,
	"天": Day, "日": Day, "自然日": Day, "工作日": WorkingDay, "工作天": WorkingDay,
}

// ParseTerm reads a term as the trade writes it: 2紧急工作时, 4小时, 15天,
// 2工作日, 2个工作日, 30分钟. False for anything else: a term that cannot be read
// is none, and whoever reads it says so.
func ParseTerm(text string) (Term, bool) {
	text = strings.Join(strings.Fields(text), "")
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	count, err := strconv.Atoi(text[:digits])
	t := Term{count, spelled[strings.TrimPrefix(text[digits:], "个")]}
	return t, err == nil && t.Valid()
}
