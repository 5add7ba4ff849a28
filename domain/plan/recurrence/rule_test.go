package recurrence

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wangge/domain/civil"
)

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		rule     string
		anchor   civil.Date
		from, to civil.Date
		want     string
	}{
		{"FREQ=DAILY", "2026-03-01", "2026-02-01", "2026-03-03", "2026-03-01 2026-03-02 2026-03-03"},
		{"FREQ=DAILY;COUNT=2", "2026-03-01", "2026-03-02", "2026-12-01", "2026-03-02"},
		{"FREQ=DAILY;INTERVAL=10;UNTIL=20260321", "2026-03-01", "2026-03-01", "2026-12-01", "2026-03-01 2026-03-11 2026-03-21"},
		{"FREQ=WEEKLY", "2026-03-04", "2026-03-05", "2026-03-18", "2026-03-11 2026-03-18"},
		{"FREQ=WEEKLY;BYDAY=MO,FR", "2026-03-04", "2026-03-01", "2026-03-14", "2026-03-06 2026-03-09 2026-03-13"},
		{"FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU", "2026-03-04", "2026-03-01", "2026-04-01", "2026-03-15 2026-03-29"},
		{"FREQ=MONTHLY;BYDAY=1MO", "2026-03-01", "2026-03-01", "2026-05-31", "2026-03-02 2026-04-06 2026-05-04"},
		{"FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01", "2026-02-01", "2026-03-31", "2026-02-27 2026-03-27"},
		{"FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-15", "2026-01-01", "2026-03-31", "2026-01-31 2026-02-28 2026-03-31"},
		{"FREQ=MONTHLY", "2026-01-31", "2026-01-01", "2026-06-01", "2026-01-31 2026-03-31 2026-05-31"}, // RFC 5545: no 31st, no day
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "2026-01-01", "2026-08-01", "2026-09-30", "2026-08-03 2026-09-01"},
		{"FREQ=YEARLY", "2024-02-29", "2024-01-01", "2025-12-31", "2024-02-29"},
		{"FREQ=YEARLY;BYMONTH=9,1;BYMONTHDAY=9", "2026-01-01", "2026-01-01", "2026-12-31", "2026-01-09 2026-09-09"},
		{"FREQ=MONTHLY;BYDAY=2TU,FR", "2026-03-01", "2026-03-01", "2026-03-31", "2026-03-06 2026-03-10 2026-03-13 2026-03-20 2026-03-27"},
		{"FREQ=WEEKLY;BYDAY=MO,FR;BYMONTH=3;COUNT=3", "2026-03-25", "2026-01-01", "2027-03-31", "2026-03-27 2026-03-30 2027-03-01"},
		{"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10", "2026-01-01", "2026-01-01", "2026-12-31", "2026-03-29 2026-10-25"},
		{"FREQ=YEARLY;BYDAY=53TH", "2026-01-01", "2026-01-01", "2027-12-31", "2026-12-31"},
		{"FREQ=YEARLY;BYDAY=+20MO", "2026-01-01", "2026-01-01", "2026-12-31", "2026-05-18"},
	} {
		r, err := Parse(c.rule, c.anchor)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		var got []string
		for _, d := range r.Between(c.from, c.to, WindowMost) {
			got = append(got, string(d))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s from %s: %v, want %s", c.rule, c.anchor, got, c.want)
		}
	}
}

