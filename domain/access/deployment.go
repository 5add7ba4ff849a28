package access

// Who has a part in postings 任职 and in what follows from them: who manages a
// community its own, who manages a street all of it. Who sends help there reads
// how many work where, and not who.
var postingKeepers = []Role{CommunityManager, StreetManager, Admin}

// KeepsPostings are the roles that keep and list postings at all.
func KeepsPostings(a Actor) bool { return a.Is(postingKeepers...) }

// MayKeepPosting: enters and changes who works in the place, from when to when,
// and how it was staffed before; reads their names.
func MayKeepPosting(a Actor, p Place) bool { return a.In(p, postingKeepers...) }

// PostingScopes are the areas whose postings the actor may list.
func PostingScopes(a Actor) []Scope { return a.Scopes(postingKeepers...) }

// ReadsDeployment are the roles that read deployment figures at all.
func ReadsDeployment(a Actor) bool { return KeepsPostings(a) || a.Is(Dispatcher) }

// MayReadDeployment: the figures of the place. Who does not keep its postings
// is shown no lists, and no rates of few people.
func MayReadDeployment(a Actor, p Place) bool {
	return MayKeepPosting(a, p) || a.In(p, Dispatcher)
}
