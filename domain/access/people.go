package access

import "slices"

// MayManageAccounts: street managers in their street, admins everywhere. What
// lets somebody act outlasts a cover, so that no stand-in gives it: not
// accounts and roles, nor duties, nor covers.
func MayManageAccounts(a Actor) bool { return a.Alone().Is(StreetManager, Admin) }

// MayListAccounts: who manages accounts or staffs cells needs to find people.
func MayListAccounts(a Actor) bool {
	return a.Is(GridLead, CommunityManager, Dispatcher, StreetManager, Admin)
}

// AccountScopes are the areas whose accounts the actor may list: a grid lead's
// is where they may be posted, since that is whom they may dispatch to.
func AccountScopes(a Actor) []Scope {
	return Actor{Grants: append(slices.Clone(a.Grants), a.Posting...), System: a.System}.Scopes(Leads...)
}

// given is what a manager of a street may grant there.
var given = []Role{OutreachWorker, Handler, CounterWorker, GridLead, CommunityManager, Dispatcher, StreetManager, Integration}

// MayGrant: a street manager gives the street's roles inside the street; only an admin makes admins.
// at is the place of the granted area; the zero Place for roles without area.
func MayGrant(a Actor, r Role, at Place) bool {
	a = a.Alone()
	if a.System || a.In(Place{}, Admin) || (at != Place{} && a.In(at, Admin)) {
		return true
	}
	if r == Handler && at == (Place{}) {
		return a.Is(StreetManager)
	}
	return slices.Contains(given, r) && a.In(at, StreetManager)
}

// MayReadAccount: one's own, or within AccountScopes. at are the
// places of the account's grants; an account without any is its street's to see only through an admin.
func MayReadAccount(a Actor, account string, at []Place) bool {
	if a.System || (account != "" && account == a.Account) || a.In(Place{}, Admin) {
		return true
	}
	seeing := Actor{Grants: append(slices.Clone(a.Grants), a.Posting...)}
	return slices.ContainsFunc(at, func(p Place) bool { return seeing.In(p, Leads...) })
}

// MayManageAccount: who could have given every grant the account has.
func MayManageAccount(a Actor, grants []Role, at []Place) bool {
	if a.System || a.In(Place{}, Admin) {
		return true
	}
	if len(grants) == 0 {
		return false
	}
	for i, r := range grants {
		if !MayGrant(a, r, at[i]) {
			return false
		}
	}
	return true
}

// MayImportAreas: the tree is the city's, so an admin of one street may not.
func MayImportAreas(a Actor) bool { return a.In(Place{}, Admin) }

// MayImportCells: into the streets one manages.
func MayImportCells(a Actor, at Place) bool { return a.In(at, StreetManager, Admin) }

// ImportsCells are the roles that import cells at all.
func ImportsCells(a Actor) bool { return a.Is(StreetManager, Admin) }

// MayStaff: lead, workers and stand-ins of a cell.
func MayStaff(a Actor, at Place) bool { return a.In(at, CommunityManager, StreetManager, Admin) }

// MayKeepDuty: the roster of who is on duty in a street is its managers', since it lets people act as dispatchers.
func MayKeepDuty(a Actor, street Place) bool { return a.Alone().In(street, StreetManager, Admin) }

// SeesStaff: the people of a cell are shown to people who work.
func SeesStaff(a Actor) bool { return a.System || a.IsStaff() }

// MayManageOrganisations: the street's dispatcher and managers.
func MayManageOrganisations(a Actor, at Place) bool {
	return a.In(at, Dispatcher, StreetManager, Admin)
}

// MayReveal: personal data, with a reason: who leads where the thing lies, or
// works on it; and the counter worker who reported it for somebody, to call them back.
func MayReveal(a Actor, t Ticket) bool {
	return a.HasRelation(LeadOf, t) || a.HasRelation(WorkerOf, t) || ((a.HasRelation(AssigneeOf, t) || a.HasRelation(HelperOf, t)) && a.IsStaff()) ||
		len(a.Cities) > 0 && a.sentFromCounter(t) && !a.actsFor(t.Reporter)
}
