package ticket

import (
	"wangge/domain"
	"wangge/domain/policy"
)

// StateWords are the states of a ticket in the order of its life.
var StateWords = domain.NewEnum("TicketState",
	domain.W(Reported, "已上报", "reported"), domain.W(AwaitingReporter, "待补充", "waiting for the reporter"), domain.W(Accepted, "已立案", "accepted"), domain.W(Dispatched, "已派遣", "dispatched"),
	domain.W(InProgress, "处置中", "in progress"), domain.W(Suspended, "挂起", "suspended"), domain.W(Resolved, "已反馈", "resolved"), domain.W(Divided, "已拆单", "split"),
	domain.W(Closed, "已结案", "closed"), domain.W(Rejected, "不予立案", "rejected"), domain.W(Withdrawn, "已撤回", "withdrawn"), domain.W(Merged, "已并案", "merged"))

// ActionWords are what people do with a ticket.
var ActionWords = domain.NewEnum("TicketAction",
	domain.W(Ask, "要求补充", "ask the reporter"), domain.W(Answer, "补充材料", "answer"), domain.W(Unask, "撤回提问", "take the question back"), domain.W(Reply, "直接答复", "reply"), domain.W(Accept, "立案", "accept"),
	domain.W(Reject, "不予立案", "reject"), domain.W(Correct, "更正", "correct"), domain.W(Take, "接收", "take over"), domain.W(GiveBack, "退回来件", "give back"), domain.W(Allot, "区县指定", "allot"),
	domain.W(Dispatch, "派遣", "dispatch"), domain.W(Escalate, "上报街道", "escalate"), domain.W(Convene, "吹哨", "call departments in"), domain.W(Attend, "报到", "attend"), domain.W(Decline, "不能报到", "decline"),
	domain.W(Rule, "区县裁定", "rule"), domain.W(Apply, "申请", "request"), domain.W(Grant, "同意申请", "grant"), domain.W(Refuse, "不同意申请", "refuse"), domain.W(Recall, "撤回申请", "recall the request"),
	domain.W(Start, "开始处置", "start"), domain.W(HelpStart, "协办开始", "start helping"), domain.W(HelpDone, "协办完成", "finish helping"), domain.W(HelpRelease, "解除协办", "release a helper"),
	domain.W(Suspend, "挂起", "suspend"), domain.W(Shelve, "挂账", "shelve"), domain.W(Resume, "恢复处置", "resume"), domain.W(Resolve, "处置反馈", "resolve"), domain.W(Confirm, "确认解决", "confirm"),
	domain.W(Dispute, "反映未解决", "dispute"), domain.W(Rework, "退回返工", "send back"), domain.W(Close, "核查结案", "close"), domain.W(Reopen, "重开", "reopen"), domain.W(Withdraw, "撤回", "withdraw"),
	domain.W(Urge, "催办", "urge"), domain.W(Supervise, "督办", "supervise"), domain.W(Split, "拆单", "split"), domain.W(Unsplit, "撤销拆单", "undo the split"), domain.W(Merge, "并案", "merge"),
	domain.W(Unmerge, "拆案", "unmerge"))

// Enum makes an action a word of the contract.
func (Action) Enum() domain.Enum { return ActionWords }

