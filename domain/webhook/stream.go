package webhook

import (
	"time"

	"wangge/domain/ids"
	"wangge/store"
)

// Thing is what a stream is about.
type Thing string

const (
	Case   Thing = "case"
	Ticket Thing = "ticket"
	Ping   Thing = "ping" // a stream of its own, of one message
)

// Stream is what one target is told of one thing: how far that has come, and
// when its first message that is not over is to be sent. The messages before
// Next are over, those from Next to Last wait.
type Stream struct {
	store.Meta `store:",inline"`
	Target     string    `store:"target"`
	Thing      Thing     `store:"thing"`
	Of         string    `store:"of"`                // id of the thing
	Last       int64     `store:"last"`              // sequence of the last that was put in line
	Next       int64     `store:"next"`              // of the first that is not over
	DueAt      time.Time `store:"dueAt,omitempty"`   // when it is to be tried; zero: nothing waits, or it is dead
	Left       bool      `store:"left,omitempty"`    // the thing is out of the target's scope, and the target was told so if it was in it before
	Expires    time.Time `store:"expires,omitempty"` // once it has ended: it may be removed from then on
}

// space is where the ids of streams and messages follow from what they are about.
const space ids.Space = "3c0f8a34-5b43-5c0b-9a57-1f1a5f5ad0c6"

// end deletes a stream to which nothing will be added.
func (s *Stream) end(tx *store.Tx, now time.Time) error {
	s.Expires = now
	return streams.Delete(tx, s)
}

func streamID(target string, thing Thing, of string) string {
	return space.Of("stream", target, string(thing), of)
}

// Nothing of this is journaled: it follows from the journal, and from what receivers answer.
var streams = store.Declare[Stream](store.Declaration{
	Name: "webhookStreams", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"due: target, thing, dueAt", // what is to be sent
		"target: target",            // what ends with a target
		"expires: expires",          // what is removed
	},
})
