package clocks

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/store"
	"wangge/store/enginetest"
)

const (
	firstDay = civil.Date("2027-03-01")
	daysSeen = 60
)

// randomCalendar has holidays and make-up days in the days seen.
func randomCalendar(t *testing.T, rnd *rand.Rand) *calendar.Calendar {
	st := enginetest.Store(t, enginetest.SQLite(t).Open(t), store.Options{}, calendar.Collections()...)
	all, err := calendar.New(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	y := calendar.Year{Year: 2027, Source: "notice"}
	off := 0
	for i := range daysSeen {
		d := firstDay.Add(i)
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		switch {
		case !weekend && rnd.IntN(5) == 0:
			off++
			y.Days = append(y.Days, calendar.Day{Date: d, Name: "holiday", Kind: calendar.Off})
		case weekend && off > 0 && rnd.IntN(3) == 0:
			off--
			y.Days = append(y.Days, calendar.Day{Date: d, Name: "holiday", Kind: calendar.MakeUp})
		}
	}
	y.Days = append(y.Days, calendar.Day{Date: "2027-12-30", Name: "holiday", Kind: calendar.Off})
	admin := access.Actor{Account: "admin", Grants: []access.Grant{{Role: access.Admin}}}
	if _, err := all.SetYear(t.Context(), admin, at("2027-01-01", "00:00"), 0, y); err != nil {
		t.Fatal(err)
	}
	c, err := all.At(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// randomOffice has a week, a season and exceptions; the week's may go on until midnight.
func randomOffice(rnd *rand.Rand) *calendar.Hours {
	week := func() []calendar.Weekly {
		spans := [][]calendar.Span{
			{{From: "09:00", Until: "12:00"}, {From: "13:30", Until: "17:00"}}, {{From: "08:30", Until: "17:30"}}, {{From: "13:00", Until: "24:00"}}, {{From: "10:00", Until: "10:45"}},
		}
		out := []calendar.Weekly{{Days: []calendar.Weekday{1, 2, 3, 4, 5}, Spans: spans[rnd.IntN(len(spans))]}}
		if rnd.IntN(3) == 0 {
			out[0].Days = []calendar.Weekday{1, 2, 4}
			out = append(out, calendar.Weekly{Days: []calendar.Weekday{6}, Spans: spans[rnd.IntN(len(spans))]})
		}
		return out
	}
	h := &calendar.Hours{Weekly: week(), MakeUpDays: rnd.IntN(2) == 0, OpenOnHolidays: rnd.IntN(4) == 0}
	if rnd.IntN(2) == 0 {
		h.Seasons = []calendar.Season{{From: "03-10", Until: "03-29", Weekly: week()}}
	}
	for range rnd.IntN(3) {
		e := calendar.Exception{Date: firstDay.Add(rnd.IntN(20))}
		if rnd.IntN(2) == 0 {
			e.Spans = []calendar.Span{{From: "06:00", Until: "06:30"}}
		}
		if !slices.ContainsFunc(h.Exceptions, func(other calendar.Exception) bool { return other.Date == e.Date }) {
			h.Exceptions = append(h.Exceptions, e)
		}
	}
	return h
}

// minutes are what a walk of minutes needs to know of each minute and day.
type minutes struct {
	open    []bool      // by minute since firstDay
	working []bool      // by day
	closes  []time.Time // by day
}

func newMinutes(c *calendar.Calendar, h *calendar.Hours) *minutes {
	m := &minutes{open: make([]bool, daysSeen*24*60)}
	for i := range daysSeen {
		m.working, m.closes = append(m.working, c.WorkingDay(firstDay.Add(i))), append(m.closes, firstDay.Add(i+1).Start())
	}
	for _, s := range h.Spans(c, begins, m.end()) {
		for t := s.From; t.Before(s.Until); t = t.Add(time.Minute) {
			m.open[minuteOf(t)] = true
			m.closes[m.day(t)] = t.Add(time.Minute)
		}
	}
	return m
}

// begins is the first of the minutes.
var begins = firstDay.Start()

func minuteOf(t time.Time) int { return int(t.Sub(begins) / time.Minute) }

func midnight(t time.Time) bool { return minuteOf(t)%(24*60) == 0 }

func (m *minutes) end() time.Time { return begins.AddDate(0, 0, daysSeen) }

// day is the number of that which a moment is in.
func (m *minutes) day(t time.Time) int { return minuteOf(t) / (24 * 60) }

// walker goes through a clock's life a minute at a time.
type walker struct {
	*minutes
	days                 WorkingDays
	own                  own
	now                  time.Time
	left                 int       // minutes, or working days after today
	until                time.Time // it is due then, while that is fixed
	due                  time.Time // once it was
	since                time.Time // it stands still
	still, stood, wasDue bool      // it stands still; it did in the minute before; it was due before it stood
}

func (m *minutes) begin(t Term, days WorkingDays, at time.Time) walker {
	w := walker{minutes: m, days: days, now: at, left: t.Count}
	switch {
	case t.Unit == Hour:
		w.left *= 60
	case t.Unit == Day:
		w.left *= 24 * 60
	case t.Unit == WorkingHour:
		w.own, w.left = inOffice, w.left*60
	case t.Unit == WorkingDay && days == NextDay:
		w.own = inWorkingDays
	case t.Unit == WorkingDay:
		w.own = inOffice
		long := 0
		for d := m.day(at); d < daysSeen && long == 0; d++ {
			for _, open := range m.open[d*24*60 : (d+1)*24*60] {
				if open {
					long++
				}
			}
		}
		w.left *= long
	}
	return w
}

// minute goes through one; of what happens at a moment, that its day begins is first.
func (w *walker) minute(happens func()) {
	if midnight(w.now) && w.own == inWorkingDays && w.until.IsZero() && !w.stood && w.working[w.day(w.now)] {
		w.left--
	}
	happens()
	next := w.now.Add(time.Minute)
	if !w.still && w.due.IsZero() {
		over := false
		switch {
		case !w.until.IsZero():
			over = next.Equal(w.until)
		case w.own == inWorkingDays:
			over = w.left == 0 && next.Equal(w.closes[w.day(w.now)])
		case w.own == always || w.open[minuteOf(w.now)]:
			w.left--
			over = w.left == 0
		}
		if over {
			w.due = next
		}
	}
	w.stood, w.now = w.still, next
}

// comes is when it is due if nothing happens any more; the zero time beyond the days seen.
func (w walker) comes(first bool) time.Time {
	if first && w.due.IsZero() { // the minute has begun already
		w.skipMidnight()
	}
	for w.due.IsZero() && w.now.Before(w.end()) {
		w.minute(func() {})
	}
	return w.due
}

// skipMidnight undoes what the next minute does at a midnight that was done.
func (w *walker) skipMidnight() {
	if midnight(w.now) && w.own == inWorkingDays && w.until.IsZero() && !w.stood && w.working[w.day(w.now)] {
		w.left++
	}
}

// runs is how much of its own time lies between now and a moment.
func (w *walker) runs(until time.Time) (n int) {
	if w.own == inWorkingDays {
		for d := w.day(w.now) + 1; d <= w.day(until.Add(-time.Minute)); d++ {
			if w.working[d] {
				n++
			}
		}
		return n
	}
	for t := w.now; t.Before(until); t = t.Add(time.Minute) {
		if w.own == always || w.open[minuteOf(t)] {
			n++
		}
	}
	return n
}

func (w *walker) stand() {
	w.still, w.since, w.wasDue = true, w.now, !w.due.IsZero()
	if !w.wasDue && !w.until.IsZero() {
		w.left, w.until = w.runs(w.until), time.Time{}
	}
}

func (w *walker) goOn() {
	w.still = false
	switch {
	case w.wasDue:
		w.due = w.due.Add(w.now.Sub(w.since))
	case w.own == inWorkingDays && w.left == 0 && (!w.working[w.day(w.now)] || !w.closes[w.day(w.now)].After(w.now)):
		w.left = 1
	case w.own == inOffice && w.left == 0:
		w.due = w.now
	}
}

// atLeast has it be due no sooner than a moment.
func (w *walker) atLeast(until time.Time) {
	due := w.comes(true)
	if due.IsZero() || !until.After(due) {
		return
	}
	w.due, w.until = time.Time{}, until
	if !until.After(w.now) {
		w.due = until
	}
}

func (w *walker) extend(until time.Time) {
	if !w.still {
		w.atLeast(until)
		return
	}
	if !until.After(w.now) {
		return
	}
	if left := w.runs(until); w.wasDue || left > w.left {
		w.left, w.wasDue, w.due, w.until = left, false, time.Time{}, time.Time{}
	}
}

// Clocks are due when a walk through every minute says so, whatever the
// calendar, the office, the term and what happened.
func TestClocksAreAWalkOfMinutes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(15, 2027))
	compared := 0
	for range 6 {
		cal := randomCalendar(t, rnd)
		for range 3 {
			office := randomOffice(rnd)
			m := newMinutes(cal, office)
			for range 40 {
				r := Reckoner{cal, office, []WorkingDays{OfficeHours, NextDay}[rnd.IntN(2)]}
				compared += walk(t, rnd, m, r)
				if t.Failed() {
					return
				}
			}
		}
	}
	if compared < 2500 {
		t.Errorf("only %d moments were compared", compared)
	}
}

// walk lives one random life, and compares after each thing that happens.
func walk(t *testing.T, rnd *rand.Rand, m *minutes, r Reckoner) (compared int) {
	terms := []Term{{1 + rnd.IntN(600), Minute}, {1 + rnd.IntN(72), Hour}, {1 + rnd.IntN(20), WorkingHour}, {1 + rnd.IntN(5), Day}, {1 + rnd.IntN(4), WorkingDay}, {1 + rnd.IntN(4), WorkingDay}}
	term := terms[rnd.IntN(len(terms))]
	now := begins.Add(time.Duration(rnd.IntN(6*24*60)) * time.Minute)
	c := Start(Handle, 1, now, term, "")
	w := m.begin(term, r.Days, now)
	r.Reckon(&c)
	story := fmt.Sprintf("%v %s from %s", term, r.Days, now.In(civil.Zone).Format("01-02 15:04"))
	compare := func() {
		if left, _ := r.Left(&c, w.now); w.still {
			want := w.left
			if w.wasDue {
				want = 0
			}
			if got := left.WorkingDays + int(left.Seconds/60); got != want {
				t.Errorf("%s: %d left, the walk has %d", story, got, want)
			}
		} else if want := w.comes(true); !want.IsZero() {
			if !c.Due().Equal(want) {
				t.Errorf("%s: due %s, the walk says %s", story, c.Due().In(civil.Zone), want.In(civil.Zone))
			}
			if got, late := c.Late(w.now, false), want.Before(w.now); got != late {
				t.Errorf("%s: late %v, want %v", story, got, late)
			}
		} else {
			return
		}
		compared++
	}
	compare()
	gaps := []int{1, 60, 600, 1440, 3 * 1440}
	for range rnd.IntN(8) {
		for range rnd.IntN(gaps[rnd.IntN(len(gaps))]) + 1 {
			w.minute(func() {})
		}
		if rnd.IntN(6) == 0 { // at midnight, where laws are tried most
			for !midnight(w.now) {
				w.minute(func() {})
			}
		}
		w.minute(func() { // what follows happens in the course of it
			until := w.now.Add(time.Duration(rnd.IntN(4*1440)-600) * time.Minute)
			what := rnd.IntN(3)
			switch {
			case what == 0:
				c.Extend(w.now, until, "somebody")
				w.extend(until)
				story += fmt.Sprintf(", at %s extended until %s", w.now.In(civil.Zone).Format("01-02 15:04"), until.In(civil.Zone).Format("01-02 15:04"))
			case !w.still && what == 1:
				c.Stand(w.now, "suspended")
				w.stand()
				story += ", stands " + w.now.In(civil.Zone).Format("01-02 15:04")
			case !w.still:
				c.Meet(w.now, "resolved")
				c.Again(w.now, Term{1, WorkingDay}, "resolved") // found wanting at once
				due := m.begin(Term{1, WorkingDay}, r.Days, w.now)
				w.stand()
				w.goOn()
				w.atLeast(due.comes(true))
				story += ", again " + w.now.In(civil.Zone).Format("01-02 15:04")
			default:
				c.GoOn(w.now)
				w.goOn()
				story += ", goes on " + w.now.In(civil.Zone).Format("01-02 15:04")
			}
			r.Reckon(&c)
			compare()
		})
	}
	return compared
}
