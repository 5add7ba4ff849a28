package access

// OwnsCase reports whether a case is the actor's own: of the phone that they
// proved, or asked for by their account. A case is shown whole to whose it is,
// sensitive or not, in a form of its own. What is older than is known of the
// phone, or of the account, may be of who had it before them, and is not theirs.
func OwnsCase(a Actor, c Case) bool {
	return a.Phone != "" && a.Phone == c.Phone && !c.OpenedAt.Before(a.PhoneSince) ||
		a.Account != "" && a.Account == c.Applicant && !c.OpenedAt.Before(a.Since)
}
