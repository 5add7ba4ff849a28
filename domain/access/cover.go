package access

import "slices"

// Persons are the accounts for which the actor acts now: their own, and those
// that they stand in for 顶岗. What they do is kept under all of them.
func (a Actor) Persons() []string {
	if a.Account == "" {
		return nil
	}
	return append([]string{a.Account}, a.StandsFor...)
}

// actsFor reports whether the account is one of Persons.
func (a Actor) actsFor(account string) bool {
	return account != "" && a.Account != "" && (account == a.Account || slices.Contains(a.StandsFor, account))
}

// Among reports whether one of the accounts is who acts: where somebody is left
// out for what they did before, the absent and their stand-in are one person,
// whichever of them did it and whichever acts now.
func (a Actor) Among(accounts ...string) bool {
	return slices.ContainsFunc(accounts, func(account string) bool {
		return a.actsFor(account) || account != "" && slices.Contains(a.StandIns, account)
	})
}

// Alone is the actor with what is their own, without what they may as a stand-in.
func (a Actor) Alone() Actor { return a.standing(nil) }

// standing is the actor who stands in for some of those that they do, and no other.
func (a Actor) standing(absent []string) Actor {
	others := func(g Grant) bool { return g.For != "" && !slices.Contains(absent, g.For) }
	a.Grants = slices.DeleteFunc(slices.Clone(a.Grants), others)
	a.Posting = slices.DeleteFunc(slices.Clone(a.Posting), others)
	if !slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == CounterWorker }) {
		a.Cities = nil
	}
	a.StandsFor = absent
	return a
}

// coverable are the roles that somebody else can stand in for; not the
// platform's administrators, who are several, nor what people are as residents.
var coverable = []Role{Handler, OutreachWorker, CounterWorker, GridLead, CommunityManager, Dispatcher, StreetManager}

// InPlaceOf is the actor who stands in for another, too: with what is the
// other's own, and not what that one has as a stand-in. Who handles for an
// organisation stands in within it.
func (a Actor) InPlaceOf(absent Actor) Actor {
	carried := func(to, from []Grant) []Grant {
		to = slices.Clone(to)
		for _, g := range from {
			if g.For == "" && slices.Contains(coverable, g.Role) && (g.Role != Handler || a.Organisation == absent.Organisation) {
				g.For = absent.Account
				to = append(to, g)
			}
		}
		return to
	}
	if own := absent.Alone(); own.Cities != nil {
		a.Cities = append(slices.Clone(a.Cities), own.Cities...)
	}
	a.Grants, a.Posting = carried(a.Grants, absent.Grants), carried(a.Posting, absent.Posting)
	return a.standsFor(absent.Account)
}

// standsFor is the actor who stands in for an account, too; what that brings is among the grants.
func (a Actor) standsFor(absent string) Actor {
	if !slices.Contains(a.StandsFor, absent) {
		a.StandsFor = append(slices.Clone(a.StandsFor), absent)
	}
	return a
}

// Posted is the actor with a post in a cell, too: for somebody whom they stand
// in for there, if one is named.
func (a Actor) Posted(r Role, cell, absent string) Actor {
	a.Grants = append(slices.Clone(a.Grants), Grant{r, Cell, cell, absent})
	if absent != "" {
		return a.standsFor(absent)
	}
	return a
}

// ArrangesCovers are the roles that arrange covers of people at all: who staffs cells, and who manages accounts.
func ArrangesCovers(a Actor) bool { return a.Alone().Is(CommunityManager, StreetManager, Admin) }

// MayArrangeCover: who stands in for somebody with these roles at these places
// is said by who may staff all of them: of the people of cells who staffs
// cells, of others who could give the roles. Nobody names themselves.
func MayArrangeCover(a Actor, roles []Role, at []Place, standIn string) bool {
	if !a.System && a.actsFor(standIn) {
		return false
	}
	some := false
	a = a.Alone()
	for i, r := range roles {
		if !slices.Contains(coverable, r) {
			continue
		}
		some = true
		if cells := r == OutreachWorker || r == GridLead; !(cells && MayStaff(a, at[i])) && !MayGrant(a, r, at[i]) {
			return false
		}
	}
	return some
}

// SeesWhyAway: who is concerned, and who arranges covers.
func SeesWhyAway(a Actor, absent, standIn string) bool {
	return ArrangesCovers(a) || a.actsFor(absent) || a.actsFor(standIn)
}

// Through says for whom somebody acts who may: the absent person whose
// stand-in they have to be to pass the rule; "" for who passes it on their own.
func (a Actor) Through(may func(Actor) bool) string {
	if len(a.StandsFor) == 0 || may(a.Alone()) {
		return ""
	}
	for _, absent := range a.StandsFor {
		if may(a.standing([]string{absent})) {
			return absent
		}
	}
	if may(a) {
		return a.StandsFor[0] // it takes what two of them may
	}
	return ""
}

// ForAbsent is the dimension of a journal's entry that names whose stand-in somebody acted as.
const ForAbsent = "for"

// NameBoth adds to the dimensions of an entry whose stand-in the actor is, where only that has them pass the rule.
func (a Actor) NameBoth(dims map[string]string, may func(Actor) bool) map[string]string {
	if absent := a.Through(may); absent != "" {
		dims[ForAbsent] = absent
	}
	return dims
}
