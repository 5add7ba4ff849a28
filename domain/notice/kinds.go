package notice

import (
	"slices"

	"wangge/domain"
	"wangge/domain/ticket"
	"wangge/domain/todo"
)

// Kinds of what is told beside what is asked, whose kinds are those of todo.
const (
	TicketAssigned Kind = "ticket_assigned"
	TicketReturned Kind = "ticket_returned"
	TicketChanged  Kind = "ticket_changed"
	TicketInStreet Kind = "ticket_in_street"
	TicketToCheck  Kind = "ticket_to_check"
	CaseAssigned   Kind = "case_assigned"
	CaseChanged    Kind = "case_changed"
	CaseMissing    Kind = "case_missing"
	CaseLinked     Kind = "case_linked"
	HomeCallBooked Kind = "home_call_booked"
	VisitsOfToday  Kind = "visits_of_today"
	VisitAssigned  Kind = "visit_assigned"
	VisitOverdue   Kind = "visit_overdue"
	StopFlagged    Kind = "stop_flagged"
	WelfareAlert   Kind = "welfare_alert"
	PromiseDue     Kind = "promise_due"
	ProofDecided   Kind = "proof_decided"
	CellRedrawn    Kind = "cell_redrawn"
	CellStaff      Kind = "cell_staff"
	StandingIn     Kind = "standing_in"
	OnDuty         Kind = "on_duty"
	WebhookDead    Kind = "webhook_dead"
	RobotFails     Kind = "robot_fails"
	CellNotice     Kind = "cell_notice"
)

// kind is one line of the table of what people are told.
type kind struct {
	word       domain.Word // what it is called where a person chooses by it
	importance Importance
	text       domain.Text // what a notice says; {fields} by their names (fields.go)
}

// table has every kind beside those of todo, whose importance is Task.
var table = []kind{
	{domain.W(TicketAssigned, "工单派给您", "a ticket was assigned to you"), Task,
		domain.T("工单 {number}（{category}）派给您办理", "Ticket {number} ({category}) was assigned to you")},
	{domain.W(TicketReturned, "工单被退回", "a ticket came back"), Task,
		domain.T("工单 {number}（{category}）被退回", "Ticket {number} ({category}) came back")},
	{domain.W(TicketChanged, "工单有进展", "a ticket has moved on"), News,
		domain.T("工单 {number}（{category}）有进展：{state}", "Ticket {number} ({category}) has moved on: {state}")},
	{domain.W(TicketInStreet, "新工单", "a new ticket"), Task,
		domain.T("{street}有新工单 {number}（{category}）", "A new ticket in {street}: {number} ({category})")},
	{domain.W(TicketToCheck, "工单待核查", "a ticket to verify"), Task,
		domain.T("工单 {number}（{category}）已处置，请核查", "Ticket {number} ({category}) was resolved: please verify")},
	{domain.W(CaseAssigned, "窗口事项交给您", "a case was given to you"), Task,
		domain.T("受理件 {number} 交给您办理", "Case {number} was given to you")},
	{domain.W(CaseChanged, "窗口事项有进展", "a case has moved on"), News,
		domain.T("受理件 {number} 有进展：{state}", "Case {number} has moved on: {state}")},
	{domain.W(CaseMissing, "请补材料", "papers are wanted"), Task,
		domain.T("受理件 {number} 需要补交材料", "Case {number} needs more papers")},
	{domain.W(CaseLinked, "窗口事项有关联", "a case was linked"), News,
		domain.T("受理件 {number} 有新的关联事项", "Something was linked to case {number}")},
	{domain.W(HomeCallBooked, "上门预约", "a home call was booked"), Task,
		domain.T("上门代办约在 {date}", "A home call is booked for {date}")},
	{domain.W(VisitsOfToday, "今日走访", "visits of today"), Task,
		domain.T("{date}有 {count} 户待走访", "Households to visit on {date}: {count}")},
	{domain.W(VisitAssigned, "走访安排给您", "a visit was given to you"), Task,
		domain.T("{cell}有一次走访安排给您", "A visit in {cell} was given to you")},
	{domain.W(VisitOverdue, "走访逾期", "a visit is overdue"), Task,
		domain.T("{cell}有一次走访逾期未完成", "A visit in {cell} is overdue")},
	{domain.W(StopFlagged, "走访凭证待审核", "the proof of a visit is to be reviewed"), Task,
		domain.T("{cell}的一次走访凭证有疑点，请审核", "The proof of a visit in {cell} is in doubt: review it")},
	{domain.W(WelfareAlert, "平安预警", "a welfare alert"), Urgent,
		domain.T("{cell}有平安预警，请立即查看", "A welfare alert in {cell}: look at it now")},
	{domain.W(PromiseDue, "答应的事到期", "a promise falls due"), Task,
		domain.T("{cell}有一项承诺 {date} 到期", "A promise in {cell} falls due on {date}")},
	{domain.W(ProofDecided, "走访凭证审核结果", "the proof of a visit was decided on"), News,
		domain.T("{cell}的一次走访凭证：{state}", "The proof of a visit in {cell}: {state}")},
	{domain.W(CellRedrawn, "网格调整", "a cell was redrawn"), News,
		domain.T("网格“{cell}”有调整", "The cell {cell} was redrawn")},
	{domain.W(CellStaff, "网格人员变动", "a cell's people have changed"), News,
		domain.T("网格“{cell}”的人员有变动", "The people of the cell {cell} have changed")},
	{domain.W(StandingIn, "代班", "standing in"), Task, // told to both of them
		domain.T("与您有关的代班安排有更新，请查看由谁代班、何时起止", "Standing in was arranged, for you or by you: see who for whom, and from when until when")},
	{domain.W(OnDuty, "值班", "on duty"), Task,
		domain.T("{street}值班表安排您值班，请查看", "You are on duty in {street}: see when")},
	{domain.W(WebhookDead, "回传停止", "a webhook has stopped"), Task,
		domain.T("一个回传地址多次发送失败，已停止，请查看", "A webhook failed again and again and has stopped: look at it")},
	{domain.W(RobotFails, "群机器人发不出", "a robot fails"), Task,
		domain.T("一个群机器人发不出消息，请查看", "A group robot fails: look at it")},
	{domain.W(CellNotice, "网格通知", "a notice to a cell"), News,
		domain.T("{message}", "{message}")},
}

