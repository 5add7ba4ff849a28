// Package intake is the matter taken at a counter 受理件: what a case is, the
// table of its transitions, how outside platforms keep theirs up to date here,
// and what people do with it. It knows areas, stations and service items, and
// nothing of tickets, visits, links or HTTP.
package intake

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/store"
)

// State of a case.
type State string

const (
	Received      State = "received"       // 已收件
	Accepted      State = "accepted"       // 已受理
	NotAccepted   State = "not_accepted"   // 不予受理
	InReview      State = "in_review"      // 审核中
	NeedsMaterial State = "needs_material" // 待补正: the promise stands still
	Done          State = "done"           // 已办结
	Refused       State = "refused"        // 不予办理
	Withdrawn     State = "withdrawn"      // 已撤回
	Collected     State = "collected"      // 已领取
	Other         State = "other"          // a platform's word that nobody has mapped yet
)

// States lists every state in the order of a case's life.
var States = domain.CodesOf[State](StateWords)

// running are the states in which a promise can be missed.
var running = []State{Accepted, InReview}

// open are those in which the matter is not over.
var open = []State{Received, Accepted, InReview, NeedsMaterial, Other}

// Open reports whether the matter is not over.
func (s State) Open() bool { return slices.Contains(open, s) }

// Local is the system of cases opened by hand; their numbers are ours.
const Local = "local"

// Key is what a system calls a case.
type Key struct{ System, Number string }

// space is where the ids of platforms' cases follow from their keys.
const space ids.Space = "7d0d2c59-6f2f-4b0a-9b0e-2f6b4f0a5c31"

// ID is the id of the case that a platform first told of under the key.
func (k Key) ID() string { return space.Of("case", k.System, k.Number) }

// Case is a matter taken at a counter.
type Case struct {
	store.Meta `store:",inline"`
	Local      string `store:"local,omitempty"`  // our number, of one opened by hand
	System     string `store:"system,omitempty"` // the platform that decides it; "" while it is ours alone
	Number     string `store:"number,omitempty"` // the platform's number
	Is         string `store:"is,omitempty"`     // id of the case that a platform has taken over under this key; then the rest is empty

	Place     access.Place    `store:"place"`
	Position  *place.Position `store:"position,omitempty"` // nil: no more is known than the place
	Address   string          `store:"address,omitempty"`
	Station   string          `store:"station,omitempty"` // id
	Item      Item            `store:"item"`
	Household string          `store:"household,omitempty"` // id
	Applicant Applicant       `store:"applicant"`

	State       State      `store:"state"`
	Since       time.Time  `store:"since,omitempty"`       // it came into its state; zero where it was opened in it
	SourceState string     `store:"sourceState,omitempty"` // the platform's own word
	Reason      string     `store:"reason,omitempty"`      // why it is not accepted, refused or withdrawn
	Missing     []string   `store:"missing,omitempty"`     // materials and conditions still wanting, told all at once 一次性告知
	Pauses      []Pause    `store:"pauses,omitempty"`      // while materials were wanting
	Trips       []Trip     `store:"trips,omitempty"`       // the resident made
	Materials   []Material `store:"materials,omitempty"`
	HomeCall    *HomeCall  `store:"homeCall,omitempty"` // wanted 上门代办

	Worker   string   `store:"worker,omitempty"`   // account ids
	StandIn  string   `store:"standIn,omitempty"`  // 顶岗
	OpenedBy string   `store:"openedBy,omitempty"` // by hand, or the machine account that told of it first
	ToldBy   string   `store:"toldBy,omitempty"`   // the machine account that told of it last
	People   []string `store:"people,omitempty"`   // of the first three, who work on it

	OpenedAt    time.Time  `store:"openedAt"`
	AcceptedAt  time.Time  `store:"acceptedAt,omitempty"`
	ClosedAt    time.Time  `store:"closedAt,omitempty"`
	Decided     Decided    `store:"decided,omitempty"`     // how its decision stands to the promise; "" of what is not over, or was never decided
	Came        int        `store:"came,omitempty"`        // how many Trips there are
	Says        civil.Date `store:"says,omitempty"`        // the promised day, as the platform says
	DueAt       time.Time  `store:"dueAt,omitempty"`       // end of the promised day; see reckon
	Provisional bool       `store:"provisional,omitempty"` // the holidays of a year up to there are not known yet

	SourceVersion *int64    `store:"sourceVersion,omitempty"` // the platform's; nil: it orders by ChangedAt
	ChangedAt     time.Time `store:"changedAt,omitempty"`     // of the platform's last word, as it says
	Sent          string    `store:"sent,omitempty"`          // blind index of what the platform said last
	Draft         string    `store:"draft,omitempty"`         // blind index of the draft it was made of by hand
	Applied       []string  `store:"applied,omitempty"`       // ids of the last actions, so that none is applied twice
	Steps         []Step    `store:"steps,omitempty"`
	UpdatedAt     time.Time `store:"updatedAt"`
}

