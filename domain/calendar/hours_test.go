package calendar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
)

type domainText = domain.Text

// office is open on working days with a lunch break, longer in summer.
func office() *Hours {
	weekly := func(until Clock) []Weekly {
		return []Weekly{{Days: []Weekday{1, 2, 3, 4, 5}, Spans: []Span{{"09:00", "12:00"}, {"13:30", until}}}, {Days: []Weekday{6}, Spans: []Span{{"09:00", "11:30"}}}}
	}
	return &Hours{Weekly: weekly("17:00"), Seasons: []Season{{From: "06-15", Until: "09-15", Weekly: weekly("17:30")}, {From: "12-24", Until: "01-05", Weekly: nil}},
		Exceptions: []Exception{{Date: "2026-11-30"}, {Date: "2026-10-01", Spans: []Span{{"10:00", "11:00"}}}}, MakeUpDays: true}
}

func TestOpen(t *testing.T) {
	c, h := newCalendar(builtIn), office()
	always := &Hours{Weekly: []Weekly{{Days: []Weekday{1, 2, 3, 4, 5, 6, 7}, Spans: []Span{{"09:00", "21:00"}}}}, OpenOnHolidays: true}
	for _, test := range []struct {
		h    *Hours
		at   time.Time
		open bool
	}{
		{h, at("2026-11-27", "08:59"), false}, {h, at("2026-11-27", "09:00"), true}, {h, at("2026-11-27", "12:00"), false}, {h, at("2026-11-27", "13:30"), true}, {h, at("2026-11-27", "17:00"), false},
		{h, at("2026-07-03", "17:15"), true}, {h, at("2026-09-15", "17:15"), true}, {h, at("2026-09-16", "17:15"), false},
		{h, at("2026-12-24", "10:00"), false}, {h, at("2026-01-05", "10:00"), false}, {h, at("2026-01-06", "10:00"), true},
		{h, at("2026-11-30", "10:00"), false},                                                                                  // closed by exception
		{h, at("2026-10-01", "10:30"), true}, {h, at("2026-10-02", "10:30"), false}, {always, at("2026-10-02", "10:30"), true}, // holidays
		{h, at("2026-10-10", "14:00"), true}, {h, at("2026-11-28", "14:00"), false}, // a make-up Saturday counts as a Wednesday, others do not
		{always, at("2026-10-10", "21:00"), false},
	} {
		if got := test.h.Open(c, test.at); got != test.open {
			t.Errorf("%s: open %v, want %v", test.at.In(civil.Zone), got, test.open)
		}
	}
	if next, ok := h.Next(c, at("2026-09-30", "17:00")); !ok || !next.Equal(at("2026-10-01", "10:00")) {
		t.Errorf("next is %s %v", next, ok)
	}
	if due, provisional, ok := h.Add(c, at("2026-11-27", "16:30"), 2*time.Hour); !due.Equal(at("2026-11-28", "10:30")) || provisional || !ok {
		t.Errorf("due %s %v %v", due, provisional, ok)
	}
	if due, _, ok := h.Add(c, at("2026-11-27", "09:00"), 3*time.Hour); !due.Equal(at("2026-11-27", "12:00")) || !ok {
		t.Errorf("due %s, not when it closes", due)
	}
	if _, provisional, _ := h.Add(c, at("2027-01-06", "16:30"), 2*time.Hour); !provisional {
		t.Error("of a year without data it is provisional")
	}
	if _, provisional, _ := always.Add(c, at("2027-01-06", "16:30"), 2*time.Hour); provisional {
		t.Error("whoever is open all the same needs no data")
	}
}

