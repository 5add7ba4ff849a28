package account

import (
	"context"
	"slices"

	"wangge/domain/access"
	"wangge/store"
)

// Places says where each of the account's grants lies, for other parts of the domain.
func (s *Accounts) Places(ctx context.Context, r store.Reader, a *Account) ([]access.Place, error) {
	return s.places(ctx, r, a)
}

// Named returns accounts by username, for who knows what an actor may learn of
// them; names that nobody has are left out. 200 at most.
func (s *Accounts) Named(ctx context.Context, r store.Reader, names []string) (map[string]*Account, error) {
	found, _, err := collection.Find(ctx, r, store.Query{Where: []store.Cond{store.In("sort", names...)}, Limit: 200})
	out := make(map[string]*Account, len(found))
	for _, a := range found {
		out[a.Username] = a
	}
	return out, err
}

// Phoned is Named for mobile phones, as they are written; those that are none are left out.
func (s *Accounts) Phoned(ctx context.Context, r store.Reader, phones []string) (map[string]*Account, error) {
	written := map[string][]string{} // by index
	var queries []store.Query
	for _, phone := range phones {
		if plain, err := mobilePhone(phone); err == nil {
			index := s.phoneIndex(plain)
			written[index] = append(written[index], phone)
			queries = append(queries, store.Query{Where: []store.Cond{store.Eq("phoneIndex", index)}, Limit: 200})
		}
	}
	found, _, err := collection.Find(ctx, r, queries...)
	out := make(map[string]*Account, len(found))
	for _, a := range found {
		for _, phone := range written[a.PhoneIndex] {
			out[phone] = a
		}
	}
	return out, err
}

// OfPhones are the accounts of the phones that blind indexes stand for; those that are nobody's are left out.
func OfPhones(ctx context.Context, r store.Reader, indexes []string) (all []*Account, err error) {
	for some := range slices.Chunk(indexes, 200) {
		queries := make([]store.Query, len(some))
		for i, index := range some {
			queries[i] = store.Query{Where: []store.Cond{store.Eq("phoneIndex", index)}, Limit: len(some)}
		}
		found, _, err := collection.Find(ctx, r, queries...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// OfPhone is the account of the phone that a blind index stands for; nil where there is none.
func OfPhone(ctx context.Context, r store.Reader, index string) (*Account, error) {
	found, _, err := collection.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("phoneIndex", index)}, Limit: 1})
	if err != nil || len(found) == 0 || index == "" {
		return nil, err
	}
	return found[0], nil
}
