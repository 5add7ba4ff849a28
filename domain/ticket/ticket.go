// Package ticket is the resident issue from report to closing: what a ticket
// is, the table of its transitions, where it is routed, and what people do
// with it. It knows areas and accounts, and nothing of visits, intake cases or HTTP.
package ticket

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/personal"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/store"
)

// State of a ticket (the seven steps of digital city management).
type State string

const (
	Reported         State = "reported"          // 已上报
	AwaitingReporter State = "awaiting_reporter" // 待补充
	Accepted         State = "accepted"          // 已立案
	Divided          State = "split"             // 已拆单
	Rejected         State = "rejected"          // 不予立案
	Dispatched       State = "dispatched"        // 已派遣
	InProgress       State = "in_progress"       // 处置中
	Suspended        State = "suspended"         // 挂起
	Resolved         State = "resolved"          // 已反馈
	Closed           State = "closed"            // 已结案
	Withdrawn        State = "withdrawn"         // 已撤回
	Merged           State = "merged"            // 已并案
)

// States lists every state in the order of a ticket's life.
var States = domain.CodesOf[State](StateWords)

// Open reports whether work on the ticket itself is not over. That on a merged
// one is over when that on the ticket it joined is: see Leading.
func (s State) Open() bool { return s != Closed && s != Rejected && s != Withdrawn && s != Merged }

// Kind is what the resident wants of it.
type Kind string

// Kinds: 咨询, 求助, 投诉, 举报, 建议.
var Kinds = domain.CodesOf[Kind](KindWords)

// Source is where it came from.
type Source string

const (
	FromApp     Source = "app"     // a resident on their own
	FromWorker  Source = "worker"  // 网格员代报
	FromPatrol  Source = "patrol"  // 巡查发现
	FromCounter Source = "counter" // 窗口
)

// Sources that a person may name; systems have their own ways in.
var Sources = domain.CodesOf[Source](SourceWords)

// Urgency of handling; conditions of a policy raise it.
type Urgency = policy.Urgency

// Urgent is what a manager's notice makes of a ticket at least.
const Urgent Urgency = "urgent"

// Urgencies, least first.
var Urgencies = domain.CodesOf[Urgency](policy.UrgencyWords)

// Outcome of the handling, said at resolve.
type Outcome string

const (
	NotFixed Outcome = "not_fixed" // needs a reason the resident reads
	Answered Outcome = "answered"  // of a consultation
)

// Outcomes a resolve may state. Handing on is dispatch, never an outcome.
var Outcomes = domain.CodesOf[Outcome](OutcomeWords)

// Verification is how a lead made sure before closing.
type Verification string

// Verifications: on site, by phone, by photo.
var Verifications = domain.CodesOf[Verification](VerificationWords)

