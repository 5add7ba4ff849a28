package policy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Finding is why a content cannot come into force.
type Finding struct {
	Code    FindingCode
	Pointer string // into the content; of what an entry beside it causes, to the list that it would be in
	Detail  domain.Text
	Warning bool  // it hinders nothing: it was so before
	Want    *Want // of people
}

// FindingCode is a stable word for what was found.
type FindingCode string

const (
	notReadable   FindingCode = "not_readable"
	stepNobody    FindingCode = "step_without_role"
	stepUnmanned  FindingCode = "step_without_people"
	roleUnknown   FindingCode = "unknown_role"
	roleNoLead    FindingCode = "role_cannot_lead"
	stepFixed     FindingCode = "fixed_step"
	codeUnknown   FindingCode = "unknown_code"
	outOfRange    FindingCode = "out_of_range"
	noHeir        FindingCode = "no_heir"
	badHeir       FindingCode = "wrong_heir"
	vanished      FindingCode = "vanished"
	noDefault     FindingCode = "no_default"
	twoDefaults   FindingCode = "several_defaults"
	builtInTag    FindingCode = "built_in_tag"
	mayNotRetire  FindingCode = "cannot_retire"
	nothingToPick FindingCode = "no_category"
)

// FindingWords are all that can be found.
var FindingWords = domain.NewEnum("PolicyFinding",
	domain.W(notReadable, "格式有误", "cannot be read"), domain.W(stepNobody, "环节无人可办", "a step without a role"), domain.W(stepUnmanned, "环节人手不足", "a step without enough people"), domain.W(roleUnknown, "未知的角色", "an unknown role"),
	domain.W(roleNoLead, "该角色不能办理", "the role does not lead"), domain.W(stepFixed, "固定的环节", "the step is fixed"), domain.W(codeUnknown, "未知的代码", "an unknown code"),
	domain.W(outOfRange, "超出范围", "out of range"), domain.W(noHeir, "在用类别无承接类别", "in use, without a heir"), domain.W(badHeir, "承接类别有误", "a wrong heir"),
	domain.W(vanished, "在用的代码不能删除", "in use, and gone"), domain.W(noDefault, "缺少默认立案条件", "no default condition"), domain.W(twoDefaults, "默认立案条件不唯一", "several default conditions"),
	domain.W(builtInTag, "内置标签不能更改", "a built-in tag"), domain.W(mayNotRetire, "不能停用", "cannot be retired"), domain.W(nothingToPick, "没有可用的类别", "no category is left"))

// Enum makes a finding a word of the contract.
func (FindingCode) Enum() domain.Enum { return FindingWords }

// invalid is the InvalidError that names what was found, but for warnings; nil of nothing else.
func invalid(found []Finding) error {
	bad := &domain.InvalidError{}
	for _, f := range found {
		if !f.Warning {
			bad.Add(f.Pointer, f.Detail)
		}
	}
	return bad.Err()
}

// inspection collects what is found.
type inspection struct {
	found []Finding
	own   Content
	crews map[string]*crew // of streets, as far as they were looked up
}

func (in *inspection) add(code FindingCode, detail domain.Text, pointer string, args ...any) {
	f := Finding{Code: code, Pointer: fmt.Sprintf(pointer, args...), Detail: detail}
	if !slices.Contains(in.found, f) {
		in.found = append(in.found, f)
	}
}

