package service

import (
	"context"

	"wangge/domain/account"
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
	out := map[string][]Held{}
	for len(accounts) > 0 {
		n := min(len(accounts), accountsAtOnce)
		for cursor := ""; ; {
			page, next, err := qualifications.Find(ctx, r, store.Query{
				Where: []store.Cond{store.In("account", accounts[:n]...)}, Order: []string{"ends"}, Limit: 500, After: cursor,
			})
			if err != nil {
				return nil, err
			}
			for _, q := range page {
				if h, ok := q.held(); ok {
					out[q.Account] = append(out[q.Account], h)
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		accounts = accounts[n:]
	}
	return out, nil
}
