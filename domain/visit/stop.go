package visit

import (
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/personal"
	"wangge/geo"
	"wangge/store"
)

// StopState of a stop.
type StopState string

const (
	AtTheDoor StopState = "open"
	Over      StopState = "completed"
	Abandoned StopState = "abandoned" // 放弃: the wrong door, a phone that broke
)

// Stop 一次敲门 is one check-in at a household. It completes every visit due
// there, and holds what was learned and the proof of having been there.
type Stop struct {
	store.Meta `store:",inline"`
	Household  string             `store:"household"`
	Place      access.Place       `store:"place"` // the household's at that time
	Building   string             `store:"building"`
	Address    *household.Address `store:"address,omitempty"` // the same; nil in stops from before it was kept
	Account    string             `store:"account"`           // who checked in
	Visits     []string           `store:"visits"`            // ids
	State      StopState          `store:"state"`
	Channel    Channel            `store:"channel"`
	Result     Result             `store:"result,omitempty"`
	At         time.Time          `store:"at"` // by our clock, also when sent later
	LeftAt     time.Time          `store:"leftAt,omitempty"`
	Position   *Position          `store:"position,omitempty"`
	Proof      Proof              `store:"proof"`
	Alert      Alert              `store:"alert"`
	AlertNote  string             `store:"alertNote,omitempty"` // how a lead saw to it
	Queue      []string           `store:"queue"`               // what waits for a lead here: InReview, InAlert

	Answers personal.Sealed `store:"answers"` // by form: see answersText
	Forms   []string        `store:"forms"`   // ids of the versions answered
	Photos  []Photo         `store:"photos"`
	Digests []string        `store:"digests"` // of the photos' content
	Note    string          `store:"note"`
	Needs   []Need          `store:"needs"`
	Sent    string          `store:"sent"` // blind index of the check-in as it was sent: tells it from another under the same id
	Done    string          `store:"done"` // the same of the completion
}

// Position is where a device was, in WGS-84.
type Position struct {
	geo.GridPoint `store:",inline"`
	AccuracyM     *float64  `store:"accuracyM,omitempty"`
	Datum         geo.Datum `store:"datum"` // it was reported in
}

// Photo of a stop.
type Photo struct {
	ID     string `store:"id"`
	Digest string `store:"digest"`
}

// Alert is raised where nobody answers twice in a row and silence is a worry.
type Alert string

const (
	NoAlert Alert = ""
	Raised  Alert = "raised"
	Cleared Alert = "cleared" // somebody was met since, or a lead has seen to it
)

// What a stop can wait for.
const (
	InReview = "review"
	InAlert  = "alert"
)

// Need is what a household asks for at a stop, to be opened on its behalf 代办.
type Need struct {
	ID       string `store:"id"`
	Kind     string `store:"kind,omitempty"` // what it is to become: "case"; "" a ticket
	Category string `store:"category"`       // of the ticket
	Item     string `store:"item,omitempty"` // service item of the case
	Title    string `store:"title"`
	Note     string `store:"note"`
	Opened   *Link  `store:"opened,omitempty"`
}

// Link is what a need became.
type Link struct {
	Kind string `store:"kind"` // "ticket" or "case"
	ID   string `store:"id"`
}

// stops are journaled in their street's partition.
var stops = store.Declare[Stop](store.Declaration{
	Name: "stops", Schema: 1,
	Indexes: []string{
		"household: household, at",       // the stops at a door
		"account: account, at",           // the check-ins of somebody before and after one
		"digests: digests, at",           // a photo that was used before
		"queue: place.street, queue, at", // what waits for a lead
	},
	Predicates: []string{"place.cell", "place.community", "place.county", "place.city"},
})

// Facts is what the rules of access need of it.
func (s *Stop) Facts() access.Visit { return access.Visit{Place: s.Place, By: s.Account} }

func (s *Stop) facts() store.Facts {
	return store.Facts{State: string(s.State), Cell: s.Place.Cell, Assignee: s.Account}
}

func (s *Stop) entry(actor access.Actor, now time.Time, action string, before store.Facts) store.Entry {
	e := entry(actor, now, "stop."+action, before, s.facts())
	e.Dims = map[string]string{"community": s.Place.Community, "channel": string(s.Channel), "result": string(s.Result),
		"proof": string(s.Proof.State), "alert": string(s.Alert), "household": s.Household}
	actor.NameBoth(e.Dims, func(a access.Actor) bool { return access.MaySeeVisit(a, access.Visit{Place: s.Place}) })
	return e
}

// Allowed lists what this actor may do with the stop now.
func (s *Stop) Allowed(a access.Actor) []string {
	out := []string{}
	lead, reviewer, there := a.HasVisitRelation(access.VisitLeadOf, s.Facts()), a.HasVisitRelation(access.VisitReviewer, s.Facts()), a.HasVisitRelation(access.VisitAtDoor, s.Facts())
	for _, step := range []struct {
		action string
		may    bool
	}{
		{"complete", s.State == AtTheDoor && there}, {"abandon", s.State == AtTheDoor && (there || lead)},
		{"review", s.State == Over && reviewer}, {"clear_alert", s.Alert == Raised && lead},
	} {
		if step.may {
			out = append(out, step.action)
		}
	}
	return out
}

// refuse is the ConflictError "wrong_state", with what this actor may do instead.
func (s *Stop) refuse(a access.Actor, why domain.Text) error {
	return &domain.ConflictError{Code: "wrong_state", Allowed: s.Allowed(a), Detail: why}
}

var overAlready = domain.T("走访已完成或已放弃", "the stop is over")

// settle brings the queue up to date.
func (s *Stop) settle() {
	s.Queue = []string{}
	if s.Proof.State == Flagged {
		s.Queue = append(s.Queue, InReview)
	}
	if s.Alert == Raised {
		s.Queue = append(s.Queue, InAlert)
	}
}

// covers reports whether the household was met, and that is not put in doubt.
func (s *Stop) covers() bool {
	return s.State == Over && s.Result == Met && s.Proof.State != Rejected
}
