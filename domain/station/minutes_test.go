package station

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/service"
)

// dice makes random stations and what they depend on; all times are whole minutes.
type dice struct {
	*rand.Rand
	begin time.Time
	days  int
}

// pick is one of some.
func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// moment is one about the days that the test walks.
func (d dice) moment() time.Time {
	return d.begin.Add(time.Duration(d.IntN((d.days+2)*24*60)-24*60) * time.Minute)
}

// span is one about these days, whose ends may be open.
func (d dice) span() (s Span) {
	if d.IntN(3) > 0 {
		s.From = d.moment()
	}
	if d.IntN(3) > 0 {
		s.Until = d.moment()
	}
	if !s.valid() {
		s.From, s.Until = s.Until, s.From
	}
	if !s.valid() {
		s.Until = time.Time{}
	}
	return s
}

func (d dice) clock(minute int) calendar.Clock {
	return calendar.Clock(fmt.Sprintf("%02d:%02d", minute/60, minute%60))
}

// weekly opens on some days, with breaks.
func (d dice) weekly() (out []calendar.Weekly) {
	for day := calendar.Weekday(1); day <= 7; day++ {
		w := calendar.Weekly{Days: []calendar.Weekday{day}}
		for at := d.IntN(700); at < 1440 && len(w.Spans) < 3; at += 1 + d.IntN(300) {
			until := min(at+1+d.IntN(500), 1440)
			w.Spans = append(w.Spans, calendar.Span{From: d.clock(at), Until: d.clock(until)})
			at = until
		}
		if d.IntN(5) > 0 {
			out = append(out, w)
		}
	}
	return out
}

func (d dice) hours() calendar.Hours {
	h := calendar.Hours{Weekly: d.weekly(), OpenOnHolidays: d.IntN(2) == 0, MakeUpDays: d.IntN(2) == 0}
	if d.IntN(2) == 0 {
		h.Seasons = []calendar.Season{{From: "09-20", Until: pick(d, "09-30", "10-02", "03-01"), Weekly: d.weekly()}}
	}
	if d.IntN(2) == 0 {
		h.Exceptions = []calendar.Exception{{Date: civil.DateOf(d.begin).Add(d.IntN(d.days)), Spans: pick(d, nil, []calendar.Span{{From: "06:00", Until: "24:00"}})}}
	}
	return h
}

var (
	people = []string{"a", "b", "c", "d", "e"}
	kinds  = []string{"", "medical", "labour"}
)

func (d dice) station() *Station {
	s := &Station{Hours: d.hours()}
	for i := range 1 + d.IntN(3) {
		s.Shifts = append(s.Shifts, Shift{fmt.Sprint("shift ", i), d.weekly(), d.span()})
	}
	for range 1 + d.IntN(5) {
		p := Post{Account: pick(d, people...), Part: Worker, StandIn: pick(d, append(people, "", "", "f")...), Span: d.span()}
		for _, shift := range s.Shifts {
			if d.IntN(2) == 0 {
				p.Shifts = append(p.Shifts, shift.Name)
			}
		}
		if !slices.ContainsFunc(s.Staff, func(o Post) bool { return o.Account == p.Account && o.overlaps(p.Span) }) {
			s.Staff = append(s.Staff, p)
		}
	}
	for range d.IntN(8) {
		a := Absence{Account: pick(d, append(people, "f")...), StandIn: pick(d, append(people, "", "", "", "f")...), Span: d.span(), Ended: d.IntN(3) == 0}
		if !slices.ContainsFunc(s.Absences, func(o Absence) bool { return o.Account == a.Account && o.overlaps(a.Span) }) {
			s.Absences = append(s.Absences, a)
		}
	}
	s.index()
	return s
}

func (d dice) held() Held {
	out := Held{}
	for _, who := range append(people, "f") {
		for _, q := range kinds[1:] {
			for range d.IntN(3) {
				s := d.span()
				out[who] = append(out[who], service.Held{Code: q, From: s.From, Until: s.Until})
			}
		}
	}
	return out
}

