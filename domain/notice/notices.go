package notice

import (
	"context"
	"errors"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/personal"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/store"
)

// Notices are what people are told: the consumer that writes it, and the inbox
// in which they read it.
type Notices struct {
	store    *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	tickets  *ticket.Tickets

	// Sights are who may see what a notice is about, by the kind of thing: of a
	// kind without one nobody sees anything. To be set before use.
	Sights map[string]todo.Sight
	// Messages are what managers tell the residents of a cell, by their ids; may be set before use.
	Messages func(ctx context.Context, ids []string) (map[string]string, error)
	// Keys seal what a client carries from a look at the inbox; to be set before use.
	Keys *personal.Keys
	// Hook writes with the notices what is to go out; may be set before use.
	Hook Hook
	// Written hears of notices once they are written, on the node that wrote
	// them, and must not hold them up; may be set before use. Others read Since.
	Written func([]*Notice)

	since time.Time // what was journaled before is told to nobody
}

// New returns the use cases on a store that has Collections.
func New(st *store.Store, areas *area.Areas, accounts *account.Accounts, tickets *ticket.Tickets) *Notices {
	return &Notices{store: st, areas: areas, accounts: accounts, tickets: tickets, Hook: func(context.Context, *store.Tx, time.Time, []Told) error { return nil }, Written: func([]*Notice) {},
		Messages: func(context.Context, []string) (map[string]string, error) { return nil, nil }}
}

// start is when people began to be told: what a store held before is not told.
type start struct {
	store.Meta `store:",inline"`
	At         time.Time `store:"at"`
}

var starts = store.Declare[start](store.Declaration{Name: "noticeStarts", Schema: 1, Unjournaled: true})

const startID = "start"

// Begin has people told of what is journaled from now on, or from when that
// was said first. Without it they are told of all that the journals hold.
func (s *Notices) Begin(ctx context.Context, now time.Time) error {
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		at, err := starts.Get(ctx, tx, startID)
		if errors.Is(err, domain.ErrNotFound) {
			at = &start{Meta: store.Meta{ID: startID}, At: now}
			err = starts.Insert(tx, at)
		}
		if err == nil {
			s.since = at.At
		}
		return err
	})
}

// Sweep forgets what is older than Kept.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := notices.Expire(ctx, st, "expires", now)
	_, also := arrivals.Expire(ctx, st, "expires", now)
	return errors.Join(err, also)
}

// Since are the notices made after a moment, whoever's they are, in the order in
// which they were made, which is Made. Those made at one moment are written at once;
// on a page that is full the last may be missing some of theirs.
func (s *Notices) Since(ctx context.Context, after time.Time, limit int) ([]*Notice, error) {
	found, _, err := notices.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Between("expires", after.Add(Kept+time.Millisecond), nil)}, Order: []string{"expires"}, Limit: limit})
	return found, err
}

// Made is when it was made.
func (n *Notice) Made() time.Time { return n.Expires.Add(-Kept) }

// SeenBy are those of the notices whose things the actor may see now.
func (s *Notices) SeenBy(ctx context.Context, actor access.Actor, now time.Time, all []*Notice) ([]*Notice, error) {
	about := map[string][]string{}
	for _, n := range all {
		about[n.About.Kind] = append(about[n.About.Kind], n.About.ID)
	}
	seen := map[string]map[string]bool{}
	for kind, of := range about {
		sight := s.Sights[kind]
		if sight == nil {
			continue
		}
		var err error
		if seen[kind], err = sight(ctx, actor, now, of); err != nil {
			return nil, err
		}
	}
	var out []*Notice
	for _, n := range all {
		if seen[n.About.Kind][n.About.ID] {
			out = append(out, n)
		}
	}
	return out, nil
}

// Seen are those of the notices whose recipients may see, as of now, what they
// are about; an account that was disabled sees nothing.
func (s *Notices) Seen(ctx context.Context, now time.Time, all []*Notice) ([]*Notice, error) {
	by := map[string][]*Notice{}
	for _, n := range all {
		by[n.Recipient] = append(by[n.Recipient], n)
	}
	kept := map[string]bool{}
	for recipient, own := range by {
		actor, err := s.accounts.Reached(ctx, recipient, now)
		if errors.Is(err, domain.ErrNotFound) {
			continue
		}
		if err == nil {
			own, err = s.SeenBy(ctx, actor, now, own)
		}
		if err != nil {
			return nil, err
		}
		for _, n := range own {
			kept[n.ID] = true
		}
	}
	var out []*Notice
	for _, n := range all {
		if kept[n.ID] {
			out = append(out, n)
		}
	}
	return out, nil
}
