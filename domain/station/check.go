package station

import (
	"fmt"
	"regexp"
	"slices"

	"wangge/domain"
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
