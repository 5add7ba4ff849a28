package household

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// AddMember takes somebody into the household. The same id again is the
// member there is. Warnings as by Create.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError.
func (s *Households) AddMember(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in MemberInput) (*Household, []Warning, error) {
	bad := &domain.InvalidError{}
	ready, err := s.memberInput(&in, "", now, bad)
	if err := cmp.Or(err, bad.Err()); err != nil {
		return nil, nil, err
	}
	compare, err := s.mayCompare(ctx, actor, now, &in.PersonInput)
	if err != nil {
		return nil, nil, err
	}
	var h *Household
	var warnings []Warning
	err = s.updateKept(ctx, actor, id, version, nil, func(tx *store.Tx, current *Household) error {
		h = current
		if h.member(ready.id) >= 0 {
			return nil
		}
		bad := &domain.InvalidError{}
		if len(h.Members) >= membersMost {
			bad.Add("", tooManyMembers)
		}
		if err := h.add(s.keys, ready, now, "", bad); err != nil {
			return err
		}
		m := &h.Members[len(h.Members)-1]
		if err := s.putTags(ctx, tx, h.Partition, m, in.Tags, now, bad); err != nil {
			return err
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if compare {
			var err error
			if warnings, err = s.warn(ctx, tx, actor, h, map[string]string{ready.id: ""}); err != nil {
				return err
			}
		}
		return h.saveMember(tx, actor, now, "add_member", ready.id)
	})
	return h, warnings, err
}

var tooManyMembers = domain.T("成员最多 30 人", "30 members at most")

// UpdateMember changes what is said of a member; nil leaves a field as it is.
// Errors: ErrNotFound (no such member too), ErrForbidden, ErrStale, InvalidError.
func (s *Households) UpdateMember(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, member string, in PersonInput) (*Household, []Warning, error) {
	bad := &domain.InvalidError{}
	ready, err := s.prepare(member, in, "", now, bad)
	if in.Name != nil && ready.name.plain == "" {
		bad.Add("/name", domain.T("请填写姓名", "a name is required"))
	}
	if err := cmp.Or(err, bad.Err()); err != nil {
		return nil, nil, err
	}
	compare, err := s.mayCompare(ctx, actor, now, &in)
	if err != nil {
		return nil, nil, err
	}
	var warnings []Warning
	h, err := s.updateKeptMember(ctx, actor, id, version, member, func(tx *store.Tx, h *Household, m *Member) error {
		bad := &domain.InvalidError{}
		if h.sameNumberTwice(ready, "", bad); bad.Err() != nil {
			return bad
		}
		changed, err := m.apply(s.keys, ready)
		if err != nil || !changed {
			return err
		}
		if compare {
			if warnings, err = s.warn(ctx, tx, actor, h, map[string]string{member: ""}); err != nil {
				return err
			}
		}
		return h.saveMember(tx, actor, now, "change_member", member)
	})
	return h, warnings, err
}

// Tag puts tags on a member, each in the place of one of its code that has not ended.
// Errors: ErrNotFound, ErrForbidden, ErrStale, InvalidError.
func (s *Households) Tag(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, member string, tags ...TagInput) (*Household, error) {
	return s.updateKeptMember(ctx, actor, id, version, member, func(tx *store.Tx, h *Household, m *Member) error {
		bad, was := &domain.InvalidError{}, slices.Clone(m.Tags)
		if err := s.putTags(ctx, tx, h.Partition, m, tags, now, bad); err != nil {
			return err
		}
		if err := bad.Err(); err != nil || slices.Equal(was, m.Tags) {
			return err
		}
		return h.saveMember(tx, actor, now, "tag", member)
	})
}

// Untag ends a member's tag now; one that has not begun is taken away.
// Errors: ErrNotFound (no such tag too), ErrForbidden, ErrStale.
func (s *Households) Untag(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, member, code string) (*Household, error) {
	return s.updateKeptMember(ctx, actor, id, version, member, func(tx *store.Tx, h *Household, m *Member) error {
		if !m.end(code, now) {
			return domain.ErrNotFound
		}
		return h.saveMember(tx, actor, now, "untag", member)
	})
}

// putTags puts the tags that the input describes on a member.
func (s *Households) putTags(ctx context.Context, tx *store.Tx, street string, m *Member, in []TagInput, now time.Time, bad *domain.InvalidError) error {
	known, err := s.definitionsIn(ctx, tx, street)
	if err != nil {
		return err
	}
	for i, t := range in {
		m.put(t.tag(known, now, pointerTo("/tags", i), bad))
	}
	if len(m.Tags) > tagsMost {
		bad.Add("/tags", tooManyTags)
	}
	return nil
}

// updateKeptMember is updateKept for one of the household's members.
func (s *Households) updateKeptMember(ctx context.Context, actor access.Actor, id string, version int64, member string, fn func(*store.Tx, *Household, *Member) error) (*Household, error) {
	var h *Household
	err := s.updateKept(ctx, actor, id, version, nil, func(tx *store.Tx, current *Household) error {
		h = current
		i := h.member(member)
		if i < 0 {
			return domain.ErrNotFound
		}
		return fn(tx, h, &h.Members[i])
	})
	return h, err
}

// saveMember is save of a change that is about one member.
func (h *Household) saveMember(tx *store.Tx, actor access.Actor, now time.Time, action, member string) error {
	h.settle(now)
	e := h.entry(actor, now, action, h.facts())
	e.Dims["member"] = member
	return collection.Put(tx, h, e)
}
