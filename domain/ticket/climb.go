package ticket

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/policy"
	"wangge/domain/todo"
	"wangge/store"
)

// Climbed says that nobody was left below who might take the step that a ticket
// waits for: whoever leads it from a level on takes it, whomever the policy
// names. It falls back when the ticket leaves the state.
type Climbed struct {
	State State        `store:"state"`
	Level access.Level `store:"level"`
	At    time.Time    `store:"at"`
}

// Climb is what the journal says of it. No transition: nobody asks for it.
const Climb Action = "climb" // 升级办理

// ToldClimbed is told to the people of the level.
var ToldClimbed = todo.Declare("ticket_climbed", "一件工单的当前环节下级已无人可办，请您办理", "nobody below is left to take the next step of a ticket: please take it")

// awaited are the states in which a ticket waits for a step of who leads, the
// step itself first, then what may be taken in its place.
var awaited = map[State][]Action{Reported: {Accept, Reject}, Accepted: {Dispatch}, Resolved: {Close, Rework}}

// climbedTo reports whether the actor may take the action because it climbed to their level.
func (t *Ticket) climbedTo(actor access.Actor, action Action) bool {
	return t.Climbed != nil && t.Climbed.State == t.State && slices.Contains(awaited[t.State], action) && actor.TakesClimbed(t.Place, t.Climbed.Level)
}

// climbs looks, where a ticket comes to wait for a step and where people
// change, whether anybody is left who may take it.
type climbs struct {
	tickets *Tickets
	found   map[string]time.Time // when somebody was found who may take a step anywhere that nobody is left out of
}

// foundFor is how long somebody who was found is believed to be there, without an entry that says otherwise.
const foundFor = time.Minute

// wants reports whether an entry may leave a step to nobody: a ticket comes to
// wait for it, something is asked for, or people, posts, covers or duties change.
func (c *climbs) wants(e *store.Entry) bool {
	if !AboutTicket(e) {
		return aboutPeople(e)
	}
	if bringsRequest(e) {
		return true
	}
	return e.Before.State != e.After.State && (awaited[State(e.After.State)] != nil || e.Dims[climbedDim] != "") || e.Before.Cell != e.After.Cell && awaited[State(e.After.State)] != nil
}

func aboutPeople(e *store.Entry) bool {
	return account.About(e) || account.AboutCover(e) || account.AboutDuty(e) || area.AboutStaff(e)
}

// climbedDim is the dimension of entries about a ticket that has climbed.
const climbedDim = "climbed"

// follow handles a batch of entries: it looks once at each ticket, and once at
// each street in which people changed, however many of the entries are about it.
func (c *climbs) follow(ctx context.Context, lease store.Lease, now time.Time, entries []*store.Entry) error {
	var ids []string
	var people []*store.Entry
	left := map[string]bool{} // by ticket: an entry says that it had climbed
	for _, e := range entries {
		if !c.wants(e) {
			continue
		}
		if !AboutTicket(e) {
			people = append(people, e)
			continue
		}
		if _, seen := left[e.Doc]; !seen {
			ids = append(ids, e.Doc)
		}
		left[e.Doc] = left[e.Doc] || e.Dims[climbedDim] != ""
	}
	l := newLooking(c, now)
	l.lease = lease
	if len(people) > 0 {
		clear(c.found)
	}
	found, err := collection.GetMany(ctx, c.tickets.store, ids)
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		if t := found[id]; t != nil {
			failed = append(failed, l.lookAt(ctx, t, left[id]))
		}
	}
	streets, err := c.streetsOf(ctx, people)
	for _, street := range streets {
		failed = append(failed, l.lookIn(ctx, street))
	}
	return errors.Join(append(failed, err)...)
}

