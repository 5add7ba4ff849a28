package station

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/calendar"
)

// Bounds of one station.
const (
	modelsMost      = 50
	communitiesMost = 200
	itemsMost       = 1000
	shiftsMost      = 50
	staffMost       = 200
	absencesMost    = 1000
)

var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{1,18}[0-9]$`)

var backwards = domain.T("结束时间应晚于开始时间", "it ends before it begins")

// check notes everything that is wrong with a station as its managers describe
// it, with pointers into what they send.
func (s *Station) check(bad *domain.InvalidError) {
	domain.CheckText(bad, "/name", s.Name, 100, true)
	domain.CheckText(bad, "/address", s.Address, 200, false)
	if s.Phone != "" && !phoneForm.MatchString(s.Phone) {
		bad.Add("/phone", domain.T("电话号码有误", "not a phone number"))
	}
	s.checkModels(bad)
	s.checkCommunities(bad)
	s.Hours.Check(bad, "/hours")
	if len(s.Items) > itemsMost {
		bad.Add("/serviceItems", domain.Textf("最多 %d 项", "%d at most", itemsMost))
	}
}

func (s *Station) checkModels(bad *domain.InvalidError) {
	if len(s.Models) == 0 {
		bad.Add("/models", domain.T("请指定服务站模式", "a station has a model"))
	} else if len(s.Models) > modelsMost {
		bad.Add("/models", domain.Textf("最多 %d 项", "%d at most", modelsMost))
	}
	for i, m := range s.Models {
		at := fmt.Sprintf("/models/%d", i)
		if !ModelWords.Has(string(m.Model)) {
			bad.Add(at+"/model", ModelWords.Fault())
		}
		if !m.valid() {
			bad.Add(at+"/until", backwards)
		}
		if slices.ContainsFunc(s.Models[:i], func(o ModelSpan) bool { return o.overlaps(m.Span) }) {
			bad.Add(at, domain.T("与另一模式的时间重叠", "there is another model at that time"))
		}
	}
}

func (s *Station) checkCommunities(bad *domain.InvalidError) {
	if len(s.Communities) == 0 {
		bad.Add("/communities", domain.T("服务站至少服务一个社区", "a station serves one community at least"))
	} else if len(s.Communities) > communitiesMost {
		bad.Add("/communities", domain.Textf("最多 %d 个社区", "%d communities at most", communitiesMost))
	}
	for i, c := range s.Communities {
		at := fmt.Sprintf("/communities/%d", i)
		if !c.valid() {
			bad.Add(at+"/until", backwards)
		}
		if c.Community != "" && slices.ContainsFunc(s.Communities[:i], func(o Served) bool { return o.Community == c.Community && o.overlaps(c.Span) }) {
			bad.Add(at, domain.T("该社区此时已在列", "the same community twice at that time"))
		}
	}
}

// accounts are those on the staff.
func (s *Station) accounts() []string {
	out := make([]string, len(s.Staff))
	for i, p := range s.Staff {
		out[i] = p.Account
	}
	return out
}

// workedBy are the shifts of a post, each for as long as both last.
func (s *Station) workedBy(p Post) (out []Shift) {
	for _, shift := range s.Shifts {
		if !slices.Contains(p.Shifts, shift.Name) || !p.overlaps(shift.Span) {
			continue
		}
		shift.From = domain.Later(shift.From, p.From)
		if shift.Until.IsZero() || !p.Until.IsZero() && p.Until.Before(shift.Until) {
			shift.Until = p.Until
		}
		out = append(out, shift)
	}
	return out
}

// clash reports whether a shift of one list goes on at the same time as one of the other.
func clash(a, b []Shift) bool {
	for _, x := range a {
		for _, y := range b {
			if x.overlaps(y.Span) && weeksOverlap(x.Weekly, y.Weekly) {
				return true
			}
		}
	}
	return false
}

func weeksOverlap(a, b []calendar.Weekly) bool {
	for _, x := range a {
		for _, y := range b {
			if !slices.ContainsFunc(x.Days, func(d calendar.Weekday) bool { return slices.Contains(y.Days, d) }) {
				continue
			}
			for _, s := range x.Spans {
				if slices.ContainsFunc(y.Spans, func(o calendar.Span) bool { return s.From < o.Until && o.From < s.Until }) {
					return true
				}
			}
		}
	}
	return false
}

// shiftFault says what is wrong with the shifts of a post; the zero Text for nothing.
func (s *Station) shiftFault(p Post, shifts []Shift) domain.Text {
	for i, name := range p.Shifts {
		if !slices.ContainsFunc(shifts, func(o Shift) bool { return o.Name == name }) {
			return domain.Textf("没有班次“%s”", "there is no shift %s", name)
		}
		if slices.Contains(p.Shifts[:i], name) {
			return domain.Textf("班次“%s”重复", "the shift %s twice", name)
		}
	}
	worked := s.workedBy(p)
	for i := range worked {
		if clash(worked[i:i+1], worked[:i]) {
			return domain.T("同一人不能同时上两个班次", "nobody is on two shifts at once")
		}
	}
	return domain.Text{}
}

// checkShifts notes shifts that are none, or lie outside the hours.
func (s *Station) checkShifts(bad *domain.InvalidError) {
	if len(s.Shifts) > shiftsMost {
		bad.Add("/shifts", domain.Textf("最多 %d 个班次", "%d shifts at most", shiftsMost))
		return
	}
	for i, shift := range s.Shifts {
		at := fmt.Sprintf("/shifts/%d", i)
		domain.CheckText(bad, at+"/name", shift.Name, 50, true)
		if slices.ContainsFunc(s.Shifts[:i], func(o Shift) bool { return o.Name == shift.Name }) {
			bad.Add(at+"/name", domain.T("班次名称重复", "another shift has this name"))
		}
		if !shift.valid() {
			bad.Add(at+"/until", backwards)
		}
		wrong := len(bad.Fields)
		week := calendar.Hours{Weekly: shift.Weekly}
		if week.Check(bad, at); len(bad.Fields) == wrong && !s.opensFor(shift) {
			bad.Add(at+"/weekly", domain.T("超出开放时间", "outside the hours"))
		}
	}
}

// opensFor reports whether the station is open for all of a shift but breaks,
// by the week of one season or another.
func (s *Station) opensFor(shift Shift) bool {
	weeks := [][]calendar.Weekly{s.Hours.Weekly}
	for _, season := range s.Hours.Seasons {
		weeks = append(weeks, season.Weekly)
	}
	for _, w := range shift.Weekly {
		for _, day := range w.Days {
			for _, span := range w.Spans {
				if !slices.ContainsFunc(weeks, func(week []calendar.Weekly) bool { return opensFor(week, day, span) }) {
					return false
				}
			}
		}
	}
	return true
}

// opensFor reports whether a span lies between the first opening of a day and its last closing.
func opensFor(week []calendar.Weekly, day calendar.Weekday, span calendar.Span) bool {
	return slices.ContainsFunc(week, func(w calendar.Weekly) bool {
		return slices.Contains(w.Days, day) && len(w.Spans) > 0 && w.Spans[0].From <= span.From && span.Until <= w.Spans[len(w.Spans)-1].Until
	})
}

func (s *Station) checkStaff(bad *domain.InvalidError) {
	if len(s.Staff) > staffMost {
		bad.Add("/staff", domain.Textf("最多 %d 人", "%d people at most", staffMost))
		return
	}
	for i, p := range s.Staff {
		at := fmt.Sprintf("/staff/%d", i)
		if p.Account == "" {
			bad.Add(at+"/account", domain.T("请指定人员", "somebody is needed"))
		}
		if !PartWords.Has(string(p.Part)) {
			bad.Add(at+"/part", PartWords.Fault())
		}
		if !p.valid() {
			bad.Add(at+"/until", backwards)
		}
		if p.StandIn != "" && p.StandIn == p.Account {
			bad.Add(at+"/standIn", domain.T("不能为自己顶岗", "nobody stands in for themselves"))
		}
		if slices.ContainsFunc(s.Staff[:i], func(o Post) bool { return o.Account == p.Account && o.overlaps(p.Span) }) {
			bad.Add(at, domain.T("同一人重复", "the same person twice at that time"))
		}
		if fault := s.shiftFault(p, s.Shifts); fault != (domain.Text{}) {
			bad.Add(at+"/shifts", fault)
		}
	}
}

// checkAbsence notes what is wrong with an absence that is entered.
func (s *Station) checkAbsence(a Absence, now time.Time, bad *domain.InvalidError) {
	if !AbsenceReasonWords.Has(string(a.Reason)) {
		bad.Add("/reason", AbsenceReasonWords.Fault())
	}
	switch {
	case a.From.IsZero():
		bad.Add("/from", domain.T("请填写开始时间", "when it begins is needed"))
	case !a.valid():
		bad.Add("/until", backwards)
	case a.From.Before(now.Add(-keptFor)):
		bad.Add("/from", domain.T("开始时间过早", "it began too long ago"))
	}
	named := func(p Post) bool { return p.Account == a.Account && p.overlaps(a.Span) }
	stands := func(p Post) bool { return p.StandIn == a.Account && p.overlaps(a.Span) }
	if !slices.ContainsFunc(s.Staff, named) && !slices.ContainsFunc(s.Staff, stands) {
		bad.Add("/account", domain.T("此人此时不在该站工作", "they do not work at the station at that time"))
	}
	if a.StandIn != "" && a.StandIn == a.Account {
		bad.Add("/standIn", domain.T("不能为自己顶岗", "nobody stands in for themselves"))
	}
	if slices.ContainsFunc(s.Absences, func(o Absence) bool { return !o.Ended && o.Account == a.Account && o.overlaps(a.Span) }) {
		bad.Add("/from", domain.T("此人此时已登记缺勤", "an absence at that time is entered already"))
	}
}
