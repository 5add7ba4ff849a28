package link

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/store"
	"wangge/store/jobs"
)

// What people are asked and told because of what is linked.
var (
	TicketsOver = todo.Declare("case_tickets_over", "受理件关联的工单都已结束，请处理受理件", "all tickets linked to the case are over: see to the case")
	CaseRefused = todo.Declare("linked_case_refused", "关联的受理件不予受理或不予办理", "a case linked to the ticket was not accepted or was refused")
)

// Follower keeps what follows from links: whom tickets serve, and what people
// are asked and told. It looks at how things are, not at what happened: however
// often and late it does, on whatever node, it comes to the same.
type Follower struct {
	Store    *store.Store
	Areas    *area.Areas
	Accounts *account.Accounts
}

var bookmarks = jobs.Bookmarks("linkBookmarks")

// Run follows the journals until ctx ends, on one node at a time.
func (f *Follower) Run(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, "links", f.Consumer(n.Now).Follow(n)) // which returns ctx's error
}

// Consumer is the work of it by a clock.
func (f *Follower) Consumer(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true, PerDocument: true, Wants: wanted,
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			tickets, cases, err := f.touched(ctx, b.Entries)
			for _, id := range tickets {
				if err == nil {
					err = f.settleTicket(ctx, b.Lease, now().UTC(), id)
				}
			}
			for _, id := range cases {
				if err == nil {
					err = f.settleCase(ctx, b.Lease, now().UTC(), id)
				}
			}
			return jobs.Output{}, err
		},
	}
}

// wanted: links made and removed, and of tickets and cases that were there
// before, a new state, another who has it, another cell or community.
func wanted(e *store.Entry) bool {
	if About(e) {
		return true
	}
	changed := e.Before != e.After || e.Dims[intake.Formerly] != "" || e.Action == "case.assign"
	return e.Before.State != "" && changed && (ticket.AboutTicket(e) || intake.AboutCase(e))
}

// touched are the tickets and cases that the entries of one document bear upon.
func (f *Follower) touched(ctx context.Context, entries []*store.Entry) (tickets, cases []string, err error) {
	add := func(end End) {
		switch {
		case end.Thing == Ticket && !slices.Contains(tickets, end.ID):
			tickets = append(tickets, end.ID)
		case end.Thing == Case && !slices.Contains(cases, end.ID):
			cases = append(cases, end.ID)
		}
	}
	for _, e := range entries {
		if About(e) {
			add(endOf(e.Dims["from"]))
			add(endOf(e.Dims["to"]))
			continue
		}
		these := []End{{Case, e.Doc}}
		if !intake.AboutCase(e) {
			these[0].Thing = Ticket
			joined, err := ticket.Below(ctx, f.Store, e.Doc) // which are over when this one is
			if err != nil {
				return nil, nil, err
			}
			for _, id := range joined {
				these = append(these, End{Ticket, id})
			}
		}
		for _, this := range these {
			found, err := ofEnd(ctx, f.Store, this)
			if err != nil {
				return nil, nil, err
			}
			if len(found) > 0 {
				add(this)
			}
			for _, l := range found {
				add(l.Other(this))
			}
		}
	}
	return tickets, cases, nil
}

func endOf(key string) End {
	thing, id, _ := strings.Cut(key, "/")
	return End{Thing(thing), id}
}

// settleTicket brings up to date whom a ticket serves, and whom it is told that
// a case of it was refused: whoever has it, or leads where it lies.
func (f *Follower) settleTicket(ctx context.Context, lease store.Lease, now time.Time, id string) error {
	this := End{Ticket, id}
	return f.settle(ctx, lease, this, func(tx *store.Tx, at thing) error {
		t := at.ticket
		cases, err := others(ctx, tx, this, Case, "")
		if err != nil {
			return err
		}
		serves := communities(cases)
		e := store.Entry{At: now, Actor: access.Program.Name(), Action: string(ticket.Serve)}
		if !slices.Equal(serves, t.Served) {
			if err := t.PutServed(tx, serves, e); err != nil {
				return err
			}
		}
		var told []todo.Asking
		for _, c := range cases {
			if t.State.Open() && (c.kase.State == intake.Refused || c.kase.State == intake.NotAccepted) {
				told = append(told, todo.Asking{Occasion: c.kase.ID + "." + string(c.kase.State) + "." + millis(c.kase.Since)})
			}
		}
		if len(told) > 0 {
			to, err := f.whoHas(ctx, t, now)
			if err != nil {
				return err
			}
			for i := range told {
				told[i].To = to
			}
		}
		return todo.Settle(ctx, tx, CaseRefused, todo.About{Kind: string(Ticket), ID: id, Place: t.Place}, told, e)
	})
}

