package ticket

import (
	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/policy"
)

// Action is a step people take with a ticket.
type Action string

const (
	Report     Action = "report"     // 上报
	Ask        Action = "ask"        // 要求补充材料
	Answer     Action = "answer"     // 补充材料
	Unask      Action = "unask"      // 撤回提问
	Unanswered Action = "unanswered" // 逾期未补充
	Reply      Action = "reply"      // 直接答复
	Accept     Action = "accept"     // 立案
	Reject     Action = "reject"     // 不予立案
	Correct    Action = "correct"    // 更正
	Take       Action = "take"       // 接收
	GiveBack   Action = "give_back"  // 退回来件
	Allot      Action = "allot"      // 区县指定
	Dispatch   Action = "dispatch"   // 派遣
	Escalate   Action = "escalate"   // 上报街道
	Convene    Action = "convene"    // 吹哨
	Attend     Action = "attend"     // 报到
	Decline    Action = "decline"    // 不能报到
	Rule       Action = "rule"       // 区县裁定
	Apply      Action = "request"    // 申请退回、延期
	Grant      Action = "grant"      // 同意
	Refuse     Action = "refuse"     // 不同意
	Recall     Action = "recall"     // 撤回申请
	Start      Action = "start"      // 处置
	Suspend    Action = "suspend"    // 挂起
	Shelve     Action = "shelve"     // 挂账
	Resume     Action = "resume"     // 恢复
	Resolve    Action = "resolve"    // 反馈
	Confirm    Action = "confirm"    // 确认解决
	Dispute    Action = "dispute"    // 反映未解决
	Rework     Action = "rework"     // 返工
	Close      Action = "close"      // 核查结案
	Reopen     Action = "reopen"     // 重开
	Withdraw   Action = "withdraw"   // 撤回
	Urge       Action = "urge"       // 催办
	Supervise  Action = "supervise"  // 督办
	Split      Action = "split"      // 拆单
	Unsplit    Action = "unsplit"    // 撤销拆单
	Merge      Action = "merge"      // 并案
	Unmerge    Action = "unmerge"    // 拆案

	HelpStart   Action = "help_start"   // 协办开始
	HelpDone    Action = "help_done"    // 协办完成
	HelpRelease Action = "help_release" // 解除协办

	Rezone Action = "rezone" // 随网格调整: what a redraw of cells does to it
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
	NeedInto   // the ticket that it joins
)

// Transition is one row of the lifecycle: from which states an action leads
// where, who may take it, and what it needs. Which of those who lead may take
// it the street's policy says.
type Transition struct {
	Action Action
	From   []State
	To     State // "" : stays as it is, or becomes what do makes it
	Who    []access.Relation
	Needs  Need
	guard  func(*Ticket, access.Relation, occasion) error              // nil: always
	check  func(*Ticket, *ActionInput, occasion, *domain.InvalidError) // what the input lacks beside Needs; nil: nothing
	do     func(*Ticket, *taking)                                      // the change beside the state; nil: none
}

// taking is an action as it is taken.
type taking struct {
	occasion
	in    *ActionInput
	as    access.Relation
	was   State
	there *policy.Policy // of the street that the ticket comes to lie in
	step  *Step

	notices []notice    // whom it tells
	request RequestKind // that it is about
}

var (
	lead       = []access.Relation{access.LeadOf}
	assignee   = []access.Relation{access.AssigneeOf}
	reporter   = []access.Relation{access.Reporter}
	either     = []access.Relation{access.LeadOf, access.Reporter}
	byClock    = []access.Relation{access.TheProgram}
	byStreet   = []access.Relation{access.DispatchOf}
	byManager  = []access.Relation{access.ManagerOf}
	byCounty   = []access.Relation{access.CountyOf}
	byReceiver = []access.Relation{access.ReceiverOf}
	byConvened = []access.Relation{access.ConvenedOf}
	byHelper   = []access.Relation{access.HelperOf}
)

// unresolved are the states in which a ticket is still to be seen to.
var unresolved = []State{Reported, AwaitingReporter, Accepted, Dispatched, InProgress, Suspended}

// open are those in which work is not over.
var open = append(unresolved, Resolved, Divided)