// EventWords are what stands on a timeline, to whoever reads it.
var EventWords = domain.NewEnum("TimelineAction",
	domain.W(Report, "上报", "reported"), domain.W(Remind, "提醒补充材料", "the reporter was reminded"), domain.W(Review, "挂账到期", "the review of the backlog is due"), domain.W(Ask, "请上报人补充材料", "the reporter was asked"), domain.W(Answer, "已补充材料", "answered"), domain.W(Unask, "撤回提问", "the question was taken back"),
	domain.W(Unanswered, "逾期未补充", "not answered in time"), domain.W(Reply, "直接答复", "replied"), domain.W(Accept, "立案", "accepted"), domain.W(Reject, "不予立案", "rejected"), domain.W(Correct, "更正", "corrected"),
	domain.W(Take, "已接收", "taken over"), domain.W(GiveBack, "退回来件", "given back"), domain.W(Allot, "区县指定", "allotted by the county"), domain.W(Dispatch, "派遣", "dispatched"),
	domain.W(Escalate, "上报街道", "escalated to the street"), domain.W(Convene, "吹哨", "departments called in"), domain.W(Attend, "部门报到", "a department attends"), domain.W(Decline, "部门不能报到", "a department declined"),
	domain.W(Rule, "区县裁定", "the county ruled"), domain.W(Apply, "提出申请", "requested"), domain.W(Grant, "同意申请", "granted"), domain.W(Refuse, "不同意申请", "refused"), domain.W(Recall, "撤回申请", "the request was recalled"),
	domain.W(ClimbRequest, "申请逾期未决，转上一级", "a request that nobody decided on went a level up"), domain.W(LapseRequest, "延期申请逾期未决，失效", "a request for more time that nobody decided on lapsed"), domain.W(MakeOffer, "转其他街道，待接收", "offered to another street"), domain.W(Untaken, "转办逾期未定", "an offer was not decided on in time"), domain.W(Unattended, "部门逾期未报到", "a department did not attend in time"), domain.W(Requeue, "重新派遣", "waits to be dispatched again"),
	domain.W(Start, "开始处置", "work began"), domain.W(HelpStart, "协办开始", "a helper began"), domain.W(HelpDone, "协办完成", "a helper is done"), domain.W(HelpRelease, "解除协办", "a helper was released"),
	domain.W(Suspend, "挂起", "suspended"), domain.W(Shelve, "挂账", "shelved"), domain.W(Resume, "恢复处置", "resumed"), domain.W(Resolve, "处置反馈", "resolved"), domain.W(Confirm, "上报人确认解决", "the reporter confirms"),
	domain.W(Dispute, "上报人反映未解决", "the reporter disputes"), domain.W(Rework, "退回返工", "sent back for rework"), domain.W(Close, "核查结案", "verified and closed"), domain.W(Reopen, "重开", "reopened"),
	domain.W(Withdraw, "撤回", "withdrawn"), domain.W(Urge, "催办", "urged"), domain.W(Supervise, "督办", "supervised"), domain.W(Split, "拆单", "split"), domain.W(Unsplit, "撤销拆单", "no longer split"), domain.W(SplitOff, "由拆单产生", "split off another"), domain.W(ChildMoved, "拆出的工单有变化", "what was split off has changed"),
	domain.W("comment", "留言", "commented"), domain.W("photo", "补充照片", "photos added"), domain.W("reveal", "查看个人信息", "personal data revealed"),
	domain.W(Climb, "下级无人可办，升级办理", "left to a level above, since nobody below may take it"), domain.W(Rezone, "网格调整，转入所在网格", "moved to another cell, since the map was redrawn"), domain.W(Return, "处置人员或单位已离开，退回派遣", "back to dispatch, since whom it was with has left"),
	domain.W(DropHelper, "协办人员或单位已离开", "a helper has left"), domain.W(Linked, "关联", "linked"), domain.W(Unlinked, "解除关联", "no longer linked"),
	domain.W(Serve, "关联受理件的社区已调整", "a linked case belongs to another community"), domain.W(Merge, "并案", "merged into another"), domain.W(Unmerge, "拆案", "taken out of the other again"),
	domain.W(Warn, "即将超时，已提醒", "its time runs out soon"), domain.W(RunOut, "已超时，逐级提醒", "its time is over"), domain.W(Reckon, "按新的政策或日历重算时限", "reckoned anew by a new policy or calendar"),
	domain.W(Join, "其他诉求并入", "another was merged into it"), domain.W(Leave, "并入的诉求拆出", "one merged into it was taken out"), domain.W(Rated, "上报人已评价", "rated by the reporter"))

// WhyWords are why a ticket came back to be dispatched anew.
var WhyWords = domain.NewEnum("ReturnedWhy", domain.W(Disabled, "账号已停用", "the account is disabled"), domain.W(Inactive, "单位已停用", "the organisation is inactive"), domain.W(Gone, "已离开", "no longer works there"), domain.W(Requested, "承办人申请退回", "they asked to give it back"))

// ByWords are how who did it stood to the ticket.
var ByWords = domain.NewEnum("TimelineBy", domain.W("reporter", "上报人", "the reporter"), domain.W("staff", "工作人员", "staff"), domain.W("system", "系统", "the system"))

// KindWords are what a resident wants of a ticket.
var KindWords = domain.NewEnum("TicketKind",
	domain.W(Consultation, "咨询", "consultation"), domain.W("help", "求助", "help"), domain.W("complaint", "投诉", "complaint"),
	domain.W("report", "举报", "report"), domain.W("suggestion", "建议", "suggestion"))

// Enum makes a kind a word of the contract.
func (Kind) Enum() domain.Enum { return KindWords }

// SourceWords are where a ticket comes from.
var SourceWords = domain.NewEnum("TicketSource",
	domain.W(FromApp, "居民上报", "the app"), domain.W(FromWorker, "网格员代报", "a grid worker"), domain.W(FromPatrol, "巡查发现", "found on patrol"), domain.W(FromCounter, "窗口", "a counter"))

// Enum makes a source a word of the contract.
func (Source) Enum() domain.Enum { return SourceWords }

// OutcomeWords are how the handling ended.
var OutcomeWords = domain.NewEnum("Outcome",
	domain.W("fixed", "已解决", "fixed"), domain.W("mediated", "已调解", "mediated"), domain.W(NotFixed, "未解决", "not fixed"),
	domain.W("no_fault_found", "查无此事", "no fault found"), domain.W(Answered, "已答复", "answered"))

// Enum makes an outcome a word of the contract.
func (Outcome) Enum() domain.Enum { return OutcomeWords }

// VerificationWords are how a lead made sure.
var VerificationWords = domain.NewEnum("Verification", domain.W("on_site", "现场核查", "on site"), domain.W("phone", "电话回访", "by phone"), domain.W("photo", "照片核查", "by photo"))

// Enum makes a verification a word of the contract.
func (Verification) Enum() domain.Enum { return VerificationWords }

