package access

import (
	"slices"

	"wangge/domain"
)

// Assignee is who a ticket is with: a person or an organisation.
type Assignee struct {
	Kind string `store:"kind,omitempty"` // "person", "organisation", or "" for nobody
	ID   string `store:"id,omitempty"`
}

// Kinds of assignee.
const (
	Person       = "person"
	Organisation = "organisation"
)

// Ticket is what the rules need to know of a ticket.
type Ticket struct {
	Place              Place
	Reporter           string
	ReportedBy         string // who sent it, for themselves or for the reporter
	Assignee           Assignee
	Helpers            []Assignee
	Handled            []string // accounts that worked on it as assignee
	Served             []string // communities of the intake cases linked to it
	Filed, Dispatchers []string // accounts that accepted or rejected it, and that dispatched it
	Escalated          bool     // 上报街道: only the street leads it, until it dispatches
	Offered            Place    // where it is offered to, by a correction into another street
	Convened           []string // organisations that were called in 吹哨
}

// View is how much of a ticket an actor sees.
type View int

const (
	Hidden View = iota // does not exist for them
	Own                // what its reporter may be told: all but internal comments and staff's personal data
	Whole              // everything but personal data, which is revealed on its own
)

// Relation is how an actor stands to a ticket. The transition table names, for each action, who may take it.
type Relation int

const (
	Reporter   Relation = iota // reported it (or has it reported on their behalf)
	AssigneeOf                 // it is with them, or with the organisation they handle for
	HelperOf                   // they, or that organisation, help with it
	WorkerOf                   // outreach worker posted in its cell
	LeadOf                     // lead of its cell, or anyone above (lead+)
	DispatchOf                 // dispatcher or manager of its street
	TheProgram                 // a clock of the program
	CounterOf                  // sent it from a counter, or serves a case linked to it there
	ManagerOf                  // manager of its street
	CountyOf                   // leads in its county or above
	ReceiverOf                 // leads where it is offered to
	ConvenedOf                 // handles for an organisation that was called in
)

// HasRelation reports whether the actor has the relation to the ticket.
func (a Actor) HasRelation(r Relation, t Ticket) bool {
	switch r {
	case Reporter:
		return a.Account != "" && a.Account == t.Reporter
	case AssigneeOf:
		return a.assigned(t.Assignee)
	case HelperOf:
		return slices.ContainsFunc(t.Helpers, a.assigned)
	case WorkerOf:
		return !a.System && a.In(t.Place, OutreachWorker)
	case LeadOf:
		return !a.System && a.In(t.Place, Leads...)
	case DispatchOf:
		return !a.System && a.In(t.Place, Dispatcher, StreetManager, Admin)
	case TheProgram:
		return a.System
	case CounterOf:
		return !a.System && (a.sentFromCounter(t) || a.servesCaseOf(t))
	case ManagerOf:
		return !a.System && a.In(t.Place, StreetManager, Admin)
	case CountyOf:
		return !a.System && slices.ContainsFunc(a.Grants, func(g Grant) bool {
			return slices.Contains(Leads, g.Role) && (g.Level == County || g.Level == City || g.Area == "") && g.Covers(t.Place)
		})
	case ReceiverOf:
		return !a.System && t.Offered != Place{} && a.In(t.Offered, Leads...)
	case ConvenedOf:
		return a.Organisation != "" && a.Is(Handler) && !a.System && slices.Contains(t.Convened, a.Organisation)
	}
	return false
}

// MayTake reports whether the actor has the relation to the ticket and may take a step
// that the street's policy gives to these roles. Of those who lead, who holds
// one of them; to work on a ticket or to withdraw it no role is needed but to stand so.
func (a Actor) MayTake(r Relation, t Ticket, roles []Role) bool {
	if r != LeadOf {
		return a.HasRelation(r, t)
	}
	leads := Leads
	if t.Escalated {
		leads = []Role{Dispatcher, StreetManager, Admin}
	}
	return !a.System && slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return slices.Contains(roles, g.Role) && slices.Contains(leads, g.Role) && g.Covers(t.Place)
	})
}

func (a Actor) assigned(to Assignee) bool {
	switch to.Kind {
	case Person:
		return a.actsFor(to.ID)
	case Organisation:
		return a.Organisation != "" && a.Organisation == to.ID && a.Is(Handler)
	}
	return false
}

