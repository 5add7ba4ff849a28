package access

import "slices"

// Steps by which a ticket is filed and verified 监督, and the one by which it is commanded 指挥.
const commands = "dispatch"

var supervises = []string{"accept", "reject", "reply", "rework", "close"}

// KeepsApart: in strict mode who dispatched a ticket neither files nor verifies
// it, and who filed it does not dispatch it, whichever of the absent and their stand-in it was.
func KeepsApart(a Actor, t Ticket, step string) bool {
	switch {
	case step == commands:
		return !a.Among(t.Filed...)
	case slices.Contains(supervises, step):
		return !a.Among(t.Dispatchers...)
	}
	return true
}
