// Package webhook is how other systems hear of what happens here: the targets
// that are told, the streams of messages about a case or a ticket, what each
// message may tell, and what becomes of one that is not taken. It knows cases,
// tickets, links and accounts; of HTTP, of JSON and of how a message is signed
// and sent it knows nothing.
//
// A stream is what one target is told of one thing. Its messages are numbered
// 1, 2, 3 … without a gap and sent one after the other: none passes one that
// waits. A journal consumer puts them in line (Deliveries.Consumer), each entry
// once; a sender takes what is due (Deliveries.Due), keeps what it is going to
// send (Render), and says what came of it (Settle).
package webhook

import (
	"slices"
	"strings"
	"time"

	"wangge/domain/personal"
	"wangge/store"
)

// State of a target.
type State string

const (
	Active   State = "active"
	Paused   State = "paused"   // messages are put in line and wait
	Disabled State = "disabled" // nothing more is put in line; what is there waits
)

// Why a target is disabled.
type Why string

const (
	ByPerson Why = "person" // by who manages it
	Gone     Why = "gone"   // the receiver answered 410
)

// Target is a receiver of one machine account. What the account may be told is
// what it is told; see access.HearsCase and access.HearsTicket.
type Target struct {
	store.Meta `store:",inline"`
	Title      string    `store:"title"`
	Account    string    `store:"account"`          // id of the machine account
	System     string    `store:"system,omitempty"` // only cases of this platform; "": all in the account's scope
	URL        string    `store:"url"`
	Events     []string  `store:"events"` // names, and beginnings such as "case.*"
	State      State     `store:"state"`
	Why        Why       `store:"why,omitempty"` // while disabled
	Secrets    []Secret  `store:"secrets"`       // the newest last
	Sent       string    `store:"sent"`          // blind index of what it was made by
	CreatedAt  time.Time `store:"createdAt"`     // what happened before is not told
	UpdatedAt  time.Time `store:"updatedAt"`
}

// Secret is what messages to a target are signed with. At most two are good at
// once: the newest, and the one before it until it ends.
type Secret struct {
	ID        string          `store:"id"`
	Sealed    personal.Sealed `store:"sealed"`
	CreatedAt time.Time       `store:"createdAt"`
	Until     time.Time       `store:"until,omitempty"` // zero: no end is set
}

// Good reports whether messages are signed with the secret.
func (s Secret) Good(now time.Time) bool { return s.Until.IsZero() || now.Before(s.Until) }

// Hears reports whether the target's filter has an event.
func (t *Target) Hears(event Event) bool {
	return slices.ContainsFunc(t.Events, func(e string) bool {
		if family, all := strings.CutSuffix(e, "*"); all {
			return strings.HasPrefix(string(event), family)
		}
		return e == string(event)
	})
}

// Targets lie in the city's partition, where every node sees them change.
var targets = store.Declare[Target](store.Declaration{
	Name: "webhookTargets", Schema: 1,
	Indexes: []string{
		"account: account, createdAt",
		"created: createdAt",
	},
})
