package access

// HearsEvents: people; machines have webhooks.
func HearsEvents(a Actor) bool {
	return a.Account != "" && a.Is(append([]Role{Resident}, Staff...)...)
}

// HearsCell: that a cell was changed, or who staffs it, who works there. Others
// who look at it see it, but need not be told.
func HearsCell(a Actor, p Place) bool { return a.In(p, Staff...) }
