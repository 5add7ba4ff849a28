package clocks

import (
	"context"
	"slices"
	"testing"
	"time"

	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/store"
	"wangge/store/enginetest"
)

func at(day, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, civil.Zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// builtIn is the calendar of who has decided no year.
func builtIn(t testing.TB) *calendar.Calendar {
	st := enginetest.Store(t, enginetest.SQLite(t).Open(t), store.Options{}, calendar.Collections()...)
	all, err := calendar.New(context.Background(), st)
	if err != nil {
		t.Fatal(err)
	}
	c, err := all.At(context.Background(), st)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseTerm(t *testing.T) {
	for text, want := range map[string]Term{
		"2紧急工作时": {2, Hour}, "4小时": {4, WorkingHour}, "4工作时": {4, WorkingHour}, "4 个工作小时": {4, WorkingHour}, "15天": {15, Day}, "15日": {15, Day},
		"2工作日": {2, WorkingDay}, "2个工作日": {2, WorkingDay}, " 30 分钟\n": {30, Minute},
	} {
		if got, ok := ParseTerm(text); !ok || got != want {
			t.Errorf("%q is %v %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "天", "2", "0天", "-1天", "1.5天", "尽快", "2工作日内", "一天", "1天2小时", "9999工作日", "99999999999999999999天", "个天", "2个"} {
		if got, ok := ParseTerm(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// Filed on the eve of National Day 2026, in the last ten minutes of the office:
// 1 to 7 October are off, Thursday 8 is the next day, Saturday 10 makes up for Wednesday 7.
func TestNationalDay(t *testing.T) {
	filed, cal := at("2026-09-30", "16:50"), builtIn(t)
	for _, test := range []struct {
		term Term
		days WorkingDays
		due  time.Time
	}{
		{Term{30, Minute}, "", at("2026-09-30", "17:20")},
		{Term{4, Hour}, "", at("2026-09-30", "20:50")},
		{Term{15, Day}, "", at("2026-10-15", "16:50")},
		{Term{4, WorkingHour}, "", at("2026-10-08", "14:20")},
		{Term{16, WorkingHour}, "", at("2026-10-10", "11:50")}, // 10 min, 6.5 h on the 8th and the 9th, 2 h 50 on Saturday
		{Term{2, WorkingDay}, OfficeHours, at("2026-10-09", "16:50")},
		{Term{3, WorkingDay}, OfficeHours, at("2026-10-10", "16:50")},
		{Term{1, WorkingDay}, NextDay, at("2026-10-08", "17:00")},
		{Term{3, WorkingDay}, NextDay, at("2026-10-10", "17:00")}, // the make-up Saturday counts
		{Term{4, WorkingDay}, NextDay, at("2026-10-12", "17:00")},
		{Term{}, NextDay, time.Time{}},
	} {
		r := Reckoner{Calendar: cal, Days: test.days}
		if due, provisional := r.Add(filed, test.term); !due.Equal(test.due) || provisional {
			t.Errorf("%v %s: due %s %v, want %s", test.term, test.days, due.In(civil.Zone), provisional, test.due.In(civil.Zone))
		}
	}
	if due, provisional := (Reckoner{Calendar: cal}).Add(at("2026-12-31", "16:00"), Term{2, WorkingHour}); !provisional {
		t.Errorf("%s is sure, though nothing is known of 2027", due)
	}
}

// What is found wanting goes on with what was left, or with the least it has.
// What was met keeps its deadline, whatever office or calendar come after.
func TestAClocksLife(t *testing.T) {
	r := Reckoner{Calendar: builtIn(t), Days: OfficeHours}
	c := Start(Handle, 1, at("2026-09-30", "16:50"), Term{16, WorkingHour}, "p1")
	steps := []struct {
		name          string
		do            func()
		now, due      time.Time
		left          int64 // hours
		late, settled bool
	}{
		{"starts", func() {}, at("2026-09-30", "16:50"), at("2026-10-10", "11:50"), 16, false, false},
		{"suspended over the holiday", func() { c.Stand(at("2026-09-30", "16:55"), "suspended") }, at("2026-10-05", "12:00"), time.Time{}, 15, false, false},
		{"goes on", func() { c.GoOn(at("2026-10-08", "09:05")) }, at("2026-10-08", "09:05"), at("2026-10-10", "12:00"), 15, false, false},
		{"extended", func() { c.Extend(at("2026-10-09", "10:00"), at("2026-10-12", "18:00"), "dispatcher") }, at("2026-10-12", "16:00"), at("2026-10-12", "18:00"), 1, false, false},
		{"resolved", func() { c.Meet(at("2026-10-12", "16:00"), "resolved") }, at("2026-10-20", "09:00"), time.Time{}, 0, false, true},
		{"reworked", func() { c.Again(at("2026-10-13", "09:00"), Term{1, WorkingDay}, "resolved") }, at("2026-10-13", "10:00"), at("2026-10-13", "17:00"), 5, false, false},
		{"resolved late", func() { c.Meet(at("2026-10-13", "17:01"), "resolved") }, at("2026-10-20", "09:00"), time.Time{}, 0, true, true},
		{"closed", func() { c.End(at("2026-10-14", "09:00"), Met); r.Office = &calendar.Hours{} }, at("2026-10-20", "09:00"), at("2026-10-13", "17:00"), 0, true, true},
		{"nothing more happens", func() {
			c.Stand(at("2026-10-15", "09:00"), "x")
			c.Extend(at("2026-10-15", "09:00"), at("2026-12-01", "09:00"), "x")
		}, at("2026-10-20", "09:00"), at("2026-10-13", "17:00"), 0, true, true},
	}
	for _, s := range steps {
		s.do()
		r.Reckon(&c)
		left, _ := r.Left(&c, s.now)
		if due := c.Due(); !due.Equal(s.due) || left.Seconds/3600 != s.left || c.Late(s.now, false) != s.late || c.Settled() != s.settled {
			t.Errorf("%s: due %s, %d s left, late %v, settled %v", s.name, due.In(civil.Zone), left.Seconds, c.Late(s.now, false), c.Settled())
		}
	}
	if !c.FirstMetAt.Equal(at("2026-10-12", "16:00")) || !c.FirstDueAt.Equal(at("2026-10-12", "18:00")) || !c.BareDueAt.Equal(at("2026-10-13", "17:00")) && !c.BareDueAt.IsZero() {
		t.Errorf("first met %s of %s, without extensions due %s", c.FirstMetAt, c.FirstDueAt, c.BareDueAt)
	}
	var got []string
	for _, s := range c.Segments() {
		got = append(got, s.From.In(civil.Zone).Format("02T15:04")+" "+s.Why)
	}
	if !slices.Equal(got, []string{"30T16:50 ", "30T16:55 suspended", "08T09:05 ", "12T16:00 resolved", "13T09:00 ", "13T17:01 resolved"}) {
		t.Errorf("segments %q", got)
	}
}

// A merge that is taken back took nothing; what was suspended meanwhile is as it was.
func TestRestored(t *testing.T) {
	for _, suspended := range []bool{false, true} {
		c := Start(Promise, 1, at("2026-11-02", "09:00"), Term{3, Day}, "")
		if suspended {
			c.Stand(at("2026-11-02", "12:00"), "suspended")
		}
		c.End(at("2026-11-03", "09:00"), Merged)
		c.Restore(at("2026-11-05", "10:00"), Merged)
		if suspended {
			c.GoOn(at("2026-11-06", "12:00"))
		}
		var r Reckoner
		r.Reckon(&c)
		want := at("2026-11-07", "10:00")
		if suspended {
			want = at("2026-11-09", "09:00")
		}
		if !c.Due().Equal(want) || c.Over() {
			t.Errorf("suspended %v: due %s, want %s", suspended, c.Due().In(civil.Zone), want.In(civil.Zone))
		}
	}
}

// By working days from the next day, days at whose beginning it stood still do not count.
func TestNextDayStandsStill(t *testing.T) {
	r := Reckoner{Calendar: builtIn(t), Days: NextDay}
	for _, test := range []struct {
		name        string
		stood, went time.Time
		due         time.Time
	}{
		{"within a day: nothing", at("2026-11-03", "09:00"), at("2026-11-03", "16:00"), at("2026-11-04", "17:00")},
		{"overnight: a day", at("2026-11-03", "16:00"), at("2026-11-04", "09:00"), at("2026-11-05", "17:00")},
		{"over a weekend: none of Saturday and Sunday", at("2026-11-03", "16:00"), at("2026-11-08", "09:00"), at("2026-11-09", "17:00")},
		{"on the last day, until a Saturday", at("2026-11-04", "10:00"), at("2026-11-07", "10:00"), at("2026-11-09", "17:00")},
		{"on the last day, until an evening", at("2026-11-04", "10:00"), at("2026-11-05", "20:00"), at("2026-11-06", "17:00")},
		{"after it was due, by an hour", at("2026-11-04", "18:00"), at("2026-11-06", "20:00"), at("2026-11-06", "19:00")},
	} {
		c := Start(Accept, 1, at("2026-11-02", "10:00"), Term{2, WorkingDay}, "")
		c.Stand(test.stood, "awaiting_reporter")
		c.GoOn(test.went)
		if r.Reckon(&c); !c.Due().Equal(test.due) {
			t.Errorf("%s: due %s, want %s", test.name, c.Due().In(civil.Zone), test.due.In(civil.Zone))
		}
	}
}
