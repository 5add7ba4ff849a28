package handlers

import (
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

func (r *apiRequest) noticesOut(page []*notice.Notice) ([]noticeOut, error) {
	var absent []string
	for _, n := range page {
		if n.For != "" {
			absent = append(absent, n.For)
		}
	}
	people, err := r.Accounts.People(r.Ctx, absent)
	if err != nil {
		return nil, err
	}
	out := make([]noticeOut, len(page))
	for i, n := range page {
		out[i] = noticeOut{ID: n.ID, Kind: n.Kind, Importance: n.Importance, Text: r.Text(n.Text()), About: subjectOut{n.About.Kind, n.About.ID}, Path: n.About.Path(),
			For: optional(people[n.For].Name), At: wire.Time(n.At), Unread: n.Unread, AcknowledgedAt: (*wire.Time)(optional(n.Acked))}
	}
	return out, nil
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
	page, next, err := r.Notices.List(r.Ctx, r.Actor, r.Now, f)
	if err != nil {
		return nil, err
	}
	items, err := r.noticesOut(page)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}
