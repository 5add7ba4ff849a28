package notice

import (
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/store"
)

// known are entries that leave a case in a state that has a name, which a
// platform's word may lack until it is mapped; understood are those that moved it there.
func known(e *store.Entry) bool { return e.After.State != string(intake.Other) }

func understood(e *store.Entry) bool { return moved(e) && known(e) }

// caseRules are of cases at counters, home calls and what is rated.
var caseRules = map[string]telling{
	"case.open":         tell(CaseAssigned, toWorker).tell(CaseChanged, toOwner).when(known),
	"case.receive":      tell(CaseAssigned, toWorker).tell(CaseChanged, toOwner).when(known),
	"case.accept":       tell(CaseChanged, toOwner),
	"case.not_accept":   tell(CaseChanged, toOwner),
	"case.review":       tell(CaseChanged, toOwner),
	"case.ask_material": tell(CaseMissing, toOwner),
	"case.material":     nobody(askedByTodo),
	"case.resume":       tell(CaseChanged, toOwner),
	"case.finish":       tell(CaseChanged, toOwner),
	"case.refuse":       tell(CaseChanged, toOwner), // who works on its tickets by todo
	"case.withdraw":     tell(CaseChanged, toOwner, toWorker),
	"case.collect":      nobody("who collects it is there"),
	"case.update":       tell(CaseChanged, toOwner).when(understood).tell(CaseChanged, toWorker).when(moved),
	"case.take_over":    tell(CaseChanged, toOwner).when(understood).tell(CaseChanged, toWorker).when(moved),
	"case.map":          tell(CaseChanged, toOwner).when(understood).tell(CaseChanged, toWorker).when(moved),
	"case.promise":      tell(CaseChanged, toOwner),
	"case.assign":       tell(CaseAssigned, toWorker).tell(CaseChanged, toPrevious),
	"case.link":         tell(CaseLinked, toWorker),
	"case.unlink":       nobody("nothing is asked any more"),
	"case.home_call":    nobody("the home call's own entry tells it"),
	"case.sensitive":    nobody("what may be shown of it changes, and no more"),
	"case.trip":         nobody("it is counted"),
	"case.key":          nobody("bookkeeping of its number elsewhere"),
	"case.reveal":       nobody("who read of it is on its timeline"),
	"case.fetch":        nobody("who read of it is on its timeline"),
	"case.rated":        nobody("a bad one is told as its rectification"),
	"intake.system":     nobody("a platform's words are for who sets it up"),
	"link.make":         nobody("both ends tell it"),
	"link.remove":       nobody("nothing is asked any more"),

	// home calls; what others do is told whose it is by todo
	"homecall.book":      tell(HomeCallBooked, toWorker, toOwner),
	"homecall.move":      tell(HomeCallBooked, toWorker),
	"homecall.assign":    tell(HomeCallBooked, toWorker).tell(Kind(homecall.Changed), toPrevious),
	"homecall.cancel":    tell(Kind(homecall.Changed), toWorker),
	"homecall.cancelled": tell(Kind(homecall.Changed), toWorker),
	"homecall.missed":    nobody(askedByTodo),
	"homecall.not_met":   nobody(askedByTodo),
	"homecall.done":      nobody("both were there"),
	"homecall.follow":    nobody("bookkeeping of its household"),
	"homecall.reveal":    nobody("who read of it is on its timeline"),

	// a bad rating is put right by who is asked to
	"rectification.open":          nobody(askedByTodo),
	"rectification.assign":        nobody(askedByTodo),
	"rectification.assign_caller": nobody(askedByTodo),
	"rectification.state_result":  nobody(askedByTodo),
	"rectification.call_back":     nobody("who called has said how it is"),
	"rectification.again":         nobody(askedByTodo),
	"rectification.escalate":      nobody(askedByTodo),
	"rectification.promise":       nobody("what is overdue is told when it is"),
	"rectification.close":         nobody("nothing is asked any more"),
}
