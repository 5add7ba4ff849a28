package ticket

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store"
)

// Tickets about one matter are merged 并案: one of them leads, which is worked
// on, and the others join it, directly or by joining one that joined it. Each
// keeps what it was, its reporter and its followers; a ticket that is taken out
// again 拆案 is as it was before, and brings along those that had joined it.
// Since only what is open and leads can be joined, there are no circles. When
// who reported the one that leads withdraws it, the first of the others leads.

// Joined is what a merged ticket joined, and what it was before.
type Joined struct {
	Into     string    `store:"into"` // id; that ticket may have joined another since
	At       time.Time `store:"at"`
	State    State     `store:"state"`
	DueAt    time.Time `store:"dueAt,omitempty"`
	ResumeAt time.Time `store:"resumeAt,omitempty"`
}

// What becomes of the ticket that another joins. No transitions: they are the other one's.
const (
	Join  Action = "join"  // 并入
	Leave Action = "leave" // 拆出
)

// mergesMost is how many may join one ticket.
const mergesMost = 500

// otherTicket is the dimension of an entry that names the other of two tickets that are merged or no more.
const otherTicket = "ticket"

// join merges the ticket. No clock runs from now on.
func (t *Ticket) join(into string, was State, now time.Time) {
	t.Joined = &Joined{Into: into, At: now, State: was, DueAt: t.DueAt, ResumeAt: t.ResumeAt}
	t.DueAt, t.ResumeAt = time.Time{}, time.Time{}
}

// restore takes a merged ticket out again. The time that it was merged counts on
// no clock: the deadline is later by it, but of a suspended one, whose clock
// stood still anyhow, it follows when that resumes.
func (t *Ticket) restore(now time.Time) {
	was := t.Joined
	t.State, t.DueAt, t.ResumeAt, t.Joined = was.State, was.DueAt, was.ResumeAt, nil
	t.Unmerged++
	if t.State != Suspended && !t.DueAt.IsZero() {
		t.DueAt = t.DueAt.Add(now.Sub(was.At))
	}
}

// changedWith are the other tickets that an action changes: what is joined, what
// is left, or, of what is withdrawn, those that had joined it, the first of which is to lead.
func (s *Tickets) changedWith(ctx context.Context, tx *store.Tx, t *Ticket, action Action, into string, o occasion) ([]*Ticket, error) {
	var other *Ticket
	var err error
	switch {
	case action == Merge:
		other, err = s.joinable(ctx, tx, t, into, o)
	case action == Unmerge:
		other, err = collection.Get(ctx, tx, t.Joined.Into)
	case action == Withdraw && t.Merges > 0:
		return joinedTo(ctx, tx, t.ID)
	default:
		return nil, nil
	}
	return []*Ticket{other}, err
}