// What never opens again is said so, after a bounded search.
func TestNeverOpen(t *testing.T) {
	h := &Hours{Weekly: []Weekly{{Days: []Weekday{1}, Spans: []Span{{"09:00", "10:00"}}}}, Seasons: []Season{{From: "01-01", Until: "12-31"}}}
	if next, ok := h.Next(nil, at("2026-01-01", "00:00")); ok {
		t.Errorf("it opens at %s", next)
	}
	if due, _, ok := h.Add(nil, at("2026-01-01", "00:00"), time.Minute); ok {
		t.Errorf("it has been open by %s", due)
	}
	h.Seasons = nil
	if due, _, ok := h.Add(nil, at("2026-01-01", "00:00"), 10_000*time.Hour); ok {
		t.Errorf("it has been open for 10,000 weeks by %s", due)
	}
	if sum := h.Between(nil, at("2026-01-01", "00:00"), at("2126-01-01", "00:00")); sum > LongestDays/7*time.Hour+time.Hour {
		t.Errorf("in a hundred years it was open for %s", sum)
	}
	if next, ok := h.Next(nil, time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC)); ok {
		t.Errorf("at the end of time it opens at %s", next)
	}
}

// Every function over hours against a walk of every minute, with random weeks, seasons, exceptions and holidays.
func TestHoursAgainstEachMinute(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 60 {
		h, c := randomHours(rng), newCalendar([]Year{randomYear(rng, 2027)})
		bad := &domain.InvalidError{}
		if h.Check(bad, ""); bad.Err() != nil {
			t.Fatalf("%d: %v of %+v", i, bad, h)
		}
		start := at("2026-12-20", "00:00").Add(time.Duration(rng.IntN(380*24*60)) * time.Minute)
		days := 3 + rng.IntN(12)
		minutes := make([]bool, days*24*60) // open or not, from start on
		for m := range minutes {
			minutes[m] = openThen(h, c, start.Add(time.Duration(m)*time.Minute))
		}
		moment := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
		for m := 0; m < len(minutes); m += 1 + rng.IntN(40) {
			if got := h.Open(c, moment(m).Add(time.Duration(rng.IntN(60))*time.Second)); got != minutes[m] {
				t.Fatalf("%d: at %s open %v, want %v: %+v", i, moment(m).In(civil.Zone), got, minutes[m], h)
			}
			next := slices.Index(minutes[m:], true)
			if got, ok := h.Next(c, moment(m)); next >= 0 && (!ok || !got.Equal(moment(m+next))) || next < 0 && ok && got.Before(moment(len(minutes))) {
				t.Fatalf("%d: after %s it opens %s %v, want after %d minutes: %+v", i, moment(m).In(civil.Zone), got, ok, next, h)
			}
		}
		for range 30 {
			from := rng.IntN(len(minutes))
			to := from + rng.IntN(len(minutes)-from)
			open := 0
			var spans []string
			for m := from; m < to; m++ {
				if !minutes[m] {
					continue
				}
				if open++; m == from || !minutes[m-1] {
					spans = append(spans, fmt.Sprintf("%d-", m))
				}
				if m == to-1 || !minutes[m+1] {
					spans[len(spans)-1] += fmt.Sprint(m + 1)
				}
			}
			if got := h.Between(c, moment(from), moment(to)); got != time.Duration(open)*time.Minute {
				t.Fatalf("%d: open for %s, want %d minutes: %+v", i, got, open, h)
			}
			var got []string
			for _, s := range h.Spans(c, moment(from), moment(to)) {
				got = append(got, fmt.Sprintf("%d-%d", s.From.Sub(start)/time.Minute, s.Until.Sub(start)/time.Minute))
			}
			if !slices.Equal(got, spans) {
				t.Fatalf("%d: open %v, want %v: %+v", i, got, spans, h)
			}
			if open == 0 {
				continue
			}
			want := 1 + rng.IntN(open)
			by := from
			for left := want; left > 0; by++ {
				if minutes[by] {
					left--
				}
			}
			if due, _, ok := h.Add(c, moment(from), time.Duration(want)*time.Minute); !ok || !due.Equal(moment(by)) {
				t.Fatalf("%d: %d minutes after %s: %s %v, want %s: %+v", i, want, moment(from), due, ok, moment(by), h)
			}
		}
	}
}

