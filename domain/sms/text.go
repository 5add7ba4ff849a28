// Package sms keeps the text messages that go to phones: which are to be sent,
// how many may be in a day, and what became of each. A message is in the store
// before anybody is told that it will be sent, so that no request waits for a
// service and none is lost with a node. Sending one costs money, and a service
// that is asked twice sends twice: whoever sends holds the message first, and
// where the end of a try is not on record, the service is asked for its receipt
// before there is another. The package knows no service's wire.
package sms

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"wangge/domain/civil"
	"wangge/domain/delivery"
	"wangge/domain/personal"
	"wangge/store"
)

// Template is what a message says. Its words are registered with the service.
type Template string

const (
	Code   Template = "code"   // a one-time code
	Urgent Template = "urgent" // something urgent waits; it names no person, address or matter
)

// Templates are all of them.
var Templates = []Template{Code, Urgent}

// State is how far a message has come.
type State string

const (
	Waiting   State = "waiting"   // for its next try
	Sending   State = "sending"   // a try began, and its end is not on record
	Accepted  State = "accepted"  // the service has it
	Delivered State = "delivered" // the phone has it
	Failed    State = "failed"    // the service or the carrier refused it
	Unknown   State = "unknown"   // the service had it, and no receipt came
	Dropped   State = "dropped"   // it was not sent: too late, or too many that day
)

// Reasons of messages that were dropped.
const (
	tooLate   = "too_late"
	overSpent = "budget"
)

// Text is one message to one phone. Its id is what the service knows it by.
type Text struct {
	store.Meta `store:",inline"`
	Template   Template        `store:"template"`
	Phone      personal.Sealed `store:"phone,omitempty"` // until it is over
	Code       personal.Sealed `store:"code,omitempty"`  // until the service has it
	State      State           `store:"state"`
	Reason     string          `store:"reason,omitempty"`  // a word of the service, or of ours
	Receipt    string          `store:"receipt,omitempty"` // the service's id of it
	Tries      int             `store:"tries"`
	Asked      int             `store:"asked"` // for the receipt, since the last try or since the service has it
	At         time.Time       `store:"at"`
	Until      time.Time       `store:"until"`           // it is not sent after
	Tried      time.Time       `store:"tried,omitempty"` // last
	DueAt      time.Time       `store:"dueAt,omitempty"`
	Expires    time.Time       `store:"expires"`
}

const (
	kept       = 7 * 24 * time.Hour // what became of it
	codeGood   = 3 * time.Minute    // a code that comes later is of little use
	urgentGood = 2 * time.Hour
	heldFor    = time.Minute // by who sends it or asks for it; then it is taken over
	triesMost  = 4
)

// receiptsAfter are the times between the questions for a receipt; none came by the last: unknown.
var receiptsAfter = []time.Duration{20 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 3 * time.Hour, 24 * time.Hour}

const (
	askedFor   = 48 * time.Hour  // for a receipt, while the service does not say what it knows
	againAfter = 5 * time.Minute // the service is asked, when it did not say
)

// missesMost: a service that was asked so often, and knows nothing of a message, does not have it.
const missesMost = 2

var texts = store.Declare[Text](store.Declaration{
	Name: "texts", Schema: 1, Unjournaled: true, Indexes: []string{"due: dueAt", "expires: expires"},
})

// Day counts what became of the messages of a day, without a number. Its id is the day in China.
type Day struct {
	store.Meta `store:",inline"`
	Counts     map[string]int `store:"counts,omitempty"`  // by state
	Reasons    map[string]int `store:"reasons,omitempty"` // of those that failed or were dropped
	Spent      time.Time      `store:"spent,omitempty"`   // the budget kept one back, last
	Broken     time.Time      `store:"broken,omitempty"`  // the service refused us, last; zero once it took one
	Expires    time.Time      `store:"expires"`
}

// reasonsMost bounds a day's words: a service may make up any number of them.
const reasonsMost = 50

var days = store.Declare[Day](store.Declaration{
	Name: "textDays", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"},
})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{texts, days} }

// over: nothing more is done about the message, and nothing of its phone is kept.
func (t *Text) over(state State, reason string) {
	t.State, t.Reason, t.DueAt = state, reason, time.Time{}
	t.Phone, t.Code = personal.Sealed{}, personal.Sealed{}
}

// hold begins what is due of the message: a try, where one comes in time, or a
// question for its receipt (ask).
func (t *Text) hold(now time.Time) (ask bool) {
	if t.State != Waiting {
		t.DueAt = now.Add(heldFor)
		return true
	}
	if now.After(t.Until) {
		t.over(Dropped, tooLate)
		return false
	}
	t.State, t.Tried, t.Asked, t.DueAt = Sending, now, 0, now.Add(heldFor)
	t.Tries++
	return false
}

