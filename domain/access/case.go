package access

import "time"

// Case is what the rules need to know of an intake case 受理件.
type Case struct {
	Place     Place  // of the community it belongs to
	Station   string // at which it was taken
	Worker    string // account of the counter worker who sees it through
	StandIn   string // account of who stands in for them
	OpenedBy  string // account that opened it by hand, or the machine account that sent it first
	ToldBy    string // machine account that sent it last
	Applicant string // account of the resident who asked for it; "" where it was not by an account
	Phone     string // blind index of the applicant's; "" where none is known
	OpenedAt  time.Time
	Sensitive bool // of an item on disability, low income, family planning or illness
}

// CaseShown is how much of a case an actor is shown.
type CaseShown int

const (
	CaseHidden CaseShown = iota // does not exist for them
	CaseLinked                  // that it is there, its state and last change; unless it is sensitive also number, item and promise
	CaseWhole                   // everything but personal data, which is revealed on its own
)

// Who has a part in cases: counters whole; who manages a community or a street
// all but what is sensitive; who works at doors what they opened themselves.
var (
	caseManagers = []Role{CommunityManager, StreetManager, Admin}
	caseOpeners  = append([]Role{CounterWorker, OutreachWorker, GridLead}, caseManagers...)
	gridSide     = []Role{OutreachWorker, GridLead, CommunityManager, Dispatcher, StreetManager, Admin}
)

// CaseView says how much of the case the actor is shown where it is asked for itself.
func CaseView(a Actor, c Case) CaseShown {
	switch {
	case a.System, a.In(c.Place, CounterWorker), a.hasCase(c), a.openedCase(c):
		return CaseWhole
	case a.In(c.Place, caseManagers...) && c.Sensitive:
		return CaseLinked
	case a.In(c.Place, caseManagers...):
		return CaseWhole
	}
	return CaseHidden
}

// LinkedCaseView is CaseView of a case linked to a ticket, visit or stop that the
// actor sees all of: the grid's side learns that it is there and how it stands.
// Who handles tickets for an organisation, and other counters, do not.
func LinkedCaseView(a Actor, c Case) CaseShown {
	if v := CaseView(a, c); v != CaseHidden || !a.Is(gridSide...) {
		return v
	}
	return CaseLinked
}

// hasCase: the case is with them, and they work at a counter still.
func (a Actor) hasCase(c Case) bool {
	return (a.actsFor(c.Worker) || a.actsFor(c.StandIn)) && a.Is(CounterWorker)
}

// openedCase: they opened it, and may open cases still; a machine account sent it first or last, and may there.
func (a Actor) openedCase(c Case) bool {
	if a.Account == "" {
		return false
	}
	return a.actsFor(c.OpenedBy) && a.Is(caseOpeners...) || (a.Account == c.OpenedBy || a.Account == c.ToldBy) && a.In(c.Place, Integration)
}

// ListsCases are the roles that have a part in the list of cases: as far as CaseScopes, and what they have or opened.
func ListsCases(a Actor) bool { return a.Is(caseOpeners...) }

// CaseScopes are the areas whose cases the actor is shown whole: those of
// sensitive items, or those of all others. What is with them or opened by them
// comes on top. Only in these may a case be filtered, sorted or counted by what CaseLinked does not show.
func CaseScopes(a Actor, sensitive bool) []Scope {
	if sensitive {
		return a.Scopes(CounterWorker)
	}
	return a.Scopes(append([]Role{CounterWorker}, caseManagers...)...)
}

// MayUpsertCases: an outside system's, into the areas it is granted.
func MayUpsertCases(a Actor, at Place) bool { return !a.System && a.In(at, Integration) }

// MayFetchMaterials: photos of a case's materials, by a machine account in the
// areas it is granted, if it speaks for the platform that decides the case.
func MayFetchMaterials(a Actor, c Case, speaks bool) bool {
	return speaks && MayUpsertCases(a, c.Place)
}

// UpsertsCases are the roles that upsert cases at all.
func UpsertsCases(a Actor) bool { return !a.System && a.Is(Integration) }

// ManagesCaseSystems: which platforms there are, and what their words mean, is the city's.
func ManagesCaseSystems(a Actor) bool { return a.In(Place{}, Admin) }

// MayImportCases: from a file, by who manages the place.
func MayImportCases(a Actor, at Place) bool { return a.In(at, caseManagers...) }

// ImportsCases are the roles that import cases at all.
func ImportsCases(a Actor) bool { return a.Is(caseManagers...) }

// MayOpenCase: by hand, at the counter of its community, for a household of
// their cell, or by who manages there.
func MayOpenCase(a Actor, at Place) bool { return !a.System && a.In(at, caseOpeners...) }

// OpensCases are the roles that open cases at all.
func OpensCases(a Actor) bool { return !a.System && a.Is(caseOpeners...) }

// MayTakeCase: change its state by hand, say what is missing, note a trip: the
// counters of its community, and who has it or stands in, wherever it lies.
func MayTakeCase(a Actor, c Case) bool {
	return !a.System && (a.In(c.Place, CounterWorker) || a.hasCase(c))
}

// MayStaffCase: say who sees it through and who stands in: its counters, and
// who manages there, which tells them no more of one that is sensitive.
func MayStaffCase(a Actor, c Case) bool {
	return MayTakeCase(a, c) || !a.System && a.In(c.Place, caseManagers...)
}

// MayTakeOnCase: name themselves for it, which shows all of it: who is shown that anyway.
func MayTakeOnCase(a Actor, c Case) bool { return MayStaffCase(a, c) && CaseView(a, c) == CaseWhole }

// MayRevealCase: the applicant in clear, with a purpose: people who are shown all of it.
func MayRevealCase(a Actor, c Case) bool {
	return !a.System && a.Is(caseOpeners...) && CaseView(a, c) == CaseWhole
}

// MayRevealMatter: what a sensitive case is about and, masked, whose it is, with a
// purpose: people who are shown so much of it that they may ask for more. Who sends
// help or mends things learns that it is there, and does without.
func MayRevealMatter(a Actor, c Case, shown CaseShown) bool {
	return !a.System && a.Is(caseOpeners...) && (shown == CaseWhole || shown == CaseLinked && c.Sensitive)
}

// A link is made and removed by who may link both of its ends.

// MayLinkTicket: the grid's side where it lies, and counters that see it.
func MayLinkTicket(a Actor, t Ticket) bool {
	return !a.System && (a.In(t.Place, gridSide...) || a.Is(CounterWorker) && TicketView(a, t) != Hidden)
}

// MayLinkCase: people who are shown all of it.
func MayLinkCase(a Actor, c Case) bool {
	return !a.System && a.Is(caseOpeners...) && CaseView(a, c) == CaseWhole
}

// MayLinkVisit: people who see it; also its stop.
func MayLinkVisit(a Actor, v Visit) bool { return !a.System && MaySeeStop(a, v) }
