package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/store"
)

// Tickets are the use cases on tickets.
type Tickets struct {
	store     *store.Store
	areas     *area.Areas
	accounts  *account.Accounts
	policies  *policy.Policies
	calendars *calendar.Calendars
	keys      *personal.Keys
	limits    *limit.Limits
	receipts  *receipt.Numbers

	PerHour PerHour         // may be set before use
	Reveals *reveal.Reveals // likewise: one budget for all
	Locate  place.Locate    // to be set before use by reports without a position
	// LinksSeen are those of the ticket's links, by id, that the actor sees; may
	// be set before use: without it nobody sees any on a timeline.
	LinksSeen func(ctx context.Context, actor access.Actor, ticket string) (map[string]bool, error)
}

// New returns the use cases on a store that has Collections and those of packages limit, receipt and reveal.
func New(st *store.Store, areas *area.Areas, accounts *account.Accounts, policies *policy.Policies, calendars *calendar.Calendars, keys *personal.Keys) *Tickets {
	return &Tickets{store: st, areas: areas, accounts: accounts, policies: policies, calendars: calendars, keys: keys, limits: limit.New(st, keys),
		receipts: receipt.New(st, taken(st)), PerHour: PerHour{Resident: 20, Network: 300, Staff: 600}, Reveals: reveal.New(st, keys)}
}

// Get returns the ticket and how much of it the actor sees; ErrNotFound when nothing.
func (s *Tickets) Get(ctx context.Context, actor access.Actor, id string) (*Ticket, access.View, error) {
	t, err := collection.Get(ctx, s.store, id)
	if err != nil {
		return nil, access.Hidden, err
	}
	view := access.TicketView(actor, t.Facts())
	if view == access.Hidden {
		return nil, view, domain.ErrNotFound
	}
	return t, view, nil
}

// Mapped returns a ticket that the actor has on the map; ErrNotFound.
func (s *Tickets) Mapped(ctx context.Context, actor access.Actor, id string) (*Ticket, error) {
	t, err := collection.Get(ctx, s.store, id)
	if err == nil && !access.OnMap(actor)(t.Facts()) {
		err = domain.ErrNotFound
	}
	return t, err
}

// entry is the journal's line for an action on the ticket as it is now. It names
// the absent person, too, of whom only their stand-in sees the ticket.
func (t *Ticket) entry(actor access.Actor, now time.Time, action Action, before store.Facts) store.Entry {
	e := store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "ticket." + string(action), Before: before, After: t.facts(), Dims: t.dims()}
	actor.NameBoth(e.Dims, func(a access.Actor) bool { return access.TicketView(a, t.Facts()) != access.Hidden })
	if slices.Contains(amongStaff, action) && e.Before.State == e.After.State {
		e.Dims["internal"] = "true"
	}
	return e
}

// taken is the line for a step of the lifecycle: with whose stand-in took it, who else might not have.
func (t *Ticket) taken(o occasion, action Action, before store.Facts) store.Entry {
	e := t.entry(o.actor, o.now, action, before)
	if delete(e.Dims, access.ForAbsent); o.through != "" {
		e.Dims[access.ForAbsent] = o.through
	}
	return e
}

// insert and put are how tickets are written: with what follows from the rest of them.
func insert(tx *store.Tx, t *Ticket, all ...store.Entry) error {
	t.derive()
	t.ShownAt = t.UpdatedAt
	return collection.Insert(tx, t, all...)
}

func put(tx *store.Tx, t *Ticket, e store.Entry) error {
	t.derive()
	if inside(&e) {
		t.Unshown = append(slices.Clone(t.Unshown), t.Version+1)
	} else {
		t.ShownAt = t.UpdatedAt
	}
	return collection.Put(tx, t, e)
}

// nowhere is the OpenKey of a ticket without a position: before every place on the curve.
const nowhere = -1

// sentBy is who sent it for somebody else.
func (t *Ticket) sentBy() string {
	if t.ReportedBy == t.Reporter {
		return ""
	}
	return t.ReportedBy
}

func (t *Ticket) derive() {
	if t.Climbed != nil && t.Climbed.State != t.State {
		t.Climbed = nil
	}
	t.closeRequests()
	if !t.State.Open() && t.State != Merged {
		t.Escalated, t.EscalatedAt, t.Offer = false, time.Time{}, nil
		t.endConvened(t.UpdatedAt)
	}
	t.Household, t.SentBy = t.household(), t.sentBy()
	t.NextAt, t.Marks, t.LookAt = t.nextAt(), t.marks(), t.lookedAt()
	switch t.OpenKey = 0; {
	case !t.State.Open() && t.State != Merged:
	case t.Position == nil:
		t.OpenKey = nowhere
	default:
		t.OpenKey = t.Position.Key
	}
}
