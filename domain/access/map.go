package access

// mapped may read every ticket in their grant on a map: machine accounts read maps, but no lists.
var mapped = append([]Role{Integration}, watchers...)

// MapsTickets are the roles that have a part in the map of tickets.
func MapsTickets(a Actor) bool { return a.Is(Integration) || a.IsStaff() }

// SeesFigures: how many tickets lie at a place tell those who may read them all.
func SeesFigures(a Actor, p Place) bool { return a.In(p, mapped...) }

// SeesVisitsDue: how many visits are due at a place tell those who list them.
func SeesVisitsDue(a Actor, p Place) bool { return a.In(p, visitReaders...) }

// MapScopes are the areas whose tickets the actor has on the map.
func MapScopes(a Actor) []Scope { return a.Scopes(mapped...) }

// OnMap returns which tickets the actor has on the map: what their list shows
// without filters. That is what lies in their areas or, for who has none, what
// they reported, what is with them and what their counter sees.
func OnMap(a Actor) func(Ticket) bool {
	if !MapsTickets(a) {
		return func(Ticket) bool { return false }
	}
	if len(MapScopes(a)) > 0 {
		return func(t Ticket) bool { return SeesFigures(a, t.Place) }
	}
	return func(t Ticket) bool { return TicketView(a, t) != Hidden }
}
