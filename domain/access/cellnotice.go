package access

// TellsCell: who tells all residents of a cell something, and sees what they
// were told: who manages its street.
func TellsCell(a Actor, p Place) bool { return !a.System && a.In(p, StreetManager, Admin) }
