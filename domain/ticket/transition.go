package ticket

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/policy"
)

const (
	noteLongest   = 1000 // runes
	helpersMost   = 10
	photosMost    = 20
	appliedRecent = 50
)

// occasion is who acts, when, under which policy, and by which hours and days.
type occasion struct {
	actor  access.Actor
	now    time.Time
	policy *policy.Policy
	reckon clocks.Reckoner

	through string // the account for which the actor acts who may only as its stand-in; "" who may anyway
}

// under is the occasion under the policy of another street.
func (o occasion) under(p *policy.Policy) occasion {
	o.policy, o.reckon = p, reckoner(o.reckon.Calendar, p)
	return o
}

// otherReviewer: a ticket whose rejection was reopened is reviewed by somebody else.
func otherReviewer(t *Ticket, _ access.Relation, o occasion) error {
	if o.actor.Among(t.Reviewers...) {
		return domain.ErrForbidden
	}
	return nil
}

// notOwnWork: nobody verifies what they handled, be it good or not.
func notOwnWork(t *Ticket, _ access.Relation, o occasion) error {
	if !access.MayVerify(o.actor, t.Facts()) {
		return domain.ErrForbidden
	}
	return nil
}

// whenDue: the clock does not resume before its time, which may have been moved.
func whenDue(t *Ticket, as access.Relation, o occasion) error {
	at := t.ResumeAt
	if t.Backlog != nil {
		at = t.Backlog.LapsesAt
	}
	if as == access.TheProgram && (at.After(o.now) || t.Backlog != nil && at.IsZero()) {
		return &domain.ConflictError{Code: "not_due", Detail: domain.T("未到恢复时间", "it is not due yet")}
	}
	return nil
}

// withinLimits: a reporter reopens within some days and so many times at most; a lead any time.
func withinLimits(t *Ticket, as access.Relation, o occasion) error {
	if err := notChild(t, as, o); err != nil {
		return err
	}
	if as != access.Reporter {
		return nil
	}
	over := t.ClosedAt
	if t.State == Rejected {
		over = t.RejectedAt
	}
	if within := o.policy.Limit(policy.ReopenDays); o.now.Sub(over) > time.Duration(within)*24*time.Hour {
		return &domain.ConflictError{Code: "too_late", Detail: domain.Textf("已超过 %d 天，不能重开", "it can be reopened within %d days only", within)}
	}
	if most := o.policy.Limit(policy.ReopenTimes); t.Reopened >= most {
		return &domain.ConflictError{Code: "reopened_twice", Detail: domain.Textf("已重开 %d 次", "it was reopened %d times already", t.Reopened)}
	}
	return nil
}

// relationFor returns the first of the relations by which the actor may take
// the step with a ticket of these facts.
func relationFor(t *Ticket, facts access.Ticket, tr *Transition, o *occasion) (access.Relation, bool) {
	for _, r := range tr.Who {
		var roles []access.Role
		if r == access.LeadOf { // alone asks for one
			roles = o.policy.MayTakeFor(string(tr.Action), t.Category, t.Condition)
		}
		if o.actor.MayTake(r, facts, roles) {
			return r, true
		}
	}
	if slices.Contains(tr.Who, access.LeadOf) && t.climbedTo(o.actor, tr.Action) {
		return access.LeadOf, true
	}
	return 0, false
}

// mayNot says what stands against the step for an actor who has the relation;
// nil for nothing. In strict mode 监督、指挥分离 filing and verifying are apart from dispatching.
func (tr *Transition) mayNot(t *Ticket, r access.Relation, o occasion) error {
	if o.policy.Strict() && !access.KeepsApart(o.actor, t.Facts(), string(tr.Action)) {
		return domain.ErrForbidden
	}
	if tr.guard == nil {
		return nil
	}
	return tr.guard(t, r, o)
}

// throughWhom says for whom the actor takes an action that they may take.
func (t *Ticket) throughWhom(action Action, o occasion) string {
	return o.actor.Through(func(a access.Actor) bool {
		o.actor = a
		_, _, err := t.decide(action, o)
		return err == nil
	})
}

// allowed lists the actions that may be taken with the ticket, in the table's order.
func (t *Ticket) allowed(o occasion) []string {
	out, facts := make([]string, 0, 12), t.Facts()
	for i := range Transitions {
		tr := &Transitions[i]
		if !slices.Contains(tr.From, t.State) || slices.Contains(out, string(tr.Action)) {
			continue
		}
		if r, ok := relationFor(t, facts, tr, &o); ok && tr.mayNot(t, r, o) == nil {
			out = append(out, string(tr.Action))
		}
	}
	return out
}

// decide finds the row for an action: ErrForbidden when the actor never may
// take it here, a ConflictError with what is allowed when the state is wrong.
func (t *Ticket) decide(action Action, o occasion) (Transition, access.Relation, error) {
	mayEver, facts := false, t.Facts()
	for _, tr := range Transitions {
		if tr.Action != action {
			continue
		}
		r, ok := relationFor(t, facts, &tr, &o)
		if !ok {
			continue
		}
		mayEver = true
		if !slices.Contains(tr.From, t.State) {
			continue
		}
		if err := tr.mayNot(t, r, o); err != nil {
			return tr, r, t.withAllowed(err, o)
		}
		return tr, r, nil
	}
	if !mayEver {
		return Transition{}, 0, domain.ErrForbidden
	}
	return Transition{}, 0, t.withAllowed(&domain.ConflictError{Code: "wrong_state",
		Detail: domain.T("当前状态不能进行此操作", "this cannot be done in the ticket's present state")}, o)
}

func (t *Ticket) withAllowed(err error, o occasion) error {
	if c, ok := err.(*domain.ConflictError); ok {
		c.Allowed = t.allowed(o)
	}
	return err
}
