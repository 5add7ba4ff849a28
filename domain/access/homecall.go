package access

import "time"

// HomeCall is what the rules need to know of a home call 上门代办 that was booked.
type HomeCall struct {
	Account  string // of who booked it for themselves; "" where somebody did it for them
	Phone    string // blind index of the phone of whose it is
	BookedAt time.Time
}

// OwnsHomeCall: as for cases.
func OwnsHomeCall(a Actor, h HomeCall) bool {
	return OwnsCase(a, Case{Applicant: h.Account, Phone: h.Phone, OpenedAt: h.BookedAt})
}

// BooksHomeCalls: for themselves, who has proved a phone.
func BooksHomeCalls(a Actor) bool { return !a.System && a.Account != "" && a.Phone != "" }

// MayBookHomeCallFor: for somebody who calls or comes, whoever may open their case there.
func MayBookHomeCallFor(a Actor, at Place) bool { return MayOpenCase(a, at) }

// SeesHomeCallItem: what it is about, of one who sees the visit. What is
// sensitive is told to who makes the call, which is anybody of the cell while it
// is given to nobody, and to no one else at the doors.
func SeesHomeCallItem(a Actor, v Visit, sensitive bool) bool {
	switch {
	case !sensitive, a.System:
		return true
	case v.Assignee == "" && v.By == "":
		return a.In(v.Place, visitors...)
	}
	return a.actsFor(v.Assignee) || a.actsFor(v.By)
}

// MayRevealCaller: the phone of who asked for it, by who makes the call or leads
// there; of what is sensitive, by who makes it.
func MayRevealCaller(a Actor, v Visit, sensitive bool) bool {
	return (a.HasVisitRelation(VisitorOf, v) || a.HasVisitRelation(VisitLeadOf, v)) && SeesHomeCallItem(a, v, sensitive)
}
