package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// GrantInput is a grant as it is asked for.
type GrantInput struct {
	Role access.Role
	Area string // code of an area of today; "" for a role without one
}

// grantsOf resolves what is asked for against the areas of today.
func grantsOf(tree *area.Tree, in []GrantInput, machine bool, bad *domain.InvalidError) []Grant {
	if len(in) == 0 {
		bad.Add("/grants", domain.T("至少需要一个角色", "at least one grant is needed"))
	}
	var out []Grant
	for i, g := range in {
		pointer := fmt.Sprintf("/grants/%d", i)
		grant, fault := grantOf(tree, g)
		switch {
		case !g.Role.Known():
			bad.Add(pointer+"/role", access.RoleWords.Fault())
		case machine != (g.Role == access.Integration):
			bad.Add(pointer+"/role", domain.T("系统接入角色只用于机器账号，机器账号也只能有该角色", "the integration role is for machine accounts, and the only one for them"))
		case fault != domain.Text{}:
			bad.Add(pointer+"/area", fault)
		case slices.Contains(out, grant):
			bad.Add(pointer, domain.T("角色重复", "the same grant twice"))
		default:
			out = append(out, grant)
		}
	}
	return out
}

func grantOf(tree *area.Tree, in GrantInput) (Grant, domain.Text) {
	if in.Area == "" {
		if !slices.Contains([]access.Role{access.Resident, access.Handler, access.Admin}, in.Role) {
			return Grant{}, domain.T("该角色需要区划", "this role needs an area")
		}
		return Grant{Role: in.Role}, domain.Text{}
	}
	if in.Role == access.Resident || in.Role == access.Handler {
		return Grant{}, domain.T("该角色不需要区划", "this role has no area")
	}
	at, ok := tree.ByCode(in.Area)
	if !ok {
		return Grant{}, domain.T("没有这个区划", "no such area")
	}
	return Grant{Role: in.Role, Level: at.Level, Area: at.ID}, domain.Text{}
}

// resolve lists the grant as access decides about it: over its area or what
// took over from it, and over what that was before, since things keep the ids
// of the areas they were placed in.
func (g Grant) resolve(tree *area.Tree) []access.Grant {
	if g.Area == "" {
		return []access.Grant{{Role: g.Role}}
	}
	today, ok := g.Today(tree)
	if !ok {
		return nil
	}
	var out []access.Grant
	for _, id := range tree.Formerly(today.ID) {
		out = append(out, access.Grant{Role: g.Role, Level: today.Level, Area: id})
	}
	return out
}

// WorksAt reports whether the account may sign in and holds one of the roles
// over the place; nobody, who is nil, does not.
func (a *Account) WorksAt(tree *area.Tree, p access.Place, roles ...access.Role) bool {
	return a.works(roles, func(g Grant) bool {
		return slices.ContainsFunc(g.resolve(tree), func(r access.Grant) bool { return r.Covers(p) })
	})
}

// WorksWithin is WorksAt, also for a role over a part of the place.
func (a *Account) WorksWithin(tree *area.Tree, p access.Place, roles ...access.Role) bool {
	return a.WorksAt(tree, p, roles...) || a.works(roles, func(g Grant) bool {
		today, ok := g.Today(tree)
		if !ok {
			return false
		}
		level := access.Street
		if p.Community != "" {
			level = access.Community
		}
		return slices.Contains(tree.Formerly(tree.Place(today).At(level)), p.At(level))
	})
}

func (a *Account) works(roles []access.Role, there func(Grant) bool) bool {
	return a != nil && !a.Disabled && slices.ContainsFunc(a.Grants, func(g Grant) bool { return slices.Contains(roles, g.Role) && there(g) })
}

// Today returns the granted area, or what succeeded it; false for a grant without area.
func (g Grant) Today(tree *area.Tree) (*area.Area, bool) {
	heirs := tree.Heirs(g.Area)
	if g.Area == "" || len(heirs) == 0 {
		return nil, false
	}
	return tree.ByID(heirs[len(heirs)-1])
}

// places says where each of the account's grants lies. A handler's is where
// their organisation is.
func (s *Accounts) places(ctx context.Context, r store.Reader, a *Account) ([]access.Place, error) {
	tree, out := s.areas.Tree(), make([]access.Place, len(a.Grants))
	for i, g := range a.Grants {
		if at, ok := g.Today(tree); ok {
			out[i] = tree.Place(at)
		}
		if g.Role != access.Handler {
			continue
		}
		o, err := area.LoadOrganisation(ctx, r, a.Organisation)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			out[i] = o.Place
		}
	}
	return out, nil
}

// mayJoin checks that the organisation is there for the actor to put people into.
func (s *Accounts) mayJoin(ctx context.Context, r store.Reader, actor access.Actor, a *Account) error {
	if a.Organisation == "" {
		if a.Holds(access.Handler) {
			return domain.Invalid("/organisation", domain.T("处置人员需要所属单位", "a handler needs an organisation"))
		}
		return nil
	}
	o, err := area.LoadOrganisation(ctx, r, a.Organisation)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil || !access.MayManageOrganisations(actor, o.Place) {
		return domain.Invalid("/organisation", domain.T("没有这个单位", "no such organisation"))
	}
	return nil
}