func TestRefusedRules(t *testing.T) {
	for _, c := range []struct{ rule, says string }{
		{"", "unknown"}, {"MONTHLY", "unknown"}, {"FREQ=MINUTELY", "value"}, {"FREQ=HOURLY", "value"}, {"FREQ=daily", "value"},
		{"INTERVAL=2", "missing"}, {"FREQ=DAILY;INTERVAL=0", "above 0"}, {"FREQ=DAILY;INTERVAL=00", "above 0"}, {"FREQ=DAILY;INTERVAL=-1", "value"},
		{"FREQ=DAILY;INTERVAL=367", "at most"}, {"FREQ=DAILY;INTERVAL=999999999999999999", "value"},
		{"FREQ=DAILY;COUNT=3;UNTIL=20270101", "exclude"}, {"FREQ=DAILY;COUNT=1001", "at most"}, {"FREQ=DAILY;COUNT=0", "value"},
		{"FREQ=DAILY;FREQ=DAILY", "twice"}, {"FREQ=DAILY;COUNT=2;COUNT=2", "twice"}, {"FREQ=DAILY;", "unknown"}, {"FREQ=DAILY;BYHOUR=9", "unknown"},
		{"FREQ=DAILY;BYSECOND=0,1,2", "unknown"}, {"FREQ=YEARLY;BYWEEKNO=1", "unknown"}, {"FREQ=YEARLY;BYEASTER=0", "unknown"},
		{"DTSTART=20260101;FREQ=DAILY", "unknown"}, {"RRULE:FREQ=DAILY", "unknown"}, {"FREQ=DAILY\nRRULE:FREQ=DAILY", "value"},
		{"FREQ=DAILY;UNTIL=20260231", "a date"}, {"FREQ=DAILY;UNTIL=20261231T000000Z", "value"}, {"FREQ=DAILY;UNTIL=20251231", "names no day"},
		{"FREQ=WEEKLY;BYDAY=2MO", "months and years"}, {"FREQ=WEEKLY;BYMONTHDAY=1", "not for weeks"}, {"FREQ=WEEKLY;BYSETPOS=1", "another BY"},
		{"FREQ=MONTHLY;BYDAY=6MO", "bounds"}, {"FREQ=MONTHLY;BYDAY=-53MO", "bounds"}, {"FREQ=YEARLY;BYMONTH=2;BYDAY=20MO", "bounds"},
		{"FREQ=YEARLY;BYDAY=54MO", "bounds"}, {"FREQ=MONTHLY;BYDAY=0MO", "bounds"}, {"FREQ=MONTHLY;BYMONTHDAY=32", "value"},
		{"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "names no day"}, {"FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1", "names no day"},
		{"FREQ=YEARLY;BYMONTH=2;BYSETPOS=367", "bounds"}, {"FREQ=MONTHLY;BYDAY=5FR;BYMONTHDAY=1", "names no day"},
		{"FREQ=MONTHLY;BYMONTHDAY=" + strings.Repeat("1,", 200) + "1", "longer"},
	} {
		r, err := Parse(c.rule, "2026-01-01")
		var refused *RuleError
		if !errors.As(err, &refused) || !strings.Contains(refused.Detail.EN, c.says) || refused.Detail.ZH == "" {
			t.Errorf("%q: %v, %v; want %q", c.rule, r, err, c.says)
		}
	}
}

// Whatever is read: the days looked at are those of the window, or since the
// anchor for a COUNT, and of the periods at its ends; listed are only days of the
// window, in order and once, and the same ones when the window is cut in two.
func FuzzRule(f *testing.F) {
	for _, s := range []string{"FREQ=DAILY", "FREQ=MONTHLY;BYDAY=1MO,-1FR;BYMONTH=2,12", "FREQ=MINUTELY;COUNT=3", "FREQ=YEARLY;BYDAY=53SU;INTERVAL=7", "FREQ=MONTHLY",
		"FREQ=MONTHLY;BYMONTHDAY=29,30,31,-31;BYSETPOS=-1,1", "FREQ=WEEKLY;WKST=SU;BYDAY=SU,MO;INTERVAL=300;UNTIL=20280101", "FREQ=MONTHLY;BYDAY=5FR;BYMONTHDAY=1",
		"FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=1000", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;INTERVAL=4"} {
		f.Add(s, uint16(0), uint16(30), uint16(60))
	}
	f.Fuzz(func(t *testing.T, text string, anchor, from, days uint16) {
		first := civil.Date("2020-01-01").Add(int(anchor) % 4000)
		r, err := Parse(text, first)
		if err != nil {
			return
		}
		a := first.Add(int(from)%4000 - 100)
		b := a.Add(int(days) % WindowMost)
		got, looked := r.between(a, b, WindowMost)
		since := a
		if r.count > 0 || a < first {
			since = first
		}
		if most := int(day(b).Sub(day(since))/fullDay) + 2*366; looked > max(most, 0) {
			t.Fatalf("%q between %s and %s looks at %d days, want %d at most", text, a, b, looked, most)
		}
		for i, d := range got {
			if d < a || d > b || d < first || i > 0 && got[i-1] >= d {
				t.Fatalf("%q between %s and %s: %v", text, a, b, got)
			}
		}
		middle := a.Add(int(days) % WindowMost / 2)
		if cut := append(r.Between(a, middle, WindowMost), r.Between(middle.Add(1), b, WindowMost)...); !slices.Equal(cut, got) {
			t.Fatalf("%q cut at %s: %v, whole %v", text, middle, cut, got)
		}
		if n := len(r.Skipped(a, b)); n > 26 {
			t.Fatalf("%q skips %d months of two years", text, n)
		}
		var refused *RuleError
		if errors.As(r.CheckStart(), &refused) && (!strings.Contains(refused.Detail.ZH, r.lastDay()) || !strings.Contains(refused.Detail.EN, r.lastDay())) {
			t.Fatalf("%q is refused by %+v", text, refused)
		}
	})
}
