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
	Ticket     string           `store:"ticket"`
	Author     string           `store:"author"`
	Staff      bool             `store:"staff"` // written by one who works on it, not by the reporter
	Text       string           `store:"text"`
	Internal   bool             `store:"internal"`
	At         time.Time        `store:"at"`
	Happened   *domain.Happened `store:"happened,omitempty"` // when it was written, of one that a device sent later
}

// NewComment is the input of a comment.
type NewComment struct {
	ID       string // the same id and content again is the same comment
	Text     string
	Internal bool
	Clock    *domain.Clock
}

func (in *NewComment) check(now time.Time) error {
	bad := &domain.InvalidError{}
	if n := utf8.RuneCountInString(in.Text); n == 0 || n > 2000 {
		bad.Add("/text", domain.T("请填写 1 到 2000 字", "must have 1 to 2000 characters"))
	}
	in.Clock.Check(now, bad)
	return bad.Err()
}

var comments = store.Declare[Comment](store.Declaration{
	Name: "comments", Schema: 1, Indexes: []string{"ticket: ticket, at"}, Predicates: []string{"internal"},
})

// Comment adds a remark.
// Errors: ErrNotFound, ErrForbidden (internal, by the reporter), InvalidError, ConflictError "duplicate".
func (s *Tickets) Comment(ctx context.Context, actor access.Actor, now time.Time, ticket string, in NewComment) (*Comment, error) {
	in.Text = strings.TrimSpace(in.Text)
	var c *Comment
	err := s.updateSeen(ctx, actor, ticket, nil, func(tx *store.Tx, t *Ticket, view access.View) error {
		if !access.MayComment(view, in.Internal) {
			return domain.ErrForbidden
		}
		was, err := comments.Get(ctx, tx, in.ID)
		if err == nil && (was.Text != in.Text || was.Author != actor.Account || was.Ticket != ticket || was.Internal != in.Internal) {
			return domain.ErrIDInUse
		}
		if !errors.Is(err, store.ErrNotFound) {
			c = was
			return err
		}
		if err := in.check(now); err != nil {
			return err
		}
		c = &Comment{Meta: store.Meta{ID: in.ID, Partition: t.Partition}, Ticket: ticket, Author: actor.Account, Staff: in.Internal || actor.Account != t.Reporter,
			Text: in.Text, Internal: in.Internal, At: now, Happened: in.Clock.Read(now)}
		before := t.facts()
		t.Comments++
		if in.Internal {
			t.Internal++
		}
		t.UpdatedAt = now
		entry := t.entry(actor, now, "comment", before)
		entry.Dims["comment"], entry.Dims["internal"] = in.ID, strconv.FormatBool(in.Internal)
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

// shownTo takes the author off for who does not see all of the ticket and
// reads what others wrote, and for anybody else reading what an anonymous
// reporter wrote, be they staff. An internal remark is nobody's as the
// reporter: it is under its author's name.
func (c *Comment) shownTo(actor access.Actor, view access.View, t *Ticket) {
	c.Staff = c.Staff && (c.Internal || c.Author != t.Reporter)
	hidden := view != access.Whole || !c.Staff && t.Anonymous
	if hidden && c.Author != actor.Account {
		c.Author, c.Happened = "", c.Happened.Nameless()
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
