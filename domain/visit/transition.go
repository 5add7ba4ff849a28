package visit

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
)

// Action is a step taken with a visit.
type Action string

const (
	Make       Action = "plan"       // made from a plan
	Book       Action = "book"       // made because a resident asked for it
	CheckIn    Action = "check_in"   // 签到
	Complete   Action = "complete"   // 完成
	Abandon    Action = "abandon"    // 放弃: nothing was done at the door
	Reschedule Action = "reschedule" // 改期
	Reassign   Action = "reassign"   // 改派
	Miss       Action = "miss"       // 未走访
	Cancel     Action = "cancel"     // 取消
	Review     Action = "review"     // 审核到访凭证
	Restore    Action = "restore"    // cancelled by the program, and due again
	Follow     Action = "follow"     // the plan or the household changed
	Escalate   Action = "escalate"   // 逾期上报
)

// Asks is what the input of an action must bring.
type Asks int

const (
	AsksReason Asks = 1 << iota
	AsksDay
	AsksAssignee
)

// Transition is one row of the lifecycle: from which states an action leads
// where, who may take it, and what it needs.
type Transition struct {
	Action Action
	From   []State
	To     State // "" : stays as it is
	Who    []access.VisitRelation
	Asks   Asks
}

var (
	visitor  = []access.VisitRelation{access.VisitorOf}
	there    = []access.VisitRelation{access.VisitAtDoor}
	eitherAt = []access.VisitRelation{access.VisitAtDoor, access.VisitLeadOf}
	reviewer = []access.VisitRelation{access.VisitReviewer}
	lead     = []access.VisitRelation{access.VisitLeadOf}
	either   = []access.VisitRelation{access.VisitorOf, access.VisitLeadOf}
	program  = []access.VisitRelation{access.VisitClock}
	ruling   = []access.VisitRelation{access.VisitLeadOf, access.VisitClock}
)

// Transitions is the lifecycle. A visit is checked in, completed and abandoned
// by the stop at its household, and reviewed with it.
var Transitions = []Transition{
	{CheckIn, []State{Planned}, CheckedIn, visitor, 0},
	{Complete, []State{CheckedIn}, Completed, there, 0},
	{Abandon, []State{CheckedIn}, Planned, eitherAt, AsksReason},
	{Reschedule, []State{Planned}, "", either, AsksReason | AsksDay},
	{Reassign, []State{Planned}, "", lead, AsksReason | AsksAssignee},
	{Miss, []State{Planned}, Missed, either, AsksReason},
	{Cancel, []State{Planned}, Cancelled, ruling, AsksReason},
	{Review, []State{Completed}, "", reviewer, 0},
	{Restore, []State{Cancelled}, Planned, program, 0},
	{Follow, []State{Planned}, "", program, 0},
	{Escalate, []State{Planned}, "", program, 0},
}

// Allowed lists the actions this actor may take with the visit now, in the table's order.
func (v *Visit) Allowed(a access.Actor) []string {
	out := []string{}
	for _, tr := range Transitions {
		if slices.Contains(tr.From, v.State) && hasAnyRelation(a, v, tr.Who) {
			out = append(out, string(tr.Action))
		}
	}
	return out
}

func hasAnyRelation(a access.Actor, v *Visit, who []access.VisitRelation) bool {
	return slices.ContainsFunc(who, func(r access.VisitRelation) bool { return a.HasVisitRelation(r, v.Facts()) })
}

// decide finds the row for an action: ErrForbidden when the actor never may
// take it here, a ConflictError with what is allowed when the state is wrong.
func (v *Visit) decide(action Action, a access.Actor) (Transition, error) {
	i := slices.IndexFunc(Transitions, func(tr Transition) bool { return tr.Action == action })
	if i < 0 || !hasAnyRelation(a, v, Transitions[i].Who) {
		return Transition{}, domain.ErrForbidden
	}
	tr := Transitions[i]
	if !slices.Contains(tr.From, v.State) {
		return tr, &domain.ConflictError{Code: "wrong_state", Allowed: v.Allowed(a),
			Detail: domain.T("当前状态不能进行此操作", "this cannot be done in the visit's present state")}
	}
	return tr, nil
}

// apply is what every action does to the visit.
func (v *Visit) apply(tr Transition, now time.Time) {
	if tr.To != "" {
		v.State = tr.To
	}
	if v.State != Planned {
		v.EscalateAt = time.Time{}
	}
	if v.State == Completed || v.State == Missed || v.State == Cancelled {
		v.DoneAt = now
	} else {
		v.DoneAt = time.Time{}
	}
	v.UpdatedAt = now
}

// transitionOf is the transition of an action that the program takes itself.
func transitionOf(action Action) Transition {
	return Transitions[slices.IndexFunc(Transitions, func(tr Transition) bool { return tr.Action == action })]
}
