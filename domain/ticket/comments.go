package ticket

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Comment is a remark on a ticket: for everybody who sees it, or internal.
type Comment struct {
	store.Meta `store:",inline"`
	Ticket     string    `store:"ticket"`
	Author     string    `store:"author"`
	Staff      bool      `store:"staff"` // written by one who works on it, not by the reporter
	Text       string    `store:"text"`
	Internal   bool      `store:"internal"`
	At         time.Time `store:"at"`
}

var comments = store.Declare[Comment](store.Declaration{
	Name: "comments", Schema: 1, Indexes: []string{"ticket: ticket, at"}, Predicates: []string{"internal"},
})

// Comment adds a remark. id makes it idempotent.
// Errors: ErrNotFound, ErrForbidden (internal, by the reporter), InvalidError, ConflictError "duplicate".
func (s *Tickets) Comment(ctx context.Context, actor access.Actor, now time.Time, ticket, id, text string, internal bool) (*Comment, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > 2000 {
		return nil, domain.Invalid("/text", domain.T("请填写 1 到 2000 字", "must have 1 to 2000 characters"))
	}
	var c *Comment
	err := s.change(ctx, actor, ticket, nil, func(tx *store.Tx, t *Ticket, view access.View) error {
		if !access.MayComment(view, internal) {
			return domain.ErrForbidden
		}
		was, err := comments.Get(ctx, tx, id)
		if err == nil && (was.Text != text || was.Author != actor.Account || was.Ticket != ticket || was.Internal != internal) {
			return taken
		}
		if !errors.Is(err, store.ErrNotFound) {
			c = was
			return err
		}
		c = &Comment{Meta: store.Meta{ID: id, Partition: t.Partition}, Ticket: ticket, Author: actor.Account, Staff: view == access.Whole && (internal || actor.Account != t.Reporter), Text: text, Internal: internal, At: now}
		before := t.facts()
		t.Comments++
		if internal {
			t.Internal++
		}
		t.UpdatedAt = now
		entry := t.entry(actor, now, "comment", before)
		entry.Dims = map[string]string{"comment": id, "internal": strconv.FormatBool(internal)}
		if err := comments.Insert(tx, c, store.Entry{At: now, Actor: entry.Actor, From: actor.Session, Action: "comment.add", Dims: map[string]string{"ticket": ticket}}); err != nil {
			return err
		}
		return put(tx, t, entry)
	})
	return c, err
}

// Comments returns a page of the remarks this actor may read, oldest first,
// without the author where the reader is not shown who wrote it.
func (s *Tickets) Comments(ctx context.Context, actor access.Actor, ticket string, limit int, cursor string) ([]*Comment, string, error) {
	t, view, err := s.Get(ctx, actor, ticket)
	if err != nil {
		return nil, "", err
	}
	where := []store.Cond{store.Eq("ticket", ticket)}
	if view != access.Whole {
		where = append(where, store.Eq("internal", false))
	}
	found, next, err := comments.Find(ctx, s.store, store.Query{Where: where, Order: []string{"at"}, Limit: limit, After: cursor})
	for _, c := range found {
		c.shownTo(actor, view, t)
	}
	return found, next, err
}

// shownTo takes the author off for a reporter reading what staff wrote, and
// for anybody else reading what an anonymous reporter wrote, be they staff. An
// internal remark is nobody's as the reporter: it is under its author's name.
func (c *Comment) shownTo(actor access.Actor, view access.View, t *Ticket) {
	c.Staff = c.Staff && (c.Internal || c.Author != t.Reporter)
	hidden := view != access.Whole
	if !c.Staff {
		hidden = t.Anonymous
	}
	if hidden && c.Author != actor.Account {
		c.Author = ""
	}
}

// CommentByID returns one remark this actor may read, as Comments would.
func (s *Tickets) CommentByID(ctx context.Context, actor access.Actor, id string) (*Comment, error) {
	c, err := comments.Get(ctx, s.store, id)
	if err != nil {
		return nil, err
	}
	t, view, err := s.Get(ctx, actor, c.Ticket)
	if err != nil || !access.MayComment(view, c.Internal) {
		return nil, domain.ErrNotFound
	}
	c.shownTo(actor, view, t)
	return c, nil
}
