package service

import (
	"time"

	"wangge/domain/civil"
	"wangge/store"
)

// Qualification is what somebody may take at a counter, from one day to another.
type Qualification struct {
	store.Meta `store:",inline"`
	Account    string     `store:"account"`
	Kind       string     `store:"kind"` // code
	Batch      string     `store:"batch,omitempty"`
	From       civil.Date `store:"from"`
	Until      civil.Date `store:"until,omitempty"`    // the last day; "": for good
	Evidence   []string   `store:"evidence,omitempty"` // photos
	By         string     `store:"by"`
	At         time.Time  `store:"at"`
	Revoked    *Revoked   `store:"revoked,omitempty"`

	Ends  civil.Date `store:"ends"`           // Until, or a day that never comes: what lists are ordered by
	Areas []string   `store:"areas"`          // ids of where the account has grants, and around; "" is everywhere
	Told  bool       `store:"told,omitempty"` // its holder was told that it runs out
	Due   time.Time  `store:"due,omitempty"`  // when its holder is to be told, then when it ends
}

// Revoked says that a qualification was taken away.
type Revoked struct {
	At     time.Time `store:"at"`
	By     string    `store:"by"`
	Reason string    `store:"reason"`
}

// Batch is a training that gives a qualification.
type Batch struct {
	store.Meta `store:",inline"`
	Title      string     `store:"title"`
	Organiser  string     `store:"organiser"`
	HeldOn     civil.Date `store:"heldOn"`
	Kind       string     `store:"kind"`
	Until      civil.Date `store:"until,omitempty"` // the last day of what it gives
	By         string     `store:"by"`
	At         time.Time  `store:"at"`
}

// never is a day that never comes.
const never civil.Date = "9999-12-31"

var (
	qualifications = store.Declare[Qualification](store.Declaration{
		Name: "qualifications", Schema: 1,
		Indexes:    []string{"account: account, ends", "areas: areas, ends", "batch: batch, ends", "due: due"},
		Predicates: []string{"kind"},
	})
	batches = store.Declare[Batch](store.Declaration{Name: "trainingBatches", Schema: 1, Indexes: []string{"held: heldOn"}})
)

// Held is a qualification of somebody, as far as it counts.
type Held struct {
	Code  string
	From  time.Time
	Until time.Time // the first moment when it is over; zero: never
}

// Holds reports whether it is in force at a moment.
func (h Held) Holds(at time.Time) bool {
	return !at.Before(h.From) && (h.Until.IsZero() || at.Before(h.Until))
}

// end is the first moment when it is over; zero: never.
func (q *Qualification) end() time.Time {
	if q.Until == "" {
		return time.Time{}
	}
	return q.Until.Add(1).Start()
}

// held is what the qualification comes to; false when it was revoked before it began.
func (q *Qualification) held() (Held, bool) {
	h := Held{Code: q.Kind, From: q.From.Start(), Until: q.end()}
	if q.Revoked != nil && (h.Until.IsZero() || q.Revoked.At.Before(h.Until)) {
		h.Until = q.Revoked.At
	}
	return h, h.Until.IsZero() || h.From.Before(h.Until)
}

// InForce reports whether it counts at a moment.
func (q *Qualification) InForce(at time.Time) bool {
	h, ok := q.held()
	return ok && h.Holds(at)
}