// openThen says of one minute whether it is open, by the words of Hours alone.
func openThen(h *Hours, c *Calendar, at time.Time) bool {
	local := at.In(civil.Zone)
	day, clock := local.Format("2006-01-02"), local.Format("15:04")
	in := func(spans []Span) bool {
		return slices.ContainsFunc(spans, func(s Span) bool { return string(s.From) <= clock && clock < string(s.Until) })
	}
	for _, e := range h.Exceptions {
		if string(e.Date) == day {
			return in(e.Spans)
		}
	}
	weekday := int(local.Weekday())
	if d, ok := c.days[civil.Date(day)]; ok {
		if d.Kind == Off && !h.OpenOnHolidays {
			return false
		}
		if d.Kind == MakeUp && h.MakeUpDays {
			weekday = int(d.For.Weekday())
		}
	}
	weekly := h.Weekly
	for _, s := range h.Seasons {
		of := day
		if len(s.From) == 5 {
			of = day[5:]
		}
		if s.From <= s.Until && s.From <= of && of <= s.Until || s.From > s.Until && (s.From <= of || of <= s.Until) {
			weekly = s.Weekly
		}
	}
	for _, w := range weekly {
		if slices.ContainsFunc(w.Days, func(d Weekday) bool { return int(d)%7 == weekday }) {
			return in(w.Spans)
		}
	}
	return false
}

func randomHours(rng *rand.Rand) *Hours {
	h := &Hours{Weekly: randomWeek(rng, false), OpenOnHolidays: rng.IntN(2) == 0, MakeUpDays: rng.IntN(2) == 0}
	for _, s := range [][2]string{{"06-15", "09-15"}, {"11-20", "02-10"}, {"2027-03-01", "2027-03-31"}} {
		if rng.IntN(2) == 0 {
			h.Seasons = append(h.Seasons, Season{s[0], s[1], randomWeek(rng, true)})
		}
	}
	for _, d := range rng.Perm(400)[:rng.IntN(60)] {
		h.Exceptions = append(h.Exceptions, Exception{civil.Date("2026-12-10").Add(d), randomSpans(rng)})
	}
	return h
}

func randomWeek(rng *rand.Rand, closed bool) []Weekly {
	days := rng.Perm(7)
	var out []Weekly
	for len(days) > 0 && (!closed || rng.IntN(5) > 0) {
		n := 1 + rng.IntN(len(days))
		w := Weekly{Spans: randomSpans(rng)}
		for _, d := range days[:n] {
			w.Days = append(w.Days, Weekday(d+1))
		}
		out, days = append(out, w), days[n:]
	}
	if !closed && !opens(out) {
		return randomWeek(rng, closed)
	}
	return out
}

func randomSpans(rng *rand.Rand) (out []Span) {
	clock := func(m int) Clock { return Clock(fmt.Sprintf("%02d:%02d", m/60, m%60)) }
	for m := rng.IntN(3) * 200; m < 1440 && len(out) < spansMost && rng.IntN(4) > 0; {
		until := min(m+1+rng.IntN(500), 1440)
		out = append(out, Span{clock(m), clock(until)})
		m = until + rng.IntN(3)*rng.IntN(100)
	}
	return out
}