func (d dice) needs() (out []need) {
	for _, q := range kinds {
		for i := range 1 + d.IntN(2) {
			out = append(out, need{q, []string{fmt.Sprint("item ", q, i)}, d.span()})
		}
	}
	return out
}

// walk is a station as it is found minute by minute.
type walk struct {
	*Station
	c     *calendar.Calendar
	held  Held
	needs []need
}

// onShift reports whether a shift goes on.
func (w walk) onShift(shift Shift, at time.Time) bool {
	week := calendar.Hours{Weekly: shift.Weekly, MakeUpDays: w.Hours.MakeUpDays, OpenOnHolidays: true}
	return shift.Holds(at) && w.Hours.Open(w.c, at) && week.Open(w.c, at)
}

func (w walk) absence(account string, at time.Time) *Absence {
	for i, a := range w.Absences {
		if a.Account == account && a.Holds(at) && !a.Ended {
			return &w.Absences[i]
		}
	}
	return nil
}

// there are who is there, as "who for whom on which shift".
func (w walk) there(at time.Time) (out []string) {
	for _, p := range w.Staff {
		for _, shift := range w.Shifts {
			if !p.Holds(at) || !slices.Contains(p.Shifts, shift.Name) || !w.onShift(shift, at) {
				continue
			}
			a := w.absence(p.Account, at)
			if a == nil {
				out = append(out, p.Account+"//"+shift.Name)
				continue
			}
			who := p.StandIn
			if a.StandIn != "" {
				who = a.StandIn
			}
			if who != "" && w.absence(who, at) == nil {
				out = append(out, who+"/"+p.Account+"/"+shift.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// has reports whether somebody who is there has a qualification; of "", whether anybody is there.
func (w walk) has(there []string, q string, at time.Time) bool {
	return slices.ContainsFunc(there, func(who string) bool {
		return q == "" || slices.ContainsFunc(w.held[who[:1]], func(h service.Held) bool { return h.Code == q && h.Holds(at) })
	})
}

func (w walk) missing(there []string, at time.Time) (out []string) {
	for _, n := range w.needs {
		if n.Holds(at) && !w.has(there, n.qualification, at) {
			out = append(out, n.items...)
		}
	}
	slices.Sort(out)
	return out
}

// The calendar has the National Day of 2026 with its make-up workdays: 20 September and 10 October.
func worlds(t *testing.T, n int, test func(*testing.T, dice, walk)) {
	t.Helper()
	calendars, err := calendarOf(t)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(n) {
		d := dice{rand.New(rand.NewPCG(seed, 4)), time.Date(2026, 9, 17, 16, 0, 0, 0, time.UTC).AddDate(0, 0, int(seed%3)*7), 5}
		w := walk{d.station(), calendars, d.held(), d.needs()}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { test(t, d, w) })
		if t.Failed() {
			return
		}
	}
}

// Cover says of every minute who is there and what they may not take.
func TestCoverByTheMinute(t *testing.T) {
	worlds(t, 24, func(t *testing.T, d dice, w walk) {
		all := Span{d.begin.Add(time.Duration(d.IntN(300)) * time.Minute), d.begin.AddDate(0, 0, d.days)}
		k := &known{Station: w.Station, duty: w.dutyBetween(w.c, all), held: w.held, needs: w.needs}
		cover := k.cover()
		for at := all.From; at.Before(all.Until); at = at.Add(time.Minute) {
			there := w.there(at)
			missing := w.missing(there, at)
			var shifts, told []string
			for _, s := range w.Shifts {
				if w.onShift(s, at) {
					shifts = append(shifts, s.Name)
				}
			}
			if len(shifts) == 0 && w.Hours.Open(w.c, at) {
				shifts = []string{""}
			}
			for _, c := range cover {
				if !c.Holds(at) {
					continue
				}
				told = append(told, c.Shift)
				var got, lacks []string
				for _, p := range c.There {
					if p.Holds(at) {
						got = append(got, p.Account+"/"+p.For+"/"+p.Shift)
					}
				}
				for _, m := range c.Missing {
					if m.Holds(at) {
						lacks = append(lacks, m.Items...)
					}
				}
				slices.Sort(got)
				slices.Sort(lacks)
				if got = slices.Compact(got); !slices.Equal(got, there) || !slices.Equal(lacks, missing) {
					t.Fatalf("%s: %q there, want %q; %q missing, want %q", at, got, there, lacks, missing)
				}
			}
			if slices.Sort(told); !slices.Equal(told, shifts) {
				t.Fatalf("%s: shifts %q, want %q", at, told, shifts)
			}
		}
		for _, c := range cover { // each as long as it goes on
			for _, o := range cover {
				if c.Shift == o.Shift && c.Until.Equal(o.From) {
					t.Errorf("%s ends and begins at %s", c.Shift, c.Until)
				}
			}
		}
	})
}

// Where tells the first minute from one on when it is open, and when somebody is there for it.
func TestWhereByTheMinute(t *testing.T) {
	worlds(t, 16, func(t *testing.T, d dice, w walk) {
		at := d.begin.Add(time.Duration(d.IntN(3*24*60)) * time.Minute)
		q := pick(d, kinds...)
		got := w.counter(w.c, w.held, q, at)
		end := at.AddDate(0, 0, WhereDays)
		run := func(is func(time.Time) bool) *Span {
			var s *Span
			for m := at; m.Before(end); m = m.Add(time.Minute) {
				switch yes := is(m); {
				case yes && s == nil:
					s = &Span{m, end}
				case !yes && s != nil:
					s.Until = m
					return s
				}
			}
			return s
		}
		equal := func(what string, got, want *Span) {
			if (got == nil) != (want == nil) || got != nil && (!got.From.Equal(want.From) || !got.Until.Equal(want.Until)) {
				t.Fatalf("%s from %s: %v, want %v", what, at, got, want)
			}
		}
		equal("open next", got.Opens, run(func(m time.Time) bool { return w.Hours.Open(w.c, m) }))
		equal("both next", got.Next, run(func(m time.Time) bool { return w.has(w.there(m), q, m) }))
		if open := w.Hours.Open(w.c, at); (got.Open != nil) != open {
			t.Errorf("open at %s: %v, want %v", at, got.Open, open)
		}
		if now := w.has(w.there(at), q, at); got.Now != now {
			t.Errorf("somebody is there at %s: %v, want %v", at, got.Now, now)
		}
	})
}

// A minute is in a hole when somebody is missing in it, and in one alone.
func TestHolesByTheMinute(t *testing.T) {
	worlds(t, 24, func(t *testing.T, d dice, w walk) {
		all := Span{d.begin, d.begin.AddDate(0, 0, d.days)}
		roster := *w.Station
		roster.Absences = nil
		full := walk{&roster, w.c, w.held, w.needs}
		k := &known{Station: w.Station, duty: w.dutyBetween(w.c, all), held: w.held, needs: w.needs}
		found := k.holes(roster.dutyBetween(w.c, all))
		minutes := make([]int, len(found))
		for at := all.From; at.Before(all.Until); at = at.Add(time.Minute) {
			if !w.Hours.Open(w.c, at) {
				continue
			}
			there := w.there(at)
			for _, q := range kinds {
				needed := q == "" || slices.ContainsFunc(w.needs, func(n need) bool { return n.qualification == q && n.Holds(at) })
				missing := needed && !w.has(there, q, at) && (q == "" || w.has(there, "", at))
				lasting := missing && !w.has(full.there(at), q, at)
				in := 0
				for i, h := range found {
					if h.Qualification == q && h.Lasting == lasting && (Span{h.From, h.Until}).Holds(at) {
						minutes[i]++
						in++
					}
				}
				if missing && in != 1 {
					t.Fatalf("%s: %q is missing in %d of %v", at, q, in, found)
				}
				for _, h := range found {
					if h.Qualification == q && !h.Lasting && (Span{h.From, h.Until}).Holds(at) && w.has(there, q, at) {
						t.Fatalf("%s: %q is there, within %v", at, q, h)
					}
				}
			}
		}
		for i, n := range minutes {
			if n == 0 {
				t.Errorf("nothing is missing in %v", found[i])
			}
		}
	})
}
