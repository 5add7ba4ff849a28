package intake

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// OwnFilter narrows the list of one's own cases. Empty fields do not filter.
type OwnFilter struct {
	Open   *bool // only what is not over, or only what is
	Limit  int
	Cursor string
}

// ListOwn returns a page of the actor's own cases, of every community, the
// last opened first. Errors: store.ErrCursor.
func (s *Cases) ListOwn(ctx context.Context, actor access.Actor, f OwnFilter) ([]*Case, string, error) {
	var queries []store.Query
	for _, own := range []struct {
		field, value string
		since        time.Time
	}{{"applicant.phone.index", actor.Phone, actor.PhoneSince}, {"applicant.account", actor.Account, actor.Since}} {
		if own.value == "" {
			continue
		}
		where := []store.Cond{store.Eq(own.field, own.value), store.Within("openedAt", own.since, time.Time{})}
		if f.Open != nil {
			where = append(where, store.In("state", statesThatAre(*f.Open)...))
		}
		queries = append(queries, store.Query{Where: where, Order: []string{"-openedAt"}, Limit: f.Limit, Cap: most, After: f.Cursor})
	}
	if len(queries) == 0 {
		return nil, "", nil
	}
	return collection.Find(ctx, s.store, queries...)
}

// Titles are those of the platforms that decide the cases, by name.
func (s *Cases) Titles(ctx context.Context, cases []*Case) (map[string]string, error) {
	var names []string
	for _, c := range cases {
		if c.System != "" && !slices.Contains(names, c.System) {
			names = append(names, c.System)
		}
	}
	found, err := systems.GetMany(ctx, s.store, names)
	out := make(map[string]string, len(found))
	for name, system := range found {
		out[name] = system.Title
	}
	return out, err
}

// statesThatAre are those in which a matter is not over, or is.
func statesThatAre(open bool) (out []State) {
	for _, s := range States {
		if s.Open() == open {
			out = append(out, s)
		}
	}
	return out
}

// GetOwn returns a case of the actor's own; ErrNotFound.
func (s *Cases) GetOwn(ctx context.Context, actor access.Actor, id string) (*Case, error) {
	c, err := Load(ctx, s.store, id)
	if err == nil && !access.OwnsCase(actor, c.Facts()) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}
