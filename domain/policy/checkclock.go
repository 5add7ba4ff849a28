package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/clocks"
	"wangge/store"
)

const photosMost = 20 // that a report may need

// rules looks at those of a category or condition.
func (in *inspection) rules(at string, r Rules) {
	for i, x := range r.Terms {
		of := fmt.Sprintf("%s/terms/%d", at, i)
		switch {
		case !clocks.KindWords.Has(string(x.Clock)):
			in.add(codeUnknown, clocks.KindWords.Fault(), "%s/clock", of)
		case x.Clock == clocks.Imposed:
			in.add(codeUnknown, domain.T("来源要求的时限由来源给出，不设期限", "a source names its own deadline: there is no term for it"), "%s/clock", of)
		case slices.ContainsFunc(r.Terms[:i], func(before Timed) bool { return before.Clock == x.Clock }):
			in.add(notReadable, domain.T("同一时限重复", "the clock is named twice"), "%s/clock", of)
		}
		in.term(of, x.Term)
	}
	if r.Photos < 0 || r.Photos > photosMost {
		in.add(outOfRange, domain.Textf("应为 0 到 %d", "must be from 0 to %d", photosMost), "%s/photos", at)
	}
	for i, x := range r.Roles {
		of := fmt.Sprintf("%s/roles/%d", at, i)
		in.roles(of, "step", x.Step, x.Roles)
		if slices.ContainsFunc(r.Roles[:i], func(before Narrow) bool { return before.Step == x.Step }) {
			in.add(notReadable, domain.T("同一环节重复", "the step is named twice"), "%s/step", of)
		}
	}
}

// term: one that clocks can run by.
func (in *inspection) term(at string, t clocks.Term) {
	switch most := t.Unit.Most(); {
	case most == 0:
		in.add(codeUnknown, clocks.UnitWords.Fault(), "%s/unit", at)
	case !t.Valid():
		in.add(outOfRange, domain.Textf("应为 1 到 %d", "must be from 1 to %d", most), "%s/count", at)
	}
}

// clocks looks at how each clock runs and whom it tells. How long before a
// deadline is counted back from it, in time that always runs.
func (in *inspection) clocks() {
	for i, x := range in.own.Clocks {
		at := fmt.Sprintf("/clocks/%d", i)
		if !clocks.KindWords.Has(string(x.Code)) {
			in.add(codeUnknown, clocks.KindWords.Fault(), "%s/code", at)
		}
		if !x.Term.IsZero() {
			in.term(at+"/term", x.Term)
		} else if slices.Contains([]clocks.Kind{clocks.Accept, clocks.Dispatch, clocks.Verify}, x.Code) {
			in.add(outOfRange, domain.T("须有期限", "a term is needed"), "%s/term", at)
		}
		if x.Code == clocks.Imposed && !x.Term.IsZero() {
			in.add(codeUnknown, domain.T("来源要求的时限由来源给出，不设期限", "a source names its own deadline: there is no term for it"), "%s/term", at)
		}
		if !x.Warn.IsZero() {
			in.term(at+"/warn", x.Warn)
			if slices.Contains([]clocks.Unit{clocks.WorkingHour, clocks.WorkingDay}, x.Warn.Unit) {
				in.add(outOfRange, domain.T("预警提前量以分钟、紧急工作时或天计", "how long before is counted in minutes, hours or days"), "%s/warn/unit", at)
			}
			in.recipients(at+"/warnTo", x.WarnTo)
		}
		for j, l := range x.Levels {
			of := fmt.Sprintf("%s/levels/%d", at, j)
			if !l.After.IsZero() {
				in.term(of+"/after", l.After)
			}
			if j > 0 && (l.After.IsZero() || l.After.Unit == x.Levels[j-1].After.Unit && l.After.Count <= x.Levels[j-1].After.Count) {
				in.add(outOfRange, domain.T("应晚于前一级", "must be later than the level before"), "%s/after", of)
			}
			in.recipients(of+"/to", l.To)
		}
		in.stays(x.Retired, "clocks", i)
	}
	for i, x := range in.own.Hours {
		if x.Code != TheOffice {
			in.add(codeUnknown, domain.T("应为 "+TheOffice, "must be "+TheOffice), "/hours/%d/code", i)
		}
		if !clocks.WorkingDaysWords.Has(string(x.WorkingDays)) {
			in.add(codeUnknown, clocks.WorkingDaysWords.Fault(), "/hours/%d/workingDays", i)
		}
		in.stays(x.Retired, "hours", i)
	}
}