// findings are what would hinder a content of an area from coming into force:
// by itself, and in a city also laid under what each of its streets has
// decided; what a city or a street has decided that begins later is looked at too.
func (s *Policies) findings(ctx context.Context, r store.Reader, a *area.Area, from time.Time, c Content, crews map[string]*crew) ([]Finding, error) {
	in := &inspection{own: c, crews: crews}
	var unreadable *domain.InvalidError
	if errors.As(c.readable(), &unreadable) {
		for _, f := range unreadable.Fields {
			in.add(notReadable, f.Detail, "%s", f.Pointer)
		}
		return in.found, nil
	}
	own, err := s.decisions(ctx, r, a)
	if err != nil {
		return nil, err
	}
	was := inForce(own, from)
	if err := s.organisations(ctx, r, a, in); err != nil {
		return nil, err
	}
	if a.Level == access.City {
		in.entries(merge(basis()))
		in.whole(merge(basis(), part{FromCity, a.Code, 0, c}))
		for _, id := range s.streetsOf(a) {
			street, _ := s.areas.Tree().ByID(id)
			theirs, err := s.decisions(ctx, r, street)
			if err != nil {
				return nil, err
			}
			top := inForce(theirs, from).part(FromStreet, street.Code)
			in.whole(merge(basis(), part{FromCity, a.Code, 0, c}, top))
			for _, v := range ahead(theirs, from) {
				in.whole(merge(basis(), part{FromCity, a.Code, 0, c}, v.part(FromStreet, street.Code)))
			}
			before, then := merge(basis(), was.part(FromCity, a.Code), top), merge(basis(), part{FromCity, a.Code, 0, c}, top)
			if err := errors.Join(s.inUse(ctx, r, in, id, before, then), s.people(ctx, in, from, street, before, then, false)); err != nil {
				return nil, err
			}
		}
		return in.found, nil
	}
	above, err := s.history(ctx, r, a.Place.City)
	if err != nil {
		return nil, err
	}
	city := inForce(above, from).part(FromCity, "")
	now := merge(basis(), city, part{FromStreet, a.Code, 0, c})
	in.entries(merge(basis(), city))
	in.whole(now)
	for _, v := range ahead(above, from) {
		in.whole(merge(basis(), v.part(FromCity, ""), part{FromStreet, a.Code, 0, c}))
	}
	before := merge(basis(), city, was.part(FromStreet, a.Code))
	err = errors.Join(s.inUse(ctx, r, in, a.ID, before, now), s.people(ctx, in, from, a, before, now, true))
	return in.found, err
}

// entries looks at each entry by itself, over what lies below.
func (in *inspection) entries(below *Policy) {
	for i, x := range in.own.Categories {
		if x.Days < 1 || x.Days > daysMost {
			in.add(outOfRange, domain.Textf("应为 1 到 %d 天", "must be from 1 to %d days", daysMost), "/categories/%d/days", i)
		}
		if m := x.Similar.RadiusM; m < 0 || m > similarMostM {
			in.add(outOfRange, domain.Textf("应为 0 到 %d 米，0 为内置的距离", "must be from 0 to %d metres, 0 for what is built in", similarMostM), "/categories/%d/similarRadiusM", i)
		}
		if n := x.Similar.Days; n < 0 || n > daysMost {
			in.add(outOfRange, domain.Textf("应为 0 到 %d 天，0 为内置的天数", "must be from 0 to %d days, 0 for what is built in", daysMost), "/categories/%d/similarDays", i)
		}
		in.rules(fmt.Sprintf("/categories/%d", i), x.Rules)
	}
	for i, x := range in.own.Conditions {
		if x.Days < 0 || x.Days > daysMost {
			in.add(outOfRange, domain.Textf("应为 0 到 %d 天，0 为该类别的天数", "must be from 0 to %d days, 0 for those of the category", daysMost), "/conditions/%d/days", i)
		}
		if !UrgencyWords.Has(string(x.Urgency)) {
			in.add(codeUnknown, UrgencyWords.Fault(), "/conditions/%d/urgency", i)
		}
		in.rules(fmt.Sprintf("/conditions/%d", i), x.Rules)
	}
	in.clocks()
	for i, x := range in.own.Steps {
		in.roles(fmt.Sprintf("/steps/%d", i), "code", x.Code, x.Roles)
		in.stays(x.Retired, "steps", i)
	}
	for i, x := range in.own.Limits {
		b, ok := bounds[x.Code]
		if !ok {
			in.add(codeUnknown, domain.T("没有这个限值", "there is no such limit"), "/limits/%d/code", i)
		} else if x.Value < b[0] || x.Value > b[1] {
			in.add(outOfRange, domain.Textf("应为 %d 到 %d", "must be from %d to %d", b[0], b[1]), "/limits/%d/value", i)
		}
		in.stays(x.Retired, "limits", i)
	}
	for i, x := range in.own.Thresholds {
		if _, ok := find(below.Thresholds, x.Code); !ok {
			in.add(codeUnknown, domain.T("没有这个疑点", "there is no such doubt"), "/thresholds/%d/code", i)
		} else if x.Score < 0 || x.Score > 100 || x.Limit < 0 || math.IsInf(x.Limit, 0) || math.IsNaN(x.Limit) {
			in.add(outOfRange, domain.T("阈值不小于 0，分值 0 到 100", "a limit of 0 or more and a score from 0 to 100 are needed"), "/thresholds/%d", i)
		}
		in.stays(x.Retired, "thresholds", i)
	}
	in.homeCalls()
	for i, x := range in.own.Tags {
		if t, ok := find(below.Tags, x.Code); ok && t.Origin == BuiltIn {
			in.add(builtInTag, domain.T("内置标签不能更改", "a built-in tag cannot be changed"), "/tags/%d/code", i)
		}
	}
	if len(in.own.Tags) > tagsMost {
		in.add(outOfRange, domain.Textf("自有标签最多 %d 个", "%d tags of one's own at most", tagsMost), "/tags")
	}
}

