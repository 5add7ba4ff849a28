package policy

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Draft returns the draft of an area; ErrNotFound while there is none and for
// who is no staff of the area, ErrForbidden for who does not decide there.
func (s *Policies) Draft(ctx context.Context, actor access.Actor, code string) (*Draft, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	return drafts.Get(ctx, s.st, a.ID)
}

// SetDraft writes the draft of an area; version, when not 0, is the one the
// caller read, below 0 where there was none. Errors: those of Draft, InvalidError, ErrStale.
func (s *Policies) SetDraft(ctx context.Context, actor access.Actor, now time.Time, code string, version int64, c Content) (*Draft, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	c = c.trimmed()
	if err := c.readable(); err != nil {
		return nil, err
	}
	var d *Draft
	err = s.st.Update(ctx, []string{partition(a)}, func(tx *store.Tx) error {
		own, err := s.decisions(ctx, tx, a)
		if err != nil {
			return err
		}
		if d, err = draftAt(ctx, tx, a, version); err != nil {
			return err
		}
		d.Base, d.By, d.At, d.Content = last(own), actor.Name(), now, c
		if e := entry(actor, now, "draft"); d.Version == 0 {
			return drafts.Insert(tx, d, e)
		} else {
			return drafts.Put(tx, d, e)
		}
	})
	return d, err
}

// draftAt is the draft to be written: a new one, one that was deleted, or the one at the version stated.
func draftAt(ctx context.Context, tx *store.Tx, a *area.Area, version int64) (*Draft, error) {
	ever, err := drafts.GetManyEver(ctx, tx, []string{a.ID})
	if err != nil {
		return nil, err
	}
	d := ever[a.ID]
	there := d != nil && !d.Deleted
	switch {
	case there && version != 0 && version != d.Version, !there && version > 0:
		return nil, domain.ErrStale
	case d == nil:
		return &Draft{Meta: store.Meta{ID: a.ID, Partition: partition(a)}}, nil
	}
	d.Deleted = false
	return d, nil
}

// DropDraft throws the draft of an area away. Errors: those of Draft, ErrStale.
func (s *Policies) DropDraft(ctx context.Context, actor access.Actor, now time.Time, code string, version int64) error {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return err
	}
	return s.st.Update(ctx, []string{partition(a)}, func(tx *store.Tx) error {
		d, err := drafts.GetAt(ctx, tx, a.ID, version)
		if err != nil {
			return err
		}
		return drafts.Delete(tx, d, entry(actor, now, "drop_draft"))
	})
}

// Check says what would hinder a content from coming into force now, and warns of what is thin already. Errors: those of Draft but for the draft's.
func (s *Policies) Check(ctx context.Context, actor access.Actor, now time.Time, code string, c Content) ([]Finding, error) {
	a, err := s.decided(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	return s.findings(ctx, s.st, a, now, c.trimmed(), map[string]*crew{})
}
