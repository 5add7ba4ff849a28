package ticket

import (
	"slices"
	"time"

	"wangge/domain/clocks"
	"wangge/domain/policy"
)

// clockRule says how tickets keep the clocks of a kind 时限.
type clockRule struct {
	kind clocks.Kind
	// It starts with these actions where they lead to a state of in.
	starts []Action
	// It is met by these; for now, where what was done is still to be verified.
	met    []Action
	forNow bool
	still  []State // it stands still in these
	in     []State // and is over once the ticket is in no state of these
}

// clockRules are all clocks of tickets. Each is over when the ticket is, and is
// as it was when the ticket is taken out of a merge or a split.
var clockRules = []clockRule{
	{clocks.Accept, []Action{Report, Reopen}, []Action{Accept, Reject}, false, []State{AwaitingReporter}, []State{Reported, AwaitingReporter}},
	// Whatever brings it back to who dispatches starts this one anew, but to escalate continues it.
	{clocks.Dispatch, []Action{Report, Accept, Grant, Return, Reopen, Take, Allot, Rule}, []Action{Dispatch}, false, []State{AwaitingReporter}, []State{Accepted, AwaitingReporter}},
	// Reworking goes on with what is left, at least policy.ReworkDays. Who is not of those who had it has a clock of their own.
	{clocks.Handle, []Action{Dispatch}, []Action{Resolve}, true, []State{Suspended, Resolved}, []State{Dispatched, InProgress, Suspended, Resolved}},
	{clocks.Verify, []Action{Resolve}, []Action{Close, Rework}, false, nil, []State{Resolved}},
	{clocks.Promise, []Action{Report, Reopen}, []Action{Close, Reply}, false, []State{Suspended, AwaitingReporter}, open},
	{clocks.Imposed, nil, []Action{Close, Reply}, false, nil, open},
}

// ends says how clocks end that a ticket has in its last state.
var ends = map[State]clocks.End{Closed: clocks.Closed, Rejected: clocks.Rejected, Withdrawn: clocks.Withdrawn, Merged: clocks.Merged, Divided: clocks.Split}

// follow moves the ticket's clocks with an action that was taken, from the state
// that it was in. Everything that changes the state ends with it. charged is
// who has it to do, after a dispatch.
func (t *Ticket) follow(action Action, was State, charged string, o occasion) {
	t.adopt()
	switch action {
	case Unmerge:
		t.restoreClocks(clocks.Merged, o)
	case Unsplit:
		t.restoreClocks(clocks.Split, o)
	case Escalate:
		if i := t.last(clocks.Dispatch); was != Accepted && i >= 0 {
			t.Clocks[i].Again(o.now, clocks.Term{}, string(was))
		}
	case Rework:
		if c := t.Clock(clocks.Handle); c != nil {
			c.Again(o.now, clocks.Term{Count: o.policy.Limit(policy.ReworkDays), Unit: clocks.WorkingDay}, string(was))
		}
	}
	round := t.round()
	if action == Reopen {
		round++
	}
	for _, rule := range clockRules {
		t.move(rule, action, charged, o)
		if slices.Contains(rule.starts, action) && slices.Contains(rule.in, t.stage()) && t.Clock(rule.kind) == nil {
			c := clocks.Start(rule.kind, round, o.now, o.policy.TermOf(rule.kind, t.Category, t.Condition), o.policy.ID)
			if rule.kind == clocks.Handle {
				c.Charged = charged
			}
			if slices.Contains(rule.still, t.State) && !t.askedTooOften() {
				c.Stand(o.now, string(t.State))
			}
			t.Clocks = append(t.Clocks, c)
		}
	}
	t.reckon(o)
}

// stage is the state that it is in, or goes back to when its reporter has answered.
func (t *Ticket) stage() State {
	if t.State == AwaitingReporter && t.Question != nil {
		return t.Question.From
	}
	return t.State
}

// move brings the clock of a kind that is not over, where there is one, to where the ticket is.
func (t *Ticket) move(rule clockRule, action Action, charged string, o occasion) {
	c := t.Clock(rule.kind)
	if c == nil {
		return
	}
	if slices.Contains(rule.met, action) {
		if rule.kind == clocks.Verify {
			c.Charged = o.actor.Account
		}
		forNow := ""
		if rule.forNow {
			forNow = string(t.State)
		}
		c.Meet(o.now, forNow)
	}
	end, over := ends[t.State]
	switch {
	case rule.kind == clocks.Handle && action == Dispatch && c.Charged != charged, // another has it now
		rule.kind == clocks.Dispatch && (action == Take || action == Allot): // another street has
		c.End(o.now, clocks.HandedOn)
	case t.State == Closed && rule.kind == clocks.Handle && c.MetAt.IsZero(): // out of the backlog
		c.End(o.now, clocks.Shelved)
	case t.State == Closed && !c.MetAt.IsZero():
		c.End(o.now, clocks.Met)
	case over && !slices.Contains(rule.in, t.State):
		c.End(o.now, end)
	case !slices.Contains(rule.in, t.State):
		c.End(o.now, clocks.HandedOn)
	case slices.Contains(rule.still, t.State) && !t.askedTooOften():
		c.Stand(o.now, string(t.State))
	default:
		c.GoOn(o.now)
	}
}

