package household

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/policy"
	"wangge/store"
)

// TagDefinition is a tag that may be put on people: a built-in one, or one of
// the policy of the street. What is decided of tags holds at once.
type TagDefinition struct {
	Code      string
	Name      domain.Text
	Sensitive bool // seen only by who keeps the household
	Retired   bool // put on nobody any more
	BuiltIn   bool
	Version   int64 // of one of the street's own; 0 else
}

// definitionsMost is how many tags of its own a street has at most.
const definitionsMost = 100

// TagDefinitions are the built-in tags and the street's own, those by code.
// ErrForbidden for who has no part in households, ErrNotFound for an unknown street.
func (s *Households) TagDefinitions(ctx context.Context, actor access.Actor, street string) ([]TagDefinition, error) {
	if !access.ListsHouseholds(actor) {
		return nil, domain.ErrForbidden
	}
	a, err := s.street(street)
	if err != nil {
		return nil, err
	}
	if err := s.Policies.RefreshOf(ctx, a.ID); err != nil { // what was just decided elsewhere is there too
		return nil, err
	}
	return definitions(s.Policies.At(a.ID, policy.Always)), nil
}

// TagDefinition returns the tag that a version of a street's policy, by its id,
// has changed; ErrForbidden for who has no part in households, ErrNotFound.
func (s *Households) TagDefinition(ctx context.Context, actor access.Actor, version string) (*TagDefinition, error) {
	if !access.ListsHouseholds(actor) {
		return nil, domain.ErrForbidden
	}
	t, err := s.Policies.TagOf(ctx, version)
	if err != nil {
		return nil, err
	}
	d := definition(t)
	return &d, nil
}

func (s *Households) street(code string) (*area.Area, error) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok || a.Level != access.Street {
		return nil, domain.ErrNotFound
	}
	return a, nil
}

// definitionsIn are the tags that a street knows, counted as read by the update.
func (s *Households) definitionsIn(ctx context.Context, tx *store.Tx, street string) ([]TagDefinition, error) {
	p, err := s.Policies.In(ctx, tx, street, policy.Always)
	if err != nil {
		return nil, err
	}
	return definitions(p), nil
}

func definition(t policy.Tag) TagDefinition {
	d := TagDefinition{Code: t.Code, Name: t.Name, Sensitive: t.Sensitive, Retired: t.Retired, BuiltIn: t.Origin == policy.BuiltIn}
	if t.Origin == policy.FromStreet {
		d.Version = t.Since
	}
	return d
}

func definitions(p *policy.Policy) []TagDefinition {
	var builtIn, own []TagDefinition
	for _, t := range p.Tags {
		if d := definition(t); d.BuiltIn {
			builtIn = append(builtIn, d)
		} else {
			own = append(own, d)
		}
	}
	slices.SortFunc(own, func(a, b TagDefinition) int { return strings.Compare(a.Code, b.Code) })
	return append(builtIn, own...)
}

// DefineTag makes or changes one of a street's own tags, found by its code;
// version, when not 0, is the one the caller read.
// ErrNotFound for a street that is not the actor's or unknown, ErrForbidden, InvalidError, ErrStale.
func (s *Households) DefineTag(ctx context.Context, actor access.Actor, now time.Time, street string, version int64, in TagDefinition) (*TagDefinition, error) {
	a, err := s.street(street)
	if err != nil {
		return nil, err
	}
	if !access.MayDefineTags(actor, a.Place) {
		return nil, domain.ErrForbidden
	}
	in.Name.ZH, in.Name.EN = strings.TrimSpace(in.Name.ZH), strings.TrimSpace(in.Name.EN)
	if err := in.check(); err != nil {
		return nil, err
	}
	v, err := s.Policies.Amend(ctx, actor, now, a, "tag "+in.Code, func(p *policy.Policy) error {
		own := slices.DeleteFunc(definitions(p), func(d TagDefinition) bool { return d.BuiltIn })
		i := slices.IndexFunc(own, func(d TagDefinition) bool { return d.Code == in.Code })
		switch {
		case i < 0 && version > 0, i >= 0 && version != 0 && own[i].Version != version:
			return domain.ErrStale
		case i < 0 && len(own) >= definitionsMost:
			return domain.Invalid("/code", domain.T("本街道标签已满", "the street has as many tags as it can"))
		}
		return nil
	}, func(_ *policy.Policy, c *policy.Content) {
		c.SetTag(policy.Tag{Mark: policy.Mark{Retired: in.Retired}, Code: in.Code, Name: in.Name, Sensitive: in.Sensitive})
	})
	if err != nil {
		return nil, err
	}
	in.Version = v.Tag(in.Code).Since
	return &in, nil
}

func (d *TagDefinition) check() error {
	bad := &domain.InvalidError{}
	if !policy.IsCode(d.Code) {
		bad.Add("/code", domain.T("代码应为 2 至 40 个小写字母、数字或下划线，以字母开头", "a code has 2 to 40 lower-case letters, digits or _, a letter first"))
	} else if slices.ContainsFunc(policy.Default().Tags, func(b policy.Tag) bool { return b.Code == d.Code }) {
		bad.Add("/code", domain.T("内置标签不能更改", "a built-in tag cannot be changed"))
	}
	for _, name := range []struct{ pointer, text string }{{"/name/zh-CN", d.Name.ZH}, {"/name/en", d.Name.EN}} {
		if name.text == "" {
			bad.Add(name.pointer, domain.T("请填写名称", "a name is required"))
		}
		text(bad, name.pointer, name.text, 40)
	}
	return bad.Err()
}

// sensitiveIn tells which tags are sensitive in a street.
func (s *Households) sensitiveIn(street string) func(code string) bool {
	all := s.Policies.At(street, policy.Always).Tags
	return func(code string) bool {
		return slices.ContainsFunc(all, func(t policy.Tag) bool { return t.Code == code && t.Sensitive })
	}
}

// errUnknownTag: no street has the tag.
var errUnknownTag = errors.New("household: unknown tag")

// sensitive tells whether a tag is sensitive anywhere; errUnknownTag.
func (s *Households) sensitive(code string) (bool, error) {
	found, sensitive := s.Policies.TagAnywhere(code)
	if !found {
		return false, errUnknownTag
	}
	return sensitive, nil
}
