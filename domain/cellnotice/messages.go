package cellnotice

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/limit"
	"wangge/domain/notice"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/store"
)

// Messages are the use cases.
type Messages struct {
	store      *store.Store
	keys       *personal.Keys
	areas      *area.Areas
	households *household.Households
	notices    *notice.Notices
	limits     *limit.Limits
}

// New returns the use cases on a store that has Collections.
func New(st *store.Store, keys *personal.Keys, areas *area.Areas, households *household.Households, notices *notice.Notices, limits *limit.Limits) *Messages {
	return &Messages{st, keys, areas, households, notices, limits}
}

// What a message may be, in characters, and how many a cell is told.
const (
	TitleMost = 40
	TextMost  = 500
	PerDay    = 3
)

var perDay = limit.Rule{Name: "cell-notices", Quota: PerDay, Window: 24 * time.Hour}

// NewMessage is a message to be sent.
type NewMessage struct {
	ID    string `once:"-"`
	Title string
	Text  string
	Until time.Time           // zero: as long as notices are kept
	Wrong domain.InvalidError `once:"-"` // what was found wrong before; told with the rest
}

// Send has all residents of a cell told, soon: those who live there when their
// household's turn comes. The same again is the message there is.
// Errors: ErrNotFound where the actor manages nothing, InvalidError, ErrIDInUse,
// LimitError above PerDay for a cell within 24 hours.
func (s *Messages) Send(ctx context.Context, actor access.Actor, now time.Time, cell string, in NewMessage) (m *Message, err error) {
	c, err := s.cell(ctx, s.store, actor, cell)
	if err != nil {
		return nil, err
	}
	if err := in.check(now); err != nil {
		return nil, err
	}
	sent := once.Sent(s.keys, "cell notice", in)
	err = s.limits.Around(ctx, now, []limit.Limit{s.limits.Of(perDay, c.ID)}, func(count func(*store.Tx) error) (made bool, err error) {
		err = s.store.Update(ctx, []string{c.Partition}, func(tx *store.Tx) error {
			made = false
			is, err := s.cell(ctx, tx, actor, cell)
			if err != nil {
				return err
			}
			if m, err = again(ctx, tx, in.ID, is.Place, actor, sent); err != nil || m != nil {
				return err
			}
			if err := count(tx); err != nil {
				return err
			}
			made = true
			m = &Message{Meta: store.Meta{ID: in.ID, Partition: is.Partition}, Place: is.Place, Title: in.Title, Text: in.Text, By: actor.Account, At: now, Until: in.Until, Sent: sent}
			if err := runs.Insert(tx, &run{Meta: store.Meta{ID: m.ID}, DueAt: now}); err != nil {
				return err
			}
			return messages.Insert(tx, m, m.entry(actor, now, "send", store.Facts{}))
		})
		return made, err
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return m, nil
}

// again is the message that was made of the same; nil where the id is free.
func again(ctx context.Context, tx *store.Tx, id string, at access.Place, actor access.Actor, sent string) (*Message, error) {
	ever, err := messages.GetManyEver(ctx, tx, []string{id})
	if err != nil || ever[id] == nil {
		return nil, err
	}
	if was := ever[id]; once.Same(was.Sent, sent) && was.Place.Cell == at.Cell && was.By == actor.Account {
		return was, nil
	}
	return nil, domain.ErrIDInUse
}

func (in *NewMessage) check(now time.Time) error {
	in.Title, in.Text = strings.TrimSpace(in.Title), strings.TrimSpace(in.Text)
	short := func(pointer, text string, most int, lines bool) {
		fault := domain.TextFault(text, lines)
		switch {
		case text == "":
			fault = domain.T("不能为空", "must not be empty")
		case utf8.RuneCountInString(text) > most:
			fault = domain.Textf("最多 %d 个字", "%d characters at most", most)
		}
		if fault != (domain.Text{}) {
			in.Wrong.Add(pointer, fault)
		}
	}
	short("/title", in.Title, TitleMost, false)
	short("/text", in.Text, TextMost, true)
	if !in.Until.IsZero() && (!in.Until.After(now) || in.Until.After(now.Add(notice.Kept))) {
		in.Wrong.Add("/until", domain.T("应晚于现在，且不超过 90 天", "must be after now, and within 90 days"))
	}
	return in.Wrong.Err()
}

// cell is one whose residents the actor may tell something; ErrNotFound.
func (s *Messages) cell(ctx context.Context, r store.Reader, actor access.Actor, code string) (*area.Cell, error) {
	c, err := area.LoadCell(ctx, r, code)
	if err == nil && !access.TellsCell(actor, c.Place) {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Sent is a message and how many residents were told so far.
type Sent struct {
	*Message
	Told int
}

// List returns a page of what a cell was told, the latest first; ErrNotFound.
func (s *Messages) List(ctx context.Context, actor access.Actor, cell string, limit int, cursor string) ([]Sent, string, error) {
	c, err := s.cell(ctx, s.store, actor, cell)
	if err != nil {
		return nil, "", err
	}
	page, next, err := messages.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("place.cell", c.ID)}, Order: []string{"-at"}, Limit: limit, After: cursor})
	if err != nil {
		return nil, "", err
	}
	out, err := s.sent(ctx, page...)
	return out, next, err
}

// Get returns a message that a cell was told; ErrNotFound.
func (s *Messages) Get(ctx context.Context, actor access.Actor, cell, id string) (*Sent, error) {
	c, err := s.cell(ctx, s.store, actor, cell)
	if err != nil {
		return nil, err
	}
	m, err := messages.Get(ctx, s.store, id)
	if err == nil && m.Place.Cell != c.ID {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	out, err := s.sent(ctx, m)
	if err != nil {
		return nil, err
	}
	return &out[0], nil
}

func (s *Messages) sent(ctx context.Context, page ...*Message) ([]Sent, error) {
	ids := make([]string, len(page))
	for i, m := range page {
		ids[i] = m.ID
	}
	found, err := runs.GetMany(ctx, s.store, ids)
	out := make([]Sent, len(page))
	for i, m := range page {
		out[i] = Sent{m, m.Told}
		if r := found[m.ID]; r != nil {
			out[i].Told = max(m.Told, r.Told)
		}
	}
	return out, err
}

// Withdraw takes a message back: residents see it no more, and who was not told
// yet is not. Once more, it has been; ErrNotFound.
func (s *Messages) Withdraw(ctx context.Context, actor access.Actor, now time.Time, cell, id string) error {
	c, err := s.cell(ctx, s.store, actor, cell)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, []string{c.Partition}, func(tx *store.Tx) error {
		m, err := messages.Get(ctx, tx, id)
		if err == nil && (m.Place.Cell != c.ID || !access.TellsCell(actor, m.Place)) {
			err = domain.ErrNotFound
		}
		if err != nil {
			return err
		}
		if !m.Withdrawn.IsZero() {
			return nil
		}
		before := m.facts()
		m.Withdrawn = now
		return messages.Put(tx, m, m.entry(actor, now, "withdraw", before))
	})
}

// Seen is the todo.Sight of messages: whoever has a notice of one sees it while it is shown.
func (s *Messages) Seen(ctx context.Context, _ access.Actor, now time.Time, ids []string) (map[string]bool, error) {
	found, err := messages.GetMany(ctx, s.store, ids)
	seen := make(map[string]bool, len(ids))
	for id, m := range found {
		seen[id] = m.Shown(now)
	}
	return seen, err
}

// Texts are what notices of messages say, by the messages' ids.
func (s *Messages) Texts(ctx context.Context, ids []string) (map[string]string, error) {
	found, err := messages.GetMany(ctx, s.store, ids)
	out := make(map[string]string, len(found))
	for id, m := range found {
		out[id] = m.Reads()
	}
	return out, err
}
