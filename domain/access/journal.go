package access

// Who reads the journal 流水: who manages a street all of its, who manages a
// community what is about things of it, and who manages the platform the city's too.
var (
	journalKeepers = []Role{StreetManager, Admin}
	journalReaders = append([]Role{CommunityManager}, journalKeepers...)
)

// ReadsJournal are the roles that read the journal at all.
func ReadsJournal(a Actor) bool { return !a.System && a.Is(journalReaders...) }

// MayReadWholeJournal: every entry of a street, or of the city for the zero place.
func MayReadWholeJournal(a Actor, p Place) bool { return !a.System && a.In(p, journalKeepers...) }

// MayReadJournal: entries about a thing that lay there, if they may see the thing now.
func MayReadJournal(a Actor, p Place) bool { return !a.System && a.In(p, journalReaders...) }