// whoHas is who works on the ticket, or else who leads there.
func (f *Follower) whoHas(ctx context.Context, t *ticket.Ticket, now time.Time) ([]string, error) {
	switch t.Assignee.Kind {
	case access.Person:
		return []string{t.Assignee.ID}, nil
	case access.Organisation:
		return f.people(ctx, account.Filter{Organisation: t.Assignee.ID, Role: access.Handler})
	}
	if c, ok := f.Areas.Map().ByID(t.Place.Cell); ok {
		if lead := c.LeadAt(now); lead != "" {
			return []string{lead}, nil
		}
	}
	street, ok := f.Areas.Tree().ByID(t.Place.Street)
	if !ok {
		return nil, nil
	}
	return f.people(ctx, account.Filter{Area: street.Code, Role: access.Dispatcher})
}

// people are the accounts of a filter that may sign in.
func (f *Follower) people(ctx context.Context, filter account.Filter) (out []string, err error) {
	all, err := f.Accounts.All(ctx, filter)
	for _, a := range all {
		if !a.Disabled {
			out = append(out, a.ID)
		}
	}
	return out, err
}

// settleCase asks who sees a case through to look at it once every ticket
// linked to it is over. It ends by itself when one is not, and when the case is
// over.
func (f *Follower) settleCase(ctx context.Context, lease store.Lease, now time.Time, id string) error {
	this := End{Case, id}
	return f.settle(ctx, lease, this, func(tx *store.Tx, at thing) error {
		c := at.kase
		tickets, err := others(ctx, tx, this, Ticket, "")
		if err != nil {
			return err
		}
		worked, err := ledBy(ctx, tx, tickets)
		if err != nil {
			return err
		}
		var asked []todo.Asking
		if last := lastOver(worked); last != nil && c.State.Open() {
			to, err := c.SeenThroughBy(ctx, tx, now)
			if err != nil {
				return err
			}
			asked = []todo.Asking{{Occasion: last.ID + "." + millis(last.EndedAt()), To: to}}
		}
		about := todo.About{Kind: string(Case), ID: id, Place: c.Place}
		return todo.Settle(ctx, tx, TicketsOver, about, asked, store.Entry{At: now, Actor: access.Program.Name()})
	})
}

// ledBy are the tickets that are worked on for these: of one that is merged, what leads it.
func ledBy(ctx context.Context, r store.Reader, tickets []thing) ([]*ticket.Ticket, error) {
	out := make([]*ticket.Ticket, len(tickets))
	for i, t := range tickets {
		out[i] = t.ticket
	}
	leads, err := ticket.Leading(ctx, r, out...)
	for i, t := range out {
		if lead := leads[t.ID]; lead != nil {
			out[i] = lead
		}
	}
	return out, err
}

// lastOver is the ticket that was over last; nil where one is not, or there is none.
func lastOver(tickets []*ticket.Ticket) (last *ticket.Ticket) {
	for _, t := range tickets {
		switch {
		case t.State.Open():
			return nil
		case last == nil || t.EndedAt().After(last.EndedAt()):
			last = t
		}
	}
	return last
}

// others are the things of a kind that are linked with this one, but for one
// link, in the order of their ids.
func others(ctx context.Context, r store.Reader, this End, kind Thing, but string) ([]thing, error) {
	found, err := ofEnd(ctx, r, this)
	if err != nil {
		return nil, err
	}
	var ends []End
	for _, l := range found {
		if other := l.Other(this); other.Thing == kind && l.Holds() && l.ID != but && !slices.Contains(ends, other) {
			ends = append(ends, other)
		}
	}
	slices.SortFunc(ends, func(a, b End) int { return strings.Compare(a.ID, b.ID) })
	there, err := load(ctx, r, ends...)
	var out []thing
	for _, end := range ends {
		if t, ok := there[end]; ok {
			out = append(out, t)
		}
	}
	return out, err
}

// settle runs fn in an update of where a thing lies; nothing for one that is no more.
func (f *Follower) settle(ctx context.Context, lease store.Lease, this End, fn func(*store.Tx, thing) error) error {
	links := &Links{f.Store}
	return links.update(ctx, []End{this}, "", func(tx *store.Tx, at map[End]thing) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		if at[this] == (thing{}) {
			return nil
		}
		return fn(tx, at[this])
	})
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
