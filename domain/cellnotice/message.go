// Package cellnotice is what a manager tells all residents of a cell: a short
// text that each of them finds in their inbox, once. It is told in the
// background, some households at a time, and goes on after a crash where it was
// left. It knows who lives in a cell and has an account; how a notice reaches
// phones is the ordinary way of all notices.
package cellnotice

import (
	"time"

	"wangge/domain/access"
	"wangge/domain/notice"
	"wangge/store"
)

// Message is what is told. Notices hold its id only, and show its text.
type Message struct {
	store.Meta `store:",inline"`
	Place      access.Place `store:"place"` // of the cell
	Title      string       `store:"title"`
	Text       string       `store:"text"`
	By         string       `store:"by"` // account
	At         time.Time    `store:"at"`
	Until      time.Time    `store:"until,omitempty"`       // shown no more from then on; zero: as long as notices are kept
	Told       int          `store:"told"`                  // residents, once all are
	ToldAt     time.Time    `store:"toldAt,omitempty"`      // all were told; zero while they are being told
	Withdrawn  time.Time    `store:"withdrawnAt,omitempty"` // shown no more
	Sent       string       `store:"sent"`                  // blind index of what it was made of
}

// About is the kind of the thing that its notices lead to.
const About = "cell-notice"

// States of a message, as journals have them.
const (
	telling   = "telling"
	told      = "told"
	withdrawn = "withdrawn"
)

// messages lie in their cell's street.
var messages = store.Declare[Message](store.Declaration{
	Name: "cellNotices", Schema: 1, Indexes: []string{"cell: place.cell, at"},
})

// run says how far the residents of a message's cell are told. Its id is the message's.
type run struct {
	store.Meta `store:",inline"`
	Number     int64     `store:"number,omitempty"` // of the journal's entry about its sending; 0 before anybody is told
	Households string    `store:"households"`       // the cursor of those to be told next; "" at the beginning
	Told       int       `store:"told"`
	DueAt      time.Time `store:"dueAt,omitempty"` // zero: it is over
}

var runs = store.Declare[run](store.Declaration{
	Name: "cellNoticeRuns", Schema: 1, Unjournaled: true, Indexes: []string{"due: dueAt"},
})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{messages, runs} }

// Shown reports whether residents see it now.
func (m *Message) Shown(now time.Time) bool {
	return m.Withdrawn.IsZero() && (m.Until.IsZero() || now.Before(m.Until))
}

// Reads is what a resident reads.
func (m *Message) Reads() string { return m.Title + "\n" + m.Text }

func (m *Message) facts() store.Facts {
	state := telling
	switch {
	case !m.Withdrawn.IsZero():
		state = withdrawn
	case !m.ToldAt.IsZero():
		state = told
	}
	return store.Facts{State: state, Cell: m.Place.Cell}
}

func (m *Message) entry(actor access.Actor, now time.Time, action string, before store.Facts) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "cell_notice." + action, Before: before, After: m.facts(), Dims: map[string]string{"community": m.Place.Community}}
}

// first is the notice of it that all others are like.
func (m *Message) first(number int64) *notice.Notice {
	return &notice.Notice{Kind: notice.CellNotice, Importance: notice.News, About: notice.About{Kind: About, ID: m.ID}, Place: m.Place, Partition: m.Partition, Number: number, At: m.At}
}