// recipients: somebody, each once.
func (in *inspection) recipients(at string, to []Recipient) {
	if len(to) == 0 {
		in.add(stepNobody, domain.T("至少须通知一方", "somebody has to be told"), "%s", at)
	}
	for i, r := range to {
		if !RecipientWords.Has(string(r)) {
			in.add(codeUnknown, RecipientWords.Fault(), "%s/%d", at, i)
		} else if slices.Contains(to[:i], r) {
			in.add(notReadable, domain.T("重复", "named twice"), "%s/%d", at, i)
		}
	}
}

// catalogue looks at how groups, categories and conditions of all parts hang together.
func (in *inspection) catalogue(p *Policy) {
	for _, g := range p.Groups {
		heir, ok := find(p.Groups, g.Heir)
		if g.Heir != "" && (!ok || heir.Retired || heir.Code == g.Code || !g.Retired) {
			in.add(badHeir, domain.T("承接大类应是另一个在用的大类，且只用于停用的大类", "a heir is another group in use, of one that is retired"), "%s", in.entry("/groups", index[Group, *Group](in.own.Groups, g.Code), "heir"))
		}
	}
	for _, c := range p.Categories {
		at := index[Category, *Category](in.own.Categories, c.Code)
		g, ok := find(p.Groups, c.Parent)
		switch {
		case c.Parent == "" || c.Retired:
		case !ok:
			in.add(codeUnknown, domain.T("没有这个大类", "there is no such group"), "%s", in.entry("/categories", at, "parent"))
		case g.Retired && g.Heir == "":
			in.add(noHeir, domain.T("大类 "+g.Code+" 之下还有类别，停用须指定承接大类", "categories are in the group "+g.Code+": name a heir"), "%s", in.entry("/groups", index[Group, *Group](in.own.Groups, g.Code), "heir"))
		}
		in.left(p, c.Rules, nil, "/categories", at)
		for _, x := range c.Conditions {
			of := index[Condition, *Condition](in.own.Conditions, x.key())
			heir, ok := find(c.Conditions, c.Code+"/"+x.Heir)
			if x.Heir != "" && (!ok || heir.Retired || heir.Code == x.Code || !x.Retired) {
				in.add(badHeir, domain.T("承接条件应是同一类别另一个在用的立案条件，且只用于停用的条件", "a heir is another condition of the category in use, of one that is retired"), "%s", in.entry("/conditions", of, "heir"))
			}
			in.left(p, x.Rules, c.Roles, "/conditions", of)
		}
	}
}

// left looks whether what is narrowed leaves each step to somebody.
func (in *inspection) left(p *Policy, r Rules, above []Narrow, list string, i int) {
	for j, x := range r.Roles {
		if may := p.MayTake(x.Step); len(may) > 0 && len(x.Roles) > 0 && len(narrowed(may, x.Step, above, r.Roles)) == 0 {
			in.add(stepNobody, domain.T("街道规定中没有可办理该环节的角色", "by the street's policy none of these roles takes the step"), "%s", in.entry(list, i, fmt.Sprintf("roles/%d/roles", j)))
		}
	}
}

// entry points to a field of an entry of the content, or to the list where another part has it.
func (in *inspection) entry(list string, i int, field string) string {
	if i < 0 {
		return list
	}
	return fmt.Sprintf("%s/%d/%s", list, i, field)
}

// organisations looks whether those that are proposed or in charge work in the area.
func (s *Policies) organisations(ctx context.Context, r store.Reader, a *area.Area, in *inspection) error {
	known := map[string]bool{"": true}
	look := func(at, id string) error {
		works, ok := known[id]
		if !ok {
			o, err := area.LoadOrganisation(ctx, r, id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			works = err == nil && o.Active && (o.Place.Street == "" || a.Level == access.Street && slices.Contains(s.areas.Tree().Formerly(a.ID), o.Place.Street))
			known[id] = works
		}
		if !works {
			in.add(codeUnknown, domain.T("没有这个在用的单位，或其不在此区域工作", "no such organisation in use, or it does not work here"), "%s", at)
		}
		return nil
	}
	both := func(at string, r Rules) error {
		return errors.Join(look(at+"/assignee", r.Assignee), look(at+"/department", r.Department))
	}
	for i, x := range in.own.Categories {
		if err := both(fmt.Sprintf("/categories/%d", i), x.Rules); err != nil {
			return err
		}
	}
	for i, x := range in.own.Conditions {
		if err := both(fmt.Sprintf("/conditions/%d", i), x.Rules); err != nil {
			return err
		}
	}
	return nil
}
