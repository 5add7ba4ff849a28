package intake

import (
	"context"
	"errors"
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/service"
	"wangge/store"
)

// Cases are the use cases on cases.
type Cases struct {
	store     *store.Store
	areas     *area.Areas
	accounts  *account.Accounts
	items     *service.Items
	calendars *calendar.Calendars
	keys      *personal.Keys
	numbers   *receipt.Numbers

	Reveals *reveal.Reveals // may be set before use: one budget for all
	Locate  place.Locate    // to be set before use by cases of an address or a household
	// LinksSeen are those of the case's links, by id, that the actor sees; may
	// be set before use: without it nobody sees any on a timeline.
	LinksSeen func(ctx context.Context, actor access.Actor, id string) (map[string]bool, error)
}

// New returns the use cases on a store that has Collections and those of packages receipt and reveal.
func New(st *store.Store, areas *area.Areas, accounts *account.Accounts, items *service.Items, calendars *calendar.Calendars, keys *personal.Keys) *Cases {
	return &Cases{store: st, areas: areas, accounts: accounts, items: items, calendars: calendars, keys: keys, numbers: receipt.New(st, numberTaken(st)), Reveals: reveal.New(st, keys)}
}

// Get returns the case and how much of it the actor is shown; ErrNotFound when nothing.
func (s *Cases) Get(ctx context.Context, actor access.Actor, id string) (*Case, access.CaseShown, error) {
	c, err := Load(ctx, s.store, id)
	if err != nil {
		return nil, access.CaseHidden, err
	}
	shown := access.CaseView(actor, c.Facts())
	if shown == access.CaseHidden {
		return nil, shown, domain.ErrNotFound
	}
	return c, shown, nil
}

// Seen tells of which of these cases the actor is shown anything.
func (s *Cases) Seen(ctx context.Context, actor access.Actor, ids []string) (map[string]bool, error) {
	return s.of(ctx, ids, func(c access.Case) bool { return access.CaseView(actor, c) != access.CaseHidden })
}

// SeenOwn tells which of these cases are the actor's own.
func (s *Cases) SeenOwn(ctx context.Context, actor access.Actor, ids []string) (map[string]bool, error) {
	return s.of(ctx, ids, func(c access.Case) bool { return access.OwnsCase(actor, c) })
}

func (s *Cases) of(ctx context.Context, ids []string, is func(access.Case) bool) (map[string]bool, error) {
	found, err := LoadMany(ctx, s.store, ids)
	out := make(map[string]bool, len(found))
	for id, c := range found {
		out[id] = is(c.Facts())
	}
	return out, err
}

// Find is what a system calls so, if the actor is shown any of it; nil.
// ErrForbidden for who has no part in cases.
func (s *Cases) Find(ctx context.Context, actor access.Actor, key Key) (*Case, error) {
	if !access.ListsCases(actor) && !access.UpsertsCases(actor) {
		return nil, domain.ErrForbidden
	}
	var c *Case
	var err error
	if key.System == Local {
		c, err = byLocal(ctx, s.store, key.Number)
	} else if c, err = collection.Get(ctx, s.store, key.ID()); err == nil && c.Is != "" {
		c, err = collection.Get(ctx, s.store, c.Is)
	}
	if errors.Is(err, store.ErrNotFound) || err == nil && (c == nil || access.CaseView(actor, c.Facts()) == access.CaseHidden) {
		return nil, nil
	}
	return c, err
}

// Load returns the case as it is to the reader, whoever asks; ErrNotFound.
// Who may see it is for the caller to decide, by its Facts.
func Load(ctx context.Context, r store.Reader, id string) (*Case, error) {
	c, err := collection.Get(ctx, r, id)
	if err == nil && c.Is != "" {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// LoadMany returns the cases with these ids that there are.
func LoadMany(ctx context.Context, r store.Reader, ids []string) (map[string]*Case, error) {
	out, err := collection.GetMany(ctx, r, ids)
	for id, c := range out {
		if c.Is != "" {
			delete(out, id)
		}
	}
	return out, err
}

// AboutCase reports whether a journal entry is about a case.
func AboutCase(e *store.Entry) bool { return e.Collection == collection.Spec().Name }

// Record puts an entry about the case, which the update has read and does not change, on the journal.
func Record(tx *store.Tx, c *Case, actor access.Actor, e store.Entry) error {
	return collection.Record(tx, c, e)
}

// opener is who opened it by hand for somebody else; "" of what a machine told, and of what whose it is asked for.
func (c *Case) opener() string {
	if c.Local == "" || c.OpenedBy == c.Applicant.Account {
		return ""
	}
	return c.OpenedBy
}

// settle keeps what follows from the rest of the case.
func (c *Case) settle() {
	c.People, c.Came = nil, len(c.Trips)
	for _, id := range []string{c.Worker, c.StandIn, c.opener()} {
		if id != "" && !slices.Contains(c.People, id) {
			c.People = append(c.People, id)
		}
	}
}

// numberTaken reports whether a case has one of our numbers.
func numberTaken(st *store.Store) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, number string) (bool, error) {
		c, err := byLocal(ctx, st, number)
		return c != nil, err
	}
}
