package station

import (
	"cmp"
	"slices"
	"strings"

	"wangge/domain/calendar"
	"wangge/domain/service"
)

// Held are the qualifications of accounts.
type Held = map[string][]service.Held

// Presence is somebody at the station for a time.
type Presence struct {
	Account string
	For     string // whom they stand in for; "" on a shift of their own
	Shift   string
	Span
}

// Shifted is one time of a shift without a break.
type Shifted struct {
	Shift string // "" for a time when the station is open and has no shift
	Span
}

// duty is what a station does within some time.
type duty struct {
	open   []Span // joined
	shifts []Shifted
	there  []Presence
}

// dutyBetween is a station's duty within a time that has both ends.
func (s *Station) dutyBetween(c *calendar.Calendar, t Span) duty {
	shifts := map[string][]Span{}
	d := duty{open: spansOf(&s.Hours, c, t)}
	for _, shift := range s.Shifts {
		week := calendar.Hours{Weekly: shift.Weekly, MakeUpDays: s.Hours.MakeUpDays, OpenOnHolidays: true} // the station's hours tell when it is closed
		shifts[shift.Name] = shift.within(both(d.open, spansOf(&week, c, t)))
	}
	var all []Span
	for name, times := range shifts {
		all = append(all, times...)
		for _, t := range times {
			d.shifts = append(d.shifts, Shifted{name, t})
		}
	}
	for _, t := range without(d.open, joined(all)) {
		d.shifts = append(d.shifts, Shifted{"", t})
	}
	slices.SortFunc(d.shifts, func(a, b Shifted) int {
		return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until), strings.Compare(a.Shift, b.Shift))
	})
	for _, p := range s.Staff {
		for _, name := range p.Shifts {
			d.there = append(d.there, s.presences(p, name, shifts[name])...)
		}
	}
	slices.SortFunc(d.there, func(a, b Presence) int {
		return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until), strings.Compare(a.Shift, b.Shift), strings.Compare(a.Account, b.Account), strings.Compare(a.For, b.For))
	})
	return d
}

// spansOf are the times of hours within a time.
func spansOf(h *calendar.Hours, c *calendar.Calendar, t Span) []Span {
	found := h.Spans(c, t.From, t.Until)
	out := make([]Span, len(found))
	for i, f := range found {
		out[i] = Span(f)
	}
	return out
}

// presences are who takes the times of a shift for a post: whoever has it,
// and while they are absent their stand-in, unless absent too.
func (s *Station) presences(p Post, shift string, times []Span) (out []Presence) {
	add := func(account, of string, when []Span) {
		for _, t := range without(when, s.absent(account, when)) {
			out = append(out, Presence{account, of, shift, t})
		}
	}
	posted := p.within(times)
	add(p.Account, "", posted)
	for _, a := range s.Absences {
		if who := s.standInFor(p, a); a.Account == p.Account && !a.Ended && who != "" {
			add(who, p.Account, a.within(posted))
		}
	}
	return out
}

// absent is when the account is not there, as far as that falls into times.
func (s *Station) absent(account string, times []Span) (out []Span) {
	for _, a := range s.Absences {
		if a.Account == account && !a.Ended {
			out = append(out, a.within(times)...)
		}
	}
	return joined(out)
}

// whoHas is when somebody who has a qualification is there; of "", when anybody is.
func (d duty) whoHas(qualification string, held Held) []Span {
	var out []Span
	for _, p := range d.there {
		if qualification == "" {
			out = append(out, p.Span)
			continue
		}
		for _, h := range held[p.Account] {
			if h.Code == qualification {
				out = append(out, Span{h.From, h.Until}.within([]Span{p.Span})...)
			}
		}
	}
	return joined(out)
}

// during is who is there in a time.
func (d duty) during(t Span) (there []Presence) {
	for _, p := range d.there {
		for _, p.Span = range p.within([]Span{t}) {
			there = append(there, p)
		}
	}
	return there
}
