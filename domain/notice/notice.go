// Package notice brings what the journals tell to the people whom it concerns.
// A rule says of each action whom, or that it is for nobody; each of them gets
// one notice in the inbox, written with the consumer's bookmark, so that a
// crash neither repeats nor loses one. A notice holds ids and words of the
// program only: its text is made when it is read, for who reads it, who is told
// nothing of what they may not see by then.
package notice

import (
	"context"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/store"
)

// Kind is what a notice tells, as a person chooses by.
type Kind string

// Importance is how much a notice asks of who gets it.
type Importance string

const (
	Urgent Importance = "urgent" // nothing holds it back, and it is to be acknowledged
	Task   Importance = "task"   // something is to be done
	News   Importance = "news"   // something has become of what they care for
)

// ImportanceWords are the importances, the greatest first.
var ImportanceWords = domain.NewEnum("NoticeImportance",
	domain.W(Urgent, "紧急", "urgent"), domain.W(Task, "待办", "something to do"), domain.W(News, "知悉", "for information"))

// About is the thing that a notice leads to.
type About struct {
	Kind string `store:"kind"` // as todo.About has it: ticket, intake-case, visit, …
	ID   string `store:"id"`
}

// Notice is what one person is told of one entry of a journal.
type Notice struct {
	store.Meta  `store:",inline"`
	Recipient   string            `store:"recipient"`     // account
	For         string            `store:"for,omitempty"` // the absent person for whom the recipient stands in
	Kind        Kind              `store:"kind"`
	Importance  Importance        `store:"importance"`
	About       About             `store:"about"`
	Place       access.Place      `store:"place"`            // where the thing lay
	Fields      map[string]string `store:"fields,omitempty"` // ids and words, by the names that the template has
	Partition   string            `store:"partitionOf"`      // the entry
	Number      int64             `store:"number"`
	Arrived     int64             `store:"arrived"` // number of the arrivals with which it came
	At          time.Time         `store:"at"`
	Unread      bool              `store:"unread"`
	ReadAt      time.Time         `store:"readAt,omitempty"`
	Acked       time.Time         `store:"acknowledgedAt,omitempty"` // of an urgent one
	Escalations []Escalation      `store:"escalations,omitempty"`    // until somebody acknowledged it
	Expires     time.Time         `store:"expires"`
}

// Kept is how long a notice is in the inbox.
const Kept = 90 * 24 * time.Hour

var notices = store.Declare[Notice](store.Declaration{
	Name: "notices", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"recipient: recipient, unread, at", // the inbox, and what of it is unread
		"expires: expires",                 // the sweep; and all that were made, in order
	},
	Predicates: []string{"kind", "importance", "arrived"},
})

// Collections are what the package stores.
func Collections() []store.Declared {
	return []store.Declared{notices, bookmarks, starts, arrivals, heads, mornings}
}

// space is where the ids of notices follow from entry, kind and recipient.
const space ids.Space = "b5c4a0de-3b0e-4f0c-9a41-5f3f8a0e7d12"

// Told are the notices of one entry, and the entry: what goes out follows from them.
type Told struct {
	Entry   *store.Entry
	Kind    Kind
	About   About
	Place   access.Place
	Notices []*Notice // none where it is for groups only
}

// Hook is called within the update that writes the notices, once for each
// batch, and may write unjournaled documents of its own with them; what it is
// given may have been given to an update that failed.
type Hook func(ctx context.Context, tx *store.Tx, now time.Time, told []Told) error
