package handlers

import (
	"slices"
	"strings"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/handlers/web"
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
	Role access.Role          `json:"role" need:"true"`
	Area web.Nullable[string] `json:"area"`
}

// meOut is one's own account, with those for whom one stands in now.
type meOut struct {
	accountOut
	StandsFor []standsForOut `json:"standsFor"`
}

type standsForOut struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Until wire.Time `json:"until"`
}

type grantsIn struct {
	Grants []grantIn `json:"grants" need:"true"`
}

// accountPatch is a merge patch: what is absent stays; null takes a phone or organisation away.
type accountPatch struct {
	Username     *string              `json:"username"`
	Name         *string              `json:"name"`
	Phone        web.Nullable[string] `json:"phone"`
	Password     *string              `json:"password"`
	Organisation web.Nullable[string] `json:"organisation"`
	Language     *string              `json:"language"`
	Disabled     *bool                `json:"disabled"`
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

func (r *apiRequest) accountOut(a *account.Account) (accountOut, error) {
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
	posts, err := r.Areas.Posts(r.Ctx, a.ID, r.Now)
	if err != nil {
		return out, err
	}
	slices.SortFunc(posts, func(a, b area.Posted) int { return strings.Compare(a.Cell.Code, b.Cell.Code) })
	for _, p := range posts {
		out.Posts = append(out.Posts, postedOut{namedOut{p.Cell.Code, p.Cell.Name}, p.Role, (*wire.Time)(optional(p.Until))})
	}
	if a.Organisation != "" {
		names, err := r.Areas.OrganisationNames(r.Ctx, []string{a.Organisation})
		if err != nil {
			return out, err
		}
		out.Organisation = &orgRefOut{a.Organisation, names[a.Organisation]}
	}
	return out, nil
}

func (r *apiRequest) ownAccount(own *account.Own) (*web.Reply, error) {
	out, err := r.accountOut(own.Account)
	if err != nil {
		return nil, err
	}
	out.Name, out.Phone = own.FullName, optional(own.FullPhone)
	me := meOut{out, []standsForOut{}}
	if len(r.Actor.StandsFor) > 0 {
		covers, err := r.Accounts.StandsIn(r.Ctx, r.Actor.Account, r.Now)
		if err != nil {
			return nil, err
		}
		n, err := namesOf(r, covers, func(c *account.Cover) string { return c.Absent })
		if err != nil {
			return nil, err
		}
		for _, c := range covers {
			if p := n.person(c.Absent); p != nil {
				me.StandsFor = append(me.StandsFor, standsForOut{p.ID, p.Name, wire.Time(c.Until)})
			}
		}
	}
	reply := web.Versioned(me, own.Version)
	reply.Changing = own.Holds(access.Staff...) // for whom they stand in goes by time
	return reply, nil
}

func getMe(r *apiRequest) (*web.Reply, error) {
	own, err := r.Accounts.Me(r.Ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	return r.ownAccount(own)
}

func patchMe(r *apiRequest) (*web.Reply, error) {
	var in mePatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	own, err := r.Accounts.UpdateMe(r.Ctx, r.Actor, r.Now, version, account.OwnChange(in), r.Client())
	if err != nil {
		return nil, err
	}
	if in.Phone != nil {
		r.SignedOut(r.Actor.Session) // who is asked for anew: with the phone that they proved
	}
	return r.ownAccount(own)
}

func listAccounts(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	if role, given := r.Query.Find("role"); given && !access.RoleWords.Has(role) {
		return nil, web.BadWord("role", access.RoleWords)
	}
	found, next, err := r.Accounts.List(r.Ctx, r.Actor, account.Filter{
		Area: r.Query.Get("area"), Role: access.Role(r.Query.Get("role")), Organisation: r.Query.Get("organisation"), Text: r.Query.Get("q"), Limit: limit, After: cursor,
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
	return web.Listed(items, next), nil
}

func grantsOf(in []grantIn) []account.GrantInput {
	out := make([]account.GrantInput, len(in))
	for i, g := range in {
		out[i].Role = g.Role
		out[i].Area = given(g.Area.Value)
	}
	return out
}

func createAccount(r *apiRequest) (*web.Reply, error) {
	var in accountIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	a, err := r.Accounts.Create(r.Ctx, r.Actor, r.Now, account.NewAccount{
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
	out.Status, out.Made = 201, web.Resource{Kind: "account", ID: a.ID}
	return out, nil
}

func (r *apiRequest) accountReply(a *account.Account) (*web.Reply, error) {
	out, err := r.accountOut(a)
	if err != nil {
		return nil, err
	}
	return web.Versioned(out, a.Version), nil
}

func getAccount(r *apiRequest) (*web.Reply, error) { return accountByID(r, r.Param("id")) }

func accountByID(r *apiRequest, id string) (*web.Reply, error) {
	a, err := r.Accounts.Get(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return r.accountReply(a)
}

func patchAccount(r *apiRequest) (*web.Reply, error) {
	var in accountPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	a, err := r.Accounts.Update(r.Ctx, r.Actor, r.Now, r.Param("id"), version, account.Change{
		Username: in.Username, Name: in.Name, Phone: in.Phone.Pointer(), Password: in.Password,
		Organisation: in.Organisation.Pointer(), Language: in.Language, Disabled: in.Disabled,
	})
	if err != nil {
		return nil, err
	}
	return r.accountReply(a)
}

func putGrants(r *apiRequest) (*web.Reply, error) {
	var in grantsIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	a, err := r.Accounts.SetGrants(r.Ctx, r.Actor, r.Now, r.Param("id"), version, grantsOf(in.Grants))
	if err != nil {
		return nil, err
	}
	return r.accountReply(a)
}
