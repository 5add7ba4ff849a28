package ticket

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/store"
	"wangge/store/jobs"
)

// Returned says that a ticket came back to who dispatches 退回派遣, since whom
// it was with is not there for it any more. It goes with the next dispatch.
type Returned struct {
	At     time.Time       `store:"at"`
	Why    ReturnReason    `store:"why"`
	From   access.Assignee `store:"from"`
	By     string          `store:"by,omitempty"`     // account that asked for it
	Reason string          `store:"reason,omitempty"` // that they gave
}

// ReturnReason says why somebody is not there any more.
type ReturnReason string

const (
	Disabled  ReturnReason = "account_disabled"
	Inactive  ReturnReason = "organisation_inactive"
	Gone      ReturnReason = "left"      // without a role there, or in another organisation
	Requested ReturnReason = "requested" // they asked for it, and it was granted
)

// handling are the states in which a ticket is with somebody to do something.
var handling = []State{Dispatched, InProgress, Suspended}

// What becomes of the tickets of who leaves. No transitions: nobody asks for them.
const (
	Return     Action = "return"      // 退回派遣
	DropHelper Action = "drop_helper" // 协办退出
)

// bookmarks say how far the journals were read for people and organisations that change.
var bookmarks = jobs.Bookmarks("ticketBookmarks")

// leavers gives back the tickets of accounts and organisations that changed, and
// tells who reported or follows a ticket of what they are told. It looks at what
// is now: however often it does, a ticket is given back once, and everybody told once.
func (s *Tickets) leavers(now func() time.Time) *jobs.Consumer {
	c := &climbs{tickets: s, found: map[string]time.Time{}}
	return &jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true, PerDocument: true,
		Wants: func(e *store.Entry) bool {
			return account.About(e) || area.AboutOrganisation(e) || tells(e) || changesTerms(e) || c.wants(e)
		},
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			return jobs.Output{}, s.changes(ctx, b.Lease, now().UTC(), b.Entries)
		},
		Then: func(ctx context.Context, b jobs.Batch) error {
			return c.follow(ctx, b.Lease, now().UTC(), b.Entries)
		},
	}
}

// reviewHandlers reviews the tickets of those who handle for an organisation.
func (s *Tickets) reviewHandlers(ctx context.Context, lease store.Lease, now time.Time, organisation string) error {
	all, err := s.accounts.All(ctx, account.Filter{Organisation: organisation})
	for _, a := range all {
		if err := s.review(ctx, lease, now, a.ID); err != nil {
			return err
		}
	}
	return err
}

// review gives back the tickets that a person or an organisation has and may not have any more.
func (s *Tickets) review(ctx context.Context, lease store.Lease, now time.Time, id string) error {
	for cursor := ""; ; {
		page, next, err := collection.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("involved", id), store.In("state", handling...)}, Order: []string{"createdAt"}, Limit: 500, After: cursor})
		if err != nil {
			return err
		}
		for _, t := range page {
			err := s.updateSeen(ctx, access.Program, t.ID, []string{area.CityPartition}, func(tx *store.Tx, t *Ticket, _ access.View) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				return s.giveBack(ctx, tx, now, t)
			})
			if err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// giveBack returns the ticket when its assignee may not have it any more, and
// else drops the helpers who may not.
func (s *Tickets) giveBack(ctx context.Context, tx *store.Tx, now time.Time, t *Ticket) error {
	if !slices.Contains(handling, t.State) {
		return nil
	}
	was := t.was()
	p, err := s.policies.In(ctx, tx, t.Partition, now)
	if err != nil {
		return err
	}
	o, err := s.occasionIn(ctx, tx, access.Program, now, p)
	if err != nil {
		return err
	}
	action, err := s.release(ctx, tx, t, o)
	if err != nil || action == "" {
		return err
	}
	t.UpdatedAt, t.Policy = now, p.ID
	t.publish(s.keys, p)
	e := t.entry(access.Program, now, action, was.facts)
	if err := s.settle(ctx, tx, t, was, e); err != nil {
		return err
	}
	if err := put(tx, t, e); err != nil {
		return err
	}
	if t.Parent == "" {
		return nil
	}
	return s.tellParent(ctx, tx, t, now)
}

// release takes the ticket from its assignee (Return), or else from its helpers
// (DropHelper), who may not have it any more; "" when all of them may.
func (s *Tickets) release(ctx context.Context, tx *store.Tx, t *Ticket, o occasion) (Action, error) {
	why, err := s.whyReturn(ctx, tx, t.Assignee, t.Place)
	if err != nil {
		return "", err
	}
	if why != "" {
		t.giveBack(why, o)
		return Return, nil
	}
	var stay []access.Assignee
	for _, h := range t.Helpers {
		why, err := s.whyReturn(ctx, tx, h, t.Place)
		if err != nil {
			return "", err
		}
		if why == "" {
			stay = append(stay, h)
		}
	}
	if len(stay) == len(t.Helpers) {
		return "", nil
	}
	t.assign(t.Assignee, stay)
	t.share(o.now)
	return DropHelper, nil
}

// giveBack leaves the deadline as it was promised; a clock that stood still runs again.
func (t *Ticket) giveBack(why ReturnReason, o occasion) {
	t.adopt()
	was := t.State
	t.Returned = &Returned{At: o.now, Why: why, From: t.Assignee}
	t.State = Accepted
	t.resume(o.now)
	t.assign(access.Assignee{}, nil)
	t.share(o.now)
	t.follow(Return, was, "", o)
}

// whyReturn says why somebody may not have a ticket at the place any more; "" when they may.
func (s *Tickets) whyReturn(ctx context.Context, tx *store.Tx, who access.Assignee, p access.Place) (ReturnReason, error) {
	organisation := who.ID
	var err error
	if who.Kind == access.Person {
		a, missing := account.Load(ctx, tx, who.ID)
		if missing != nil || a.Disabled {
			return Disabled, ignoreNotFound(missing)
		}
		organisation, err = a.Organisation, s.worksIn(ctx, tx, who.ID, p)
	} else {
		err = s.handlesIn(ctx, tx, who.ID, p)
	}
	if !errors.Is(err, domain.ErrNotFound) {
		return "", err
	}
	if o, err := area.LoadOrganisation(ctx, tx, organisation); err == nil && !o.Active {
		return Inactive, nil
	} else if err != nil {
		return Gone, ignoreNotFound(err)
	}
	return Gone, nil
}

// ignoreNotFound is err, but nil for ErrNotFound.
func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
