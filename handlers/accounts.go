package handlers

import (
	"slices"
	"strings"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/handlers/wire"
)

// accountOut is an account as others see it, and, with more, as its owner does.
type accountOut struct {
	ID           string      `json:"id"`
	Username     *string     `json:"username"`
	Name         string      `json:"name"`  // masked, of residents
	Phone        *string     `json:"phone"` // masked
	Language     string      `json:"language"`
	Roles        []string    `json:"roles"`
	Grants       []grantOut  `json:"grants"`
	Posts        []postedOut `json:"posts"`
	Organisation *orgRefOut  `json:"organisation"`
	Disabled     bool        `json:"disabled"`
	Machine      bool        `json:"machine"`
	CreatedAt    wire.Time   `json:"createdAt"`
	Version      int64       `json:"version"`
}

type grantOut struct {
	Role  access.Role `json:"role"`
	Level *string     `json:"level"`
	Area  *namedOut   `json:"area"`
}

// postedOut is a cell that the person staffs or covers today.
type postedOut struct {
	Cell  namedOut    `json:"cell"`
	Role  access.Role `json:"role"`
	Until *wire.Time  `json:"until"`
}

type orgRefOut struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type accountIn struct {
	ID           string    `json:"id"`
	Username     string    `json:"username" need:"true"`
	Name         string    `json:"name" need:"true"`
	Phone        string    `json:"phone"`
	Password     string    `json:"password"`
	Organisation string    `json:"organisation"`
	Language     string    `json:"language"`
	Machine      bool      `json:"machine"`
	Grants       []grantIn `json:"grants" need:"true"`
}

type grantIn struct {
	Role access.Role      `json:"role" need:"true"`
	Area nullable[string] `json:"area"`
}

type grantsIn struct {
	Grants []grantIn `json:"grants" need:"true"`
}

// accountPatch is a merge patch: what is absent stays; null takes a phone or organisation away.
type accountPatch struct {
	Username     *string          `json:"username"`
	Name         *string          `json:"name"`
	Phone        nullable[string] `json:"phone"`
	Password     *string          `json:"password"`
	Organisation nullable[string] `json:"organisation"`
	Language     *string          `json:"language"`
	Disabled     *bool            `json:"disabled"`
}

// mePatch is a merge patch of one's own account.
type mePatch struct {
	Name        *string `json:"name"`
	Language    *string `json:"language"`
	Phone       *string `json:"phone"`
	Code        *string `json:"code"` // sent to the new phone
	Password    *string `json:"password"`
	OldPassword *string `json:"oldPassword"`
}

func (r *request) accountOut(a *account.Account) (accountOut, error) {
	out := accountOut{
		ID: a.ID, Username: optional(a.Username), Name: a.DisplayName(), Phone: optional(a.PhoneMasked), Language: a.Language,
		Roles: []string{}, Grants: []grantOut{}, Posts: []postedOut{}, Disabled: a.Disabled, Machine: a.Machine, CreatedAt: wire.Time(a.Created), Version: a.Version,
	}
	seen := map[access.Role]bool{}
	for _, g := range a.Grants {
		if !seen[g.Role] {
			seen[g.Role] = true
			out.Roles = append(out.Roles, string(g.Role))
		}
		grant := grantOut{Role: g.Role}
		if at, ok := g.Today(r.Areas.Tree()); ok {
			grant.Level, grant.Area = optional(string(at.Level)), &namedOut{at.Code, at.Name}
		}
		out.Grants = append(out.Grants, grant)
	}
	posts, err := r.Areas.Posts(r.ctx, a.ID, r.now)
	if err != nil {
		return out, err
	}
	slices.SortFunc(posts, func(a, b area.Posted) int { return strings.Compare(a.Cell.Code, b.Cell.Code) })
	for _, p := range posts {
		out.Posts = append(out.Posts, postedOut{namedOut{p.Cell.Code, p.Cell.Name}, p.Role, (*wire.Time)(optional(p.Until))})
	}
	if a.Organisation != "" {
		o, err := area.Organisations.Get(r.ctx, r.Store, a.Organisation)
		if err != nil {
			return out, err
		}
		out.Organisation = &orgRefOut{o.ID, o.Name}
	}
	return out, nil
}

