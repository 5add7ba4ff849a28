package policy

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/store"
)

const aheadMost = 366 // days that a policy may be put in force before

// Publishing is what a draft is put in force with.
type Publishing struct {
	From string // day in China, YYYY-MM-DD; today: from now on
	Why  string
}

// begins is the moment from which on a version is in force.
func (in Publishing) begins(now time.Time) (time.Time, error) {
	bad := &domain.InvalidError{}
	day, err := time.ParseInLocation(time.DateOnly, in.From, civil.Zone)
	today := civil.DateOf(now)
	switch {
	case err != nil:
		bad.Add("/from", domain.T("应为日期，如 2026-12-01", "a day is needed, such as 2026-12-01"))
	case day.Before(today.Start()):
		bad.Add("/from", domain.T("不能早于今天", "must not be before today"))
	case day.After(today.Add(aheadMost).Start()):
		bad.Add("/from", domain.T("最多提前一年", "a year ahead at most"))
	}
	checkText(bad, "/why", in.Why, 1, whyLongest)
	if day = day.UTC(); day.Before(now) {
		day = now
	}
	return day, bad.Err()
}

// Publish puts the draft of an area, at the version the caller read, in force
// from a day on. Said again it is the version that came of it.
// Errors: those of Draft, InvalidError with what Check finds, ErrStale,
// ConflictError "no_draft", "outdated_draft" when something was decided since it was written.
func (s *Policies) Publish(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, in Publishing) (*Version, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	in.Why = strings.TrimSpace(in.Why)
	from, err := in.begins(now)
	if err != nil {
		return nil, err
	}
	streets, crews := s.streetsOf(a), map[string]*crew{}
	var v *Version
	err = s.st.Update(ctx, append([]string{partition(a)}, streets...), func(tx *store.Tx) error {
		own, err := s.decisions(ctx, tx, a)
		if err != nil {
			return err
		}
		d, err := drafts.GetAt(ctx, tx, a.ID, version)
		if err != nil {
			if v = same(own, actor, version, in); v != nil {
				return nil
			}
			if errors.Is(err, store.ErrNotFound) {
				err = &domain.ConflictError{Code: "no_draft", Detail: domain.T("没有草案", "there is no draft")}
			}
			return err
		}
		if d.Base != last(own) {
			return errOutdated
		}
		found, err := s.findings(ctx, tx, a, from, d.Content, crews)
		if err != nil {
			return err
		}
		if was := inForce(own, now); from.After(now) && !sameTags(was, d.Content) {
			found = append(found, Finding{Code: outOfRange, Pointer: "/tags", Detail: domain.T("标签的变更须自今日起生效", "what is decided of tags holds at once: put it in force from today")})
		}
		if err := invalid(found); err != nil {
			return err
		}
		v = following(a, own, latest(own), d.Content, last(own)+1)
		v.From, v.By, v.At, v.Why, v.Draft = from, actor.Name(), now, in.Why, d.Version
		if err := drafts.Delete(tx, d, entry(actor, now, "publish_draft")); err != nil {
			return err
		}
		return s.save(ctx, tx, a, streets, entry(actor, now, "publish"), v)
	})
	if err != nil {
		return nil, err
	}
	return v, s.refresh(ctx, append(streets, a.ID)...)
}

var errOutdated = &domain.ConflictError{Code: "outdated_draft", Detail: domain.T("起草之后已有新的决定，请在其基础上重新起草", "something was decided since the draft was written: write it anew on that")}

// sameTags reports whether a content has the tags that a version has.
func sameTags(was *Version, c Content) bool {
	before := Content{}
	if was != nil {
		before = was.Content
	}
	c = c.clone()
	c.stamp(before, 0)
	return reflect.DeepEqual(slices.Clone(before.Tags), c.Tags) || len(before.Tags)+len(c.Tags) == 0
}

// same is the version that came of the same publishing.
func same(own []*Version, actor access.Actor, draft int64, in Publishing) *Version {
	for _, v := range own {
		if draft > 0 && v.Draft == draft && v.By == actor.Name() && v.Why == in.Why && string(civil.DateOf(v.From)) == in.From {
			return v
		}
	}
	return nil
}
