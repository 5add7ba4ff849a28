package account

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// SetStaff replaces the posts and covers of a cell. Whoever is posted or
// stands in has to hold the role over the cell, unless their time is over
// already. version states the cell the actor knows; 0 states none. ErrNotFound
// for a cell that is not the actor's to staff; InvalidError as of
// area.Cell.SetStaff, and for people who do not fit.
func (s *Accounts) SetStaff(ctx context.Context, actor access.Actor, now time.Time, code string, posts []area.Post, covers []area.Cover, version int64) (*area.Cell, error) {
	c, err := area.LoadCell(ctx, s.st, code)
	if err != nil {
		return nil, err
	}
	if !access.MayStaff(actor, c.Place) {
		return nil, domain.ErrNotFound
	}
	// The city's partition too: an account disabled meanwhile must not be posted.
	err = s.st.Update(ctx, []string{area.CityPartition, c.Partition}, func(tx *store.Tx) error {
		if c, err = area.LoadCellAt(ctx, tx, code, version); err != nil {
			return err
		}
		if err := c.SetStaff(posts, covers); err != nil {
			return err
		}
		if err := s.checkStaff(ctx, tx, now, c); err != nil {
			return err
		}
		e := entry(actor, now, "cell.staff")
		e.Before.Cell, e.After.Cell = c.ID, c.ID
		return area.PutCell(ctx, tx, c, e)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// checkStaff checks that everybody on the cell's staff from now on may be there.
func (s *Accounts) checkStaff(ctx context.Context, tx *store.Tx, now time.Time, c *area.Cell) error {
	var ids []string
	for _, p := range c.Posts {
		ids = append(ids, p.Account)
	}
	for _, v := range c.Covers {
		ids = append(ids, v.Account)
	}
	people, err := collection.GetMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	var bad domain.InvalidError
	check := func(pointer, id string, role access.Role, until time.Time) {
		over := !until.IsZero() && !until.After(now)
		if !over && !people[id].mayBePosted(s.areas.Tree(), role, c.Place) {
			bad.Add(pointer, domain.T("没有此人，或其在该网格没有相应角色", "no such person, or they do not hold the role over this cell"))
		}
	}
	for i, p := range c.Posts {
		check(fmt.Sprintf("/posts/%d/account", i), p.Account, p.Role, p.Until)
	}
	for i, v := range c.Covers {
		for _, p := range c.Posts {
			if p.Account == v.For {
				check(fmt.Sprintf("/covers/%d/account", i), v.Account, p.Role, v.Until)
			}
		}
	}
	return bad.Err()
}

// mayBePosted reports whether the account may be posted so at the place; nobody, who is nil, may not.
func (a *Account) mayBePosted(tree *area.Tree, r access.Role, at access.Place) bool {
	if a == nil || a.Disabled {
		return false
	}
	var posting []access.Grant
	for _, g := range a.Grants {
		posting = append(posting, g.resolve(tree)...)
	}
	return mayTake(posting, r, at)
}

// Notices are what is published of the posts of a cell, but of accounts that are not in use any more.
func (s *Accounts) Notices(ctx context.Context, now time.Time, c *area.Cell) ([]area.Notice, error) {
	out := c.Notices(now)
	var ids []string
	for _, n := range out {
		ids = append(ids, n.Account)
	}
	people, err := collection.GetMany(ctx, s.st, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(out, func(n area.Notice) bool { return people[n.Account] == nil || people[n.Account].Disabled }), nil
}
