package handlers

import (
	"wangge/domain"
	"wangge/domain/notice"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// noticeOut is something that the caller is told.
type noticeOut struct {
	ID             string            `json:"id"`
	Kind           notice.Kind       `json:"kind"`
	Importance     notice.Importance `json:"importance"`
	Text           string            `json:"text"`
	About          subjectOut        `json:"about"`
	Path           string            `json:"path"`
	For            *string           `json:"for"`
	At             wire.Time         `json:"at"`
	Unread         bool              `json:"unread"`
	AcknowledgedAt *wire.Time        `json:"acknowledgedAt"`
}

func (r *apiRequest) noticeOut(n notice.Shown) noticeOut {
	return noticeOut{ID: n.ID, Kind: n.Kind, Importance: n.Importance, Text: r.Text(n.Text), About: subjectOut{n.About.Kind, n.About.ID}, Path: n.Path,
		For: optional(n.For), At: wire.Time(n.At), Unread: n.Unread, AcknowledgedAt: (*wire.Time)(optional(n.Acked))}
}

// inboxPage is a page of the inbox. AsOf is up to where it had come: what comes later stays unread.
type inboxPage struct {
	Items []noticeOut `json:"items"`
	Next  *string     `json:"next"`
	AsOf  string      `json:"asOf"`
}

// inboxCountsOut are how many notices are unread; kinds of which there are none are left out.
type inboxCountsOut struct {
	Unread       int                       `json:"unread"`
	ByKind       map[notice.Kind]int       `json:"byKind"`
	ByImportance map[notice.Importance]int `json:"byImportance"`
	More         bool                      `json:"more"` // there are more than are counted
}

// readIn is the body of POST /v1/me/inbox/read.
type readIn struct {
	IDs   []string    `json:"ids" need:"all"`
	All   bool        `json:"all" need:"ids"`
	Until string      `json:"until"`
	Kind  notice.Kind `json:"kind"`
}

func listInbox(r *apiRequest) (*web.Reply, error) {
	f := notice.Filter{Kind: notice.Kind(r.Query.Get("kind")), Importance: notice.Importance(r.Query.Get("importance"))}
	if _, given := r.Query.Find("kind"); given && !notice.KindWords().Has(string(f.Kind)) {
		return nil, web.BadWord("kind", notice.KindWords())
	}
	if _, given := r.Query.Find("importance"); given && !notice.ImportanceWords.Has(string(f.Importance)) {
		return nil, web.BadWord("importance", notice.ImportanceWords)
	}
	var err error
	if f.Limit, f.Cursor, err = r.Page(); err != nil {
		return nil, err
	}
	if f.Unread, err = r.OptionalFlag("unread"); err != nil {
		return nil, err
	}
	asOf, err := r.Notices.Mark(r.Ctx, r.Actor)
	if err != nil {
		return nil, err
	}
	page, next, err := r.Notices.List(r.Ctx, r.Actor, r.Now, f)
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 200, Body: inboxPage{each(page, r.noticeOut), optional(next), asOf}, Next: next}, nil
}

func getNotice(r *apiRequest) (*web.Reply, error) { return noticeByID(r, r.Param("id")) }

func countInbox(r *apiRequest) (*web.Reply, error) {
	c, err := r.Notices.Counts(r.Ctx, r.Actor, r.Now)
	if err != nil {
		return nil, err
	}
	return web.OK(inboxCountsOut{c.Unread, c.ByKind, c.ByImportance, c.More}), nil
}

func readInbox(r *apiRequest) (*web.Reply, error) {
	var in readIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	bad := &domain.InvalidError{}
	if in.IDs != nil && in.All {
		bad.Add("/all", domain.T("ids 与 all 不能同时给出", "ids, or all: not both"))
	}
	if !in.All && in.Kind != "" {
		bad.Add("/kind", domain.T("只能与 all 同时给出", "goes with all only"))
	}
	if !in.All && in.Until != "" {
		bad.Add("/until", domain.T("只能与 all 同时给出", "goes with all only"))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if err := r.Notices.Read(r.Ctx, r.Actor, r.Now, notice.Reading{IDs: in.IDs, All: in.All, Kind: in.Kind, Mark: in.Until}); err != nil {
		return nil, err
	}
	return countInbox(r)
}
