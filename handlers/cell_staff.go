package handlers

import (
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
)

type staffIn struct {
	Staff  []postIn  `json:"staff" need:"true"`
	Covers []coverIn `json:"covers" need:"true"`
}

type postIn struct {
	Account string              `json:"account" need:"true"`
	Role    postRole            `json:"role" need:"true"`
	From    nullable[time.Time] `json:"from"`
	Until   nullable[time.Time] `json:"until"`
}

type coverIn struct {
	Account string              `json:"account" need:"true"`
	For     string              `json:"for" need:"true"`
	From    nullable[time.Time] `json:"from"`
	Until   nullable[time.Time] `json:"until"`
}

// postRoles are the wire's words for who staffs a cell.
var postRoles = map[postRole]access.Role{"lead": access.GridLead, "worker": access.OutreachWorker}

func putStaff(r *request) (*reply, error) {
	var in staffIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	version, err := r.ifMatch(true)
	if err != nil {
		return nil, err
	}
	d, err := r.datum()
	if err != nil {
		return nil, err
	}
	posts := make([]area.Post, len(in.Staff))
	for i, p := range in.Staff {
		posts[i] = area.Post{Account: p.Account, Role: postRoles[p.Role], From: given(p.From.value).UTC(), Until: given(p.Until.value).UTC()}
	}
	covers := make([]area.Cover, len(in.Covers))
	for i, v := range in.Covers {
		covers[i] = area.Cover{Account: v.Account, For: v.For, From: given(v.From.value).UTC(), Until: given(v.Until.value).UTC()}
	}
	if _, err := r.Accounts.SetStaff(r.ctx, r.actor, r.now, r.c.Params("code"), posts, covers, version); err != nil {
		return nil, onWire(err, "/posts", "/staff")
	}
	c, err := r.Areas.CellByCode(r.ctx, r.actor, r.c.Params("code"), nil)
	if err != nil {
		return nil, err
	}
	return r.cellReply(c, d)
}
