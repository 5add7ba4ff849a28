package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/plan/recurrence"
	"wangge/store"
)

// Terms are what a version of a plan says, as it is asked for.
type Terms struct {
	Tag        string
	Households []string // ids, without a tag
	Rules      []Rule
	WindowDays int
	Team       []string // accounts
	Form       string   // id of a version
	Ladder     []Rung
	WeekLimit  int // 0: the street's
}

const (
	householdsMost = 2_000
	WindowMost     = 92 // days
	teamMost       = 50
	rungDaysMost   = 60
	WeekLimitMost  = 1_000
	titleLongest   = 100 // runes
)

// check notes everything that is wrong by itself; anchor is the day the rules count from.
func (t *Terms) check(bad *domain.InvalidError, anchor civil.Date) {
	switch {
	case (t.Tag == "") == (len(t.Households) == 0):
		bad.Add("/tag", domain.T("请指定标签或住户名单，二者取一", "either a tag or a list of households is required"))
	case t.Tag != "" && !domain.IsCode(t.Tag):
		bad.Add("/tag", domain.T("标签代码有误", "not a tag"))
	case len(t.Households) > householdsMost:
		bad.Add("/households", domain.Textf("最多 %d 户", "%d households at most", householdsMost))
	}
	t.checkRules(bad, anchor)
	if t.WindowDays < 1 || t.WindowDays > WindowMost {
		bad.Add("/windowDays", domain.T("窗口为 1 到 92 天", "must be from 1 to 92 days"))
	}
	if len(t.Team) > teamMost {
		bad.Add("/team", domain.Textf("最多 %d 人", "%d people at most", teamMost))
	}
	if t.WeekLimit < 0 || t.WeekLimit > WeekLimitMost {
		bad.Add("/weekLimit", domain.T("应为 0 到 1000", "must be from 0 to 1000"))
	}
	last := Rung{}
	for i, r := range t.Ladder {
		at := slices.Index(RungsTo, r.To)
		switch {
		case at < 0:
			bad.Add(fmt.Sprintf("/ladder/%d/to", i), RungWords.Fault())
		case i > 0 && at <= slices.Index(RungsTo, last.To):
			bad.Add(fmt.Sprintf("/ladder/%d/to", i), domain.T("须逐级向上，每级一次", "must go upwards, each level once"))
		case r.Days < last.Days || r.Days > rungDaysMost:
			bad.Add(fmt.Sprintf("/ladder/%d/days", i), domain.T("天数须递增，最多 60 天", "must not fall, and be 60 days at most"))
		}
		last = r
	}
}

func (t *Terms) checkRules(bad *domain.InvalidError, anchor civil.Date) {
	if len(t.Rules) == 0 || len(t.Rules) > 10 {
		bad.Add("/rules", domain.T("请填写 1 到 10 条重复规则", "1 to 10 rules are required"))
		return
	}
	for i, r := range t.Rules {
		at := fmt.Sprintf("/rules/%d", i)
		if r.Level != "" && (t.Tag == "" || !slices.Contains(household.Levels, r.Level)) {
			bad.Add(at+"/level", domain.T("风险等级有误，或未指定标签", "not a level, or there is no tag that has levels"))
		}
		if slices.ContainsFunc(t.Rules[:i], func(o Rule) bool { return o.Level == r.Level }) {
			bad.Add(at+"/level", domain.T("等级重复", "there is another rule for this level"))
		}
		rule, err := recurrence.Parse(r.RRule, anchor)
		if err == nil {
			err = rule.CheckStart()
		}
		if refused := (*recurrence.RuleError)(nil); errors.As(err, &refused) {
			bad.Add(at+"/rrule", refused.Detail)
		}
	}
}

// checkReferences checks that team, form and households are there to be used in the place.
func (s *Plans) checkReferences(ctx context.Context, tx *store.Tx, at access.Place, t *Terms) error {
	bad := &domain.InvalidError{}
	people, err := account.LoadMany(ctx, tx, t.Team)
	if err != nil {
		return err
	}
	for i, id := range t.Team {
		a := people[id]
		switch {
		case !(&Plan{Place: at}).MayBeWith(s.areas.Tree(), a):
			bad.Add(fmt.Sprintf("/team/%d", i), domain.T("没有此人，或其不在此走访", "no such person, or they do not visit here"))
		case slices.Contains(t.Team[:i], id):
			bad.Add(fmt.Sprintf("/team/%d", i), domain.T("人员重复", "named twice"))
		}
	}
	if t.Form != "" {
		found, err := form.Load(ctx, tx, []string{t.Form})
		if err != nil {
			return err
		}
		if f := found[t.Form]; f == nil || f.Partition != at.Street {
			bad.Add("/form", domain.T("本街道没有这个表单", "no such form in this street"))
		}
	}
	if street, ok := s.areas.Tree().ByID(at.Street); ok && t.Tag != "" {
		known, err := s.households.TagDefinitions(ctx, access.Program, street.Code)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(known, func(d household.TagDefinition) bool { return d.Code == t.Tag && !d.Retired }) {
			bad.Add("/tag", domain.T("未知的标签", "unknown tag"))
		}
	}
	there, err := household.LoadMany(ctx, tx, t.Households)
	if err != nil {
		return err
	}
	for i, id := range t.Households {
		switch h, in := there[id], (&Plan{Place: at}); {
		case h == nil || !in.Holds(h.Place):
			bad.Add(fmt.Sprintf("/households/%d", i), domain.T("该区域没有这户", "no such household in this area"))
		case slices.Contains(t.Households[:i], id):
			bad.Add(fmt.Sprintf("/households/%d", i), domain.T("住户重复", "named twice"))
		}
	}
	return bad.Err()
}

// Visitors are the roles that visits can be given to.
var Visitors = []access.Role{access.OutreachWorker, access.GridLead, access.CommunityManager}

// MayBeWith reports whether visits of the plan can be with the account: who works in its area, or in a part of it.
func (p *Plan) MayBeWith(tree *area.Tree, a *account.Account) bool {
	return a.WorksWithin(tree, p.Place, Visitors...)
}

// anchor is the day that rules from a day on count from. Rules that were in force
// before keep theirs, so that "every other week" stays in step.
func (t *Terms) anchor(from civil.Date, before *Version) civil.Date {
	if before != nil && slices.Equal(before.Rules, t.Rules) {
		return before.Anchor
	}
	return from
}

// version is the terms from a day on.
func (t *Terms) version(from, anchor civil.Date) Version {
	return Version{
		From: from, Anchor: anchor, Tag: t.Tag, Households: slices.Clone(t.Households), Rules: slices.Clone(t.Rules), WindowDays: t.WindowDays,
		Team: slices.Clone(t.Team), Form: t.Form, Ladder: slices.Clone(t.Ladder), WeekLimit: t.WeekLimit,
	}
}
