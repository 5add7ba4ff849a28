package delivery

import (
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/store"
)

// Window is how long after a push about a thing a person gets no other about
// it: what is told meanwhile is told by one, with the latest notice, when it is over.
const Window = 10 * time.Minute

// Waiting is what is to go out next to one person about one thing; an urgent
// notice is by itself. It is planned with the notice and split among the
// person's addresses when it is due. One without a thing is a digest of what
// quiet hours held back, or what the groups of a street are told.
type Waiting struct {
	store.Meta `store:",inline"`
	Recipient  string            `store:"recipient,omitempty"` // account; none of a street's
	About      notice.About      `store:"about,omitempty"`
	Notice     string            `store:"notice,omitempty"` // the latest; "": nothing waits
	Kind       notice.Kind       `store:"kind,omitempty"`
	Importance notice.Importance `store:"importance,omitempty"`
	At         time.Time         `store:"at,omitempty"`      // of the notice
	DueAt      time.Time         `store:"dueAt,omitempty"`   // zero: nothing waits
	Out        time.Time         `store:"out,omitempty"`     // when the last was split
	Held       []Held            `store:"held,omitempty"`    // of a digest, the latest of each thing
	Street     string            `store:"street,omitempty"`  // whose groups are told
	Counts     []Count           `store:"counts,omitempty"`  // of what
	Expires    time.Time         `store:"expires,omitempty"` // once nothing waits
}

// Held is a notice that waits for the end of quiet hours.
type Held struct {
	Thing  string `store:"thing"` // id of the Waiting of person and thing
	Notice string `store:"notice"`
}

// Count is how often something happened.
type Count struct {
	Kind      notice.Kind `store:"kind"`
	Community string      `store:"community,omitempty"` // where
	N         int         `store:"n"`
}

var waiting = store.Declare[Waiting](store.Declaration{
	Name: "deliveryWaiting", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"due: dueAt",       // what is to be split
		"expires: expires", // what is removed
	},
})

// space is where the ids of this package follow from what they are about.
const space ids.Space = "0d9e2a7c-6f51-4c3b-8b1e-7a4d2c95e630"

// thingID is the id of what waits for a person about a thing.
func thingID(recipient string, about notice.About) string {
	return space.Of("thing", recipient, about.Kind, about.ID)
}

// waitingOf is the id of what a notice waits in.
func waitingOf(n *notice.Notice) string {
	if n.Importance == notice.Urgent {
		return space.Of("urgent", n.ID)
	}
	return thingID(n.Recipient, n.About)
}

func digestID(recipient string) string { return space.Of("digest", recipient) }

func streetID(street string) string { return space.Of("street", street) }

// add has the notice go out next: at once, or when the window of the last is over.
func (w *Waiting) add(n *notice.Notice, now time.Time) {
	w.Recipient, w.About, w.Notice, w.Kind, w.Importance, w.At = n.Recipient, n.About, n.ID, n.Kind, n.Importance, n.At
	if w.DueAt.IsZero() {
		w.DueAt = later(now, w.Out.Add(Window))
	}
	w.Expires = time.Time{}
}

// hold adds a notice to the digest of who gets it after their quiet hours.
func (w *Waiting) hold(recipient string, h Held, until time.Time) {
	w.Recipient, w.DueAt, w.Expires = recipient, until, time.Time{}
	i := slices.IndexFunc(w.Held, func(o Held) bool { return o.Thing == h.Thing })
	if i >= 0 {
		w.Held[i] = h
	} else {
		w.Held = append(w.Held, h)
		w.Held = w.Held[max(0, len(w.Held)-heldMost):]
	}
}

// heldMost bounds a digest: of what was held back first there is only the inbox.
const heldMost = 200

// count adds what happened to what the groups of a street are told next.
func (w *Waiting) count(at access.Place, kind notice.Kind, now time.Time) {
	w.Street, w.Expires = at.Street, time.Time{}
	if w.DueAt.IsZero() {
		w.DueAt = later(now.Add(groupsEvery), w.Out.Add(groupsEvery))
	}
	i := slices.IndexFunc(w.Counts, func(c Count) bool { return c.Kind == kind && c.Community == at.Community })
	if i < 0 {
		i, w.Counts = len(w.Counts), append(w.Counts, Count{Kind: kind, Community: at.Community})
	}
	w.Counts[i].N++
}

// groupsEvery is how long what a group is told is gathered to one message.
const groupsEvery = time.Minute

// split leaves nothing waiting; out says that something went to somebody.
func (w *Waiting) split(out bool, now time.Time) {
	w.Notice, w.Held, w.Counts, w.DueAt = "", nil, nil, time.Time{}
	if out {
		w.Out = now
	}
	w.Expires = now.Add(Window)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
