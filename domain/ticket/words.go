package ticket

import (
	"wangge/domain"
	"wangge/domain/policy"
)

// StateWords are the states of a ticket in the order of its life.
var StateWords = domain.NewEnum("TicketState",
	domain.W(Reported, "已上报", "reported"), domain.W(Accepted, "已立案", "accepted"), domain.W(Dispatched, "已派遣", "dispatched"),
	domain.W(InProgress, "处置中", "in progress"), domain.W(Suspended, "挂起", "suspended"), domain.W(Resolved, "已反馈", "resolved"),
	domain.W(Closed, "已结案", "closed"), domain.W(Rejected, "不予立案", "rejected"), domain.W(Withdrawn, "已撤回", "withdrawn"))

// ActionWords are what people do with a ticket.
var ActionWords = domain.NewEnum("TicketAction",
	domain.W(Accept, "立案", "accept"), domain.W(Reject, "不予立案", "reject"), domain.W(Correct, "更正", "correct"), domain.W(Dispatch, "派遣", "dispatch"),
	domain.W(Start, "开始处置", "start"), domain.W(Suspend, "挂起", "suspend"), domain.W(Resume, "恢复处置", "resume"), domain.W(Resolve, "处置反馈", "resolve"),
	domain.W(Rework, "退回返工", "send back"), domain.W(Close, "核查结案", "close"), domain.W(Reopen, "重开", "reopen"), domain.W(Withdraw, "撤回", "withdraw"))

// Enum makes an action a word of the contract.
func (Action) Enum() domain.Enum { return ActionWords }

// EventWords are what stands on a timeline, to whoever reads it.
var EventWords = domain.NewEnum("TimelineAction",
	domain.W(Report, "上报", "reported"), domain.W(Accept, "立案", "accepted"), domain.W(Reject, "不予立案", "rejected"),
	domain.W(Correct, "更正", "corrected"), domain.W(Dispatch, "派遣", "dispatched"), domain.W(Start, "开始处置", "work began"),
	domain.W(Suspend, "挂起", "suspended"), domain.W(Resume, "恢复处置", "resumed"), domain.W(Resolve, "处置反馈", "resolved"),
	domain.W(Rework, "退回返工", "sent back for rework"), domain.W(Close, "核查结案", "verified and closed"), domain.W(Reopen, "重开", "reopened"),
	domain.W(Withdraw, "撤回", "withdrawn"), domain.W("comment", "留言", "commented"), domain.W("photo", "补充照片", "photos added"),
	domain.W("reveal", "查看个人信息", "personal data revealed"), domain.W(Rezone, "网格调整，转入所在网格", "moved to another cell, since the map was redrawn"),
	domain.W(Return, "处置人员或单位已离开，退回派遣", "back to dispatch, since whom it was with has left"), domain.W(DropHelper, "协办人员或单位已离开", "a helper has left"),
	domain.W(Linked, "关联", "linked"), domain.W(Unlinked, "解除关联", "no longer linked"), domain.W(Serve, "关联受理件的社区已调整", "a linked case belongs to another community"))

// WhyWords are why a ticket came back to be dispatched anew.
var WhyWords = domain.NewEnum("ReturnedWhy", domain.W(Disabled, "账号已停用", "the account is disabled"), domain.W(Inactive, "单位已停用", "the organisation is inactive"), domain.W(Gone, "已离开", "no longer works there"))

// ByWords are how who did it stood to the ticket.
var ByWords = domain.NewEnum("TimelineBy", domain.W("reporter", "上报人", "the reporter"), domain.W("staff", "工作人员", "staff"), domain.W("system", "系统", "the system"))

// KindWords are what a resident wants of a ticket.
var KindWords = domain.NewEnum("TicketKind",
	domain.W("consultation", "咨询", "consultation"), domain.W("help", "求助", "help"), domain.W("complaint", "投诉", "complaint"),
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
	domain.W("no_fault_found", "查无此事", "no fault found"), domain.W("answered", "已答复", "answered"))

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
	domain.W("assignee", "处置人", "assignee"))

// LinkWords are what a ticket may come from.
var LinkWords = domain.NewEnum("TicketLinkKind", domain.W("stop", "走访", "a stop at a door"), domain.W("household", "住户", "a household"))

// FieldWords are what can be revealed of who reported.
var FieldWords = domain.NewEnum("ReporterField", domain.W("name", "姓名", "name"), domain.W("phone", "电话", "phone"))

// Enums of this package.
var Enums = []domain.Enum{StateWords, ActionWords, EventWords, ByWords, KindWords, SourceWords, policy.UrgencyWords, OutcomeWords, VerificationWords,
	PhotoTimeWords, CountWords, LinkWords, FieldWords, WhyWords}

// Text says what the action is.
func (a Action) Text() domain.Text {
	for _, w := range EventWords.Words {
		if w.Code == string(a) {
			return w.Text
		}
	}
	return domain.Text{}
}
