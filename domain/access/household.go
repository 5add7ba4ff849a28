package access

import "slices"

// Who has a part in households 户: the people who work at the doors of a cell
// and who lead them. A dispatcher reads them to send help to the right door;
// a counter finds the one it is told of (FindsPeople); an organisation that
// mends things and residents have no part.
var (
	householdKeepers = []Role{OutreachWorker, GridLead, CommunityManager, StreetManager, Admin}
	householdReaders = append([]Role{Dispatcher}, householdKeepers...)
	householdLeads   = []Role{GridLead, CommunityManager, StreetManager, Admin}
	householdMasters = []Role{CommunityManager, StreetManager, Admin}
)

// ListsHouseholds are the roles that have a part in the household list.
func ListsHouseholds(a Actor) bool { return a.Is(householdReaders...) }

// MayReadHousehold: masked, and without sensitive tags unless MayKeepHousehold.
func MayReadHousehold(a Actor, p Place) bool { return a.In(p, householdReaders...) }

// MayKeepHousehold: make, change, tag, move within the street, see sensitive tags.
func MayKeepHousehold(a Actor, p Place) bool { return a.In(p, householdKeepers...) }

// MayMoveHousehold: within the street whoever keeps it, also where the new
// place is not theirs; into another street who keeps both, or leads the community it leaves.
func MayMoveHousehold(a Actor, from, to Place) bool {
	if !MayKeepHousehold(a, from) {
		return false
	}
	return from.Street == to.Street || MayKeepHousehold(a, to) || a.In(from, householdMasters...)
}

// MayJoinHouseholds: merge, take apart and delete.
func MayJoinHouseholds(a Actor, p Place) bool { return a.In(p, householdLeads...) }

// MayDecideAway: that a household has moved away is confirmed by who leads there, and did not find so themselves.
func MayDecideAway(a Actor, p Place, by string) bool {
	return a.In(p, householdLeads...) && !a.Among(by)
}

// MayRevealPeople: personal data of a household in clear, with a reason; people only.
func MayRevealPeople(a Actor, p Place) bool { return !a.System && MayKeepHousehold(a, p) }

// RevealsPeople are the roles that reveal personal data of households at all,
// and so search by it: in KeptScopes.
func RevealsPeople(a Actor) bool { return !a.System && a.Is(householdKeepers...) }

// FindsPeople: who is at a counter today finds the one household of somebody
// whose phone or ID number they are told, with a purpose; they browse none.
func FindsPeople(a Actor) bool { return !a.System && len(a.Cities) > 0 && a.Is(CounterWorker) }

// MayFind: anywhere in the city of their counter.
func MayFind(a Actor, p Place) bool { return FindsPeople(a) && slices.Contains(a.Cities, p.City) }

// ImportsHouseholds are the roles that import households at all.
func ImportsHouseholds(a Actor) bool { return a.Is(householdMasters...) }

// MayImportHouseholds: whoever leads a community, or more, into it.
func MayImportHouseholds(a Actor, p Place) bool { return a.In(p, householdMasters...) }

// MayDefineTags: the street's own tags are its managers'.
func MayDefineTags(a Actor, street Place) bool { return a.In(street, StreetManager, Admin) }

// HouseholdScopes are the areas whose households the actor may list.
func HouseholdScopes(a Actor) []Scope { return a.Scopes(householdReaders...) }

// KeptScopes are those of them whose sensitive tags the actor sees.
func KeptScopes(a Actor) []Scope { return a.Scopes(householdKeepers...) }

// ImportScopes are the areas that the actor imports households into.
func ImportScopes(a Actor) []Scope { return a.Scopes(householdMasters...) }
