// Package rating is what residents say of the work 好差评: of a case once it is
// decided, of a visit at which somebody was met, of a ticket that was closed.
// Each can be rated once, in five grades, by whom it is for; the two bad ones of
// cases and visits open a rectification 整改, which ends with a callback by
// somebody else.
//
// What can be rated has a document from when it can, with grade 0: what was not
// rated is counted and listed like what was, by the same indexes, and each
// figure is the count of one list. The documents are made from the journal
// (follow.go), since closing a case, a visit or a ticket knows nothing of
// ratings; one that is rated before is made by the rating.
package rating

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/personal"
	"wangge/store"
)

// Kind of what is rated.
type Kind string

const (
	Case   Kind = "case"
	Visit  Kind = "visit"
	Ticket Kind = "ticket"
)

// About is what is rated.
type About struct {
	Kind Kind   `store:"kind"`
	ID   string `store:"id"`
}

func (a About) key() string { return string(a.Kind) + "/" + a.ID }

const (
	// OpenDays is for how many days something can be rated after it was over.
	// Each later one of a ticket's closings opens it anew.
	OpenDays = 30

	WordsLongest = 500 // runes
	Best         = 5   // 非常满意
	good         = 3   // 基本满意: from here on a rating is good 好评, as the national rules count
)

// open is for how long something can be rated.
const open = OpenDays * 24 * time.Hour

// Rating 评价 is one of something that can be rated, or could be and was not.
// A ticket has one for each time that it was closed.
type Rating struct {
	store.Meta `store:",inline"`
	About      About           `store:"about"`
	Of         string          `store:"of"` // About in one word, to be found by
	Place      access.Place    `store:"place"`
	Station    string          `store:"station"`  // of a case; "" of a sensitive one
	Item       string          `store:"item"`     // service item of a case; "" of a sensitive one
	Category   string          `store:"category"` // of a ticket; these are counted by, also where there is none
	Month      string          `store:"month"`    // in which it was over
	Sensitive  bool            `store:"sensitive,omitempty"`
	Owners     []string        `store:"owners"` // who may rate it; see access.Rated
	OverAt     time.Time       `store:"overAt"`
	Grade      int             `store:"grade"` // 1 to Best; 0: not rated
	Words      personal.Sealed `store:"words,omitempty"`
	By         string          `store:"by,omitempty"` // account
	RatedAt    time.Time       `store:"ratedAt,omitempty"`
	Request    string          `store:"request,omitempty"` // id that the rating was sent under
	Sent       string          `store:"sent,omitempty"`    // blind index of what was sent

	// What became of a bad one, as its rectification says.
	Rectification State `store:"rectification,omitempty"`
	After         int   `store:"after,omitempty"` // grade at the last callback that reached them
}

// Latest is the last rating of something, whoever asks; nil where it was not rated.
func Latest(ctx context.Context, r store.Reader, about About) (*Rating, error) {
	found, _, err := ratings.Find(ctx, r, store.Query{Where: []store.Cond{store.Eq("of", about.key())}, Order: []string{"-overAt"}, Limit: 1})
	if err != nil || len(found) == 0 || found[0].Grade == 0 {
		return nil, err
	}
	return found[0], nil
}

// Until is when it cannot be rated any more.
func (r *Rating) Until() time.Time { return r.OverAt.Add(open) }

// OpenAt reports whether it can still be rated at a time.
func (r *Rating) OpenAt(now time.Time) bool { return r.Grade == 0 && now.Before(r.Until()) }

// bad reports whether a grade of something is to be put right. Who is
// dissatisfied with a ticket has it reopened.
func bad(kind Kind, grade int) bool { return kind != Ticket && grade > 0 && grade < good }

// space is where the ids of ratings follow from what they are of.
const space ids.Space = "5b0c6a4e-2d0f-5c53-9a57-7a2f0a4de713"

// idOf is the id of the rating of something that was over at a time; of a
// case and a visit there is one, whenever that was.
func idOf(about About, overAt time.Time) string {
	if about.Kind != Ticket {
		return space.Of(string(about.Kind), about.ID)
	}
	return space.Of(string(about.Kind), about.ID, strconv.FormatInt(overAt.UnixMilli(), 10))
}

// ratings are not journaled: that something was rated is on the journal of what it is.
var ratings = store.Declare[Rating](store.Declaration{
	Name: "ratings", Schema: 1, Unjournaled: true,
	Indexes: []string{
		"street: place.street, overAt", // figures and their lists
		"owners: owners, overAt",       // what somebody may rate, or has
		"of: of, overAt",               // those of one thing
	},
	Predicates: []string{"place.community", "about.kind", "station", "item", "category", "month", "grade", "rectification", "after"},
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared {
	return []store.Declared{ratings, rectifications, bookmarks}
}

// wordsAt is the place that words are sealed for.
func wordsAt(rating string) string { return "ratings/" + rating + "/words" }

// opened are words in clear; "" for none.
func opened(keys *personal.Keys, words personal.Sealed, at string) (string, error) {
	if words.IsZero() {
		return "", nil
	}
	return keys.Open(words, at)
}

// sealed are words as they are kept; none where there are none.
func sealed(keys *personal.Keys, words, at string) (personal.Sealed, error) {
	if words = strings.TrimSpace(words); words == "" {
		return personal.Sealed{}, nil
	}
	return keys.Seal(words, at)
}
