// Package link says which tickets, intake cases, visits and stops have to do
// with one another. A link is one document of which both ends are indexed, so
// that the two sides cannot disagree; what an end is by now is read when it is
// shown, as far as its reader may see it. It knows tickets, cases and visits,
// which know nothing of links, and nothing of HTTP.
package link

import (
	"slices"
	"strings"
	"time"

	"wangge/domain/ids"
	"wangge/store"
)

// Kind is what two things have to do with one another.
type Kind string

const (
	OriginatedFrom Kind = "originated_from" // 来源于: the one was made of the other
	FollowUp       Kind = "follow_up"       // 跟进: the one sees to what the other left
	SameMatter     Kind = "same_matter"     // 同一事项
)

// Thing is what a link may have at an end.
type Thing string

const (
	Ticket Thing = "ticket"
	Case   Thing = "intake-case"
	Visit  Thing = "visit"
	Stop   Thing = "stop" // at which a need was heard; it is shown on each of its visits
)

// End is one of the two.
type End struct {
	Thing Thing  `store:"thing"`
	ID    string `store:"id"`
}

func (e End) key() string { return string(e.Thing) + "/" + e.ID }

// Link is one kind of tie between two things. It lies where From lay when it
// was made first, and stays there whatever moves.
type Link struct {
	store.Meta `store:",inline"`
	Kind       Kind      `store:"kind"`
	From       End       `store:"from"` // what came later: it originated from To, or follows it up
	To         End       `store:"to"`
	Ends       []string  `store:"ends"` // both
	At         time.Time `store:"at"`   // when it was made first
	Spells     []Spell   `store:"spells"`
}

// Spell is a time for which a link holds, or held.
type Spell struct {
	Made    Said  `store:"made"`
	Removed *Said `store:"removed,omitempty"` // nil: it holds
}

// Said is who says so, when and why.
type Said struct {
	By     string    `store:"by"` // account, or "system"
	At     time.Time `store:"at"`
	Reason string    `store:"reason,omitempty"`
}

const (
	most          = 100 // links that a thing has, those that were removed too
	spellsMost    = 20  // of one link
	reasonLongest = 500 // runes
)

// Holds reports whether the link was not removed.
func (l *Link) Holds() bool { return l.last().Removed == nil }

// HeldAt reports whether the link held at a time.
func (l *Link) HeldAt(at time.Time) bool {
	return slices.ContainsFunc(l.Spells, func(s Spell) bool {
		return !at.Before(s.Made.At) && (s.Removed == nil || at.Before(s.Removed.At))
	})
}

// Made is when the link was made, the last time.
func (l *Link) Made() time.Time { return l.last().Made.At }

func (l *Link) last() *Spell { return &l.Spells[len(l.Spells)-1] }

// Other is the end that is not this one.
func (l *Link) Other(this End) End {
	if l.From == this {
		return l.To
	}
	return l.From
}

// space is where the ids of links follow from their kind and ends: between two
// things there is one of a kind, whichever way it goes.
const space ids.Space = "0f6cf2a4-93c1-5d0e-8b7d-3a51e0c6d924"

func idOf(kind Kind, a, b End) string {
	keys := []string{a.key(), b.key()}
	slices.Sort(keys)
	return space.Of(string(kind), keys[0], keys[1])
}

// NewLink is a link to be made.
type NewLink struct {
	Kind     Kind
	From, To End // of SameMatter in whichever order
	Reason   string
}

// link is the one that is asked for, made now.
func (n NewLink) link(by Said) *Link {
	if n.Kind == SameMatter && n.From.key() > n.To.key() {
		n.From, n.To = n.To, n.From
	}
	return &Link{Meta: store.Meta{ID: idOf(n.Kind, n.From, n.To)}, Kind: n.Kind, From: n.From, To: n.To, Ends: []string{n.From.key(), n.To.key()}, At: by.At, Spells: []Spell{{Made: by}}}
}

// Links are journaled in the street of what came later.
var collection = store.Declare[Link](store.Declaration{
	Name: "links", Schema: 1,
	Indexes: []string{"ends: ends, at"}, // those of a thing
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{collection, bookmarks} }

// About reports whether an entry of the journal is about a link.
func About(e *store.Entry) bool { return strings.HasPrefix(e.Action, "link.") }