// streetsOf are the ids of the streets in which entries may leave somebody out who leads there.
func (c *climbs) streetsOf(ctx context.Context, entries []*store.Entry) (out []string, err error) {
	var who []string
	for _, e := range entries {
		switch {
		case account.AboutCover(e):
			who = append(who, e.Dims["absent"], e.Dims["standIn"])
		case !account.About(e):
			out = append(out, e.Partition)
		case e.Action != "account.update" && e.Action != "account.end_sessions" && e.Action != "account.password":
			who = append(who, e.Doc)
		}
	}
	all, err := account.LoadMany(ctx, c.tickets.store, who)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if !a.Public() {
			continue
		}
		places, err := c.tickets.accounts.Places(ctx, c.tickets.store, a)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			if p.Street != "" {
				out = append(out, p.Street)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// lookIn looks at all tickets of a street that wait for a step.
func (l *looking) lookIn(ctx context.Context, street string) error {
	for _, which := range [][]store.Cond{
		{store.Eq("place.street", street), store.In("state", Reported, Accepted, Resolved)},
		{store.Eq("lookAt", street), store.In("state", handling...)}, // of which something may be asked
	} {
		if err := l.lookAtAll(ctx, which); err != nil {
			return err
		}
	}
	return nil
}

func (l *looking) lookAtAll(ctx context.Context, which []store.Cond) error {
	for cursor := ""; ; {
		page, next, err := collection.Find(ctx, l.tickets.store, store.Query{Where: which, Order: []string{"createdAt"}, Limit: 500, After: cursor})
		if err != nil {
			return err
		}
		for _, t := range page {
			if err := l.lookAt(ctx, t, false); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// lookAt has the step that the ticket waits for climb, if nobody is left for it
// where it is; left says that it may have left the state in which it had climbed.
func (l *looking) lookAt(ctx context.Context, t *Ticket, left bool) error {
	if left && t.Climbed == nil {
		if err := l.put(ctx, t, access.Level(""), nil); err != nil {
			return err
		}
	}
	steps := awaited[t.State]
	if steps == nil {
		if slices.Contains(handling, t.State) {
			return l.lookAtRequests(ctx, t)
		}
		return nil
	}
	p := l.tickets.policies.At(t.Partition, l.now)
	from := 0
	if t.Climbed != nil {
		from = slices.Index(access.Rungs, t.Climbed.Level)
	} else if somebody, err := l.takenBelow(ctx, t, p, steps[0]); err != nil || somebody {
		return err
	}
	if t.Escalated {
		from = max(from, slices.Index(access.Rungs, access.Street))
	}
	for _, level := range access.Rungs[from:] {
		raised := *t
		raised.Climbed = &Climbed{t.State, level, l.now}
		who, err := l.candidates(ctx, t, level)
		if err != nil {
			return err
		}
		able, err := l.able(ctx, &raised, p, steps[0], who, false)
		switch {
		case err != nil:
			return err
		case len(able) > 0 && t.Climbed != nil && t.Climbed.Level == level:
			return nil
		case len(able) > 0:
			return l.put(ctx, t, level, able)
		}
	}
	return nil
}

// takenBelow reports whether anybody of the street may take the step as it is:
// those of whole counties and cities are whom it would climb to.
func (l *looking) takenBelow(ctx context.Context, t *Ticket, p *policy.Policy, step Action) (bool, error) {
	key := ""
	if !t.leavesOut(p) {
		roles := p.MayTakeFor(string(step), t.Category, t.Condition)
		key = strings.Join([]string{t.Place.Street, t.Place.Community, t.Place.Cell, policyRoles(roles)}, " ")
		if at, ok := l.found[key]; ok && l.now.Sub(at) < foundFor && !l.now.Before(at) {
			return true, nil
		}
	}
	for _, level := range []access.Level{access.Cell, access.Community, access.Street} {
		who, err := l.candidates(ctx, t, level)
		if err != nil {
			return false, err
		}
		able, err := l.able(ctx, t, p, step, who, true)
		if err != nil || len(able) == 0 {
			if err != nil {
				return false, err
			}
			continue
		}
		if key != "" {
			l.found[key] = l.now
		}
		return true, nil
	}
	return false, nil
}

func policyRoles(roles []access.Role) string {
	var b strings.Builder
	for _, r := range roles {
		b.WriteString(string(r) + ",")
	}
	return b.String()
}

// leavesOut reports whether what happened to the ticket may leave somebody out of the step that it waits for.
func (t *Ticket) leavesOut(p *policy.Policy) bool {
	return t.State == Resolved || len(t.Reviewers) > 0 || t.Escalated || p.Strict() && len(t.Filed)+len(t.Dispatchers) > 0
}

// put has the ticket climb to a level and asks its people; with none, what they were asked is done.
func (l *looking) put(ctx context.Context, seen *Ticket, level access.Level, who []string) error {
	return l.tickets.updateSeen(ctx, access.Program, seen.ID, nil, func(tx *store.Tx, t *Ticket, _ access.View) error {
		if err := tx.Hold(ctx, l.lease); err != nil {
			return err
		}
		about := todo.About{Kind: "ticket", ID: t.ID, Place: t.Place}
		if level == "" {
			if t.Climbed != nil {
				return nil
			}
			return todo.Done(ctx, tx, ToldClimbed, about, l.now)
		}
		if t.Version != seen.Version { // what happened since is looked at by itself
			return nil
		}
		before := t.facts()
		t.Climbed, t.UpdatedAt = &Climbed{t.State, level, l.now}, l.now
		e := t.entry(access.Program, l.now, Climb, before)
		if err := todo.Settle(ctx, tx, ToldClimbed, about, []todo.Asking{{Occasion: string(t.State) + "." + strconv.FormatInt(seen.Version, 10), To: who}}, store.Entry{At: l.now, Actor: access.Program.Name()}); err != nil {
			return err
		}
		return put(tx, t, e)
	})
}
