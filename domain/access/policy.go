package access

import "slices"

// MaySetPolicy: what a street decides its managers, what a city decides who runs it.
func MaySetPolicy(a Actor, p Place) bool {
	if p.Street == "" {
		return a.In(p, Admin)
	}
	return a.In(p, StreetManager, Admin)
}

// MayReadPolicy: the staff of the street, or the city, who work in these
// places. Residents are told the categories only.
func MayReadPolicy(a Actor, p Place, works []Place) bool {
	return a.In(p, Staff...) || a.IsStaff() && slices.ContainsFunc(works, func(w Place) bool {
		return w.City == p.City && (p.Street == "" || w.Street == p.Street)
	})
}
