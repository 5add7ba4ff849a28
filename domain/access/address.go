package access

// SeesCandidate: where an unplaced thing may lie is told to who leads or
// dispatches in its street; a home among it to who reads the households there.
func SeesCandidate(a Actor, thing, candidate Place, home bool) bool {
	return a.In(thing, Leads...) && (!home || MayReadHousehold(a, candidate))
}
