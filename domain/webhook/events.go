package webhook

import (
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/rating"
	"wangge/store"
)

// Event is what a message is about.
type Event string

// EventWords are the events, those in the stream of a case and those in that of a ticket.
var EventWords = domain.NewEnum("WebhookEvent",
	domain.W(CaseOpened, "受理件已收件", "a case was opened"), domain.W(CaseState, "受理件状态变化", "a case came into another state"),
	domain.W(CaseMissing, "受理件一次性告知", "what a case is wanting was told"), domain.W(CaseMaterial, "受理件收到材料", "a material came in for a case"),
	domain.W(CaseHomeCall, "受理件上门代办有进展", "a home call of a case was booked, moved, done or given up"),
	domain.W(CaseRated, "受理件已评价", "whose case it is has rated it"), domain.W(CaseRectified, "受理件差评整改有进展", "the rectification of a bad rating of a case took a step"),
	domain.W(CaseChanged, "受理件有更新", "something else of a case was changed"),
	domain.W(CaseLinked, "受理件已关联", "a case was linked"), domain.W(CaseUnlinked, "受理件解除关联", "a case is not linked any more"),
	domain.W(CaseTicket, "受理件关联的工单有进展", "a ticket linked to a case took a step"),
	domain.W(TicketReported, "工单已上报", "a ticket was reported"), domain.W(TicketState, "工单状态变化", "a ticket came into another state"),
	domain.W(TicketRated, "工单已评价", "who reported a ticket has rated it"),
	domain.W(TicketChanged, "工单有更新", "something else of a ticket was changed"),
	domain.W(Tested, "测试", "a test ping"))

const (
	CaseOpened    Event = "case.opened"
	CaseState     Event = "case.state"
	CaseMissing   Event = "case.missing"
	CaseMaterial  Event = "case.material"
	CaseHomeCall  Event = "case.home_call"
	CaseRated     Event = "case.rated"
	CaseRectified Event = "case.rectified" // of an entry of the rectification
	CaseChanged   Event = "case.changed"
	CaseLinked    Event = "case.linked"
	CaseUnlinked  Event = "case.unlinked"
	CaseTicket    Event = "case.ticket" // also in the stream of a case, of an entry of a ticket

	TicketReported Event = "ticket.reported"
	TicketState    Event = "ticket.state"
	TicketRated    Event = "ticket.rated"
	TicketChanged  Event = "ticket.changed"

	Tested Event = "ping" // whatever the filter
)

// Families are what a filter may have instead of names.
var Families = []string{"case.*", "ticket.*"}

// events say of which entries of the journals targets are told, and as what.
// Where the state changed, it is CaseState or TicketState instead, unless the
// entry is one of fixed.
var events = map[string]Event{
	"case.open": CaseOpened, "case.receive": CaseOpened,
	"case.accept": CaseState, "case.not_accept": CaseState, "case.review": CaseState, "case.resume": CaseState, "case.finish": CaseState,
	"case.refuse": CaseState, "case.withdraw": CaseState, "case.collect": CaseState, "case.map": CaseState,
	"case.ask_material": CaseMissing,
	"case.material":     CaseMaterial,
	"case.home_call":    CaseHomeCall,
	"case.rated":        CaseRated,
	"case.update":       CaseChanged, "case.take_over": CaseChanged, "case.promise": CaseChanged, "case.sensitive": CaseChanged, "case.assign": CaseChanged, "case.trip": CaseChanged,
	"case.link": CaseLinked, "case.unlink": CaseUnlinked,

	"ticket.report": TicketReported,
	"ticket.rated":  TicketRated,
	"ticket.accept": TicketState, "ticket.reject": TicketState, "ticket.dispatch": TicketState, "ticket.start": TicketState, "ticket.suspend": TicketState,
	"ticket.resume": TicketState, "ticket.resolve": TicketState, "ticket.rework": TicketState, "ticket.close": TicketState, "ticket.reopen": TicketState, "ticket.withdraw": TicketState,
	"ticket.merge": TicketState, "ticket.unmerge": TicketState,
	"ticket.ask": TicketState, "ticket.answer": TicketState, "ticket.unask": TicketState, "ticket.unanswered": TicketState, "ticket.reply": TicketState, "ticket.split": TicketState, "ticket.unsplit": TicketState,
	"ticket.take": TicketChanged, "ticket.give_back": TicketChanged, "ticket.allot": TicketChanged, "ticket.escalate": TicketState, "ticket.convene": TicketChanged, "ticket.attend": TicketChanged,
	"ticket.decline": TicketChanged, "ticket.rule": TicketChanged, "ticket.request": TicketChanged, "ticket.grant": TicketState, "ticket.refuse": TicketChanged, "ticket.recall": TicketChanged, "ticket.shelve": TicketState,
	"ticket.confirm": TicketChanged, "ticket.dispute": TicketChanged, "ticket.urge": TicketChanged, "ticket.supervise": TicketChanged,
	"ticket.help_start": TicketChanged, "ticket.help_done": TicketChanged, "ticket.help_release": TicketChanged,
	"ticket.correct": TicketChanged, "ticket.return": TicketChanged, "ticket.drop_helper": TicketChanged, "ticket.rezone": TicketChanged,
}

// notTold are the other actions on cases and tickets: they change nothing that a
// message has, or tell it by another entry. Of home calls and ratings nothing is
// told but by case.home_call, case.rated and ticket.rated, and of rectifications
// the steps that change their state, as CaseRectified.
var notTold = []string{
	"ticket.warn", "ticket.overdue", "ticket.reckon", // within the street; when it is due is in what is told next
	"case.key", "case.reveal", "case.fetch", // a key that leads to the case; who read of it
	"ticket.comment", "ticket.photo", "ticket.reveal",
	"ticket.request_climb", "ticket.request_lapse", "ticket.requeue", "ticket.offer", "ticket.untaken", "ticket.unattended", "ticket.remind", "ticket.review", "ticket.split_off", "ticket.child", "ticket.climb",
	"ticket.link", "ticket.unlink", "ticket.serve", // the case that is linked tells it
	"ticket.join", "ticket.leave", // the other ticket tells it
}

// fixed are named for what they are, also where they change the state.
var fixed = []Event{CaseOpened, CaseMissing, CaseHomeCall, TicketReported}

// eventOf is what an entry is told as; "" for one that targets are not told of.
func eventOf(e *store.Entry) Event {
	if rating.AboutRectification(e) {
		if e.Before.State == e.After.State {
			return ""
		}
		return CaseRectified
	}
	event := events[e.Action]
	if event == "" || e.Before.State == e.After.State || slices.Contains(fixed, event) {
		return event
	}
	if strings.HasPrefix(string(event), "case.") {
		return CaseState
	}
	return TicketState
}
