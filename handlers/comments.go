package handlers

import (
	"wangge/domain/account"
	"wangge/domain/ticket"
	"wangge/handlers/wire"
)

// commentOut is a remark as the wire has it.
type commentOut struct {
	ID       string       `json:"id"`
	Author   *personOut   `json:"author"` // null where the reader is not shown who
	Staff    bool         `json:"staff"`
	Text     string       `json:"text"`
	Internal bool         `json:"internal"`
	At       wire.Time    `json:"at"`
	Happened *happenedOut `json:"happened"`
}

func listComments(r *request) (*reply, error) {
	limit, cursor, err := r.page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Tickets.Comments(r.ctx, r.actor, r.c.Params("id"), limit, cursor)
	if err != nil {
		return nil, err
	}
	items, err := r.commentsOut(found)
	if err != nil {
		return nil, err
	}
	return listed(items, next), nil
}

func addComment(r *request) (*reply, error) {
	var in commentIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	id, err := r.chosen(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := r.Tickets.Comment(r.ctx, r.actor, r.now, r.c.Params("id"), ticket.Remark{ID: id, Text: in.Text, Internal: in.Internal, Clock: in.Clock.value.clock()})
	if err != nil {
		return nil, err
	}
	out, err := commentByID(r, c.ID)
	if err != nil {
		return nil, err
	}
	out.status, out.made = 201, resource{"comment", c.ID}
	return out, nil
}

func commentByID(r *request, id string) (*reply, error) {
	c, err := r.Tickets.CommentByID(r.ctx, r.actor, id)
	if err != nil {
		return nil, err
	}
	out, err := r.commentsOut([]*ticket.Comment{c})
	if err != nil {
		return nil, err
	}
	return ok(out[0]), nil
}

func (r *request) commentsOut(found []*ticket.Comment) ([]commentOut, error) {
	people := map[string]bool{}
	for _, c := range found {
		people[c.Author] = true
	}
	accounts, err := account.All.GetMany(r.ctx, r.Store, keys(people))
	if err != nil {
		return nil, err
	}
	n := names{people: accounts}
	out := make([]commentOut, len(found))
	for i, c := range found {
		out[i] = commentOut{ID: c.ID, Author: n.person(c.Author), Staff: c.Staff, Text: c.Text, Internal: c.Internal, At: wire.Time(c.At), Happened: happenedTo(c.Happened)}
	}
	return out, nil
}
