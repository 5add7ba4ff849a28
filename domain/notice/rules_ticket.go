package notice

// ticketRules are of tickets. Whom a step is asked of by todo is not told it here again.
var ticketRules = map[string]telling{
	// from report to dispatch
	"ticket.report":     tell(TicketInStreet, toNext),
	"ticket.ask":        nobody(askedByTodo),
	"ticket.answer":     nobody(askedByTodo),
	"ticket.unask":      tell(TicketChanged, toReporter),
	"ticket.unanswered": tell(TicketChanged, toReporter), // who asked is told by todo
	"ticket.remind":     nobody(askedByTodo),
	"ticket.reply":      nobody(askedByTodo),
	"ticket.accept":     tell(TicketInStreet, toNext).tell(TicketChanged, toReporter, toFollowers),
	"ticket.reject":     tell(TicketChanged, toLoneReporter),
	"ticket.correct":    tell(TicketChanged, toReporter, toAssignee),
	"ticket.dispatch":   tell(TicketAssigned, toAssignee, toHelpers).tell(TicketChanged, toReporter, toFollowers, toPrevious),

	// between streets, levels and departments
	"ticket.offer":         nobody(askedByTodo),
	"ticket.take":          nobody("who takes it has it to do"),
	"ticket.give_back":     nobody(askedByTodo),
	"ticket.allot":         tell(TicketInStreet, toNext),
	"ticket.untaken":       nobody(askedByTodo),
	"ticket.escalate":      nobody(askedByTodo),
	"ticket.climb":         nobody(askedByTodo),
	"ticket.convene":       nobody(askedByTodo),
	"ticket.attend":        nobody("the street sees it on the ticket; a department that does not is told by todo"),
	"ticket.decline":       nobody(askedByTodo),
	"ticket.rule":          nobody(askedByTodo),
	"ticket.unattended":    nobody(askedByTodo),
	"ticket.request":       nobody(askedByTodo),
	"ticket.request_climb": nobody(askedByTodo),
	"ticket.request_lapse": nobody(askedByTodo),
	"ticket.grant":         tell(TicketReturned, toNext).when(moved), // back to be dispatched; who asked is told by todo
	"ticket.refuse":        nobody(askedByTodo),
	"ticket.recall":        nobody("nothing is asked any more"),
	"ticket.return":        tell(TicketReturned, toNext),
	"ticket.rezone":        nobody("the cell's people find it in their list; who has it keeps it"),

	// at work
	"ticket.start":        tell(TicketChanged, toReporter, toFollowers),
	"ticket.help_start":   nobody("one of several helpers; the whole is told"),
	"ticket.help_done":    tell(TicketChanged, toAssignee),
	"ticket.help_release": tell(TicketChanged, toAssignee),
	"ticket.drop_helper":  tell(TicketChanged, toAssignee),
	"ticket.suspend":      tell(TicketChanged, toReporter, toFollowers, toAssignee),
	"ticket.shelve":       tell(TicketChanged, toFollowers, toAssignee).when(moved), // the reporter by todo
	"ticket.review":       nobody(askedByTodo),
	"ticket.resume":       tell(TicketChanged, toReporter, toAssignee),
	"ticket.urge":         nobody(askedByTodo),
	"ticket.supervise":    nobody(askedByTodo),
	"ticket.comment":      tell(TicketChanged, toReporter, toAssignee, toNext),
	"ticket.photo":        tell(TicketChanged, toAssignee, toNext),

	// parts
	"ticket.split":     tell(TicketChanged, toReporter, toPrevious),
	"ticket.split_off": tell(TicketInStreet, toNext),
	"ticket.child":     tell(TicketToCheck, toNext).when(moved).tell(TicketChanged, toReporter, toFollowers).when(moved),
	"ticket.unsplit":   tell(TicketChanged, toAssignee, toPrevious),

	// to its end, and after it
	"ticket.resolve":  tell(TicketToCheck, toNext).tell(TicketChanged, toReporter, toFollowers),
	"ticket.confirm":  tell(TicketChanged, toNext, toAssignee),
	"ticket.dispute":  tell(TicketChanged, toNext, toAssignee),
	"ticket.rework":   tell(TicketReturned, toAssignee).tell(TicketChanged, toReporter, toFollowers),
	"ticket.close":    tell(TicketChanged, toLoneReporter, toAssignee),
	"ticket.reopen":   tell(TicketReturned, toNext, toAssignee).tell(TicketChanged, toReporter, toFollowers),
	"ticket.withdraw": tell(TicketChanged, toAssignee, toHelpers, toPrevious, toFollowers),
	"ticket.merge":    tell(TicketChanged, toAssignee, toPrevious), // reporter and followers by todo
	"ticket.unmerge":  tell(TicketChanged, toReporter, toFollowers, toAssignee),
	"ticket.join":     nobody("the other ticket's entry tells it"),
	"ticket.leave":    nobody("the other ticket's entry tells it"),
	"ticket.rated":    nobody("a bad one is told as its rectification"),

	// clocks
	"ticket.warn":    nobody(askedByTodo),
	"ticket.overdue": nobody(askedByTodo),
	"ticket.reckon":  nobody("what is due is told when it is"),

	// beside it
	"ticket.reveal": nobody("who read of it is on its timeline"),
	"ticket.link":   nobody("what was linked tells it"),
	"ticket.unlink": nobody("nothing is asked any more"),
	"ticket.serve":  nobody("bookkeeping of a link"),
	"comment.add":   nobody("ticket.comment tells it"),
}
