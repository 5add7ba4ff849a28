package access

// MaySeeChannels: how the ways do by which people are told is the city's to see to.
func MaySeeChannels(a Actor) bool { return a.In(Place{}, Admin) && !a.System }
