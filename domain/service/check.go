package service

import (
	"fmt"
	"slices"

	"wangge/domain"
)

const (
	nameMost      = 100 // characters
	stepMost      = 100
	materialsMost = 50
	stepsMost     = 30
	daysMost      = 365 // working days: what nobody waits for is promised to nobody
)

// check notes what is wrong with a content, by pointers into it. Of what is
// known it needs the kinds of qualifications; an item that needed one that is
// retired since may go on to.
func (c *catalogue) check(in Content, was *Item, bad *domain.InvalidError) {
	domain.CheckText(bad, "/category", in.Category, nameMost, true)
	domain.CheckText(bad, "/name", in.Name, nameMost, true)
	domain.CheckText(bad, "/department", in.Department, nameMost, true)
	if in.WorkingDays < 1 || in.WorkingDays > daysMost {
		bad.Add("/workingDays", domain.Textf("应为 1 到 %d 个工作日", "must be from 1 to %d working days", daysMost))
	}
	if k := c.kinds[in.Qualification]; in.Qualification != "" && (k == nil || k.Retired && (was == nil || was.Qualification != in.Qualification)) {
		bad.Add("/qualification", domain.T("没有这种资格", "there is no such qualification"))
	}
	if len(in.Steps) > stepsMost {
		bad.Add("/steps", domain.Textf("最多 %d 个环节", "%d steps at most", stepsMost))
	}
	for i, step := range in.Steps {
		domain.CheckText(bad, fmt.Sprintf("/steps/%d", i), step, stepMost, true)
	}
	if len(in.Materials) > materialsMost {
		bad.Add("/materials", domain.Textf("最多 %d 份材料", "%d materials at most", materialsMost))
	}
	for i, m := range in.Materials {
		at := fmt.Sprintf("/materials/%d", i)
		switch {
		case !codeForm.MatchString(m.Code):
			bad.Add(at+"/code", codeFault)
		case slices.ContainsFunc(in.Materials[:i], func(other Material) bool { return other.Code == m.Code }):
			bad.Add(at+"/code", domain.T("材料代码重复", "two materials have this code"))
		}
		domain.CheckText(bad, at+"/name", m.Name, nameMost, true)
		if !FormWords.Has(string(m.Form)) {
			bad.Add(at+"/form", FormWords.Fault())
		}
	}
}

var codeFault = domain.T("应为 1 到 64 个字母、数字、点、下划线或连字符", "must be 1 to 64 letters, digits, dots, underscores or hyphens")
