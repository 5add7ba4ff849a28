package access

// SeesCandidate: where an unplaced thing may lie is told to who leads or
// dispatches in its street; a home among it to who reads the households there.
func SeesCandidate(a Actor, thing, candidate Place, home bool) bool {
	return a.In(thing, Leads...) && (!home || MayReadHousehold(a, candidate))
}

// FindsAddresses: where an address lies anybody signed in may ask; what of it is
// told from households, MayReadHousehold says.
func FindsAddresses(a Actor) bool { return a.System || MayReport(a) }

// ImportsAddresses are the roles that import standard addresses at all.
func ImportsAddresses(a Actor) bool { return a.Is(StreetManager, Admin) }

// MayImportAddresses: whoever manages a street, or more, into it.
func MayImportAddresses(a Actor, p Place) bool { return a.In(p, StreetManager, Admin) }