func (r *request) ownAccount(own *account.Own) (*reply, error) {
	out, err := r.accountOut(own.Account)
	if err != nil {
		return nil, err
	}
	out.Name, out.Phone = own.FullName, optional(own.FullPhone)
	return versioned(out, own.Version), nil
}

func getMe(r *request) (*reply, error) {
	own, err := r.Accounts.Me(r.ctx, r.actor)
	if err != nil {
		return nil, err
	}
	return r.ownAccount(own)
}

func patchMe(r *request) (*reply, error) {
	var in mePatch
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	own, err := r.Accounts.UpdateMe(r.ctx, r.actor, r.now, version, account.OwnChange(in), r.client())
	if err != nil {
		return nil, err
	}
	return r.ownAccount(own)
}

func listAccounts(r *request) (*reply, error) {
	limit, cursor, err := r.page()
	if err != nil {
		return nil, err
	}
	if role, given := r.query.find("role"); given && !access.RoleWords.Has(role) {
		return nil, badWord("role", access.RoleWords)
	}
	found, next, err := r.Accounts.List(r.ctx, r.actor, account.Filter{
		Area: r.query.get("area"), Role: access.Role(r.query.get("role")), Organisation: r.query.get("organisation"), Text: r.query.get("q"), Limit: limit, After: cursor,
	})
	if err != nil {
		return nil, err
	}
	items := make([]accountOut, len(found))
	for i, a := range found {
		if items[i], err = r.accountOut(a); err != nil {
			return nil, err
		}
	}
	return listed(items, next), nil
}

func grantsOf(in []grantIn) []account.GrantInput {
	out := make([]account.GrantInput, len(in))
	for i, g := range in {
		out[i].Role = g.Role
		out[i].Area = given(g.Area.value)
	}
	return out
}

func createAccount(r *request) (*reply, error) {
	var in accountIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	a, err := r.Accounts.Create(r.ctx, r.actor, r.now, account.NewAccount{
		ID: in.ID, Username: in.Username, Name: in.Name, Phone: in.Phone, Password: in.Password, Organisation: in.Organisation,
		Language: in.Language, Machine: in.Machine, Grants: grantsOf(in.Grants),
	})
	if err != nil {
		return nil, err
	}
	out, err := r.accountReply(a)
	if err != nil {
		return nil, err
	}
	out.status, out.made = 201, resource{"account", a.ID}
	return out, nil
}

func (r *request) accountReply(a *account.Account) (*reply, error) {
	out, err := r.accountOut(a)
	if err != nil {
		return nil, err
	}
	return versioned(out, a.Version), nil
}

func getAccount(r *request) (*reply, error) { return accountByID(r, r.c.Params("id")) }

func accountByID(r *request, id string) (*reply, error) {
	a, err := r.Accounts.Get(r.ctx, r.actor, id)
	if err != nil {
		return nil, err
	}
	return r.accountReply(a)
}

func patchAccount(r *request) (*reply, error) {
	var in accountPatch
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	a, err := r.Accounts.Update(r.ctx, r.actor, r.now, r.c.Params("id"), version, account.Change{
		Username: in.Username, Name: in.Name, Phone: in.Phone.pointer(), Password: in.Password,
		Organisation: in.Organisation.pointer(), Language: in.Language, Disabled: in.Disabled,
	})
	if err != nil {
		return nil, err
	}
	return r.accountReply(a)
}

func putGrants(r *request) (*reply, error) {
	var in grantsIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	a, err := r.Accounts.SetGrants(r.ctx, r.actor, r.now, r.c.Params("id"), version, grantsOf(in.Grants))
	if err != nil {
		return nil, err
	}
	return r.accountReply(a)
}
