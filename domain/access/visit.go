package access

// Visit is what the rules need to know of a visit, a stop or a promise.
type Visit struct {
	Place    Place
	Assignee string // account of a team's member; "" when it is with whoever staffs the cell
	By       string // account of who checked in; "" while nobody has
}

// Who has a part in visits 走访: the people of a cell, and who leads them. What
// is learned at a door is not for counters, handlers and the street's dispatch.
var (
	visitors     = []Role{OutreachWorker, GridLead}
	visitLeads   = []Role{GridLead, CommunityManager, StreetManager, Admin}
	visitReaders = append([]Role{OutreachWorker}, visitLeads...)
	planners     = []Role{CommunityManager, StreetManager, Admin}
)

// VisitRelation is how an actor stands to a visit. The transition table names, for each action, who may take it.
type VisitRelation int

const (
	VisitorOf     VisitRelation = iota // staffs or covers its cell, or it is assigned to them
	VisitLeadOf                        // lead of its cell, or anyone above
	VisitAtDoor                        // checked in there, and still visits or leads
	VisitReviewer                      // lead who was not there
	VisitClock                         // a job of the program
)

// HasVisitRelation reports whether the actor has the relation to the visit.
func (a Actor) HasVisitRelation(r VisitRelation, v Visit) bool {
	switch r {
	case VisitorOf:
		return !a.System && (a.In(v.Place, visitors...) || a.hasVisit(v))
	case VisitLeadOf:
		return !a.System && a.In(v.Place, visitLeads...)
	case VisitAtDoor:
		return !a.System && v.By != "" && v.By == a.Account && a.Is(visitReaders...)
	case VisitReviewer:
		return a.HasVisitRelation(VisitLeadOf, v) && !a.Among(v.By)
	case VisitClock:
		return a.System
	}
	return false
}

// hasVisit: assigned, and somebody who visits or leads still.
func (a Actor) hasVisit(v Visit) bool {
	return a.actsFor(v.Assignee) && a.Is(visitReaders...)
}

// MaySeeVisit: whoever may visit there or leads there.
func MaySeeVisit(a Actor, v Visit) bool {
	return a.System || a.In(v.Place, visitReaders...) || a.hasVisit(v)
}

// MaySeeStop: who may see a visit there, and who was there.
func MaySeeStop(a Actor, v Visit) bool {
	return MaySeeVisit(a, v) || a.HasVisitRelation(VisitAtDoor, v)
}

// MayCallAt: has the visit to make, or is at its door, wherever its household lies.
func MayCallAt(a Actor, v Visit) bool { return a.hasVisit(v) || a.HasVisitRelation(VisitAtDoor, v) }

// ListsVisits are the roles that have a part in the lists of visits, stops and promises.
func ListsVisits(a Actor) bool { return a.Is(visitReaders...) }

// VisitScopes are the areas whose visits the actor may list; what is assigned to them comes on top.
func VisitScopes(a Actor) []Scope { return a.Scopes(visitReaders...) }

// MayVisit: knock at a door of the place without a visit being due.
func MayVisit(a Actor, p Place) bool { return a.HasVisitRelation(VisitorOf, Visit{Place: p}) }

// MayPlan: plans of a community by who manages it, of a street by its managers.
func MayPlan(a Actor, p Place) bool { return a.System || a.In(p, planners...) }

// Plans are the roles that make plans at all.
func Plans(a Actor) bool { return a.Is(planners...) }

// PlanScopes are the areas whose plans the actor may list.
func PlanScopes(a Actor) []Scope { return a.Scopes(planners...) }

// MaySetVisitPolicy: the street's managers.
func MaySetVisitPolicy(a Actor, street Place) bool { return a.In(street, StreetManager, Admin) }

// MayMakeForms: the street's managers.
func MayMakeForms(a Actor, street Place) bool { return a.In(street, StreetManager, Admin) }

// MayReadForms: whoever visits, or leads who does; questions are nobody's secret.
func MayReadForms(a Actor) bool { return a.Is(visitReaders...) }
