package handlers

import (
	"fmt"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/handlers/web"
)

type staffIn struct {
	Staff  []postIn  `json:"staff" need:"true"`
	Covers []coverIn `json:"covers" need:"true"`
}

type postIn struct {
	Account string                  `json:"account" need:"true"`
	Role    postRole                `json:"role" need:"true"`
	From    web.Nullable[time.Time] `json:"from"`
	Until   web.Nullable[time.Time] `json:"until"`

	Published web.Nullable[contactBody] `json:"published"`
}

// contactBody is what anybody may know of who holds a post.
type contactBody struct {
	Name  string               `json:"name" need:"true"`
	Phone web.Nullable[string] `json:"phone"`
	Hours web.Nullable[string] `json:"hours"`
}

type coverIn struct {
	Account string                  `json:"account" need:"true"`
	For     string                  `json:"for" need:"true"`
	From    web.Nullable[time.Time] `json:"from"`
	Until   web.Nullable[time.Time] `json:"until"`
}

// postRoles are the wire's words for who staffs a cell.
var (
	postRoles = map[postRole]access.Role{"lead": access.GridLead, "worker": access.OutreachWorker}
	postWords = map[access.Role]postRole{access.GridLead: "lead", access.OutreachWorker: "worker"}
)

func putStaff(r *apiRequest) (*web.Reply, error) {
	var in staffIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	var bad domain.InvalidError
	posts := make([]area.Post, len(in.Staff))
	for i, p := range in.Staff {
		posts[i] = area.Post{Account: p.Account, Role: postRoles[p.Role], From: given(p.From.Value).UTC(), Until: given(p.Until.Value).UTC()}
		if c := p.Published.Value; c != nil {
			posts[i].Published = area.Contact{Name: c.Name, Phone: given(c.Phone.Value), Hours: given(c.Hours.Value)}
			if c.Name == "" { // without anything else, it would be as if nothing was to be published
				bad.Add(fmt.Sprintf("/staff/%d/published/name", i), domain.T("请填写", "must not be empty"))
			}
		}
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	covers := make([]area.Cover, len(in.Covers))
	for i, v := range in.Covers {
		covers[i] = area.Cover{Account: v.Account, For: v.For, From: given(v.From.Value).UTC(), Until: given(v.Until.Value).UTC()}
	}
	if _, err := r.Accounts.SetStaff(r.Ctx, r.Actor, r.Now, r.Param("code"), posts, covers, version); err != nil {
		return nil, onWire(err, "/posts", "/staff")
	}
	c, err := r.Areas.CellByCode(r.Ctx, r.Actor, r.Param("code"), nil)
	if err != nil {
		return nil, err
	}
	return r.cellReply(c, d)
}
