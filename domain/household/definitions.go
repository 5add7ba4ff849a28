package household

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// TagDefinition is a tag that may be put on people: a built-in one, or a street's own.
type TagDefinition struct {
	store.Meta `store:",inline"`
	Code       string      `store:"code"`
	Name       domain.Text `store:"-"`
	NameZH     string      `store:"nameZh"`
	NameEN     string      `store:"nameEn"`
	Sensitive  bool        `store:"sensitive"` // seen only by who keeps the household
	Retired    bool        `store:"retired"`   // put on nobody any more
}

var definitions = store.Declare[TagDefinition](store.Declaration{
	Name: "tagDefinitions", Schema: 1,
	Indexes: []string{"street: partition, code", "code: code"},
})

// definitionsMost is how many tags of its own a street has at most.
const definitionsMost = 100

var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

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
	return s.definitionsOf(ctx, s.store, a.ID)
}

// TagDefinition returns one of a street's own tags by its id; ErrForbidden for who has no part in households, ErrNotFound.
func (s *Households) TagDefinition(ctx context.Context, actor access.Actor, id string) (*TagDefinition, error) {
	if !access.ListsHouseholds(actor) {
		return nil, domain.ErrForbidden
	}
	d, err := definitions.Get(ctx, s.store, id)
	if err == nil {
		d.Name = domain.T(d.NameZH, d.NameEN)
	}
	return d, err
}

func (s *Households) street(code string) (*area.Area, error) {
	a, ok := s.areas.Tree().ByCode(code)
	if !ok || a.Level != access.Street {
		return nil, domain.ErrNotFound
	}
	return a, nil
}

func (s *Households) definitionsOf(ctx context.Context, r store.Reader, street string) ([]TagDefinition, error) {
	own, _, err := definitions.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("partition", street)}, Order: []string{"code"}, Limit: definitionsMost})
	if err != nil {
		return nil, err
	}
	out := slices.Clone(BuiltIn)
	for _, d := range own {
		d.Name = domain.T(d.NameZH, d.NameEN)
		out = append(out, *d)
	}
	return out, nil
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
	var d *TagDefinition
	err = s.store.Update(ctx, []string{a.ID}, func(tx *store.Tx) error {
		own, _, err := definitions.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("partition", a.ID)}, Order: []string{"code"}, Limit: definitionsMost})
		if err != nil {
			return err
		}
		i := slices.IndexFunc(own, func(o *TagDefinition) bool { return o.Code == in.Code })
		switch {
		case i < 0 && version > 0, i >= 0 && version != 0 && own[i].Version != version:
			return domain.ErrStale
		case i >= 0:
			d = own[i]
		case len(own) == definitionsMost:
			return domain.Invalid("/code", domain.T("本街道标签已满", "the street has as many tags as it can"))
		default:
			d = &TagDefinition{Meta: store.Meta{ID: a.ID + "/" + in.Code, Partition: a.ID}, Code: in.Code}
		}
		d.Name, d.NameZH, d.NameEN, d.Sensitive, d.Retired = in.Name, in.Name.ZH, in.Name.EN, in.Sensitive, in.Retired
		e := entry(actor, now, "define_tag")
		e.Dims = map[string]string{"tag": d.Code}
		if i >= 0 {
			return definitions.Put(tx, d, e)
		}
		return definitions.Insert(tx, d, e)
	})
	return d, err
}

func (d *TagDefinition) check() error {
	bad := &domain.InvalidError{}
	if !codeForm.MatchString(d.Code) {
		bad.Add("/code", domain.T("代码应为 2 至 40 个小写字母、数字或下划线，以字母开头", "a code has 2 to 40 lower-case letters, digits or _, a letter first"))
	} else if slices.ContainsFunc(BuiltIn, func(b TagDefinition) bool { return b.Code == d.Code }) {
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
func (s *Households) sensitiveIn(ctx context.Context, r store.Reader, street string) (func(code string) bool, error) {
	all, err := s.definitionsOf(ctx, r, street)
	return func(code string) bool {
		return slices.ContainsFunc(all, func(d TagDefinition) bool { return d.Code == code && d.Sensitive })
	}, err
}

// errUnknownTag: no street has the tag.
var errUnknownTag = errors.New("household: unknown tag")

// sensitive tells whether a tag is sensitive anywhere; errUnknownTag.
func (s *Households) sensitive(ctx context.Context, code string) (bool, error) {
	for _, d := range BuiltIn {
		if d.Code == code {
			return d.Sensitive, nil
		}
	}
	found, _, err := definitions.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("code", code)}, Limit: 1000})
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, errUnknownTag
	}
	return slices.ContainsFunc(found, func(d *TagDefinition) bool { return d.Sensitive }), nil
}
