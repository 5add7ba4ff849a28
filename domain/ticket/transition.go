package ticket

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	{Resume, []State{Suspended}, InProgress, []access.Relation{access.LeadOf, access.TheProgram}, 0, nil},
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

// withinLimits: a reporter reopens within 15 days and twice at most; a lead any time.
func withinLimits(t *Ticket, _ access.Actor, as access.Relation, now time.Time) error {
	if as != access.Reporter {
		return nil
	}
	if now.Sub(t.UpdatedAt) > ReopenWithin && (t.ClosedAt.IsZero() || now.Sub(t.ClosedAt) > ReopenWithin) {
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

// check lists what the action needs and the input lacks.
func (in *Move) check(tr Transition, t *Ticket, now time.Time) error {
	bad := &domain.InvalidError{}
	cat, _ := CategoryOf(t.Category)
	if tr.Needs&NeedReason != 0 && strings.TrimSpace(in.Reason) == "" {
		bad.Add("/reason", domain.T("请说明原因", "a reason is required"))
	}
	if tr.Needs&NeedAssignee != 0 && (in.Assignee == nil || in.Assignee.ID == "") {
		bad.Add("/assignee", domain.T("请选择处置人员或单位", "an assignee is required"))
	}
	if len(in.Helpers) > helpersMost {
		bad.Add("/helpers", domain.T("协办最多 10 个", "ten helpers at most"))
	}
	if tr.Needs&NeedUntil != 0 && (!in.Until.After(now) || in.Until.Sub(now) > SuspendMost) {
		bad.Add("/until", domain.T("挂起截止时间应在今后 30 天内", "must be within the next 30 days"))
	}
	if tr.Needs&NeedOutcome != 0 {
		switch {
		case !slices.Contains(Outcomes, in.Outcome):
			bad.Add("/outcome", domain.T("请选择处置结果", "an outcome is required"))
		case in.Outcome == NotFixed && strings.TrimSpace(in.Reason) == "":
			bad.Add("/reason", domain.T("未解决须说明原因", "say why it is not fixed"))
		case cat.AfterPhoto && in.Outcome != NotFixed && len(in.Photos) == 0 && !t.hasPhoto(After, t.StartedAt):
			bad.Add("/photos", domain.T("此类问题须上传处置后照片", "this category asks for an after-photo"))
		}
	}
	if tr.Needs&NeedVerification != 0 && !slices.Contains(Verifications, in.Verification) {
		bad.Add("/verification", domain.T("请说明核查方式", "say how it was verified"))
	}
	if tr.Needs&NeedChange != 0 {
		if in.Category == "" && in.Position == nil {
			bad.Add("/category", domain.T("请给出新的类别或位置", "a new category or position is required"))
		} else if _, ok := CategoryOf(in.Category); in.Category != "" && !ok {
			bad.Add("/category", domain.T("未知的类别", "unknown category"))
		}
	}
	if _, ok := cat.condition(in.Condition); tr.Action == Accept && !ok {
		bad.Add("/condition", domain.T("未知的立案条件", "unknown condition"))
	}
	longText(bad, "/note", in.Note, noteLongest)
	longText(bad, "/reason", in.Reason, noteLongest)
	return bad.Err()
}

func longText(bad *domain.InvalidError, pointer, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		bad.Add(pointer, domain.T("内容过长", "too long"))
	}
}
