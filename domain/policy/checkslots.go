package policy

import (
	"fmt"
	"regexp"

	"wangge/domain"
)

var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

const callsMost = 40 // of one worker in a slot

// homeCalls looks at each slot of the day by itself.
func (in *inspection) homeCalls() {
	for i, x := range in.own.HomeCalls {
		readable := true
		for _, f := range []struct{ name, at string }{{"from", x.From}, {"to", x.To}} {
			if !clockForm.MatchString(f.at) {
				in.add(notReadable, domain.T("应为时刻，如 09:00", "must be a time of day such as 09:00"), "/homeCalls/%d/%s", i, f.name)
				readable = false
			}
		}
		if readable && x.From >= x.To {
			in.add(outOfRange, domain.T("结束时间应晚于开始时间", "it ends before it begins"), "/homeCalls/%d/to", i)
		}
		if x.Each < 1 || x.Each > callsMost {
			in.add(outOfRange, domain.Textf("应为 1 到 %d", "must be from 1 to %d", callsMost), "/homeCalls/%d/each", i)
		}
	}
}

// slots looks at the slots of a day together: no two at the same time, and days to book on.
func (in *inspection) slots(p *Policy) {
	for i, x := range p.HomeCalls {
		for _, o := range p.HomeCalls[:i] {
			if !x.Retired && !o.Retired && x.From < o.To && o.From < x.To {
				at := "/homeCalls"
				for _, code := range []string{x.Code, o.Code} {
					if j := index[HomeCall, *HomeCall](in.own.HomeCalls, code); j >= 0 {
						at = fmt.Sprintf("/homeCalls/%d", j)
					}
				}
				in.add(outOfRange, domain.T("时段 "+o.Code+" 与 "+x.Code+" 重叠", "the slots "+o.Code+" and "+x.Code+" overlap"), "%s", at)
			}
		}
	}
	if p.Limit(HomeCallDaysLeast) > p.Limit(HomeCallDaysMost) {
		at := "/limits"
		for _, code := range []string{HomeCallDaysMost, HomeCallDaysLeast} {
			if j := index[Limit, *Limit](in.own.Limits, code); j >= 0 {
				at = fmt.Sprintf("/limits/%d/value", j)
			}
		}
		in.add(outOfRange, domain.T("最少提前天数大于最多提前天数", "the least days ahead are more than the most"), "%s", at)
	}
}