// restoreClocks has those go on that ended so.
func (t *Ticket) restoreClocks(as clocks.End, o occasion) {
	for i := range t.Clocks {
		t.Clocks[i].Restore(o.now, as)
	}
}

// reckon finds when its clocks are due, by the calendar, the office and the
// terms of the occasion. Those that are met, or over, keep what they had.
func (t *Ticket) reckon(o occasion) {
	for i := range t.Clocks {
		c := &t.Clocks[i]
		o.reckon.Reckon(c)
		o.reckon.Climb(c, ladderOf(o.policy.Rule(c.Kind)))
	}
	i := t.last(clocks.Promise)
	if i < 0 || t.State == Merged {
		return
	}
	switch c := &t.Clocks[i]; {
	case c.Over() || c.StillSince().IsZero():
		t.DueAt = c.DueAt
	case t.ResumeAt.IsZero(): // nobody knows until when it stands still
		t.DueAt = time.Time{}
	default:
		t.DueAt = o.reckon.Expected(c, t.ResumeAt)
	}
}

// setTerms gives its clocks that run the terms of its category and condition.
// Those of before that the policy does not know keep what they had.
func (t *Ticket) setTerms(p *policy.Policy, r clocks.Reckoner) {
	if _, known := p.Category(t.Category); !known {
		return
	}
	t.adopt()
	was := clocks.Term{Count: t.Days, Unit: clocks.Day} // of the promise, before there were clocks
	if t.Days == 0 {
		was.Count = t.term(policy.Default())
	}
	t.Days = t.term(p)
	for i := range t.Clocks {
		c := &t.Clocks[i]
		term := p.TermOf(c.Kind, t.Category, t.Condition)
		switch {
		case c.Settled() || c.Kind == clocks.Imposed || c.Kind == clocks.Accept && t.State == Accepted:
			continue
		case c.By.IsZero():
			c.Term = term
		default: // from before there were clocks: by how much longer or shorter it is now
			if !c.Term.IsZero() {
				was = c.Term
			}
			before, _ := r.Add(c.StartedAt, was)
			due, _ := r.Add(c.StartedAt, term)
			c.By, c.Term = c.By.Add(due.Sub(before)), term
		}
		c.Policy = p.ID
	}
}

// adopt gives a ticket that had a deadline before there were clocks the clock of
// its promise, which has that date.
func (t *Ticket) adopt() {
	if len(t.Clocks) > 0 || t.DueAt.IsZero() {
		return
	}
	c := clocks.Clock{Kind: clocks.Promise, Round: 1, StartedAt: t.CreatedAt, By: t.DueAt, Policy: t.Policy, DueAt: t.DueAt}
	switch {
	case t.State == Closed:
		c.Meet(t.ClosedAt, "")
	case !t.State.Open():
		c.End(t.EndedAt(), ends[t.State])
	case !t.ResumeAt.IsZero(): // its deadline is as if it went on then
		c.By = t.UpdatedAt.Add(t.DueAt.Sub(t.ResumeAt))
		c.DueAt = c.By
		c.Stand(t.UpdatedAt, string(Suspended))
	}
	t.Clocks = []clocks.Clock{c}
}

// Clock is that of a kind which is not over; nil for none.
func (t *Ticket) Clock(kind clocks.Kind) *clocks.Clock {
	if i := t.last(kind); i >= 0 && !t.Clocks[i].Over() {
		return &t.Clocks[i]
	}
	return nil
}

// last is where the last clock of a kind is; -1 for none.
func (t *Ticket) last(kind clocks.Kind) int {
	for i, c := range slices.Backward(t.Clocks) {
		if c.Kind == kind {
			return i
		}
	}
	return -1
}

// round counts from 1 how often it was taken up, the last time counted.
func (t *Ticket) round() int {
	n := 1
	for _, c := range t.Clocks {
		n = max(n, c.Round)
	}
	return n
}
