package policy

import (
	"context"

	"wangge/domain"
	"wangge/store"
)

// inUse looks for what was in force in a street and would be found no more, and
// for a category of tickets that was retired without a heir.
func (s *Policies) inUse(ctx context.Context, r store.Reader, in *inspection, street string, was, now *Policy) error {
	for _, c := range was.Categories {
		then, there := now.Category(c.Code)
		if there && (!then.Retired || then.Heir != "") {
			continue
		}
		if !there {
			in.add(vanished, domain.T("类别 "+c.Code+" 已生效过，不能删除；请停用并指定承接类别", "the category "+c.Code+" was in force: retire it, with a heir"), "/categories")
			continue
		}
		used, err := s.InUse(ctx, r, s.areas.Tree().Formerly(street), c.Code)
		if err != nil {
			return err
		}
		if used {
			in.add(noHeir, domain.T("类别 "+c.Code+" 已有工单，停用须指定承接类别", "tickets have the category "+c.Code+": name a heir"), "%s/heir", in.at("/categories", c.Code))
		}
	}
	for _, x := range was.Conditions {
		then, there := find(now.Conditions, x.key())
		if !there {
			in.add(vanished, domain.T("立案条件 "+x.key()+" 已生效过，不能删除；请停用并指定承接条件", "the condition "+x.key()+" was in force: retire it, with a heir"), "/conditions")
			continue
		}
		if c, _ := now.Category(x.Category); x.Retired || !then.Retired || then.Heir != "" || c.Retired {
			continue
		}
		used, err := s.InUse(ctx, r, s.areas.Tree().Formerly(street), x.Category)
		if err != nil {
			return err
		}
		if used {
			in.add(noHeir, domain.T("类别 "+x.Category+" 已有工单，停用其立案条件须指定承接条件", "tickets have the category "+x.Category+": name a heir of its condition"), "%s", in.entry("/conditions", index[Condition, *Condition](in.own.Conditions, x.key()), "heir"))
		}
	}
	for _, g := range was.Groups {
		if _, there := find(now.Groups, g.Code); !there {
			in.add(vanished, domain.T("大类 "+g.Code+" 已生效过，不能删除；请停用并指定承接大类", "the group "+g.Code+" was in force: retire it, with a heir"), "/groups")
		}
	}
	for _, t := range was.Tags {
		if _, there := find(now.Tags, t.Code); !there {
			in.add(vanished, domain.T("标签 "+t.Code+" 已生效过，不能删除；请停用", "the tag "+t.Code+" was in force: retire it"), "/tags")
		}
	}
	return nil
}
