package notice

import (
	"cmp"
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Filter of List; what is empty does not filter.
type Filter struct {
	Kind       Kind
	Importance Importance
	Unread     *bool
	Limit      int
	Cursor     string
}

// List returns a page of what the actor was told, newest first, of what they
// may see now, and the cursor of the next.
func (s *Notices) List(ctx context.Context, actor access.Actor, now time.Time, f Filter) ([]Shown, string, error) {
	states := []bool{true, false}
	if f.Unread != nil {
		states = []bool{*f.Unread}
	}
	where := []store.Cond{store.Eq("recipient", actor.Account), store.In("unread", states...)}
	if f.Kind != "" {
		where = append(where, store.Filter(store.Eq("kind", f.Kind)))
	}
	if f.Importance != "" {
		where = append(where, store.Filter(store.Eq("importance", f.Importance)))
	}
	page, next, err := notices.Find(ctx, s.store, store.Query{Where: where, Order: []string{"-at"}, Limit: f.Limit, After: f.Cursor})
	if err != nil {
		return nil, "", err
	}
	if page, err = s.SeenBy(ctx, actor, now, page); err != nil {
		return nil, "", err
	}
	shown, err := s.show(ctx, actor, page)
	return shown, next, err
}

// Get returns one of the actor's own notices, of what they may see now; ErrNotFound.
func (s *Notices) Get(ctx context.Context, actor access.Actor, now time.Time, id string) (*Shown, error) {
	n, err := notices.Get(ctx, s.store, id)
	if err == nil && n.Recipient != actor.Account {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	seen, err := s.SeenBy(ctx, actor, now, []*Notice{n})
	if err != nil || len(seen) == 0 {
		return nil, cmp.Or(err, domain.ErrNotFound)
	}
	shown, err := s.show(ctx, actor, seen)
	if err != nil {
		return nil, err
	}
	return &shown[0], nil
}
