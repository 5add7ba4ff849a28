package handlers

import (
	"wangge/domain/ticket"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// commentOut is a remark as the wire has it.
type commentOut struct {
	ID       string           `json:"id"`
	Author   *personOut       `json:"author"` // null where the reader is not shown who
	Staff    bool             `json:"staff"`
	Text     string           `json:"text"`
	Internal bool             `json:"internal"`
	At       wire.Time        `json:"at"`
	Happened *web.HappenedOut `json:"happened"`
}

func listComments(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Tickets.Comments(r.Ctx, r.Actor, r.Param("id"), limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.commentsOut(found)
	if err != nil {
		return nil, err
	}
	return web.Listed(items, next), nil
}

func addComment(r *apiRequest) (*web.Reply, error) {
	var in commentIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := r.Tickets.Comment(r.Ctx, r.Actor, r.Now, r.Param("id"), ticket.NewComment{ID: id, Text: in.Text, Internal: in.Internal, Clock: in.Clock.Value.Clock()})
	if err != nil {
		return nil, err
	}
	out, err := commentByID(r, c.ID)
	if err != nil {
		return nil, err
	}
	out.Status, out.Made = 201, web.Resource{Kind: "comment", ID: c.ID}
	return out, nil
}

func commentByID(r *apiRequest, id string) (*web.Reply, error) {
	c, err := r.Tickets.CommentByID(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	out, err := r.commentsOut([]*ticket.Comment{c})
	if err != nil {
		return nil, err
	}
	return web.OK(out[0]), nil
}

func (r *apiRequest) commentsOut(found []*ticket.Comment) ([]commentOut, error) {
	n, err := namesOf(r, found, func(c *ticket.Comment) string { return c.Author })
	if err != nil {
		return nil, err
	}
	out := make([]commentOut, len(found))
	for i, c := range found {
		out[i] = commentOut{ID: c.ID, Author: n.person(c.Author), Staff: c.Staff, Text: c.Text, Internal: c.Internal, At: wire.Time(c.At), Happened: web.HappenedTo(c.Happened)}
	}
	return out, nil
}