// sent takes what came of a try. Unsure leaves it as it is: the receipt is asked for.
func (t *Text) sent(o delivery.Outcome, now time.Time) {
	switch o.State {
	case delivery.Taken:
		t.accept(o.Key, now)
	case delivery.Later, delivery.Broken:
		t.Reason = o.Code
		t.again(max(o.After, time.Second<<(2*t.Tries)), now)
	case delivery.Never, delivery.Gone, delivery.Spent:
		t.over(Failed, o.Code)
	case Unsure:
		t.Reason, t.DueAt = o.Code, now.Add(receiptsAfter[0])
	}
}

func (t *Text) accept(receipt string, now time.Time) {
	t.State, t.Reason, t.Receipt, t.Code = Accepted, "", receipt, personal.Sealed{}
	t.Asked, t.DueAt = 0, now.Add(receiptsAfter[0])
}

// again puts the message back for another try, where one can still come in time.
func (t *Text) again(after time.Duration, now time.Time) {
	if due := now.Add(after); t.Tries < triesMost && due.Before(t.Until) {
		t.State, t.DueAt = Waiting, due
		return
	}
	if t.Reason == "" {
		t.Reason = tooLate
	}
	t.over(Failed, t.Reason)
}

// heard takes what the service knows of the message; err: it did not say.
func (t *Text) heard(r Receipt, err error, now time.Time) {
	if err != nil {
		if t.DueAt = now.Add(againAfter); t.DueAt.Sub(t.Tried) > askedFor {
			t.over(Unknown, "")
		}
		return
	}
	t.Asked++
	switch {
	case r.State == Delivered:
		t.over(Delivered, "")
	case r.State == Failed:
		t.over(Failed, r.Code)
	case r.State == Accepted && t.State == Sending:
		t.accept(r.Key, now)
	case t.State == Sending && t.Asked >= missesMost:
		t.again(0, now)
	case t.Asked >= len(receiptsAfter):
		t.over(Unknown, "")
	default:
		t.DueAt = now.Add(receiptsAfter[t.Asked])
	}
}

// Unsure is of a try whose answer did not come, or could not be read: the
// message may have been sent.
const Unsure delivery.State = "unsure"

// Message is a message as a service gets it.
type Message struct {
	ID       string
	Template Template
	Phone    string
	Code     string
	Receipt  string    // of one that the service has
	Tried    time.Time // last
}

// Receipt is what a service knows of a message: Accepted, Delivered or Failed; "" for nothing.
type Receipt struct {
	State State
	Code  string // why it failed: a word, never a text with a number in it
	Key   string // the service's id of it
}

// Service is one that sends. Neither method blocks beyond ctx, and what went
// wrong is told in words that name no number and no code.
type Service interface {
	Send(ctx context.Context, m Message) delivery.Outcome
	Find(ctx context.Context, m Message) (Receipt, error)
}

// note changes the day's counts with what they count. Updates of one day meet
// at its document. change reports whether it changed anything.
func note(ctx context.Context, tx *store.Tx, now time.Time, change func(*Day) bool) error {
	d, err := dayOf(ctx, tx, now)
	if err != nil || !change(d) {
		return err
	}
	if d.Version == 0 {
		return days.Insert(tx, d)
	}
	return days.Put(tx, d)
}

// dayOf is the day of now.
func dayOf(ctx context.Context, r store.Reader, now time.Time) (*Day, error) {
	id := string(civil.DateOf(now))
	d, err := days.Get(ctx, r, id)
	if errors.Is(err, store.ErrNotFound) {
		return &Day{Meta: store.Meta{ID: id}, Expires: now.Add(kept + 24*time.Hour)}, nil
	}
	return d, err
}

// count counts a message in the state that it has come to.
func (d *Day) count(t *Text) bool {
	if t.State == Waiting || t.State == Sending {
		return false
	}
	add(&d.Counts, string(t.State))
	if t.State == Failed || t.State == Dropped {
		reason := t.Reason
		if d.Reasons[reason] == 0 && len(d.Reasons) >= reasonsMost {
			reason = "other"
		}
		add(&d.Reasons, reason)
	}
	return true
}

func add(to *map[string]int, key string) {
	if *to == nil {
		*to = map[string]int{}
	}
	(*to)[key]++
}

// Reason is how often a word was the reason.
type Reason struct {
	Code  string
	Count int
}

// Why are the reasons of a day, the most frequent first.
func (d *Day) Why() []Reason {
	var out []Reason
	for _, code := range slices.Sorted(maps.Keys(d.Reasons)) {
		out = append(out, Reason{code, d.Reasons[code]})
	}
	slices.SortStableFunc(out, func(a, b Reason) int { return b.Count - a.Count })
	return out
}
