package account

import (
	"context"

	"wangge/domain/area"
	"wangge/store"
)

// Person is what is shown of an account where something else speaks of it:
// staff by name, residents masked.
type Person struct{ ID, Name, PhoneMasked string }

// People returns what is shown of accounts, by id, in one read: what speaks of
// them, and to whom, is for the caller to know. Ids that are nobody's are left out.
func (s *Accounts) People(ctx context.Context, ids []string) (map[string]Person, error) {
	found, err := LoadMany(ctx, s.st, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Person, len(found))
	for id, a := range found {
		out[id] = Person{id, a.DisplayName(), a.PhoneMasked}
	}
	return out, nil
}

// Changed counts the changes of accounts, areas and organisations: while it
// stays the same, so do their names.
func (s *Accounts) Changed() int64 { return s.st.Head(area.CityPartition) }

// Load returns an account, for other parts of the domain; ErrNotFound.
func Load(ctx context.Context, r store.Reader, id string) (*Account, error) {
	return collection.Get(ctx, r, id)
}

// LoadMany returns accounts by id; missing ones are left out.
func LoadMany(ctx context.Context, r store.Reader, ids []string) (map[string]*Account, error) {
	return collection.GetMany(ctx, r, ids)
}

// About reports whether an entry is about an account.
func About(e *store.Entry) bool { return e.Collection == collection.Spec().Name }