// PhotoTimeWords are when a photo was taken.
var PhotoTimeWords = domain.NewEnum("PhotoTime", domain.W(Before, "处置前", "before"), domain.W(After, "处置后", "after"))

// CountWords are what tickets are counted by.
var CountWords = domain.NewEnum("CountField",
	domain.W("state", "状态", "state"), domain.W("category", "类别", "category"), domain.W("cell", "网格", "cell"), domain.W("community", "社区", "community"),
	domain.W("street", "街道", "street"), domain.W("kind", "诉求类型", "kind"), domain.W("source", "来源", "source"), domain.W("urgency", "紧急程度", "urgency"),
	domain.W("assignee", "处置人", "assignee"), domain.W("todo", "待办", "what is waited for"))

// LinkWords are what a ticket may come from.
var LinkWords = domain.NewEnum("TicketLinkKind", domain.W("stop", "走访", "a stop at a door"), domain.W("household", "住户", "a household"))

// FieldWords are what can be revealed of who reported.
var FieldWords = domain.NewEnum("ReporterField", domain.W("name", "姓名", "name"), domain.W("phone", "电话", "phone"))

// Enums of this package.
var Enums = []domain.Enum{StateWords, ActionWords, EventWords, ByWords, KindWords, SourceWords, policy.UrgencyWords, OutcomeWords, VerificationWords,
	PhotoTimeWords, RequestWords, RequestStateWords, RequestEndWords, DecisionWords, ConvenedWords, OfferWords, PartWords, CountWords, TodoWords, LinkWords, FieldWords, WhyWords, JudgementWords}

// Text says what the action is.
func (a Action) Text() domain.Text {
	for _, w := range EventWords.Words {
		if w.Code == string(a) {
			return w.Text
		}
	}
	return domain.Text{}
}

// RequestWords are what who has a ticket may ask for.
var RequestWords = domain.NewEnum("TicketRequest", domain.W(ForReturn, "退回", "to give it back"), domain.W(ForExtension, "延期", "more time"))

// Enum makes it a word of the contract.
func (RequestKind) Enum() domain.Enum { return RequestWords }

// RequestStateWords are what has become of a request.
var RequestStateWords = domain.NewEnum("TicketRequestState", domain.W(RequestOpen, "待决定", "waits for a decision"), domain.W(RequestGranted, "已同意", "granted"), domain.W(RequestRefused, "不同意", "refused"),
	domain.W(RequestRecalled, "已撤回", "recalled"), domain.W(RequestLapsed, "逾期未决", "lapsed"), domain.W(RequestClosed, "已关闭", "closed"))

// Enum makes it a word of the contract.
func (RequestState) Enum() domain.Enum { return RequestStateWords }

// RequestEndWords are why a request closed by itself.
var RequestEndWords = domain.NewEnum("TicketRequestEnd", domain.W(EndOver, "工单已办结", "the ticket is over"), domain.W(EndState, "已不在处置中", "it is not being worked on"), domain.W(EndAssignee, "已改派", "another has it"), domain.W(EndStreet, "已转其他街道", "it is in another street"))

// Enum makes it a word of the contract.
func (RequestEnd) Enum() domain.Enum { return RequestEndWords }

// DecisionWords are what a step of a request came to.
var DecisionWords = domain.NewEnum("TicketDecision", domain.W(Endorsed, "网格长同意，报街道", "endorsed"), domain.W(GrantedIt, "同意", "granted"), domain.W(RefusedIt, "不同意", "refused"), domain.W(ClimbedUndecided, "逾期未决，转上一级", "not decided in time, a level up"), domain.W(LapsedUndecided, "逾期未决，失效", "not decided in time, lapsed"))

// Enum makes it a word of the contract.
func (DecisionKind) Enum() domain.Enum { return DecisionWords }

// ConvenedWords are how a department that was called in answers.
var ConvenedWords = domain.NewEnum("TicketConvened", domain.W(Called, "待报到", "called in"), domain.W(Attended, "已报到", "attends"), domain.W(Declined, "提出不能报到", "declined"), domain.W(Upheld, "区县裁定须报到", "has to attend"), domain.W(Released, "区县裁定免予报到", "need not attend"))

// Enum makes it a word of the contract.
func (ConvenedState) Enum() domain.Enum { return ConvenedWords }

// OfferWords are how an offer to another street stands.
var OfferWords = domain.NewEnum("TicketOffer", domain.W(Offered, "待接收", "waits to be taken"), domain.W(GivenBack, "已退回", "given back"), domain.W(Disputed, "待区县指定", "the county decides"))

// Enum makes it a word of the contract.
func (OfferState) Enum() domain.Enum { return OfferWords }

// PartWords are how far a helper is.
var PartWords = domain.NewEnum("TicketPart", domain.W(PartWaiting, "待协办", "waiting"), domain.W(PartDoing, "协办中", "doing"), domain.W(PartDone, "已完成", "done"), domain.W(PartReleased, "已解除", "released"))

// Enum makes it a word of the contract.
func (PartState) Enum() domain.Enum { return PartWords }
