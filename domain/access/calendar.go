package access

// MaySetHolidays: public holidays are the city's.
func MaySetHolidays(a Actor) bool { return a.In(Place{}, Admin) }
