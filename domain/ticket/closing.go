package ticket

import (
	"fmt"
	"slices"

	"wangge/domain"
)

// enoughPhotos: the condition that it is accepted under may ask for photos of how it was found.
func enoughPhotos(t *Ticket, in *ActionInput, o occasion, bad *domain.InvalidError) {
	code := in.Condition
	if cat, ok := o.policy.Category(t.Category); ok && code == "" {
		c, _ := cat.Condition("")
		code = c.Code
	}
	found := len(in.Photos)
	for _, p := range t.Photos {
		if p.When == Before {
			found++
		}
	}
	if need := o.policy.Handling(t.Category, code).Photos; found < need {
		bad.Add("/photos", domain.Textf("此情形立案须有 %d 张现场照片", "to be accepted so it needs %d photos of the place", need))
	}
}

// closingTicked: what was put right is closed when all closing conditions 结案条件
// of its condition were seen to; where nothing was, there is nothing to tick.
func closingTicked(t *Ticket, in *ActionInput, o occasion, bad *domain.InvalidError) {
	items := o.policy.Handling(t.Category, t.Condition).Closing
	known := map[string]bool{}
	for _, x := range items {
		known[x.Code] = true
		if slices.Contains([]Outcome{"fixed", "mediated"}, t.Outcome) && !slices.Contains(in.Ticked, x.Code) {
			bad.Add("/ticked", domain.T("未确认结案条件："+x.Name.ZH, "a closing condition is not ticked: "+x.Name.EN))
		}
	}
	for i, code := range in.Ticked {
		if !known[code] {
			bad.Add(fmt.Sprintf("/ticked/%d", i), domain.T("没有这个结案条件", "there is no such closing condition"))
		}
	}
}
