package handlers

import (
	"time"

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
}

type coverIn struct {
	Account string                  `json:"account" need:"true"`
	For     string                  `json:"for" need:"true"`
	From    web.Nullable[time.Time] `json:"from"`
	Until   web.Nullable[time.Time] `json:"until"`
}

// postRoles are the wire's words for who staffs a cell.
var postRoles = map[postRole]access.Role{"lead": access.GridLead, "worker": access.OutreachWorker}

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
	posts := make([]area.Post, len(in.Staff))
	for i, p := range in.Staff {
		posts[i] = area.Post{Account: p.Account, Role: postRoles[p.Role], From: given(p.From.Value).UTC(), Until: given(p.Until.Value).UTC()}
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
