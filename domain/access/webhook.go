package access

// ManagesWebhooks: which receivers there are, and of what they hear, is the city's.
func ManagesWebhooks(a Actor) bool { return a.In(Place{}, Admin) && !a.System }

// HasWebhooks are those that have a part in receivers: who manages them, and
// machine accounts, whose they are.
func HasWebhooks(a Actor) bool { return ManagesWebhooks(a) || !a.System && a.Is(Integration) }

// MayReadWebhook: who manages receivers, and the machine account whose it is.
// The same change its secrets, send test pings, replay and skip messages.
func MayReadWebhook(a Actor, account string) bool {
	return ManagesWebhooks(a) || HasWebhooks(a) && a.Account == account
}

// HearsCase says how much of a case a machine account is told without asking:
// nothing outside its areas; whole what a platform for which it speaks decides
// (own), and what is not sensitive.
func HearsCase(a Actor, c Case, own bool) CaseShown {
	switch {
	case a.System || !a.In(c.Place, Integration):
		return CaseHidden
	case c.Sensitive && !own:
		return CaseLinked
	}
	return CaseWhole
}

// HearsTicket: of a ticket, a machine account is told in its areas; and, of what
// is linked to a case of which it is told all (linked), wherever it lies.
func HearsTicket(a Actor, t Ticket, linked bool) bool {
	return !a.System && (linked && a.Is(Integration) || a.In(t.Place, Integration))
}
