package account

import (
	"context"
	"slices"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/fold"
	"wangge/store"
)

// Filter of List; what is empty does not filter. Together they all have to hold.
type Filter struct {
	Area         string      // code: with a grant there or below
	Role         access.Role // with this role, in Area where that is given too
	Organisation string      // id
	Text         string      // what the username or the name (of staff) begins with
	Limit        int
	After        string // cursor
}

// List returns one page of the accounts that the actor may see, by username,
// and the cursor of the next. ErrForbidden for who has no part in it; fold.ErrTooShort.
func (s *Accounts) List(ctx context.Context, actor access.Actor, f Filter) ([]*Account, string, error) {
	if !access.MayListAccounts(actor) {
		return nil, "", domain.ErrForbidden
	}
	areas, err := s.within(actor, f)
	if err != nil {
		return nil, "", err
	}
	if f.Text != "" && utf8.RuneCountInString(searched(f.Text)) == 1 {
		return nil, "", fold.ErrTooShort
	}
	var queries []store.Query
	for _, id := range areas {
		queries = append(queries, f.query(id))
	}
	return collection.Find(ctx, s.st, queries...)
}

// All are the accounts of a filter, by username, for the program itself; its page does not count.
func (s *Accounts) All(ctx context.Context, f Filter) (all []*Account, err error) {
	f.Limit, f.After = 200, ""
	for {
		page, next, err := s.List(ctx, access.Program, f)
		if err != nil {
			return nil, err
		}
		if all, f.After = append(all, page...), next; next == "" {
			return all, nil
		}
	}
}

// within lists the areas to look in, by id; "" is everywhere. Accounts are
// found under the areas of when they were written, so former ones belong to it.
func (s *Accounts) within(actor access.Actor, f Filter) ([]string, error) {
	var bad domain.InvalidError
	var asked *area.Area
	tree := s.areas.Tree()
	if f.Role != "" && !f.Role.Known() {
		bad.Add("?role", domain.T("没有这个角色", "no such role"))
	}
	if utf8.RuneCountInString(f.Text) > nameMost {
		bad.Add("?q", domain.T("搜索内容过长", "longer than any name"))
	} else if f.Text != "" && searched(f.Text) == "" {
		bad.Add("?q", domain.T("请输入文字或数字", "no letter or digit to look for"))
	}
	if f.Area != "" {
		var ok bool
		if asked, ok = tree.ByCode(f.Area); !ok {
			bad.Add("?area", domain.T("没有这个区划", "no such area"))
		}
	}
	return s.Within(actor, asked), bad.Err()
}

// Within lists the areas, by id, under which accounts are found that the actor
// may see in an area of today (nil: anywhere); "" is everywhere.
func (s *Accounts) Within(actor access.Actor, asked *area.Area) []string {
	tree := s.areas.Tree()
	var out []string
	for _, scope := range access.AccountScopes(actor) {
		at, _ := tree.ByID(scope.ID)
		switch {
		case asked == nil:
			out = append(out, tree.Formerly(scope.ID)...)
		case scope.Level == "" || tree.Place(asked).At(scope.Level) == scope.ID:
			out = append(out, tree.Formerly(asked.ID)...)
		case at != nil && tree.Place(at).At(asked.Level) == asked.ID:
			out = append(out, tree.Formerly(scope.ID)...) // asked for more than the actor's own
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// query asks for the accounts of one area; "" is everywhere. The key that
// fewest accounts are likely to have goes first: it drives the index.
func (f Filter) query(area string) store.Query {
	q := store.Query{Order: []string{"sort"}, Limit: f.Limit, After: f.After}
	var keys []string
	if f.Text != "" {
		keys = append(keys, textKey(searched(f.Text)))
	}
	if f.Organisation != "" {
		keys = append(keys, organisationKey(f.Organisation))
	}
	if f.Role != "" || area != "" {
		keys = append(keys, roleKey(f.Role, area))
	}
	if len(keys) > 0 {
		q.Where = []store.Cond{store.HasAll("keys", keys...)}
	}
	return q
}
