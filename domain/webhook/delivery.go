package webhook

import (
	"strconv"
	"time"

	"wangge/store"
)

// Progress is how far a message has come.
type Progress string

const (
	Waiting   Progress = "waiting"
	Delivered Progress = "delivered"
	Dead      Progress = "dead"    // a dead letter: its stream waits until a person replays or skips it
	Skipped   Progress = "skipped" // by a person
	Failed    Progress = "failed"  // a test ping that was not taken: it is tried once
)

// Delivery is a message to a target. Its id is the message's, the same however
// often it is sent.
type Delivery struct {
	store.Meta `store:",inline"`
	Target     string    `store:"target"`
	Stream     string    `store:"stream"`
	Thing      Thing     `store:"thing"`
	Of         string    `store:"of"` // id of the thing its stream is about
	Sequence   int64     `store:"sequence"`
	Event      Event     `store:"event"`
	Step       Step      `store:"step"`
	At         time.Time `store:"at"` // when it was put in line

	State    Progress  `store:"state"`
	Body     []byte    `store:"body,omitempty"` // what is sent, once that is decided
	Tries    int       `store:"tries"`          // since it was put in line or replayed
	DueAt    time.Time `store:"dueAt,omitempty"`
	EndedAt  time.Time `store:"endedAt,omitempty"` // it was delivered, skipped or failed
	Attempts []Attempt `store:"attempts"`          // the last ones
	Expires  time.Time `store:"expires,omitempty"` // when it is forgotten, once it is over
}

// Step is what happened, as the journal has it.
type Step struct {
	Collection string    `store:"collection"` // of the document that was changed
	Doc        string    `store:"doc"`
	Version    int64     `store:"version"`
	Partition  string    `store:"partition"`
	Number     int64     `store:"number"` // of the entry, in its partition
	Action     string    `store:"action"`
	From       string    `store:"from,omitempty"` // state
	To         string    `store:"to,omitempty"`
	At         time.Time `store:"at"`
	Link       string    `store:"link,omitempty"`   // id, of what was linked
	Linked     string    `store:"linked,omitempty"` // id of the ticket that is linked, where the step is of one that leads it
}

// Attempt is one sending of a message, and what came of it.
type Attempt struct {
	At         time.Time     `store:"at"`
	Status     int           `store:"status,omitempty"` // of the answer; 0: there was none
	Error      string        `store:"error,omitempty"`  // code of what went wrong before an answer
	Took       time.Duration `store:"took"`
	RetryAfter time.Duration `store:"retryAfter,omitempty"` // as the receiver asks, of 429, 502, 503 and 504
}

// OK reports whether the receiver took the message.
func (a Attempt) OK() bool { return a.Status >= 200 && a.Status <= 299 }

// deliveryID is that of a message of a stream.
func deliveryID(stream string, sequence int64) string {
	return "msg_" + space.Of("message", stream, strconv.FormatInt(sequence, 10))
}

// keepAttempts is how many of the last attempts a message has on record.
const keepAttempts = 20

var deliveries = store.Declare[Delivery](store.Declaration{
	Name: "webhookDeliveries", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"target: target, at",       // the list
		"state: target, state, at", // the list, and what waits for longest
		"stream: stream, sequence", // a thing's
		"expires: expires",         // what is forgotten
	},
})