// joinable returns the ticket that t is to join.
func (s *Tickets) joinable(ctx context.Context, tx *store.Tx, t *Ticket, id string, o occasion) (*Ticket, error) {
	if id == t.ID {
		return nil, domain.Invalid("/into", domain.T("不能并入自身", "a ticket cannot be merged into itself"))
	}
	into, err := collection.Get(ctx, tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && access.TicketView(o.actor, into.Facts()) == access.Hidden {
		return nil, domain.Invalid("/into", domain.T("没有这个工单", "no such ticket"))
	}
	switch {
	case err != nil:
		return nil, err
	case !o.actor.MayTake(access.LeadOf, into.Facts(), o.policy.MayTakeFor(string(Merge), into.Category, into.Condition)):
		return nil, domain.ErrForbidden
	case into.Partition != t.Partition:
		return nil, domain.Invalid("/into", domain.T("只能并入同一街道的工单", "tickets of one street can be merged only"))
	case into.Parent != "":
		return nil, t.withAllowed(notChild(into, 0, o), o)
	case into.State == Merged:
		return nil, s.whyMerged(ctx, tx, t, into, o)
	case !into.State.Open():
		return nil, t.withAllowed(&domain.ConflictError{Code: "into_over", Detail: domain.T("该工单已办结，不能并入", "that ticket is over")}, o)
	case into.Merges >= mergesMost:
		return nil, t.withAllowed(&domain.ConflictError{Code: "into_full", Detail: domain.Textf("一件最多并入 %d 件", "%d tickets can be merged into one at most", mergesMost)}, o)
	}
	return into, nil
}

// whyMerged says that into joined another ticket, and which, to who sees that.
func (s *Tickets) whyMerged(ctx context.Context, tx *store.Tx, t, into *Ticket, o occasion) error {
	leads, err := Leading(ctx, tx, into)
	if err != nil {
		return err
	}
	lead := leads[into.ID]
	conflict := &domain.ConflictError{Code: "into_merged", Detail: domain.T("该工单已并入其他工单", "that ticket was merged into another")}
	switch {
	case lead == nil:
	case lead.ID == t.ID:
		conflict = &domain.ConflictError{Code: "merge_circle", Detail: domain.T("该工单已并入本工单", "that ticket was merged into this one")}
	case access.TicketView(o.actor, lead.Facts()) != access.Hidden:
		conflict.Detail = domain.Textf("该工单已并入 %s，请并入后者", "that ticket was merged into %s: merge into that", lead.Number)
	}
	return t.withAllowed(conflict, o)
}

// putWith writes a ticket and those that change with it, each with a line of its own.
func (s *Tickets) putWith(ctx context.Context, tx *store.Tx, t *Ticket, with []*Ticket, action Action, before store.Facts, o occasion) error {
	e, other := t.taken(o, action, before), with[0]
	e.Dims[otherTicket] = other.ID
	if action == Withdraw {
		t.Merges = 0
	}
	if err := put(tx, t, e); err != nil {
		return err
	}
	if action == Withdraw {
		return s.lead(ctx, tx, other, with[1:], t.ID, o.now)
	}
	line := Join
	if other.Merges++; action == Unmerge {
		line, other.Merges = Leave, other.Merges-2
	}
	other.UpdatedAt = o.now
	e = other.taken(o, line, other.facts())
	e.Dims[otherTicket] = t.ID
	return put(tx, other, e)
}

// lead has a ticket lead those that joined one with it whose reporter withdraws
// that: it is taken out as it was before, and the rest join it.
func (s *Tickets) lead(ctx context.Context, tx *store.Tx, t *Ticket, rest []*Ticket, withdrawn string, now time.Time) error {
	was := t.was()
	p, err := s.policies.In(ctx, tx, t.Partition, now)
	if err != nil {
		return err
	}
	o, err := s.occasionIn(ctx, tx, access.Program, now, p)
	if err != nil {
		return err
	}
	t.restore(now)
	t.follow(Unmerge, Merged, "", o)
	if slices.Contains(handling, t.State) {
		if _, err := s.release(ctx, tx, t, o); err != nil {
			return err
		}
	}
	t.publish(s.keys, p)
	t.UpdatedAt, t.Merges = now, t.Merges+len(rest)
	e := t.entry(access.Program, now, Unmerge, was.facts)
	e.Dims[otherTicket] = withdrawn
	if err := s.settle(ctx, tx, t, was, e); err != nil {
		return err
	}
	if err := put(tx, t, e); err != nil {
		return err
	}
	for _, x := range rest {
		x.Joined.Into, x.UpdatedAt = t.ID, now
		e := x.entry(access.Program, now, Merge, x.facts())
		e.Dims[otherTicket] = t.ID
		if err := put(tx, x, e); err != nil {
			return err
		}
	}
	return nil
}

// joinedTo are the tickets that joined one, the one reported first first.
func joinedTo(ctx context.Context, r store.Reader, id string) (all []*Ticket, err error) {
	q := store.Query{Where: []store.Cond{store.Eq("joined.into", id)}, Order: []string{"createdAt"}, Limit: mergesMost}
	for {
		page, next, err := collection.Find(ctx, r, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if q.After = next; next == "" {
			return all, nil
		}
	}
}

// takeWithdraw is TakeAction of what changes those, too, that joined the ticket.
func (s *Tickets) takeWithdraw(ctx context.Context, actor access.Actor, now time.Time, id string, version int64, in ActionInput) (*Ticket, error) {
	var withdrawn *Ticket
	err := store.RetryMoved(func(moved error) error {
		joined, err := joinedTo(ctx, s.store, id)
		if err != nil {
			return err
		}
		return s.updateSeen(ctx, actor, id, partitionsOf(joined), func(tx *store.Tx, t *Ticket, _ access.View) error {
			joined, err := joinedTo(ctx, tx, id)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(partitionsOf(joined), func(p string) bool { return !tx.Covers(p) }) {
				return moved
			}
			withdrawn = t
			return s.takeAction(ctx, tx, actor, now, t, version, &in, nil)
		})
	})
	return withdrawn, err
}

// partitionsOf are those of tickets that a step changes beside its own, and of
// who has them; none of none.
func partitionsOf(tickets []*Ticket) (out []string) {
	for _, t := range tickets {
		out = append(out, t.Partition, area.CityPartition)
	}
	return out
}

// above are the partitions of what a step with a ticket that is merged or split may change beside it.
func above(ctx context.Context, r store.Reader, t *Ticket) ([]string, error) {
	var ids []string
	if t.Joined != nil {
		ids = append(ids, t.Joined.Into)
	}
	if t.Parent != "" {
		ids = append(ids, t.Parent)
	}
	if t.State == Divided {
		for _, c := range t.Children {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := collection.GetMany(ctx, r, ids)
	return partitionsOf(slices.Collect(maps.Values(found))), err
}

// passesMost ends the way up through merges that cannot be.
const passesMost = 10_000

// Leading follows merges up: by the id of each of the tickets that joined
// another, the one that leads it.
func Leading(ctx context.Context, r store.Reader, tickets ...*Ticket) (map[string]*Ticket, error) {
	leads := map[string]*Ticket{}
	for _, t := range tickets {
		if t.Joined != nil {
			leads[t.ID] = t
		}
	}
	for range passesMost {
		var above []string
		for _, t := range leads {
			if t.Joined != nil {
				above = append(above, t.Joined.Into)
			}
		}
		if len(above) == 0 {
			return leads, nil
		}
		found, err := collection.GetMany(ctx, r, slices.Compact(slices.Sorted(slices.Values(above))))
		if err != nil {
			return nil, err
		}
		for id, t := range leads {
			if t.Joined == nil {
				continue
			}
			if leads[id] = found[t.Joined.Into]; leads[id] == nil {
				return nil, fmt.Errorf("ticket: %s joined %s, which there is not", t.ID, t.Joined.Into)
			}
		}
	}
	return nil, errors.New("ticket: merges without an end")
}

// Above is what a merged ticket joined, and what leads it.
type Above struct{ Into, Lead *Ticket }

// Joined is, by the id of those of the tickets that joined another, what is above them.
func (s *Tickets) Joined(ctx context.Context, tickets []*Ticket) (map[string]Above, error) {
	var ids []string
	for _, t := range tickets {
		if t.Joined != nil {
			ids = append(ids, t.Joined.Into)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	into, err := collection.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	leads, err := Leading(ctx, s.store, tickets...)
	if err != nil {
		return nil, err
	}
	out := map[string]Above{}
	for _, t := range tickets {
		if t.Joined != nil && into[t.Joined.Into] != nil {
			out[t.ID] = Above{into[t.Joined.Into], leads[t.ID]}
		}
	}
	return out, nil
}

// PublicID is the id by which the public knows it; "" while it does not.
func (t *Ticket) PublicID() string {
	if t.Public == nil {
		return ""
	}
	return t.Public.ID
}