// Ticket is a resident issue.
type Ticket struct {
	store.Meta  `store:",inline"`
	Number      string  `store:"number"` // receipt number 受理编号: <street code>-<yymmdd>-<n>
	Kind        Kind    `store:"kind"`
	Category    string  `store:"category"`
	Condition   string  `store:"condition,omitempty"` // 立案条件, from accept on
	Source      Source  `store:"source"`
	Urgency     Urgency `store:"urgency"`
	Title       string  `store:"title"`
	Description string  `store:"description"`
	Address     string  `store:"address"`
	Sent        string  `store:"sent"` // blind index of the report as it was sent: tells it from another under the same id

	Position   *place.Position   `store:"position,omitempty"`   // nil while no more than the street is known
	Candidates []place.Candidate `store:"candidates,omitempty"` // where it may lie, the best first, until it is placed
	Public     *published        `store:"public,omitempty"`     // nil while the public does not see it
	Place      access.Place      `store:"place"`
	Boundary   string            `store:"boundary,omitempty"` // boundary version the cell was found by
	OpenKey    int64             `store:"openKey,omitempty"`  // where it is along the space-filling curve, while open or merged; see derive

	Reporter   string   `store:"reporter"`         // account it belongs to; "" when reported for somebody without one
	ReportedBy string   `store:"reportedBy"`       // account that sent it
	SentBy     string   `store:"sentBy,omitempty"` // it too, where that is not the reporter's; see derive
	Anonymous  bool     `store:"anonymous"`
	Contact    *Contact `store:"contact,omitempty"`
	Links      []Link   `store:"links,omitempty"`     // what it came from
	Household  string   `store:"household,omitempty"` // of them; see derive
	Served     []string `store:"served,omitempty"`    // ids of the communities of the intake cases linked to it, each once

	State       State             `store:"state"`
	Marks       []string          `store:"marks,omitempty"`  // who is called in, and who may not do what comes next; see derive
	LookAt      string            `store:"lookAt,omitempty"` // its street, where more than its state says for whom it waits; see derive
	Assignee    access.Assignee   `store:"assignee"`
	Helpers     []access.Assignee `store:"helpers"`
	Involved    []string          `store:"involved"`              // ids of assignee and helpers
	Handled     []string          `store:"handled"`               // accounts that worked on it
	Filed       []string          `store:"filed,omitempty"`       // accounts that accepted or rejected it
	Dispatchers []string          `store:"dispatchers,omitempty"` // accounts that dispatched it
	Reviewers   []string          `store:"reviewers"`             // leads who rejected it: another one reviews it next
	Outcome     Outcome           `store:"outcome,omitempty"`
	Verified    Verification      `store:"verified,omitempty"`
	Joined      *Joined           `store:"joined,omitempty"`   // what it joined, while merged
	Merges      int               `store:"merges,omitempty"`   // how many joined it, and are there still
	Unmerged    int               `store:"unmerged,omitempty"` // how often it was taken out of another: what it asks is asked anew then
	Reopened    int               `store:"reopened"`           // by the reporter; twice at most
	Photos      []Photo           `store:"photos"`
	Comments    int               `store:"comments"`
	Internal    int               `store:"internalComments,omitempty"` // of them
	Steps       []Step            `store:"steps"`                      // what was said at each action; the journal has who and when

	Question    *Question     `store:"question,omitempty"`    // while it waits for the reporter
	Asked       int           `store:"asked,omitempty"`       // questions, in all
	Unanswered  bool          `store:"unanswered,omitempty"`  // the last of them
	Said        *Said         `store:"said,omitempty"`        // what the reporter says of what was resolved
	Urged       []time.Time   `store:"urged,omitempty"`       // 催办
	Supervised  []Supervision `store:"supervised,omitempty"`  // 督办
	Backlog     *Backlog      `store:"backlog,omitempty"`     // while shelved 挂账
	Requests    []Request     `store:"requests,omitempty"`    // 申请, the last last
	Offer       *Offer        `store:"offer,omitempty"`       // while it is offered to another street
	Bounces     int           `store:"bounces,omitempty"`     // how often an offer was given back
	Climbed     *Climbed      `store:"climbed,omitempty"`     // while the step that it waits for is left to a level above
	AllottedAt  time.Time     `store:"allottedAt,omitempty"`  // the county decided which street it belongs to
	Escalated   bool          `store:"escalated,omitempty"`   // only the street leads it, until it dispatches
	EscalatedAt time.Time     `store:"escalatedAt,omitempty"` // while it is
	Convened    []Convened    `store:"convened,omitempty"`    // 吹哨
	Parts       []Part        `store:"parts,omitempty"`       // of the helpers
	Parent      string        `store:"parent,omitempty"`      // id of the ticket that it was split from
	Children    []Offspring   `store:"children,omitempty"`    // those it was split into

	CreatedAt   time.Time        `store:"createdAt"`
	Happened    *domain.Happened `store:"happened,omitempty"` // when it was reported, of one that a device sent later; nothing counts from it
	UpdatedAt   time.Time        `store:"updatedAt"`
	ShownAt     time.Time        `store:"shownAt"`               // when it was last changed as residents are shown it
	Unshown     []int64          `store:"unshown,omitempty"`     // versions made by what residents are not shown
	DueAt       time.Time        `store:"dueAt,omitempty"`       // when it should be resolved: of the promise to who reported it
	StartedAt   time.Time        `store:"startedAt,omitempty"`   // start of the present handling
	ResumeAt    time.Time        `store:"resumeAt,omitempty"`    // while suspended
	SuspendedAt time.Time        `store:"suspendedAt,omitempty"` // since when, then
	SuspendedS  int64            `store:"suspendedS,omitempty"`  // seconds for which it was suspended before, in this round
	NextAt      time.Time        `store:"nextAt,omitempty"`      // when the first of alarms rings; see derive
	Resolved    *Resolution      `store:"resolved,omitempty"`    // while what was resolved holds; not of those of before it was kept
	ClosedAt    time.Time        `store:"closedAt,omitempty"`    // while closed
	RejectedAt  time.Time        `store:"rejectedAt,omitempty"`  // while rejected
	WithdrawnAt time.Time        `store:"withdrawnAt,omitempty"` // while withdrawn; not of those of before it was kept
	Days        int              `store:"days,omitempty"`        // that its category and condition give from the report, or the reopening, to DueAt
	Policy      string           `store:"policy,omitempty"`      // id of the policy that it was last decided under
	Returned    *Returned        `store:"returned,omitempty"`    // since it came back, until it is dispatched
	Clocks      []clocks.Clock   `store:"clocks,omitempty"`      // 时限, in the order in which they started; none before there were clocks
	Applied     []string         `store:"applied"`               // ids of the last actions, so that none is applied twice
}

