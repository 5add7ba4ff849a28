package access

// MaySetServiceItems: the catalogue of the counters is the city's, as the tree of areas is.
func MaySetServiceItems(a Actor) bool { return a.In(Place{}, Admin) }

// MayTrain: who makes training batches and gives qualifications at all.
func MayTrain(a Actor) bool { return a.Is(StreetManager, Admin) }

// MayQualify: give somebody a qualification or take one away. at are the places
// of the person's grants: one of them has to lie where the actor manages.
func MayQualify(a Actor, at []Place) bool {
	if a.System || a.In(Place{}, Admin) {
		return true
	}
	for _, p := range at {
		if a.In(p, StreetManager, Admin) {
			return true
		}
	}
	return false
}
