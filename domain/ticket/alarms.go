package ticket

import (
	"context"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/store"
)

// alarm is something of a ticket that wakes by time.
type alarm struct {
	at func(*Ticket) time.Time // zero: not now
	// ring does what is due in an update of the ticket's street, and takes its
	// time away or sets the next; what it finds done is no error.
	ring func(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error
}

// alarms are all that wake a ticket. The first that is due rings; the others by the turns after it.
var alarms []alarm

func init() { // they lead to use cases, which lead to them
	alarms = []alarm{
		{func(t *Ticket) time.Time { return t.ResumeAt }, ringAction(Resume)},
		{lapsesAt, ringAction(Unanswered)}, // before the reminder, where both have passed
		{remindAt, ringRemind},
		{reviewAt, ringReview},
		{decideBy, ringAction(Resume)},
		{(*Ticket).tellsAt, tellRunOut},
		{(*Ticket).requestDue, ringRequest},
		{(*Ticket).attendDue, ringConvened},
		{(*Ticket).offerDue, ringOffer},
	}
}

// ringAction has the program take an action.
func ringAction(action Action) func(context.Context, *Tickets, *store.Tx, *Ticket, time.Time) error {
	return func(ctx context.Context, s *Tickets, tx *store.Tx, t *Ticket, now time.Time) error {
		return s.takeAction(ctx, tx, access.Program, now, t, 0, &ActionInput{Action: action}, nil)
	}
}

// nextAt is when the first of the alarms rings; zero for never.
func (t *Ticket) nextAt() (next time.Time) {
	for _, a := range alarms {
		if at := a.at(t); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// withNextAt brings a ticket from schema 3 to 4: what is suspended wakes by the one time for all; and it has its marks.
func withNextAt(t store.D) (store.D, error) {
	at := slices.IndexFunc(t, func(f store.E) bool { return f.Key == "resumeAt" })
	if at >= 0 && !slices.ContainsFunc(t, func(f store.E) bool { return f.Key == "nextAt" }) {
		t = append(t, store.E{Key: "nextAt", Value: t[at].Value})
	}
	return withMarks(t), nil
}

// withSentBy brings a ticket from schema 4 to 5: who sent it for somebody else is kept apart, since hardly any are.
func withSentBy(t store.D) (store.D, error) {
	by := map[string]any{}
	for _, f := range t {
		by[f.Key] = f.Value
	}
	if by["reportedBy"] != nil && by["reportedBy"] != by["reporter"] {
		t = append(store.Without(t, "sentBy"), store.E{Key: "sentBy", Value: by["reportedBy"]})
	}
	return t, nil
}
