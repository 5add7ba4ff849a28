package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/policy"
	"wangge/store"
)

// rungsOf is from where those come who decide at a level of a request.
var rungsOf = map[policy.Recipient][]access.Level{
	policy.ToLead: {access.Cell, access.Community}, policy.ToDispatcher: {access.Street}, policy.ToStreetManager: {access.Street}, policy.ToCounty: {access.County, access.City},
}

// bringsRequest reports whether an entry may leave a request to nobody: it is
// made, goes on to its next step, or comes to another cell.
func bringsRequest(e *store.Entry) bool {
	return slices.Contains(handling, State(e.After.State)) && (e.Action == "ticket."+string(Apply) || e.Action == "ticket."+string(Grant) || e.Action == "ticket."+string(ClimbRequest) || e.Before.Cell != e.After.Cell)
}

// lookAtRequests has each open request on which nobody is left to decide at its
// level go to the next where somebody is; how many steps it takes stays.
func (l *looking) lookAtRequests(ctx context.Context, t *Ticket) error {
	raised := map[RequestKind]policy.Recipient{}
	for _, r := range t.openRequests() {
		level, err := l.levelFor(ctx, t, *r)
		if err != nil {
			return err
		}
		if level != r.Level {
			raised[r.Kind] = level
		}
	}
	if len(raised) == 0 {
		return nil
	}
	return l.tickets.updateSeen(ctx, access.Program, t.ID, nil, func(tx *store.Tx, current *Ticket, _ access.View) error {
		if err := tx.Hold(ctx, l.lease); err != nil || current.Version != t.Version { // what happened since is looked at by itself
			return err
		}
		p, err := l.tickets.policies.In(ctx, tx, current.Partition, l.now)
		if err != nil {
			return err
		}
		o, err := l.tickets.occasionIn(ctx, tx, access.Program, l.now, p)
		if err != nil {
			return err
		}
		return l.tickets.ringing(ctx, tx, current, l.now, Climb, func() error {
			for _, r := range current.openRequests() {
				if level := raised[r.Kind]; level != "" {
					r.raise(level, o)
				}
			}
			return nil
		})
	})
}

// levelFor is the nearest level at which somebody may take the next step of a request; its own where nobody may anywhere.
func (l *looking) levelFor(ctx context.Context, t *Ticket, r Request) (policy.Recipient, error) {
	p := l.tickets.policies.At(t.Partition, l.now)
	for _, level := range levelsOf[slices.Index(levelsOf, r.Level):] {
		asked, there := r, *t
		asked.Level = level
		there.Requests = []Request{asked}
		for _, rung := range rungsOf[level] {
			who, err := l.candidates(ctx, t, rung)
			if err != nil {
				return "", err
			}
			if able, err := l.able(ctx, &there, p, Grant, who, true); err != nil || len(able) > 0 {
				return level, err
			}
		}
	}
	return r.Level, nil
}

// raise makes it a decision at a level; a return that has come to the last waits there.
func (r *Request) raise(level policy.Recipient, o occasion) {
	r.Level, r.DueAt = level, o.decideBy()
	if r.Kind == ForReturn && level == policy.ToCounty {
		r.DueAt = time.Time{}
	}
}
