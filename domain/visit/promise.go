package visit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/place"
	"wangge/store"
)

// PromiseState of a promise.
type PromiseState string

const (
	PromiseOpen PromiseState = "open"
	Kept        PromiseState = "kept"
	Withdrawn   PromiseState = "withdrawn"
)

// Promise 承诺 was made at a door: what, by when. It is the cell's, not the
// person's who made it, so that whoever covers sees it.
type Promise struct {
	store.Meta `store:",inline"`
	Household  string       `store:"household"`
	Place      access.Place `store:"place"` // the household's
	Stop       string       `store:"stop"`  // at which it was made
	By         string       `store:"by"`
	Text       string       `store:"text"`
	DueOn      civil.Date   `store:"dueOn"`
	State      PromiseState `store:"state"`
	Note       string       `store:"note"` // how it ended
	CreatedAt  time.Time    `store:"createdAt"`
	EndedAt    time.Time    `store:"endedAt,omitempty"`
}

var promises = store.Declare[Promise](store.Declaration{
	Name: "promises", Schema: 1,
	Indexes: []string{
		"household: household, state, dueOn",           // what was promised at a door
		"stop: stop, dueOn",                            // what a stop left behind
		"cell: place.street, place.cell, state, dueOn", // a day's list, of cells and communities
		"street: place.street, state, dueOn",           // the same of streets
	},
})

// Promises are the use cases on promises.
type Promises struct {
	store *store.Store
	areas *area.Areas
}

// NewPromise is the input of a promise made at a stop.
type NewPromise struct {
	ID    string
	Text  string
	DueOn civil.Date
}

func checkPromises(bad *domain.InvalidError, promises []NewPromise, on civil.Date) {
	for i, p := range promises {
		at := fmt.Sprintf("/promises/%d", i)
		domain.CheckText(bad, at+"/text", p.Text, noteLongest, true)
		if _, ok := civil.ParseDate(string(p.DueOn)); !ok || p.DueOn < on || p.DueOn > on.Add(366) {
			bad.Add(at+"/dueOn", domain.T("日期应为今后一年之内", "must be a date within a year from then"))
		}
	}
}

func (p *Promise) facts() store.Facts { return store.Facts{State: string(p.State), Cell: p.Place.Cell} }

func (p *Promise) entry(actor access.Actor, now time.Time, action string, before store.Facts) store.Entry {
	e := entry(actor, now, "promise."+action, before, p.facts())
	e.Dims = map[string]string{"community": p.Place.Community, "household": p.Household, "stop": p.Stop}
	if p.State == Kept && civil.DateOf(now) <= p.DueOn {
		e.Dims["inTime"] = "true"
	}
	actor.NameBoth(e.Dims, func(a access.Actor) bool { return access.MaySeeVisit(a, access.Visit{Place: p.Place}) })
	return e
}

// Get returns a promise; ErrNotFound when the actor may not see it.
func (s *Promises) Get(ctx context.Context, actor access.Actor, id string) (*Promise, error) {
	p, err := promises.Get(ctx, s.store, id)
	if err == nil && !access.MaySeeVisit(actor, access.Visit{Place: p.Place}) {
		return nil, domain.ErrNotFound
	}
	return p, err
}

// End says that a promise was kept, or is withdrawn, which needs a note.
// Errors: ErrNotFound, InvalidError, ConflictError "wrong_state", ErrStale.
func (s *Promises) End(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, as PromiseState, note string) (*Promise, error) {
	bad := &domain.InvalidError{}
	if as != Kept && as != Withdrawn {
		bad.Add("/state", PromiseEndWords.Fault())
	}
	domain.CheckText(bad, "/note", note, noteLongest, as == Withdrawn)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var p *Promise
	end := func(tx *store.Tx, fresh *Promise) error {
		p = fresh
		if !access.MaySeeVisit(actor, access.Visit{Place: p.Place}) {
			return domain.ErrNotFound
		}
		if p.State == as && p.Note == note {
			return nil // sent again; the version stated is the one before it
		}
		if _, err := promises.GetAt(ctx, tx, id, version); err != nil {
			return err
		}
		if p.State != PromiseOpen {
			return &domain.ConflictError{Code: "wrong_state", Detail: domain.T("承诺已了结", "the promise is over")}
		}
		before := p.facts()
		p.State, p.Note, p.EndedAt = as, note, now
		return promises.Put(tx, p, p.entry(actor, now, string(as), before))
	}
	err := store.RetryMoved(func(moved error) error { // with its household
		was, err := promises.Get(ctx, s.store, id)
		if err != nil {
			return err
		}
		return s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
			fresh, err := promises.Get(ctx, tx, id)
			if err != nil {
				return err
			}
			if fresh.Partition != was.Partition {
				return moved
			}
			return end(tx, fresh)
		})
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Follow has a household's open promises, and those made where it was
// another before they were merged, follow it to where it is now.
func (s *Promises) Follow(ctx context.Context, lease store.Lease, id string, now time.Time) error {
	there, err := household.Current(ctx, s.store, []string{id})
	h := there[id]
	if err != nil || h == nil {
		return err // gone: they stay where they were made, for a lead to end
	}
	open := func(r store.Reader, h *household.Household) ([]*Promise, error) {
		ids, err := h.IDs(ctx, r)
		if err != nil {
			return nil, err
		}
		made, _, err := promises.Find(ctx, r, atEach(ids, store.Query{Where: []store.Cond{store.Eq("state", PromiseOpen)}, Order: []string{"dueOn"}, Limit: 500})...)
		return made, err
	}
	made, err := open(s.store, h)
	if err != nil || !slices.ContainsFunc(made, func(p *Promise) bool { return p.Place != h.Place }) {
		return err
	}
	in := []string{h.Partition}
	for _, p := range made {
		in = append(in, p.Partition)
	}
	return s.store.Update(ctx, in, func(tx *store.Tx) error {
		there, err := household.Current(ctx, tx, []string{id})
		h := there[id]
		if err != nil || h == nil {
			return err
		}
		made, err := open(tx, h)
		if err != nil {
			return err
		}
		for _, p := range made {
			if p.Place == h.Place || !slices.Contains(in, h.Partition) {
				continue // it moved on: its next entry comes
			}
			before := p.facts()
			p.Place, p.Partition = h.Place, h.Partition
			if err := promises.Put(tx, p, p.entry(access.Program, now, "follow", before)); err != nil {
				return err
			}
		}
		return tx.Hold(ctx, lease)
	})
}

// List returns a page of open promises due up to a day ("" for all) where
// the actor works, the soonest first, and the next page's cursor.
// Errors: ErrForbidden, InvalidError at ?area and ?cell, store.ErrCursor.
func (s *Promises) List(ctx context.Context, actor access.Actor, area, cell string, until civil.Date, limit int, cursor string) ([]*Promise, string, error) {
	if !access.ListsVisits(actor) {
		return nil, "", domain.ErrForbidden
	}
	places, err := place.Reach(s.areas, access.VisitScopes(actor), area, cell)
	if err != nil {
		return nil, "", err
	}
	var qs []store.Query
	for _, p := range place.Sets(s.areas, places) {
		where := append(p.Conds(), store.Eq("state", PromiseOpen))
		if until != "" {
			where = append(where, store.Between("dueOn", nil, until.Add(1)))
		}
		qs = append(qs, store.Query{Where: where, Order: []string{"dueOn"}, Limit: limit, After: cursor})
	}
	return promises.Find(ctx, s.store, qs...)
}