// Contact is the resident a worker reports for.
type Contact struct {
	Name        personal.Sealed `store:"name"`
	NameMasked  string          `store:"nameMasked,omitempty"`
	Phone       personal.Sealed `store:"phone"`
	PhoneMasked string          `store:"phoneMasked,omitempty"`
	Index       string          `store:"index,omitempty"` // blind, of the phone: finds what else came from it
}

// Link leads to what a ticket came from: "stop", at which a household asked for
// it, and "household", for which it was opened.
type Link struct {
	Kind string `store:"kind"`
	ID   string `store:"id"`
}

// Stop is the id of the stop it came from; "" for none.
func (t *Ticket) Stop() string {
	if i := slices.IndexFunc(t.Links, func(l Link) bool { return l.Kind == "stop" }); i >= 0 {
		return t.Links[i].ID
	}
	return ""
}

// Photo of a ticket: before the handling, or after it.
type Photo struct {
	ID   string    `store:"id"`
	When string    `store:"when"` // Before or After
	By   string    `store:"by"`
	At   time.Time `store:"at"`
}

const (
	Before = "before"
	After  = "after"
)

// Step is the free text of an action, what it replaced and when a device says
// that it was, found by the version of the ticket it made.
type Step struct {
	Version  int64            `store:"version"`
	Note     string           `store:"note,omitempty"`
	Reason   string           `store:"reason,omitempty"`
	Question string           `store:"question,omitempty"` // that the reporter was asked
	Answer   string           `store:"answer,omitempty"`   // theirs, or to them
	Measures string           `store:"measures,omitempty"` // while it is shelved
	Was      *Replaced        `store:"was,omitempty"`      // before a correction
	Happened *domain.Happened `store:"happened,omitempty"` // when, of one that a device sent later
	Helper   *access.Assignee `store:"helper,omitempty"`   // whose part it was about
}

// Replaced is what a correction replaced.
type Replaced struct {
	Category string          `store:"category"`
	Position *place.Position `store:"position,omitempty"` // nil where there was none
	Place    access.Place    `store:"place"`
}

// EndedAt is when work on it was over; zero while it is not.
func (t *Ticket) EndedAt() time.Time {
	switch t.State {
	case Closed:
		return t.ClosedAt
	case Rejected:
		return t.RejectedAt
	case Withdrawn:
		return t.WithdrawnAt
	}
	return time.Time{}
}

// Resolution says who handled a ticket: whose work ended it.
type Resolution struct {
	By string    `store:"by"` // account
	At time.Time `store:"at"`
}

// Facts is what the rules of access need of it.
func (t *Ticket) Facts() access.Ticket {
	return access.Ticket{Place: t.Place, Reporter: t.Reporter, ReportedBy: t.ReportedBy, Assignee: t.Assignee, Helpers: t.Helpers, Handled: t.Handled, Filed: t.Filed, Dispatchers: t.Dispatchers, Served: t.Served,
		Escalated: t.Escalated, Offered: t.offered(), Convened: t.called()}
}

