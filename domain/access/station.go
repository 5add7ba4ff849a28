package access

import "slices"

// Station is what the rules need to know of a station, as of now.
type Station struct {
	Place       Place    // of its street
	Communities []Place  // that it serves
	Directors   []string // accounts
	Staff       []string // accounts, its directors' and stand-ins' too
	Posted      []string // accounts that have a post, or stand in for who has when they are away
}

// MayRunStation: makes and changes stations; the street's managers.
func MayRunStation(a Actor, s Station) bool { return a.In(s.Place, StreetManager, Admin) }

// MayKeepStation: its shifts, staff and absences; who runs it, and its director.
func MayKeepStation(a Actor, s Station) bool {
	return MayRunStation(a, s) || a.Is(CounterWorker) && slices.ContainsFunc(s.Directors, a.actsFor)
}

// MayEnterAbsence: who keeps the station, and everybody on its staff their own.
func MayEnterAbsence(a Actor, s Station, account string) bool {
	return MayKeepStation(a, s) || a.Account != "" && a.Account == account && a.Is(CounterWorker) && slices.Contains(s.Staff, account)
}

// MayChooseStandIn: for an absence; who keeps the station anybody who may be on
// its staff, everybody else who is posted, for a stand-in sees the cases there.
func MayChooseStandIn(a Actor, s Station, standIn string) bool {
	return MayKeepStation(a, s) || slices.Contains(s.Posted, standIn)
}

// MayReadStation: its staff, shifts and cover; who is on its staff, the street's
// counter workers, and who leads there or in a community that it serves.
// Everybody else who signs in has its public part.
func MayReadStation(a Actor, s Station) bool {
	if a.System || slices.ContainsFunc(s.Staff, a.actsFor) && a.IsStaff() {
		return true
	}
	seeing := Actor{Grants: append(slices.Clone(a.Grants), a.Posting...)}
	reads := append([]Role{CounterWorker}, Leads...)
	return slices.ContainsFunc(append([]Place{s.Place}, s.Communities...), func(p Place) bool { return seeing.In(p, reads...) })
}
