package notice

import (
	"wangge/domain"
	"wangge/domain/todo"
)

// Kinds of what is told beside what is asked, whose kinds are those of todo.
const (
	TicketAssigned Kind = "ticket_assigned"
	TicketReturned Kind = "ticket_returned"
	TicketChanged  Kind = "ticket_changed"
	TicketInStreet Kind = "ticket_in_street"
	CaseAssigned   Kind = "case_assigned"
	CaseChanged    Kind = "case_changed"
	CaseMissing    Kind = "case_missing"
	CaseLinked     Kind = "case_linked"
	HomeCallBooked Kind = "home_call_booked"
	VisitsOfToday  Kind = "visits_of_today"
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
	word       domain.Word
	importance Importance
}

// table has every kind beside those of todo, whose importance is Task.
var table = []kind{
	{domain.W(TicketAssigned, "工单派给您", "a ticket was assigned to you"), Task},
	{domain.W(TicketReturned, "工单被退回", "a ticket came back"), Task},
	{domain.W(TicketChanged, "工单有进展", "a ticket has moved on"), News},
	{domain.W(TicketInStreet, "新工单", "a new ticket"), Task},
	{domain.W(CaseAssigned, "窗口事项交给您", "a case was given to you"), Task},
	{domain.W(CaseChanged, "窗口事项有进展", "a case has moved on"), News},
	{domain.W(CaseMissing, "请补材料", "papers are wanted"), Task},
	{domain.W(CaseLinked, "窗口事项有关联", "a case was linked"), News},
	{domain.W(HomeCallBooked, "上门预约", "a home call was booked"), Task},
	{domain.W(VisitsOfToday, "今日走访", "visits of today"), Task},
	{domain.W(StopFlagged, "走访中的需要", "a need found on a visit"), Task},
	{domain.W(WelfareAlert, "平安预警", "a welfare alert"), Urgent},
	{domain.W(PromiseDue, "答应的事到期", "a promise falls due"), Task},
	{domain.W(ProofDecided, "手机号核验结果", "your proof was decided"), News},
	{domain.W(CellRedrawn, "网格调整", "a cell was redrawn"), News},
	{domain.W(CellStaff, "网格人员变动", "a cell's people have changed"), News},
	{domain.W(StandingIn, "代班", "standing in"), Task},
	{domain.W(OnDuty, "值班", "on duty"), Task},
	{domain.W(WebhookDead, "回传停止", "a webhook has stopped"), Task},
	{domain.W(RobotFails, "群机器人发不出", "a robot fails"), Task},
	{domain.W(CellNotice, "网格通知", "a notice to a cell"), News},
}

// KindWords are the kinds, with what they are called where a person chooses by them.
func KindWords() domain.Enum {
	words := make([]domain.Word, len(table))
	for i, k := range table {
		words[i] = k.word
	}
	return domain.NewEnum("NoticeKind", append(words, todo.KindWords().Words...)...)
}

// Lock is what a lock screen shows of a notice: no person, address or matter.
func (k Kind) Lock() domain.Text { return domain.T("您有一条新消息", "You have a new notice") }

// Text is what the notice says to who reads it.
func (n *Notice) Text() domain.Text {
	t := KindWords().Text(string(n.Kind))
	if number := n.Fields["number"]; number != "" {
		return domain.T(number+" "+t.ZH, number+" "+t.EN)
	}
	return t
}
