package ticket

import (
	"slices"
	"time"

	"wangge/domain/access"
)

// What the steps of the ordinary way change beside the state.

func doAccept(t *Ticket, x *taking) {
	cat, _ := x.policy.Category(t.Category)
	c, _ := cat.Condition(x.in.Condition)
	t.Condition = c.Code
	if slices.Index(Urgencies, c.Urgency) > slices.Index(Urgencies, t.Urgency) {
		t.Urgency = c.Urgency
	}
	t.Filed = appendNew(t.Filed, x.actor.Persons()...)
	t.setTerms(x.there, x.reckon)
}

func doReject(t *Ticket, x *taking) {
	t.Reviewers, t.RejectedAt = appendNew(t.Reviewers, x.actor.Persons()...), x.now
	t.Filed = appendNew(t.Filed, x.actor.Persons()...)
}

func doCorrect(t *Ticket, x *taking) {
	x.step.Was = &Replaced{t.Category, t.Position, t.Place}
	if x.in.Category != "" && x.in.Category != t.Category {
		t.Category, t.Condition = x.in.Category, ""
		t.setTerms(x.there, x.reckon)
	}
}

func doDispatch(t *Ticket, x *taking) {
	t.assign(*x.in.Assignee, x.in.Helpers)
	t.Dispatchers = appendNew(t.Dispatchers, x.actor.Persons()...)
	t.Returned = nil
	t.resume(x.now)
	t.Escalated, t.EscalatedAt = false, time.Time{}
}

func doStart(t *Ticket, x *taking) {
	t.StartedAt = x.now
	t.Handled = appendNew(t.Handled, x.actor.Persons()...)
}

func doSuspend(t *Ticket, x *taking) { t.ResumeAt, t.SuspendedAt = x.in.Until, x.now }

func doResume(t *Ticket, x *taking) { t.resume(x.now) }

func doResolve(t *Ticket, x *taking) {
	t.Outcome, t.Resolved = x.in.Outcome, &Resolution{x.actor.Account, x.now}
	t.Handled = appendNew(t.Handled, x.actor.Persons()...)
}

func doRework(t *Ticket, x *taking) {
	t.StartedAt, t.Outcome, t.Resolved, t.Said = x.now, "", nil, nil
	if t.Assignee.ID == "" { // it was answered for its children
		t.State, t.StartedAt = Divided, time.Time{}
	}
}

func doClose(t *Ticket, x *taking) { t.Verified, t.ClosedAt = x.in.Verification, x.now }

func doWithdraw(t *Ticket, x *taking) {
	t.WithdrawnAt, t.Question = x.now, nil
	doUnsplit(t, x)
}

func doMerge(t *Ticket, x *taking) { t.join(x.in.Into, x.was, x.now) }

func doUnmerge(t *Ticket, x *taking) { t.restore(x.now) }

func doReopen(t *Ticket, x *taking) {
	if x.as == access.Reporter {
		t.Reopened++
	}
	t.ClosedAt, t.RejectedAt, t.Outcome, t.Verified = time.Time{}, time.Time{}, "", ""
	t.Resolved, t.Said, t.SuspendedS, t.Children = nil, nil, 0, nil // the children of the last round are over
	t.Days = t.term(x.there)
	t.assign(access.Assignee{}, nil)
}