const (
	daysMost     = 365
	similarMostM = 2000
)

// roles looks at whom a step is given to: the frame of who may lead is fixed,
// and that nobody verifies what they handled. field is where the step is named.
func (in *inspection) roles(at, field, step string, roles []access.Role) {
	if !slices.Contains(ledSteps, step) {
		in.add(stepFixed, domain.T("该环节由经办人或上报人办理，不能指定角色；可指定的环节："+strings.Join(ledSteps, "、"),
			"who has the ticket or reported it takes this step: roles are for "+strings.Join(ledSteps, ", ")), "%s/%s", at, field)
	}
	if len(roles) == 0 {
		in.add(stepNobody, domain.T("至少须有一个角色", "at least one role is needed"), "%s/roles", at)
	}
	for j, role := range roles {
		switch {
		case !role.Known():
			in.add(roleUnknown, access.RoleWords.Fault(), "%s/roles/%d", at, j)
		case !slices.Contains(access.Leads, role):
			in.add(roleNoLead, domain.T("该角色不主管网格，经办人不能核查自己的工作", "the role leads no cell; who handles a ticket does not verify it"), "%s/roles/%d", at, j)
		}
	}
}

func (in *inspection) stays(retired bool, list string, i int) {
	if retired {
		in.add(mayNotRetire, domain.T("不能停用，可删除该项以恢复上级的规定", "cannot be retired: leave it out for what holds above"), "/%s/%d/retired", list, i)
	}
}

// whole looks at the parts laid over one another.
func (in *inspection) whole(p *Policy) {
	offered := 0
	for _, c := range p.Categories {
		if c.Heir != "" {
			if heir, ok := p.Offered(c.Heir); !ok || heir.Code == c.Code || !c.Retired {
				in.add(badHeir, domain.T("承接类别应是另一个在用的类别，且只用于停用的类别", "a heir is another category in use, of one that is retired"), "%s/heir", in.at("/categories", c.Code))
			}
		}
		if !c.Retired {
			offered++
		}
		defaults := 0
		for _, x := range c.Conditions {
			if x.Default && !x.Retired {
				defaults++
			}
		}
		switch {
		case defaults == 0:
			in.add(noDefault, domain.T("类别 "+c.Code+" 缺少默认的立案条件", "the category "+c.Code+" has no default condition"), "%s", in.at("/categories", c.Code))
		case defaults > 1:
			in.add(twoDefaults, domain.T("类别 "+c.Code+" 有多个默认的立案条件", "the category "+c.Code+" has several default conditions"), "%s", in.at("/categories", c.Code))
		}
	}
	if offered == 0 {
		in.add(nothingToPick, domain.T("至少须有一个在用的类别", "at least one category must be in use"), "/categories")
	}
	in.slots(p)
	in.catalogue(p)
	for i, x := range in.own.Conditions {
		if _, ok := p.Category(x.Category); !ok {
			in.add(codeUnknown, domain.T("没有这个类别", "there is no such category"), "/conditions/%d/category", i)
		}
	}
}

// at points to a category of the content, or to the list where another part has it.
func (in *inspection) at(list, code string) string {
	if i := index[Category, *Category](in.own.Categories, code); i >= 0 {
		return fmt.Sprintf("%s/%d", list, i)
	}
	return list
}