// asked are the templates of the kinds of todo, by what they are about.
var asked = map[string]domain.Text{
	"ticket":      domain.T("工单 {number}（{category}）：{word}", "Ticket {number} ({category}): {word}"),
	"intake-case": domain.T("受理件 {number}：{word}", "Case {number}: {word}"),
	"station":     domain.T("{station}：{word}", "{station}: {word}"),
}

// steps are the templates of what does not change a ticket's state, which would say nothing of it,
// and of what came back otherwise than by who had it.
var steps = map[Kind]map[string]domain.Text{
	TicketChanged: {
		"ticket.comment":      domain.T("工单 {number}（{category}）有新留言", "There is a new comment on ticket {number} ({category})"),
		"ticket.photo":        domain.T("工单 {number}（{category}）有新照片", "There are new photos of ticket {number} ({category})"),
		"ticket.correct":      domain.T("工单 {number}（{category}）的登记内容有更正", "What is on record of ticket {number} ({category}) was corrected"),
		"ticket.confirm":      domain.T("工单 {number}（{category}）：上报人确认已解决", "Ticket {number} ({category}): the reporter says that it is solved"),
		"ticket.dispute":      domain.T("工单 {number}（{category}）：上报人认为未解决", "Ticket {number} ({category}): the reporter says that it is not solved"),
		"ticket.help_done":    domain.T("工单 {number}（{category}）有协办方已完成", "Somebody who helps with ticket {number} ({category}) is done"),
		"ticket.help_release": domain.T("工单 {number}（{category}）有协办方退出", "Somebody helps with ticket {number} ({category}) no more"),
		"ticket.drop_helper":  domain.T("工单 {number}（{category}）有协办方退出", "Somebody helps with ticket {number} ({category}) no more"),
	},
	TicketReturned: {
		"ticket.rework": domain.T("工单 {number}（{category}）核查未通过，请重新处置", "Ticket {number} ({category}) was verified and is not settled: please see to it again"),
		"ticket.reopen": domain.T("工单 {number}（{category}）已重新打开", "Ticket {number} ({category}) was opened again"),
	},
	StandingIn: {
		"cover.end": domain.T("与您有关的代班已结束", "Standing in, for you or by you, has ended"),
	},
}

// timed are the templates of what a clock of a ticket tells, which has several: two that run out are two things.
var timed = map[Kind]domain.Text{
	Kind(ticket.ClockWarns): domain.T("工单 {number}（{category}）即将超时：{clock}", "Ticket {number} ({category}) is running out of time: {clock}"),
	Kind(ticket.ClockOver):  domain.T("工单 {number}（{category}）已超时：{clock}", "Ticket {number} ({category}) is overdue: {clock}"),
}

// inPublic are the templates of what the public sees no more of than that it goes on.
var inPublic = map[Kind]domain.Text{
	TicketChanged: domain.T("您关注的诉求有进展", "A ticket that you follow has moved on"),
}

var (
	plain       = domain.T("{word}", "{word}")
	instead     = domain.T("代{who}：", "For {who}: ") // before what somebody is told who stands in
	nobodys     = []Kind{StandingIn}                 // which say so themselves
	knownAs     = ticket.FollowedTicket              // what its followers see of a ticket
	ownCase     = "own-case"                         // a case, of whose it is
	cellMessage = "cell-notice"                      // what a manager tells the residents of a cell, in words of their own
	todaysDay   = "today"                            // of which the id is the date
)

// KindWords are the kinds, with what they are called where a person chooses by them.
func KindWords() domain.Enum {
	words := make([]domain.Word, len(table))
	for i, k := range table {
		words[i] = k.word
	}
	return domain.NewEnum("NoticeKind", append(words, todo.KindWords().Words...)...)
}

// Enum makes a kind a word of the contract.
func (Kind) Enum() domain.Enum { return KindWords() }

// template is what the notice says before its fields are filled in.
func (n *Notice) template() domain.Text {
	text := plain
	if told, ok := inPublic[n.Kind]; n.About.Kind == knownAs && ok {
		text = told
	} else if told, ok := steps[n.Kind][n.Fields["action"]]; n.About.Kind != knownAs && ok {
		text = told
	} else if told, ok := timed[n.Kind]; n.Fields["clock"] != "" && ok {
		text = told
	} else if i := slices.IndexFunc(table, func(k kind) bool { return k.word.Code == string(n.Kind) }); n.About.Kind != knownAs && i >= 0 {
		text = table[i].text
	} else if of, ok := asked[n.About.Kind]; ok {
		text = of
	}
	if n.For != "" && !slices.Contains(nobodys, n.Kind) {
		text = domain.T(instead.ZH+text.ZH, instead.EN+text.EN)
	}
	return text
}
