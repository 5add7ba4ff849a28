package notice

import (
	"wangge/domain"
	"wangge/domain/todo"
)

// Kinds of what is told beside what is asked, whose kinds are those of todo.
const (
	TicketAssigned Kind = "ticket_assigned"
	TicketChanged  Kind = "ticket_changed"
)

// KindWords are the kinds, with what they are called where a person chooses by them.
func KindWords() domain.Enum {
	return domain.NewEnum("NoticeKind", append([]domain.Word{domain.W(TicketAssigned, "工单派给您", "a ticket was assigned to you"), domain.W(TicketChanged, "工单有进展", "a ticket has moved on")}, todo.KindWords().Words...)...)
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
