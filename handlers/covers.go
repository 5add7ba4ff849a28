package handlers

import (
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// personCoverOut is who stands in for whom, from when to when.
type personCoverOut struct {
	ID      string               `json:"id"`
	Absent  *personOut           `json:"absent"`
	StandIn *personOut           `json:"standIn"`
	From    wire.Time            `json:"from"`
	Until   wire.Time            `json:"until"` // the first moment when it is over
	Running bool                 `json:"running"`
	Why     *account.CoverReason `json:"why"` // for who is concerned, and who arranges it
	By      *personOut           `json:"by"`
	At      wire.Time            `json:"at"`
	Version int64                `json:"version"`
}

func (r *apiRequest) coversOut(found []*account.Cover) ([]personCoverOut, error) {
	ids := map[string]bool{}
	for _, c := range found {
		ids[c.Absent], ids[c.StandIn], ids[c.By] = true, true, true
	}
	n, err := r.peopleOf(ids)
	if err != nil {
		return nil, err
	}
	out := make([]personCoverOut, len(found))
	for i, c := range found {
		out[i] = personCoverOut{ID: c.ID, Absent: n.person(c.Absent), StandIn: n.person(c.StandIn), From: wire.Time(c.From), Until: wire.Time(c.Until),
			Running: c.Holds(r.Now), By: n.person(c.By), At: wire.Time(c.At), Version: c.Version}
		if access.SeesWhyAway(r.Actor, c.Absent, c.StandIn) {
			out[i].Why = &c.Why
		}
	}
	return out, nil
}

func (r *apiRequest) coverMade(c *account.Cover, err error) (*web.Reply, error) {
	if err != nil {
		return nil, err
	}
	out, err := r.coversOut([]*account.Cover{c})
	if err != nil {
		return nil, err
	}
	reply := web.Versioned(out[0], c.Version)
	reply.Made = web.Resource{Kind: "cover", ID: c.ID}
	return reply, nil
}

func listCovers(r *apiRequest) (*web.Reply, error) {
	f := account.CoverFilter{Account: r.Query.Get("account"), Area: r.Query.Get("area")}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.At, err = r.Instant("at"); err != nil {
		return nil, err
	}
	page, next, err := r.Accounts.Covers(r.Ctx, r.Actor, f)
	if err != nil {
		return nil, err
	}
	items, err := r.coversOut(page)
	return web.Listed(items, next), err
}

func getCover(r *apiRequest) (*web.Reply, error) { return coverByID(r, r.Param("id")) }

func coverByID(r *apiRequest, id string) (*web.Reply, error) {
	return r.coverMade(r.Accounts.Cover(r.Ctx, r.Actor, id))
}

type personCoverIn struct {
	ID      string                  `json:"id"`
	Absent  string                  `json:"absent" need:"true"`
	StandIn string                  `json:"standIn" need:"true"`
	From    web.Nullable[time.Time] `json:"from"`
	Until   time.Time               `json:"until" need:"true"`
	Why     account.CoverReason     `json:"why" need:"true"`
}

func createCover(r *apiRequest) (*web.Reply, error) {
	var in personCoverIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	reply, err := r.coverMade(r.Accounts.AddCover(r.Ctx, r.Actor, r.Now, account.NewCover{
		ID: in.ID, Absent: in.Absent, StandIn: in.StandIn, From: given(in.From.Value).UTC(), Until: in.Until.UTC(), Why: in.Why}))
	if err == nil {
		reply.Status = 201
	}
	return reply, err
}

type personCoverPatch struct {
	Until *time.Time           `json:"until"`
	Why   *account.CoverReason `json:"why"`
}

func patchCover(r *apiRequest) (*web.Reply, error) {
	var in personCoverPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	return r.coverMade(r.Accounts.ChangeCover(r.Ctx, r.Actor, r.Now, r.Param("id"), version, account.CoverChange(in)))
}
