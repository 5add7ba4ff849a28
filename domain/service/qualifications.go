package service

import (
	"context"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/store"
)

// Qualifications is what people do with qualifications and training batches.
type Qualifications struct {
	st       *store.Store
	accounts *account.Accounts
	items    *Items
}

// NewQualifications makes the use cases on a store that has Collections.
func NewQualifications(st *store.Store, accounts *account.Accounts, items *Items) *Qualifications {
	return &Qualifications{st, accounts, items}
}

const accountsAtOnce = 200 // whose qualifications are read by one query

// Held returns what each of the accounts holds or held, revoked ones until
// they were revoked. In an update it counts as read.
func (s *Qualifications) Held(ctx context.Context, r store.Reader, accounts []string) (map[string][]Held, error) {
	all, err := ofAccounts(ctx, r, accounts)
	if err != nil {
		return nil, err
	}
	out := map[string][]Held{}
	for id, theirs := range all {
		for _, q := range theirs {
			if h, ok := q.held(); ok {
				out[id] = append(out[id], h)
			}
		}
	}
	return out, nil
}

// ofAccounts reads all that accounts were given, by account.
func ofAccounts(ctx context.Context, r store.Reader, accounts []string) (map[string][]*Qualification, error) {
	out := map[string][]*Qualification{}
	for some := range slices.Chunk(accounts, accountsAtOnce) {
		for cursor := ""; ; {
			page, next, err := qualifications.Find(ctx, r, store.Query{
				Where: []store.Cond{store.In("account", some...)}, Order: []string{"ends"}, Limit: 500, After: cursor,
			})
			if err != nil {
				return nil, err
			}
			for _, q := range page {
				out[q.Account] = append(out[q.Account], q)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return out, nil
}

// Filter of List; what is empty does not filter.
type Filter struct {
	Account string // id
	Area    string // code: of people with a grant there or below
	Batch   string // id
	Kind    string // code
	Limit   int
	Cursor  string
}

// List returns a page of the qualifications that the actor may see, those that
// end first first: their own, and those of the people whose accounts they may see.
// Errors: InvalidError at ?area; ErrNotFound of an account or a batch.
func (s *Qualifications) List(ctx context.Context, actor access.Actor, f Filter) ([]*Qualification, string, error) {
	queries, err := s.queries(ctx, actor, f)
	if err != nil {
		return nil, "", err
	}
	page, next, err := qualifications.Find(ctx, s.st, queries...)
	if err != nil {
		return nil, "", err
	}
	seen, err := s.seen(ctx, s.st, actor, page)
	if err != nil {
		return nil, "", err
	}
	return slices.DeleteFunc(page, func(q *Qualification) bool { return !seen[q.Account] }), next, nil
}

// queries are what a list looks through.
func (s *Qualifications) queries(ctx context.Context, actor access.Actor, f Filter) ([]store.Query, error) {
	var asked *area.Area
	if f.Area != "" {
		var ok bool
		if asked, ok = s.items.areas.Tree().ByCode(f.Area); !ok {
			return nil, domain.Invalid("?area", domain.T("没有这个区划", "no such area"))
		}
	}
	if f.Account == "" && !access.MayListAccounts(actor) {
		f.Account = actor.Account
	}
	var where []store.Cond
	if f.Account != "" {
		if _, err := s.accounts.Get(ctx, actor, f.Account); err != nil {
			return nil, err
		}
		where = append(where, store.Eq("account", f.Account))
	}
	if f.Batch != "" {
		if _, err := s.Batch(ctx, actor, f.Batch); err != nil {
			return nil, err
		}
		where = append(where, store.Eq("batch", f.Batch))
	}
	if f.Kind != "" {
		where = append(where, store.Eq("kind", f.Kind))
	}
	query := func(conds []store.Cond, by string) store.Query {
		return store.Query{Where: store.Driven(conds, by), Order: []string{"ends"}, Limit: f.Limit, After: f.Cursor}
	}
	within := s.accounts.Within(actor, asked)
	switch {
	case f.Account != "" && asked != nil:
		return []store.Query{query(append(where, store.In("areas", within...)), "account")}, nil
	case f.Account != "":
		return []store.Query{query(where, "account")}, nil
	case f.Batch != "" && asked != nil:
		return []store.Query{query(append(where, store.In("areas", within...)), "batch")}, nil
	case f.Batch != "":
		return []store.Query{query(where, "batch")}, nil
	}
	var out []store.Query
	for _, id := range within {
		out = append(out, query(append(slices.Clone(where), store.Eq("areas", id)), "areas"))
	}
	return out, nil
}

// seen says whose of these qualifications the actor may see now.
func (s *Qualifications) seen(ctx context.Context, r store.Reader, actor access.Actor, page []*Qualification) (map[string]bool, error) {
	ids := make([]string, len(page))
	for i, q := range page {
		ids[i] = q.Account
	}
	slices.Sort(ids)
	found, err := account.LoadMany(ctx, r, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{actor.Account: true}
	for id, a := range found {
		places, err := s.accounts.Places(ctx, r, a)
		if err != nil {
			return nil, err
		}
		seen[id] = access.MayReadAccount(actor, id, places)
	}
	return seen, nil
}

// Get returns a qualification; ErrNotFound when the actor may not see it.
func (s *Qualifications) Get(ctx context.Context, actor access.Actor, id string) (*Qualification, error) {
	return s.readable(ctx, s.st, actor, id)
}

func (s *Qualifications) readable(ctx context.Context, r store.Reader, actor access.Actor, id string) (*Qualification, error) {
	q, err := qualifications.Get(ctx, r, id)
	if err != nil {
		return nil, err
	}
	seen, err := s.seen(ctx, r, actor, []*Qualification{q})
	if err == nil && !seen[q.Account] {
		err = domain.ErrNotFound
	}
	return q, err
}
