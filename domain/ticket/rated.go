package ticket

import (
	"time"

	"wangge/domain/access"
	"wangge/domain/policy"
	"wangge/store"
)

// Rated is on a ticket's journal when its reporter has said how it was seen to. It is no transition.
const Rated Action = "rated" // 评价

// RecordRated puts that on its journal.
func (t *Ticket) RecordRated(tx *store.Tx, e store.Entry) error {
	e.Action, e.Before, e.After = "ticket."+string(Rated), t.facts(), t.facts()
	return collection.Record(tx, t, e)
}

// ReopenUntil is until when its reporter may have it reopened under the policy; zero where they may not.
func (t *Ticket) ReopenUntil(actor access.Actor, now time.Time, p *policy.Policy) time.Time {
	if !actor.HasRelation(access.Reporter, t.Facts()) || t.State != Closed || withinLimits(t, access.Reporter, occasion{actor: actor, now: now, policy: p}) != nil {
		return time.Time{}
	}
	return t.ClosedAt.Add(inDays(p.Limit(policy.ReopenDays)))
}
