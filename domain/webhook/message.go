package webhook

import (
	"time"

	"wangge/domain/civil"
)

// Message is what a target is told: a step, and how what it is about stands by
// now, as far as the target's account may hear of it. It holds no name, phone
// or address of anybody, nothing that residents wrote, and no member of staff.
type Message struct {
	ID   string // of the delivery
	Type string // name of the event
	At   time.Time
	// Of a test ping nothing below is set.
	Sequence int64 // in its stream, from 1 on, without a gap
	Step     Step
	Case     *CaseView
	Ticket   *TicketView // of an event of a ticket, and of the ticket of case.ticket
	Link     *LinkView   // of what was linked or unlinked
}

// CaseView is what is told of a case.
type CaseView struct {
	ID    string
	Shown string // "whole", "limited": only State, Since and UpdatedAt, or "none": it is not for the account, or not any more
	State string
	Since time.Time // zero: since it was opened

	System, Number string // the platform's own key; "" for another's
	Local          string // our number, of one opened by hand
	Item           ItemView
	Street         string // code
	Community      string // code
	Station        string // id
	OpenedAt       time.Time
	AcceptedAt     time.Time
	ClosedAt       time.Time
	DueAt          time.Time // end of the promised day; zero: none
	Provisional    bool
	Missing        []string
	Materials      []MaterialView
	Trips          int
	InVain         int
	HomeCall       *HomeCallView
	Rating         *RatingView
	Tickets        []TicketRef // linked to it
	Version        int64
	UpdatedAt      time.Time
}

// ItemView is the service item of a case.
type ItemView struct{ Code, Name, Category string }

// MaterialView is a material; its photos are fetched by the account.
type MaterialView struct {
	ID, Name string
	Photos   []string
	At       time.Time
}

// HomeCallView is a home call that is wanted, and how the last one that was booked stands.
type HomeCallView struct {
	On       civil.Date
	Request  string // id; "" while none was booked, then nothing below is set
	State    string
	From, To time.Time
	Result   string // of the visit
}

// RatingView is how something was rated, and what became of a bad rating.
type RatingView struct {
	Grade         int
	Rectification string // state; "" for none
	After         int    // grade at the last callback that reached them; 0: none did
}

// TicketRef is a ticket in short.
type TicketRef struct {
	ID, Number, State string
	Lead              *LeadView // while it is merged
}

// LeadView is how the ticket stands that leads one that is merged: what became
// of the matter of both.
type LeadView struct {
	ID       string // "" where the account may not hear of it
	State    string
	Outcome  string
	ClosedAt time.Time
}

// TicketView is what is told of a ticket.
type TicketView struct {
	ID           string
	Shown        string // "whole" or "none"
	Number       string
	State        string
	Kind         string
	Category     string
	Condition    string
	Urgency      string
	Outcome      string
	Street       string // codes
	Community    string
	Cell         string
	Organisation string // id, where it is with one
	Reopened     int
	MergedInto   string // id of the ticket that it joined; "" where the account may not hear of that
	Lead         *LeadView
	Rating       *RatingView
	CreatedAt    time.Time
	DueAt        time.Time
	ClosedAt     time.Time
	Version      int64
	UpdatedAt    time.Time
}

// LinkView is a link between the case and something else.
type LinkView struct {
	ID, Kind     string
	Thing, Other string // what is at the other end, and its id
}
