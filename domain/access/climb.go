package access

import "slices"

// Rungs are the levels to which a step of a ticket climbs where nobody is left below.
var Rungs = []Level{Community, Street, County, City}

// TakesClimbed: a step that climbed to a level is taken by who leads over the
// place from there or above, whomever the policy names.
func (a Actor) TakesClimbed(p Place, to Level) bool {
	return !a.System && slices.Contains(Rungs, to) && slices.ContainsFunc(a.Grants, func(g Grant) bool {
		rung := slices.Index(Rungs, g.Level)
		if g.Area == "" {
			rung = len(Rungs)
		}
		return slices.Contains(Leads, g.Role) && rung >= slices.Index(Rungs, to) && g.Covers(p)
	})
}