// Item is the service item of a case, as it was when the case was opened.
type Item struct {
	Code        string `store:"code"`
	Version     int64  `store:"version,omitempty"`
	Name        string `store:"name"`
	Category    string `store:"category"`
	WorkingDays int    `store:"workingDays,omitempty"` // promised; 0: none
	Sensitive   bool   `store:"sensitive"`
}

// Pause is a time in which materials were wanting.
type Pause struct {
	From  time.Time `store:"from"`
	Until time.Time `store:"until,omitempty"` // zero: they still are
}

// Trip is one that the resident made to a counter.
type Trip struct {
	ID     string     `store:"id,omitempty"`
	On     civil.Date `store:"on"`
	InVain bool       `store:"inVain"` // 跑空
	Reason string     `store:"reason,omitempty"`
	By     string     `store:"by,omitempty"` // account; "" as the platform says
}

// Material is one that the resident brought.
type Material struct {
	ID     string    `store:"id"`
	Name   string    `store:"name"`
	Photos []string  `store:"photos,omitempty"`
	By     string    `store:"by"`
	At     time.Time `store:"at"`

	Resident bool `store:"resident,omitempty"` // whose case it is attached it, from where they are
}

// HomeCall is wanted by who cannot come to the counter.
type HomeCall struct {
	On   civil.Date `store:"on,omitempty"` // "": any day
	Note string     `store:"note,omitempty"`
	By   string     `store:"by"`
	At   time.Time  `store:"at"`

	Call *Call `store:"call,omitempty"` // the last one that was booked; then On is its day
}

// Call is a home call that was booked, and what became of it.
type Call struct {
	Request string    `store:"request"` // id
	State   string    `store:"state"`   // of the request
	From    time.Time `store:"from"`
	To      time.Time `store:"to"`
	Result  string    `store:"result,omitempty"` // of the visit
}

// Step is the free text of an action, found by the version of the case it made.
type Step struct {
	Version int64    `store:"version"`
	Reason  string   `store:"reason,omitempty"`
	Note    string   `store:"note,omitempty"`
	Missing []string `store:"missing,omitempty"`
}

// Key is what the case is called by who decides it.
func (c *Case) Key() Key {
	if c.System != "" {
		return Key{c.System, c.Number}
	}
	return Key{Local, c.Local}
}

// Keys are all it is called by.
func (c *Case) Keys() (out []Key) {
	if c.Local != "" {
		out = append(out, Key{Local, c.Local})
	}
	if c.System != "" {
		out = append(out, Key{c.System, c.Number})
	}
	return out
}

// Overdue reports whether its promise is missed at this time.
func (c *Case) Overdue(now time.Time) bool {
	return !c.DueAt.IsZero() && !now.Before(c.DueAt) && slices.Contains(running, c.State)
}

// Facts is what the rules of access need of it.
func (c *Case) Facts() access.Case {
	return access.Case{Place: c.Place, Station: c.Station, Worker: c.Worker, StandIn: c.StandIn, OpenedBy: c.OpenedBy, ToldBy: c.ToldBy,
		Applicant: c.Applicant.Account, Phone: c.Applicant.Phone.Index, OpenedAt: c.OpenedAt, Sensitive: c.Item.Sensitive}
}

// facts is what the journal keeps of it.
func (c *Case) facts() store.Facts {
	return store.Facts{State: string(c.State), Cell: c.Place.Cell, Assignee: c.Worker}
}

// dims are the dimensions KPIs count it by.
func (c *Case) dims() map[string]string {
	return map[string]string{"item": c.Item.Code, "community": c.Place.Community, "station": c.Station, "system": c.Key().System}
}

// entry is the journal's line for what was done with the case as it is now.
func (c *Case) entry(actor access.Actor, now time.Time, what string, before store.Facts) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "case." + what, Before: before, After: c.facts(),
		Dims: actor.NameBoth(c.dims(), func(a access.Actor) bool { return access.CaseView(a, c.Facts()) != access.CaseHidden })}
}

// Cases are journaled in their street's partition.
var collection = store.Declare[Case](store.Declaration{
	Name: "intakeCases", Schema: 2, Upgrades: []store.Upgrade{withDecided},
	Indexes: []string{
		"local!: local",                          // our number is given once, and looked up
		"state: place.street, state, openedAt",   // lists; what nobody has mapped
		"due: place.street, state, dueAt",        // what is overdue
		"updated: place.street, updatedAt",       // what was changed, for apps that keep a list at hand
		"station: station, openedAt",             // a counter's list
		"people: people, openedAt",               // what is with somebody
		"phone: applicant.phone.index, openedAt", // a resident's own
		"account: applicant.account, openedAt",   // what a resident asked for by their account
		"closed: place.street, closedAt",         // what was over in a month
		"provisional: provisional",               // what is reckoned anew when a year's holidays are known
	},
	Texts:      []string{"text: place.city, place.county, place.street, place.community; openedAt"},
	Predicates: []string{"place.community", "station", "item.code", "item.category", "item.sensitive", "system", "sourceState", "decided", "came"},
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared {
	return []store.Declared{store.Worded(collection, (*Case).terms), systems, bookmarks}
}
