package access

// MaySeeTexts: what became of text messages, without numbers, and what is left of the budget, is the city's.
func MaySeeTexts(a Actor) bool { return a.In(Place{}, Admin) && !a.System }
