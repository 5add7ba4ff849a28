package notice

import (
	"context"
	"fmt"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/store"
)

// ReadMost is how many notices are marked as read by their ids at once.
const ReadMost = 500

// Reading is what somebody has read: the notices with these ids, or all, of a
// kind where one is given, that had come when they took a Mark.
type Reading struct {
	IDs  []string
	All  bool
	Kind Kind
	Mark string
}

// Read marks notices of the actor's own as read; those that are so stay as they
// are. Errors: InvalidError at each id that is none of theirs, whoever else's.
func (s *Notices) Read(ctx context.Context, actor access.Actor, now time.Time, in Reading) error {
	if in.All {
		last, ok := s.marked(actor, in.Mark)
		if !ok {
			return domain.Invalid("/until", domain.T("不是本人消息列表给出的 asOf", "is no asOf that your inbox gave"))
		}
		return s.readAll(ctx, actor, now, in.Kind, last)
	}
	bad := &domain.InvalidError{}
	if len(in.IDs) == 0 || len(in.IDs) > ReadMost {
		bad.Add("/ids", domain.Textf("应为 1 至 %d 个编号", "must be 1 to %d ids", ReadMost))
		return bad
	}
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		found, err := notices.GetMany(ctx, tx, in.IDs)
		if err != nil {
			return err
		}
		wrong := &domain.InvalidError{}
		for i, id := range in.IDs {
			if n := found[id]; n == nil || n.Recipient != actor.Account {
				wrong.Add(fmt.Sprintf("/ids/%d", i), domain.T("没有这条消息", "there is no such notice"))
			}
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		if err := read(ctx, tx, actor, found, now); err != nil {
			return err
		}
		return once.Finish(ctx, tx)
	})
}

// readAll marks page after page, the first again until none is left.
func (s *Notices) readAll(ctx context.Context, actor access.Actor, now time.Time, kind Kind, last int64) error {
	where := []store.Cond{store.Eq("recipient", actor.Account), store.Eq("unread", true), store.Filter(store.Between("arrived", nil, last+1))}
	if kind != "" {
		where = append(where, store.Filter(store.Eq("kind", kind)))
	}
	for cursor := ""; ; {
		page, next, err := notices.Find(ctx, s.store, store.Query{Where: where, Order: []string{"at"}, Limit: ReadMost, After: cursor, Cap: 200_000})
		if err != nil {
			return err
		}
		ids := make([]string, len(page))
		for i, n := range page {
			ids[i] = n.ID
		}
		err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
			found, err := notices.GetMany(ctx, tx, ids)
			if err == nil {
				err = read(ctx, tx, actor, found, now)
			}
			if err != nil || next != "" { // a request that is sent again goes on where a crash left it
				return err
			}
			return once.Finish(ctx, tx)
		})
		if cursor = next; err != nil || cursor == "" {
			return err
		}
	}
}

// read marks those that are not read yet, and has the reader's other devices hear of it.
func read(ctx context.Context, tx *store.Tx, actor access.Actor, found map[string]*Notice, now time.Time) error {
	changed := false
	for _, n := range found {
		if !n.Unread {
			continue
		}
		n.Unread, n.ReadAt, changed = false, now, true
		if err := notices.Put(tx, n); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return haveRead(ctx, tx, actor.Account, now)
}
