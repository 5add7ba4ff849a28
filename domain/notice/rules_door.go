package notice

// doorRules are of visits, and of what is kept of households. What is to be
// visited is in the morning's notice.
var doorRules = map[string]telling{
	"visit.plan":       nobody("in the morning's notice"),
	"visit.book":       nobody("the home call's own entry tells it"),
	"visit.restore":    nobody("in the morning's notice"),
	"visit.follow":     nobody("in the morning's notice"),
	"visit.check_in":   nobody("who is there knows"),
	"visit.complete":   nobody("the stop's entry tells what came of it"),
	"visit.abandon":    nobody("who was there knows"),
	"visit.miss":       nobody("in the figures"),
	"visit.cancel":     nobody("not in the morning's notice any more"),
	"visit.reschedule": tell(VisitAssigned, toWorker),
	"visit.reassign":   tell(VisitAssigned, toWorker),
	"visit.escalate": tell(VisitOverdue, toWorker).when(having("to", "worker")).
		tell(VisitOverdue, toLead).when(having("to", "grid_lead")).
		tell(VisitOverdue, toKeepers).when(having("to", "street_manager")),
	"visit.review": nobody("the stop's entry tells it"),
	"visit.rated":  nobody("a bad one is told as its rectification"),
	"visit.link":   nobody("what was linked tells it"),
	"visit.unlink": nobody("nothing is asked any more"),

	"stop.check_in":      nobody("who is there knows"),
	"stop.complete":      tell(StopFlagged, toLead).when(having("proof", "flagged")),
	"stop.abandon":       nobody("who was there knows"),
	"stop.review":        tell(ProofDecided, toWorker),
	"stop.welfare_alert": tell(WelfareAlert, toLead), // and up from there until somebody acknowledges it
	"stop.clear_alert":   nobody("who cleared it has seen to it"),
	"stop.link":          nobody("what was linked tells it"),
	"stop.unlink":        nobody("nothing is asked any more"),

	"promise.make":      nobody("in the morning's notice once it is due"),
	"promise.kept":      nobody("who kept it knows"),
	"promise.withdrawn": nobody("nothing is asked any more"),
	"promise.follow":    nobody("in the notice of the cell that it moved to once it is due"),

	"visitPlan.create":   nobody("nothing comes of a draft"),
	"visitPlan.change":   nobody("in the morning's notice"),
	"visitPlan.activate": nobody("in the morning's notice"),
	"visitPlan.pause":    nobody("in the morning's notice"),
	"visitPlan.end":      nobody("in the morning's notice"),
	"form.saved":         nobody("asked at the next door"),
	"form.superseded":    nobody("asked at the next door"),
	"work.activity":      nobody("who was there knows"),
	"work.aid":           nobody("who was there knows"),

	"household.create":        nobody(registry),
	"household.correct":       nobody(registry),
	"household.change":        nobody(registry),
	"household.delete":        nobody(registry),
	"household.restore":       nobody(registry),
	"household.import":        nobody(registry),
	"household.roll":          nobody(registry),
	"household.follow":        nobody(registry),
	"household.rezone":        nobody(registry),
	"household.merge":         nobody(registry),
	"household.merge_into":    nobody(registry),
	"household.unmerge":       nobody(registry),
	"household.move":          nobody(registry),
	"household.moved_away":    nobody(registry),
	"household.found_away":    nobody(registry),
	"household.still_here":    nobody(registry),
	"household.leave":         nobody(registry),
	"household.visited":       nobody(registry),
	"household.add_member":    nobody(registry),
	"household.change_member": nobody(registry),
	"household.remove_member": nobody(registry),
	"household.tag":           nobody(registry),
	"household.untag":         nobody(registry),
	"household.reveal":        nobody("who read of it is on its timeline"),
	"household.search":        nobody("who read of it is on its timeline"),
	"household.find":          nobody("who read of it is on its timeline"),
}

const registry = "the registry is looked up, and asks for nothing"