// TicketView says how much of the ticket the actor sees. A counter 窗口 sees what
// it passes on to residents, and so what they may be told: where the thing lies
// others work on it, and remarks among them are not for the counter.
func TicketView(a Actor, t Ticket) View {
	switch {
	case a.System || a.In(t.Place, watchers...) || a.HasRelation(AssigneeOf, t) || a.HasRelation(HelperOf, t) ||
		a.HasRelation(ReceiverOf, t) || a.HasRelation(ConvenedOf, t):
		return Whole
	case a.HasRelation(Reporter, t), a.sentFromCounter(t), a.servesCaseOf(t):
		return Own
	}
	return Hidden
}

// sentFromCounter: they reported it, for somebody, and work at counters still.
func (a Actor) sentFromCounter(t Ticket) bool {
	return a.actsFor(t.ReportedBy) && a.Is(CounterWorker)
}

// servesCaseOf: a case linked to it belongs to a community that their counter serves.
func (a Actor) servesCaseOf(t Ticket) bool {
	return slices.ContainsFunc(Served(a), func(community string) bool { return slices.Contains(t.Served, community) })
}

// SendsFromCounter: who works at counters sees what they reported wherever it
// is, and wherever they work later.
func SendsFromCounter(a Actor) bool { return !a.System && a.Is(CounterWorker) }

// Served are the communities that the actor's counter serves today, whose cases' tickets they see.
func Served(a Actor) (communities []string) {
	for _, g := range a.Grants {
		if g.Role == CounterWorker && g.Level == Community {
			communities = append(communities, g.Area)
		}
	}
	return communities
}

// MayReport: anyone signed in but machine accounts; a person on their own.
func MayReport(a Actor) bool {
	return a.Account != "" && a.Is(append([]Role{Resident}, Staff...)...)
}

// ReportsFor are the roles that report on a resident's behalf at all.
func ReportsFor(a Actor) bool { return a.Is(watchers...) || len(a.Cities) > 0 }

// MayReportFor: on a resident's behalf, who works at doors, within their
// place, and who is at a counter today, anywhere in its city.
func MayReportFor(a Actor, p Place) bool {
	return a.In(p, watchers...) || slices.Contains(a.Cities, p.City)
}

// MayComment: whoever sees the ticket; internally, whoever sees all of it.
func MayComment(v View, internal bool) bool { return v == Whole || (v == Own && !internal) }

// MayFollow: whoever sees the ticket, and everybody one that the public sees, who
// sees no more of it for that.
func MayFollow(v View, public bool) bool { return v != Hidden || public }

// SeesFollowers: how many follow a ticket, and what they say, not who they are,
// whoever sees all of it.
func SeesFollowers(v View) bool { return v == Whole }

// SeesClocks: all of a ticket's, and how it is judged by them, whoever sees all
// of it; others that of what was promised.
func SeesClocks(v View) bool { return v == Whole }

// MaySeeContext: what else its reporter brought forward, and what was reported
// around, who sees all of a ticket. Errors: ErrForbidden, ErrNotFound.
func MaySeeContext(v View) error {
	switch v {
	case Whole:
		return nil
	case Own:
		return domain.ErrForbidden
	}
	return domain.ErrNotFound
}

// MayVerify: nobody verifies or closes what they handled, or who counts as the same person.
func MayVerify(a Actor, t Ticket) bool {
	has := func(to Assignee) bool { return a.assigned(to) || to.Kind == Person && a.Among(to.ID) }
	return !a.Among(t.Handled...) && !has(t.Assignee) && !slices.ContainsFunc(t.Helpers, has)
}

// ListsTickets are the roles that have a part in the ticket list.
func ListsTickets(a Actor) bool { return MayReport(a) }

// SeesAssignees: which person a ticket is with is told to people who work, not
// to residents, who could else find it out by asking for one after the other.
func SeesAssignees(a Actor) bool { return a.System || a.IsStaff() }

// SeesEveryChange: that something was changed which residents are not shown, such
// as an internal remark, is told to people who work, and to machines that read.
func SeesEveryChange(a Actor) bool { return a.System || a.IsStaff() || a.Is(Integration) }

// LedgerScopes are the areas whose ledger of the day the actor is given: where they lead.
func LedgerScopes(a Actor) []Scope {
	if a.System {
		return nil
	}
	return a.Scopes(Leads...)
}

// TicketScopes are the areas whose tickets the actor may list; what is
// assigned to or reported by them comes on top.
func TicketScopes(a Actor) []Scope { return a.Scopes(watchers...) }
