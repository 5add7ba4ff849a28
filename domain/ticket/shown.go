package ticket

import (
	"slices"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/store"
)

// Residents are not told that there was a change that they are not shown: for
// them a ticket has the time and the version of the changes that they are.

// inside reports whether residents are not shown what the entry is about: a
// remark among staff, a link with a case, what counters see of the ticket, or
// that another was merged into it.
var aside = []Action{Serve, Join, Leave, ChildMoved, Warn, RunOut, Reckon, Climb}

// amongStaff are steps that residents are not shown, but that the ticket waits
// for dispatch again where it does so: not who asked for what, and why.
var amongStaff = []Action{Apply, Grant, Refuse, Recall, ClimbRequest, LapseRequest, Escalate, Convene, Attend, Decline, Rule, Unattended, MakeOffer, GiveBack, Untaken, Allot}

// Requeue is what residents are shown of a step among staff by which a ticket waits for dispatch again.
const Requeue Action = "requeue"

func inside(e *store.Entry) bool {
	return e.Dims["internal"] == "true" || e.Dims["link"] != "" || slices.Contains(aside, Action(strings.TrimPrefix(e.Action, "ticket.")))
}

// ChangedAt is when the ticket was last changed, as this reader is shown it.
func (t *Ticket) ChangedAt(reader access.Actor) time.Time {
	if access.SeesEveryChange(reader) {
		return t.UpdatedAt
	}
	return t.ShownAt
}

// VersionFor is the ticket's version as this reader is shown it.
func (t *Ticket) VersionFor(reader access.Actor) int64 { return t.shownVersion(reader, t.Version) }

// shownVersion is a version of the ticket as the reader counts them: less those before it, and it, that they are not shown.
func (t *Ticket) shownVersion(reader access.Actor, version int64) int64 {
	if access.SeesEveryChange(reader) {
		return version
	}
	shown := version
	for _, v := range t.Unshown {
		if v <= version {
			shown--
		}
	}
	return shown
}

// stated is the version that the reader means by one they were shown; one that never is, when another is current.
func (t *Ticket) stated(reader access.Actor, version int64) int64 {
	switch {
	case version == 0 || access.SeesEveryChange(reader):
		return version
	case version == t.VersionFor(reader):
		return t.Version
	}
	return -1
}

// changed is the field by which the list finds and sorts what was changed.
func (f Filter) changed() string {
	if f.resident {
		return "shownAt"
	}
	return "updatedAt"
}

// withShownAt brings a ticket from schema 2 to 3: so far all changes were shown.
func withShownAt(t store.D) (store.D, error) {
	if slices.ContainsFunc(t, func(f store.E) bool { return f.Key == "shownAt" }) {
		return t, nil
	}
	for _, f := range t {
		if f.Key == "updatedAt" {
			return append(t, store.E{Key: "shownAt", Value: f.Value}), nil
		}
	}
	return t, nil
}