// SeenCandidates are those of its candidates that the actor is told.
func (t *Ticket) SeenCandidates(actor access.Actor) []place.Candidate {
	var out []place.Candidate
	for _, c := range t.Candidates {
		if access.SeesCandidate(actor, t.Place, c.Place, c.Source == place.FromHouseholds) {
			out = append(out, c)
		}
	}
	return out
}

// facts is what the journal keeps of it.
func (t *Ticket) facts() store.Facts {
	return store.Facts{State: string(t.State), Cell: t.Place.Cell, Assignee: t.Assignee.ID}
}

// dims are the dimensions KPIs count it by.
func (t *Ticket) dims() map[string]string {
	dims := map[string]string{
		"category": t.Category, "kind": string(t.Kind), "source": string(t.Source), "urgency": string(t.Urgency),
		"community": t.Place.Community, "assigneeKind": t.Assignee.Kind, "outcome": string(t.Outcome),
	}
	if t.Climbed != nil {
		dims[climbedDim] = string(t.Climbed.Level)
	}
	return dims
}

// Triage reports whether it waits in the street's list because no cell holds its position, or it has none.
func (t *Ticket) Triage() bool { return t.Place.Cell == "" }

func (t *Ticket) assign(to access.Assignee, helpers []access.Assignee) {
	t.Assignee, t.Helpers = to, helpers
	t.Involved = nil
	for _, a := range append([]access.Assignee{to}, helpers...) {
		if a.ID != "" && !slices.Contains(t.Involved, a.ID) {
			t.Involved = append(t.Involved, a.ID)
		}
	}
}

func (t *Ticket) hasPhoto(when string, since time.Time) bool {
	return slices.ContainsFunc(t.Photos, func(p Photo) bool { return p.When == when && !p.At.Before(since) })
}

// Tickets are journaled in their street's partition. Of two indexes that
// serve a query equally well the first is taken: those that leave less come first.
var collection = store.Declare[Ticket](store.Declaration{
	Name: "tickets", Schema: 5,
	Indexes: []string{
		"number!: number", // a receipt number is given once, and looked up
		"street_category: place.street, category, state, createdAt", // lists by category
		"street_state: place.street, state, createdAt",              // lists by state
		"street: place.street, createdAt",                           // lists
		"cell: place.street, place.cell, state, createdAt",          // lists of cells and communities; what no cell holds
		"due: place.street, state, dueAt",                           // what is overdue
		"resolved: place.street, resolved.at",                       // what was handled in a month
		"updated: place.street, updatedAt",                          // what was changed, for apps that keep a list at hand
		"box: place.street, position.key",                           // maps
		"involved: state, involved, createdAt",                      // what is with somebody; who leaves gives it back
		"reporter: reporter, createdAt",                             // what a resident reported
		"sentBy: sentBy, createdAt",                                 // what staff sent for somebody
		"served: served, createdAt",                                 // what hangs on the cases of a counter
		"open: openKey",                                             // figures; what a redraw of cells moves
		"marks: marks, createdAt",                                   // what somebody is called in for, or may not do
		"lookAt: lookAt, createdAt",                                 // what is to do, where its state alone does not say of whom
		"offer: offer.place.street, createdAt",                      // what a street is offered
		"caller: contact.index, createdAt",                          // what came from a phone without an account
		"household: household, createdAt",                           // what came from a household
		"next: nextAt",                                              // what wakes by time
		"joined: joined.into, createdAt",                            // what joined a ticket
		"parent: parent, createdAt",                                 // what was split off a ticket
		"public: public.id",                                         // the public list
		"public_box: public.spot",                                   // the public map
	},
	Texts:      []string{"text: place.city, place.county, place.street, place.community, place.cell; createdAt"},
	Upgrades:   []store.Upgrade{withoutGrams, withShownAt, withNextAt, withSentBy},
	Predicates: []string{"kind", "source", "place.community", "urgency", "assignee.id", "position.lonE7", "position.latE7", "public.lonE7", "public.latE7", "returned.at", "backlog.reviewAt", "escalated", "offer.state", "offer.place.cell", "shownAt", "resolved.by"},
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared {
	return []store.Declared{store.Worded(collection, (*Ticket).terms), comments, followers, bookmarks, reckonings}
}