// Transitions is the lifecycle (DOMAIN: 上报→立案→派遣→处置→反馈→核查结案). Report makes the ticket and has no row.
var Transitions = []Transition{
	{Ask, []State{Reported, Accepted}, AwaitingReporter, lead, 0, reachable, checkQuestion, doAsk},
	{Answer, []State{AwaitingReporter}, "", either, 0, nil, checkAnswer, doAnswer},
	{Unask, []State{AwaitingReporter}, "", lead, 0, nil, nil, doUnask},
	{Unanswered, []State{AwaitingReporter}, "", byClock, 0, lapsed, nil, doUnanswered},
	{Reply, []State{Reported, Accepted}, Closed, []access.Relation{access.LeadOf, access.DispatchOf, access.CounterOf}, 0, consultation, checkReply, doReply},
	{Accept, []State{Reported}, Accepted, lead, 0, otherReviewer, enoughPhotos, doAccept},
	{Reject, []State{Reported}, Rejected, lead, NeedReason, otherReviewer, nil, doReject},
	{Correct, unresolvedOr(Resolved), "", lead, NeedChange, nil, nil, doCorrect},
	{Take, open, "", byReceiver, 0, isOffered, nil, doTake},
	{GiveBack, open, "", byReceiver, NeedReason, isOffered, nil, doGiveBack},
	{Allot, open, "", byCounty, NeedReason, isDisputed, checkAllot, doAllot},
	{Dispatch, []State{Accepted, Dispatched, InProgress, Suspended}, Dispatched, lead, NeedAssignee, notReturnedTwice, nil, doDispatch},
	{Escalate, []State{Accepted, Dispatched}, Accepted, lead, NeedReason, fromBelow, nil, doEscalate},
	{Convene, []State{Accepted, Dispatched, InProgress}, "", byStreet, NeedReason, nil, checkConvene, doConvene},
	{Attend, open, "", byConvened, 0, mayAttend, nil, doAttend},
	{Decline, open, "", byConvened, NeedReason, mayDecline, nil, doDecline},
	{Rule, open, "", byCounty, NeedReason, hasDeclined, checkRule, doRule},
	{Apply, []State{Dispatched, InProgress, Suspended}, "", assignee, NeedReason, nil, checkRequest, doRequest},
	{Grant, []State{Dispatched, InProgress, Suspended}, "", []access.Relation{access.LeadOf, access.DispatchOf}, 0, mayDecide, checkDecision, doGrant},
	{Refuse, []State{Dispatched, InProgress, Suspended}, "", []access.Relation{access.LeadOf, access.DispatchOf}, NeedReason, mayDecide, checkDecision, doRefuse},
	{Recall, []State{Dispatched, InProgress, Suspended}, "", assignee, 0, hasRequest, checkDecision, doRecall},
	{Start, []State{Dispatched}, InProgress, assignee, 0, nil, nil, doStart},
	{HelpStart, []State{Dispatched, InProgress, Suspended}, "", byHelper, 0, hasPart(HelpStart), checkPart, doHelpStart},
	{HelpDone, []State{Dispatched, InProgress, Suspended}, "", byHelper, 0, hasPart(HelpDone), checkPart, doHelpDone},
	{HelpRelease, []State{Dispatched, InProgress, Suspended}, "", []access.Relation{access.LeadOf, access.HelperOf}, NeedReason, hasPart(HelpRelease), checkPart, doHelpRelease},
	{Suspend, []State{InProgress}, Suspended, lead, NeedReason | NeedUntil, nil, nil, doSuspend},
	{Shelve, []State{InProgress, Suspended}, Suspended, byStreet, NeedReason, nil, checkShelve, doShelve},
	{Resume, []State{Suspended}, InProgress, []access.Relation{access.LeadOf, access.TheProgram}, 0, whenDue, nil, doResume},
	{Resolve, []State{InProgress}, Resolved, assignee, NeedOutcome, nil, nil, doResolve},
	{Resolve, []State{Divided}, Resolved, lead, NeedOutcome, childrenOver, checkDivided, doResolve},
	{Confirm, []State{Resolved}, "", reporter, 0, nil, nil, doConfirm},
	{Dispute, []State{Resolved}, "", reporter, NeedReason, nil, nil, doDispute},
	{Rework, []State{Resolved}, InProgress, lead, NeedReason, notOwnWork, nil, doRework},
	{Close, []State{Resolved}, Closed, lead, NeedVerification, notOwnWork, closingTicked, doClose},
	{Close, []State{Suspended}, Closed, byStreet, NeedReason, shelved, nil, doCloseShelved},
	{Reopen, []State{Closed}, Accepted, either, NeedReason, withinLimits, nil, doReopen},
	{Reopen, []State{Rejected}, Reported, either, NeedReason, withinLimits, nil, doReopen},
	{Withdraw, []State{Reported, AwaitingReporter, Accepted}, Withdrawn, reporter, 0, nil, nil, doWithdraw},
	{Withdraw, []State{Divided}, Withdrawn, reporter, 0, noneBegun, nil, doWithdraw},
	{Urge, open, "", reporter, 0, notTooSoon, nil, doUrge},
	{Supervise, open, "", byManager, NeedReason, nil, nil, doSupervise},
	{Split, []State{Accepted, Divided}, Divided, lead, 0, splits, checkSplit, doSplit},
	{Unsplit, []State{Divided}, Accepted, lead, 0, noneBegun, nil, doUnsplit},
	{Merge, unresolvedOr(Resolved), Merged, lead, NeedInto, notChild, nil, doMerge},
	{Unmerge, []State{Merged}, "", lead, 0, nil, nil, doUnmerge},
}

func unresolvedOr(also State) []State { return append(append([]State{}, unresolved...), also) }
