package webhooks

import (
	"time"

	"wangge/domain/civil"
)

// messageOut is a message as it is sent.
type messageOut struct {
	Type      string    `json:"type"`
	Timestamp timestamp `json:"timestamp"`
	Data      dataOut   `json:"data"`
}

// dataOut has of a test ping nothing but that it is one.
type dataOut struct {
	Test     bool       `json:"test,omitempty"`
	Sequence int64      `json:"sequence,omitempty"`
	Step     *stepOut   `json:"step,omitempty"`
	Case     *caseOut   `json:"case,omitempty"`
	Ticket   *ticketOut `json:"ticket,omitempty"`
	Link     *linkOut   `json:"link,omitempty"`
}

type stepOut struct {
	Action string    `json:"action"`
	From   *string   `json:"from"`
	To     *string   `json:"to"`
	At     timestamp `json:"at"`
	OfLead bool      `json:"ofLead"` // of the ticket that leads the one that is linked
}

// caseOut has of a case that is not shown whole how it stands and no more, and
// of one that is not shown its id alone.
type caseOut struct {
	ID        string        `json:"id"`
	Shown     string        `json:"shown"`
	State     *string       `json:"state"`
	Since     *timestamp    `json:"since"`
	UpdatedAt *timestamp    `json:"updatedAt"`
	Whole     *caseWholeOut `json:"whole"`
}

type caseWholeOut struct {
	Version     int64         `json:"version"`
	System      *string       `json:"system"`
	Number      *string       `json:"number"`
	LocalNumber *string       `json:"localNumber"`
	Item        itemOut       `json:"item"`
	Street      string        `json:"street"`
	Community   *string       `json:"community"`
	Station     *string       `json:"station"`
	OpenedAt    timestamp     `json:"openedAt"`
	AcceptedAt  *timestamp    `json:"acceptedAt"`
	ClosedAt    *timestamp    `json:"closedAt"`
	DueAt       *timestamp    `json:"dueAt"`
	Provisional bool          `json:"provisional"`
	Missing     []string      `json:"missing"`
	Materials   []materialOut `json:"materials"`
	Trips       int           `json:"trips"`
	InVain      int           `json:"inVain"`
	HomeCall    *homeCallOut  `json:"homeCall"`
	Rating      *ratingOut    `json:"rating"`
	Tickets     []ticketRef   `json:"tickets"`
	Cut         []string      `json:"cut"`
}

type itemOut struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Category string `json:"category"`
}

type materialOut struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Photos []string  `json:"photos"`
	At     timestamp `json:"at"`
}

type homeCallOut struct {
	On      *civil.Date `json:"on"`
	Request *string     `json:"request"`
	State   *string     `json:"state"`
	From    *timestamp  `json:"from"`
	To      *timestamp  `json:"to"`
	Result  *string     `json:"result"`
}

type ratingOut struct {
	Grade         int     `json:"grade"`
	Rectification *string `json:"rectification"`
	After         *int    `json:"after"`
}

type ticketRef struct {
	ID         string   `json:"id"`
	Number     string   `json:"number"`
	State      string   `json:"state"`
	MergedLead *leadOut `json:"mergedLead"`
}

type leadOut struct {
	ID       *string    `json:"id"`
	State    string     `json:"state"`
	Outcome  *string    `json:"outcome"`
	ClosedAt *timestamp `json:"closedAt"`
}

// ticketOut has of a ticket that is not shown its id alone.
type ticketOut struct {
	ID    string          `json:"id"`
	Shown string          `json:"shown"`
	Whole *ticketWholeOut `json:"whole"`
}

type ticketWholeOut struct {
	Version      int64      `json:"version"`
	Number       string     `json:"number"`
	State        string     `json:"state"`
	Kind         *string    `json:"kind"`
	Category     *string    `json:"category"`
	Condition    *string    `json:"condition"`
	Urgency      *string    `json:"urgency"`
	Outcome      *string    `json:"outcome"`
	Street       string     `json:"street"`
	Community    *string    `json:"community"`
	Cell         *string    `json:"cell"`
	Organisation *string    `json:"organisation"`
	Reopened     int        `json:"reopened"`
	MergedInto   *string    `json:"mergedInto"`
	MergedLead   *leadOut   `json:"mergedLead"`
	Rating       *ratingOut `json:"rating"`
	CreatedAt    timestamp  `json:"createdAt"`
	DueAt        *timestamp `json:"dueAt"`
	ClosedAt     *timestamp `json:"closedAt"`
	UpdatedAt    timestamp  `json:"updatedAt"`
}

type linkOut struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Thing string `json:"thing"`
	Other string `json:"other"`
}

// timestamp is an instant as answers have it too.
type timestamp time.Time

func (t timestamp) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

func optional[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

func instant(at time.Time) *timestamp { return (*timestamp)(optional(at)) }
