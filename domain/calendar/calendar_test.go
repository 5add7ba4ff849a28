package calendar

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/domain/civil"
)

func at(day string, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, civil.Zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// The days of the three years as announced, against the number of each and single days of the notices.
func TestBuiltInYears(t *testing.T) {
	counts := map[int][2]int{2024: {28, 8}, 2025: {28, 5}, 2026: {33, 6}} // days off, make-up workdays
	for _, y := range builtIn {
		y.check(func(day int, field string, detail domainText) {
			t.Errorf("%s %s: %s", y.Days[day].Date, field, detail.EN)
		})
		var off, made int
		for _, d := range y.Days {
			switch d.Kind {
			case Off:
				off++
			case MakeUp:
				made++
			}
		}
		if got := [2]int{off, made}; got != counts[y.Year] {
			t.Errorf("%d: %v, want %v", y.Year, got, counts[y.Year])
		}
	}
	c := newCalendar(builtIn)
	for d, want := range map[civil.Date]bool{
		"2024-02-09": true, "2024-02-10": false, "2024-02-18": true, "2024-04-07": true, "2024-06-08": false, "2024-09-14": true, "2024-09-17": false, "2024-10-12": true,
		"2025-01-26": true, "2025-02-04": false, "2025-02-05": true, "2025-04-27": true, "2025-06-02": false, "2025-10-08": false, "2025-10-11": true,
		"2026-01-02": false, "2026-01-04": true, "2026-02-14": true, "2026-02-23": false, "2026-02-28": true, "2026-05-09": true, "2026-09-20": true, "2026-10-07": false, "2026-10-10": true,
		"2026-11-28": false, "2026-11-30": true, "2031-01-01": true, "2031-01-04": false, // a year without data
	} {
		if got := c.WorkingDay(d); got != want {
			t.Errorf("%s: working %v, want %v", d, got, want)
		}
	}
	for d, want := range map[civil.Date]bool{"2023-12-31": false, "2024-01-01": true, "2026-12-24": true, "2026-12-25": false, "2027-01-01": false} {
		if got := c.Known(d); got != want {
			t.Errorf("%s: known %v, want %v", d, got, want)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	c := newCalendar(builtIn)
	for _, test := range []struct {
		from        time.Time
		days        int
		last        civil.Date // of the time that it gives
		provisional bool
	}{
		{at("2026-02-12", "10:00"), 1, "2026-02-13", false},
		{at("2026-02-12", "10:00"), 3, "2026-02-24", false}, // Friday, the make-up Saturday, and after nine days off a Tuesday
		{at("2026-02-12", "00:00"), 0, "2026-02-12", false},
		{at("2026-02-14", "23:59"), 1, "2026-02-24", false},
		{at("2026-12-18", "09:00"), 4, "2026-12-24", false},
		{at("2026-12-18", "09:00"), 5, "2026-12-25", true},
		{at("2027-04-30", "09:00"), 1, "2027-05-03", true},
	} {
		due, provisional := c.AddWorkingDays(test.from, test.days)
		if want := test.last.Add(1).Start(); !due.Equal(want) || provisional != test.provisional {
			t.Errorf("%d after %s: %s %v, want %s %v", test.days, test.from, due, provisional, want, test.provisional)
		}
		if n, _ := c.WorkingDaysBetween(test.from, due.Add(-time.Minute)); n != test.days {
			t.Errorf("between %s and %s: %d, want %d", test.from, due, n, test.days)
		}
	}
	if due, provisional := (*Calendar)(nil).AddWorkingDays(at("2026-09-30", "09:00"), 2); !due.Equal(at("2026-10-03", "00:00")) || !provisional {
		t.Errorf("without a calendar: %s %v", due, provisional)
	}
}

// Working days of random years against counting every day by itself.
func TestWorkingDaysAgainstEachDay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		y := randomYear(rng, 2027)
		c := newCalendar([]Year{y})
		off, made := map[civil.Date]bool{}, map[civil.Date]bool{}
		for _, d := range y.Days {
			off[d.Date], made[d.Date] = d.Kind == Off, d.Kind == MakeUp
		}
		from := at("2027-01-01", "00:00").Add(time.Duration(rng.IntN(370*24*60)) * time.Minute)
		n, left, unknown := rng.IntN(30), 0, false
		left = n
		d := civil.DateOf(from)
		for left > 0 {
			d = d.Add(1)
			w := d.Weekday()
			unknown = unknown || d >= "2027-12-25"
			if made[d] || !off[d] && w != time.Saturday && w != time.Sunday {
				left--
			}
		}
		due, provisional := c.AddWorkingDays(from, n)
		if !due.Equal(d.Add(1).Start()) || provisional != unknown {
			t.Fatalf("%d after %s: %s %v, want the end of %s %v", n, from, due, provisional, d, unknown)
		}
		if got, _ := c.WorkingDaysBetween(from, due.Add(-1)); got != n {
			t.Fatalf("between %s and %s: %d, want %d", from, due, got, n)
		}
	}
}

// randomYear has holidays of one to nine days, each with up to two make-up workdays.
func randomYear(rng *rand.Rand, year int) Year {
	y := Year{Year: year, Source: "x"}
	for first := civil.Date(fmt.Sprint(year, "-01-01")).Add(rng.IntN(30) - daysBefore); first < civil.Date(fmt.Sprint(year, "-12-01")); first = first.Add(25 + rng.IntN(60)) {
		long := 1 + rng.IntN(9)
		for i := range long {
			y.Days = append(y.Days, Day{Date: first.Add(i), Name: string(first), Kind: Off})
		}
		var weekdays []civil.Date
		for i := range long {
			if d := first.Add(i); !weekend(d.Weekday()) {
				weekdays = append(weekdays, d)
			}
		}
		for _, d := range []civil.Date{first.Add(-1 - rng.IntN(7)), first.Add(long + rng.IntN(7))} {
			if weekend(d.Weekday()) && len(weekdays) > 0 && y.has(d) {
				y.Days = append(y.Days, Day{Date: d, Name: string(first), Kind: MakeUp, For: weekdays[0]})
				weekdays = weekdays[1:]
			}
		}
	}
	return y.settled()
}

func TestPaired(t *testing.T) {
	for _, y := range builtIn {
		bare := y
		bare.Days = nil
		for _, d := range y.Days {
			d.For = ""
			bare.Days = append(bare.Days, d)
		}
		for i, d := range bare.paired().settled().Days {
			if want := y.Days[i]; d != want && d.Date != "2024-09-14" { // whose notice gives a day in the middle
				t.Errorf("%s makes up for %s, want %s", d.Date, d.For, want.For)
			}
		}
	}
	said := Year{Year: 2027, Days: []Day{
		{"2027-05-08", "劳动节", MakeUp, ""}, {"2027-05-09", "劳动节", MakeUp, "2027-05-05"}, {"2027-05-03", "劳动节", Off, ""}, {"2027-05-05", "劳动节", Off, ""}, {"2027-05-07", "青年节", Off, ""}}}
	if got := said.paired().Days[0].For; got != "2027-05-03" {
		t.Errorf("it makes up for %q", got)
	}
}
