package ticket

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/policy"
)

// Action is a step people take with a ticket.
type Action string

const (
	Report   Action = "report"   // 上报
	Accept   Action = "accept"   // 立案
	Reject   Action = "reject"   // 不予立案
	Correct  Action = "correct"  // 更正
	Dispatch Action = "dispatch" // 派遣
	Start    Action = "start"    // 处置
	Suspend  Action = "suspend"  // 挂起
	Resume   Action = "resume"   // 恢复
	Resolve  Action = "resolve"  // 反馈
	Rework   Action = "rework"   // 返工
	Close    Action = "close"    // 核查结案
	Reopen   Action = "reopen"   // 重开
	Withdraw Action = "withdraw" // 撤回

	Rezone Action = "rezone" // 随网格调整: what a redraw of cells does to it
)

const (
	noteLongest   = 1000 // runes
	helpersMost   = 10
	photosMost    = 20
	appliedRecent = 50
)

// Need is something the input of an action must bring.
type Need int

const (
	NeedReason Need = 1 << iota
	NeedAssignee
	NeedUntil
	NeedOutcome
	NeedVerification
	NeedChange // a new category or position
)

// Transition is one row of the lifecycle: from which states an action leads
// where, who may take it, and what it needs. Which of those who lead may take
// it the street's policy says.
type Transition struct {
	Action Action
	From   []State
	To     State // "" : stays as it is
	Who    []access.Relation
	Needs  Need
	guard  func(*Ticket, access.Relation, occasion) error
}

// occasion is who acts, when, and under which policy.
type occasion struct {
	actor  access.Actor
	now    time.Time
	policy *policy.Policy
}

var (
	lead     = []access.Relation{access.LeadOf}
	assignee = []access.Relation{access.AssigneeOf}
	reporter = []access.Relation{access.Reporter}
	either   = []access.Relation{access.LeadOf, access.Reporter}
)

// Transitions is the lifecycle (DOMAIN: 上报→立案→派遣→处置→反馈→核查结案). Report makes the ticket and has no row.
var Transitions = []Transition{
	{Accept, []State{Reported}, Accepted, lead, 0, otherReviewer},
	{Reject, []State{Reported}, Rejected, lead, NeedReason, otherReviewer},
	{Correct, []State{Reported, Accepted, Dispatched, InProgress, Suspended, Resolved}, "", lead, NeedChange, nil},
	{Dispatch, []State{Accepted, Dispatched, InProgress, Suspended}, Dispatched, lead, NeedAssignee, nil},
	{Start, []State{Dispatched}, InProgress, assignee, 0, nil},
	{Suspend, []State{InProgress}, Suspended, lead, NeedReason | NeedUntil, nil},
	{Resume, []State{Suspended}, InProgress, []access.Relation{access.LeadOf, access.TheProgram}, 0, whenDue},
	{Resolve, []State{InProgress}, Resolved, assignee, NeedOutcome, nil},
	{Rework, []State{Resolved}, InProgress, lead, NeedReason, nil},
	{Close, []State{Resolved}, Closed, lead, NeedVerification, notOwnWork},
	{Reopen, []State{Closed}, Accepted, either, NeedReason, withinLimits},
	{Reopen, []State{Rejected}, Reported, either, NeedReason, withinLimits},
	{Withdraw, []State{Reported, Accepted}, Withdrawn, reporter, 0, nil},
}

// otherReviewer: a ticket whose rejection was reopened is reviewed by somebody else.
func otherReviewer(t *Ticket, _ access.Relation, o occasion) error {
	if slices.Contains(t.Reviewers, o.actor.Account) {
		return domain.ErrForbidden
	}
	return nil
}

// notOwnWork: nobody closes what they handled.
func notOwnWork(t *Ticket, _ access.Relation, o occasion) error {
	if !access.MayVerify(o.actor, t.Facts()) {
		return domain.ErrForbidden
	}
	return nil
}

// whenDue: the clock does not resume before its time, which may have been moved.
func whenDue(t *Ticket, as access.Relation, o occasion) error {
	if as == access.TheProgram && t.ResumeAt.After(o.now) {
		return &domain.ConflictError{Code: "not_due", Detail: domain.T("未到恢复时间", "it is not due yet")}
	}
	return nil
}

// withinLimits: a reporter reopens within some days and so many times at most; a lead any time.
func withinLimits(t *Ticket, as access.Relation, o occasion) error {
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

// relationFor returns the first of the relations by which the actor may take the step.
func relationFor(t *Ticket, tr Transition, o occasion) (access.Relation, bool) {
	for _, r := range tr.Who {
		if o.actor.MayTake(r, t.Facts(), o.policy.MayTake(string(tr.Action))) {
			return r, true
		}
	}
	return 0, false
}

// allowed lists the actions that may be taken with the ticket, in the table's order.
func (t *Ticket) allowed(o occasion) []string {
	out := []string{}
	for _, tr := range Transitions {
		r, ok := relationFor(t, tr, o)
		if !ok || !slices.Contains(tr.From, t.State) || slices.Contains(out, string(tr.Action)) {
			continue
		}
		if tr.guard == nil || tr.guard(t, r, o) == nil {
			out = append(out, string(tr.Action))
		}
	}
	return out
}

// decide finds the row for an action: ErrForbidden when the actor never may
// take it here, a ConflictError with what is allowed when the state is wrong.
func (t *Ticket) decide(action Action, o occasion) (Transition, access.Relation, error) {
	mayEver := false
	for _, tr := range Transitions {
		if tr.Action != action {
			continue
		}
		r, ok := relationFor(t, tr, o)
		if !ok {
			continue
		}
		mayEver = true
		if !slices.Contains(tr.From, t.State) {
			continue
		}
		if tr.guard != nil {
			if err := tr.guard(t, r, o); err != nil {
				return tr, r, t.withAllowed(err, o)
			}
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