func TestHoursAsAsked(t *testing.T) {
	day := func(spans ...Span) []Weekly { return []Weekly{{Days: []Weekday{1}, Spans: spans}} }
	good := Span{"09:00", "12:00"}
	for name, test := range map[string]struct {
		h    Hours
		want string
	}{
		"no hours":                 {Hours{}, "/weekly"},
		"days without hours":       {Hours{Weekly: day()}, "/weekly"},
		"hours without days":       {Hours{Weekly: []Weekly{{Spans: []Span{good}}}}, "/weekly /weekly/0/days"},
		"no such day":              {Hours{Weekly: []Weekly{{Days: []Weekday{0, 7, 8, 7}, Spans: []Span{good}}}}, "/weekly/0/days/0 /weekly/0/days/2 /weekly/0/days/3"},
		"a day twice":              {Hours{Weekly: append(day(good), day(good)...)}, "/weekly/1/days/0"},
		"they overlap":             {Hours{Weekly: day(good, Span{"11:59", "13:00"})}, "/weekly/0/spans/1/from"},
		"they touch":               {Hours{Weekly: day(good, Span{"12:00", "13:00"})}, ""},
		"not in order":             {Hours{Weekly: day(Span{"13:00", "14:00"}, good)}, "/weekly/0/spans/1/from"},
		"it ends before it begins": {Hours{Weekly: day(Span{"09:00", "09:00"}, Span{"22:00", "06:00"})}, "/weekly/0/spans/0/until /weekly/0/spans/1/until"},
		"until midnight":           {Hours{Weekly: day(Span{"00:00", "24:00"})}, ""},
		"no times":                 {Hours{Weekly: day(Span{"9:00", "24:01"}, Span{"09:60", ""}, Span{"24:00", "24:00"})}, "/weekly/0/spans/0/from /weekly/0/spans/0/until /weekly/0/spans/1/from /weekly/0/spans/1/until /weekly/0/spans/2/until"},
		"a bad date":               {Hours{Weekly: day(good), Exceptions: []Exception{{Date: "2026-02-30"}, {Date: "2026-03-01"}, {Date: "2026-03-01", Spans: []Span{{"a", "b"}}}}}, "/exceptions/0/date /exceptions/2/date /exceptions/2/spans/0/from /exceptions/2/spans/0/until"},
		"bad seasons":              {Hours{Weekly: day(good), Seasons: []Season{{From: "02-30", Until: "2026-03-01"}, {From: "2026-05-01", Until: "06-01"}, {From: "2026-05-01", Until: "2026-04-01"}, {From: "2026-05-01", Until: "2027-05-02"}}}, "/seasons/0/from /seasons/0/until /seasons/1/until /seasons/2/until /seasons/3/until"},
		"seasons that overlap":     {Hours{Weekly: day(good), Seasons: []Season{{From: "06-15", Until: "09-15"}, {From: "11-01", Until: "06-15"}, {From: "2026-09-15", Until: "2026-09-20"}, {From: "2026-09-20", Until: "2026-09-30"}}}, "/seasons/1/from /seasons/2/from /seasons/3/from"},
		"seasons that do not":      {Hours{Weekly: day(good), Seasons: []Season{{From: "06-15", Until: "09-15"}, {From: "11-01", Until: "06-14"}, {From: "2026-09-16", Until: "2026-10-31"}, {From: "2027-09-16", Until: "2027-10-31"}}}, ""},
		"at the end of all days":   {Hours{Weekly: day(good), Seasons: []Season{{From: "02-29", Until: "02-29"}, {From: "9998-12-31", Until: "9999-12-31"}}}, ""},
		"two across New Year":      {Hours{Weekly: day(good), Seasons: []Season{{From: "12-01", Until: "01-15"}, {From: "12-20", Until: "01-02"}}}, "/seasons/1/from"},
		"one across New Year":      {Hours{Weekly: day(good), Seasons: []Season{{From: "12-01", Until: "01-15"}, {From: "2026-12-20", Until: "2026-12-22"}}}, "/seasons/1/from"},
		"too many":                 {Hours{Weekly: day(good), Exceptions: make([]Exception, 401)}, "/exceptions"},
		"too many spans":           {Hours{Weekly: day(good, good, good, good, good, good, good)}, "/weekly/0/spans"},
	} {
		bad := &domain.InvalidError{}
		test.h.Check(bad, "")
		var got []string
		for _, f := range bad.Fields {
			got = append(got, f.Pointer)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %s", name, bad, test.want)
		}
	}
}

// A clock is read where it is one, and no minute is lost.
func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"00:00", "23:59", "24:00", "9:00", "24:01", "12:60", "1２:00", "-1:00", "12;00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := ParseClock(s)
		parsed, err := time.Parse("15:04", s)
		if want := s == "24:00" || err == nil && parsed.Format("15:04") == s; ok != want {
			t.Fatalf("%q is read: %v, want %v", s, ok, want)
		}
		if ok && s != "24:00" && c.minutes() != parsed.Hour()*60+parsed.Minute() {
			t.Fatalf("%q is minute %d", s, c.minutes())
		}
	})
}
