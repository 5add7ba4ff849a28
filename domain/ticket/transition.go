package ticket

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
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
	SuspendMost   = 30 * 24 * time.Hour // 挂起最长
	ReopenWithin  = 15 * 24 * time.Hour // by the reporter, after closing
	ReopenMost    = 2                   // times, by the reporter
	noteLongest   = 1000                // runes
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
// where, who may take it, and what it needs.
type Transition struct {
	Action Action
	From   []State
	To     State // "" : stays as it is
	Who    []access.Relation
	Needs  Need
	guard  func(*Ticket, access.Actor, access.Relation, time.Time) error
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
func otherReviewer(t *Ticket, a access.Actor, _ access.Relation, _ time.Time) error {
	if slices.Contains(t.Reviewers, a.Account) {
		return domain.ErrForbidden
	}
	return nil
}

// notOwnWork: nobody closes what they handled.
func notOwnWork(t *Ticket, a access.Actor, _ access.Relation, _ time.Time) error {
	if !access.MayVerify(a, t.Facts()) {
		return domain.ErrForbidden
	}
	return nil
}

// whenDue: the clock does not resume before its time, which may have been moved.
func whenDue(t *Ticket, _ access.Actor, as access.Relation, now time.Time) error {
	if as == access.TheProgram && t.ResumeAt.After(now) {
		return &domain.ConflictError{Code: "not_due", Detail: domain.T("未到恢复时间", "it is not due yet")}
	}
	return nil
}

// withinLimits: a reporter reopens within 15 days and twice at most; a lead any time.
func withinLimits(t *Ticket, _ access.Actor, as access.Relation, now time.Time) error {
	if as != access.Reporter {
		return nil
	}
	over := t.ClosedAt
	if t.State == Rejected {
		over = t.RejectedAt
	}
	if now.Sub(over) > ReopenWithin {
		return &domain.ConflictError{Code: "too_late", Detail: domain.T("已超过 15 天，不能重开", "it can be reopened within 15 days only")}
	}
	if t.Reopened >= ReopenMost {
		return &domain.ConflictError{Code: "reopened_twice", Detail: domain.T("已重开两次", "it was reopened twice already")}
	}
	return nil
}

// as returns the first of the relations in which the actor stands to the ticket.
func as(t *Ticket, a access.Actor, who []access.Relation) (access.Relation, bool) {
	for _, r := range who {
		if a.Holds(r, t.Facts()) {
			return r, true
		}
	}
	return 0, false
}

// Allowed lists the actions this actor may take with the ticket now, in the table's order.
func (t *Ticket) Allowed(a access.Actor, now time.Time) []string {
	out := []string{}
	for _, tr := range Transitions {
		r, ok := as(t, a, tr.Who)
		if !ok || !slices.Contains(tr.From, t.State) || slices.Contains(out, string(tr.Action)) {
			continue
		}
		if tr.guard == nil || tr.guard(t, a, r, now) == nil {
			out = append(out, string(tr.Action))
		}
	}
	return out
}

// decide finds the row for an action: ErrForbidden when the actor never may
// take it here, a ConflictError with what is allowed when the state is wrong.
func (t *Ticket) decide(action Action, a access.Actor, now time.Time) (Transition, access.Relation, error) {
	mayEver := false
	for _, tr := range Transitions {
		if tr.Action != action {
			continue
		}
		r, ok := as(t, a, tr.Who)
		if !ok {
			continue
		}
		mayEver = true
		if !slices.Contains(tr.From, t.State) {
			continue
		}
		if tr.guard != nil {
			if err := tr.guard(t, a, r, now); err != nil {
				return tr, r, t.withAllowed(err, a, now)
			}
		}
		return tr, r, nil
	}
	if !mayEver {
		return Transition{}, 0, domain.ErrForbidden
	}
	return Transition{}, 0, t.withAllowed(&domain.ConflictError{Code: "wrong_state",
		Detail: domain.T("当前状态不能进行此操作", "this cannot be done in the ticket's present state")}, a, now)
}

func (t *Ticket) withAllowed(err error, a access.Actor, now time.Time) error {
	if c, ok := err.(*domain.ConflictError); ok {
		c.Allowed = t.Allowed(a, now)
	}
	return err
}
