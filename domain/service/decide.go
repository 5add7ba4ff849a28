package service

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/once"
	"wangge/store"
)

const aheadMost = 366 // days that a version may be decided before

// Decision is what somebody decides of an item, and from which day on.
type Decision struct {
	From civil.Date // "": today
	Content
}

// clean takes the space around texts off.
func (in *Content) clean() {
	in.Steps, in.Materials = slices.Clone(in.Steps), slices.Clone(in.Materials)
	for _, text := range []*string{&in.Category, &in.Name, &in.Department, &in.Qualification} {
		*text = strings.TrimSpace(*text)
	}
	for i := range in.Steps {
		in.Steps[i] = strings.TrimSpace(in.Steps[i])
	}
	for i := range in.Materials {
		in.Materials[i].Name = strings.TrimSpace(in.Materials[i].Name)
	}
}

// begins checks the day from which a version is to be in force: not before
// today, unless it is the item's first.
func begins(from civil.Date, now time.Time, first bool, bad *domain.InvalidError) civil.Date {
	today := civil.DateOf(now)
	if from == "" {
		return today
	}
	switch _, ok := civil.ParseDate(string(from)); {
	case !ok:
		bad.Add("/from", domain.T("应为日期，如 2026-12-01", "a day is needed, such as 2026-12-01"))
	case from < today && !first:
		bad.Add("/from", domain.T("不能早于今天：此前受理的按当时的规定", "must not be before today: what was taken before goes by what held then"))
	case from > today.Add(aheadMost):
		bad.Add("/from", domain.T("最多提前一年", "a year ahead at most"))
	}
	return from
}

// Put decides an item: a new version, in force from a day on. version is the
// number of the latest one that the caller knows (0: any, -1: there is none
// yet). What is decided already is answered as it is.
// Errors: ErrForbidden, InvalidError, ErrStale.
func (s *Items) Put(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, in Decision) (*Item, error) {
	if !access.MaySetServiceItems(actor) {
		return nil, domain.ErrForbidden
	}
	var it *Item
	err := s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		c, err := s.known.In(ctx, tx)
		if err != nil {
			return err
		}
		bad, content := &domain.InvalidError{}, in.Content
		if !codeForm.MatchString(code) {
			bad.Add("{code}", codeFault)
		}
		was := c.last(code)
		if err := s.settle(ctx, &content, bad); err != nil {
			return err
		}
		c.check(content, was, bad)
		from := begins(in.From, now, was == nil, bad)
		if err := bad.Err(); err != nil {
			return err
		}
		if it = was; was != nil && was.From <= from && once.Alike(was.Content, content) {
			return nil
		}
		if version < 0 && was != nil || version > 0 && (was == nil || was.Number != version) {
			return domain.ErrStale
		}
		it = following(was, code, from, content)
		return s.save(ctx, tx, actor, now, it)
	})
	if err != nil {
		return nil, err
	}
	return it, s.Refresh(ctx)
}

// settle cleans the content, and checks the organisation that it names.
func (s *Items) settle(ctx context.Context, in *Content, bad *domain.InvalidError) error {
	in.clean()
	if in.Organisation == "" {
		return nil
	}
	names, err := s.areas.OrganisationNames(ctx, []string{in.Organisation})
	if err == nil && names[in.Organisation] == "" {
		bad.Add("/organisation", domain.T("没有这个单位", "there is no such organisation"))
	}
	return err
}

// following is the version after another; nil: the first.
func following(was *Item, code string, from civil.Date, in Content) *Item {
	it := &Item{Code: code, Number: 1, From: from, Content: in}
	if was != nil {
		it.Number = was.Number + 1
	}
	it.ID, it.Partition = space.Of("item", code, strconv.FormatInt(it.Number, 10)), area.CityPartition
	return it
}

// ActionDecide is the journal's action, in the city's partition, for a version
// of an item; its dimensions "code" and "number" say which.
const ActionDecide = "service-item.decide"

// save writes versions, and counts the change.
func (s *Items) save(ctx context.Context, tx *store.Tx, actor access.Actor, now time.Time, decided ...*Item) error {
	ids := make([]string, len(decided))
	for i, it := range decided {
		ids[i] = it.ID
	}
	if _, err := versions.GetManyEver(ctx, tx, ids); err != nil { // another node may be about to write them
		return err
	}
	for _, it := range decided {
		it.By, it.At = actor.Name(), now
		e := entry(actor, now, ActionDecide)
		e.Dims = map[string]string{"code": it.Code, "number": strconv.FormatInt(it.Number, 10), "from": string(it.From)}
		if err := versions.Insert(tx, it, e); err != nil {
			return err
		}
	}
	return count(ctx, tx)
}

// count counts a change of the catalogue.
func count(ctx context.Context, tx *store.Tx) error {
	h, err := heads.GetMany(ctx, tx, []string{headID})
	if err != nil {
		return err
	}
	if h[headID] == nil {
		return heads.Insert(tx, newHead())
	}
	return heads.Put(tx, h[headID])
}

// SetKind defines a kind of qualification, or changes one. version is that
// which the caller knows (0: any, -1: it is not defined here yet). Defined
// already, it is as it is. Errors: ErrForbidden, InvalidError, ErrStale.
func (s *Items) SetKind(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, name domain.Text, retired bool) (*Kind, error) {
	if !access.MaySetServiceItems(actor) {
		return nil, domain.ErrForbidden
	}
	name = domain.T(strings.TrimSpace(name.ZH), strings.TrimSpace(name.EN))
	bad := &domain.InvalidError{}
	if !domain.IsCode(code) {
		bad.Add("{code}", domain.T("应以小写字母开头，由小写字母、数字和下划线组成，最多 40 个字符", "must begin with a small letter and have small letters, digits and underscores, 40 at most"))
	}
	domain.CheckText(bad, "/name/zh-CN", name.ZH, 40, true)
	domain.CheckText(bad, "/name/en", name.EN, 80, true)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var k *Kind
	err := s.st.Update(ctx, []string{area.CityPartition}, func(tx *store.Tx) error {
		id := space.Of("kind", code)
		found, err := kinds.GetMany(ctx, tx, []string{id})
		if err != nil {
			return err
		}
		if k = found[id]; k != nil && k.Name == name && k.Retired == retired {
			return nil
		}
		if version < 0 && k != nil || version > 0 && (k == nil || k.Version != version) {
			return domain.ErrStale
		}
		e := entry(actor, now, "qualification-kind.define")
		e.Dims = map[string]string{"code": code}
		if k == nil {
			k = &Kind{Meta: store.Meta{ID: id, Partition: area.CityPartition}, Code: code, Name: name, Retired: retired}
			err = kinds.Insert(tx, k, e)
		} else {
			k.Name, k.Retired = name, retired
			err = kinds.Put(tx, k, e)
		}
		if err != nil {
			return err
		}
		return count(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return k, s.Refresh(ctx)
}

func entry(actor access.Actor, now time.Time, action string) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: action}
}
