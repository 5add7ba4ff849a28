// Package homecall is home calls 上门代办: a matter of the counters that is done
// at somebody's home. A resident books one in a slot of a day, in one
// transaction with the case and the visit that it is; what becomes of the visit
// or of the case becomes of the booking. Who calls, how often and when is the
// street's policy. A booking keeps its slot as it was booked: a policy that
// changes, an item that is retired and a holiday that is declared leave it as it
// is, for staff to move. It follows its case, its household and its worker (see
// follow.go). It stands above cases, visits and households, which do not
// know it, and knows nothing of HTTP.
package homecall

import (
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/personal"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/jobs"
)

// State of a request.
type State string

const (
	Booked    State = intake.StateBooked // 已预约
	Done      State = "done"             // 已上门: somebody was met
	NotMet    State = "not_met"          // 上门未见: somebody came, and met nobody or was not let in
	Missed    State = "missed"           // 未上门: nobody came
	Cancelled State = "cancelled"        // 已取消
)

// Cause is why a booking ended otherwise than by the call.
type Cause string

const (
	NoCause       Cause = ""
	ByResident    Cause = "resident"
	ByStaff       Cause = "staff"
	CaseOver      Cause = "case_over"      // the matter was closed or withdrawn
	HouseholdGone Cause = "household_gone" // it was deleted
	LeftStreet    Cause = "left_street"    // it moved to another street
)

// Slot is a time of a day in which somebody calls.
type Slot struct {
	Code string     `store:"code"` // of the policy's, then
	Date civil.Date `store:"date"`
	From time.Time  `store:"from"`
	To   time.Time  `store:"to"`
}

// Request is a home call that was booked.
type Request struct {
	store.Meta `store:",inline"`
	Item       intake.Item  `store:"item"`
	Place      access.Place `store:"place"`           // of the household
	Household  string       `store:"household"`       // id; of the one that it was merged into, while it is
	Dwelling   string       `store:"dwelling"`        // id of the household that it was booked for
	Named      string       `store:"named,omitempty"` // the same where the caller named it; "": an address
	Address    string       `store:"address"`
	Case       string       `store:"case"`
	Visit      string       `store:"visit"`
	Slot       Slot         `store:"slot"`
	Chosen     bool         `store:"chosen,omitempty"` // the worker, by staff
	Worker     string       `store:"worker"`           // account; "": whoever staffs the cell, and nobody's time is taken

	State  State        `store:"state"`
	Cause  Cause        `store:"cause,omitempty"`
	Result visit.Result `store:"result,omitempty"`

	Account string          `store:"account,omitempty"` // of who booked it for themselves
	Phone   string          `store:"phone"`             // blind index: whose it is
	Contact personal.Sealed `store:"contact"`           // phone
	Masked  string          `store:"masked"`
	Note    string          `store:"note,omitempty"`
	By      string          `store:"by"` // account that booked it

	Sent      string    `store:"sent"`              // blind index of what it was made of
	Applied   []string  `store:"applied,omitempty"` // ids of the last actions, so that none is applied twice
	Steps     []Step    `store:"steps"`
	CreatedAt time.Time `store:"createdAt"`
	UpdatedAt time.Time `store:"updatedAt"`
	EndedAt   time.Time `store:"endedAt,omitempty"`
}

// Step is what became of a booking.
type Step struct {
	What string    `store:"what"` // one of StepWords
	At   time.Time `store:"at"`
	Slot Slot      `store:"slot"`
}

const (
	stepsMost     = 50
	appliedRecent = 50
	noteLongest   = 500 // runes
)

// Facts is what the rules of access need of it.
func (r *Request) Facts() access.HomeCall {
	return access.HomeCall{Account: r.Account, Phone: r.Phone, BookedAt: r.CreatedAt}
}

func (r *Request) facts() store.Facts {
	return store.Facts{State: string(r.State), Cell: r.Place.Cell, Assignee: r.Worker}
}

// entry is the journal's line for a step as the request is now.
func (r *Request) entry(actor access.Actor, now time.Time, what string, before store.Facts) store.Entry {
	e := store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "homecall." + what, Before: before, After: r.facts(),
		Dims: map[string]string{"item": r.Item.Code, "community": r.Place.Community, "case": r.Case, "visit": r.Visit}}
	for dim, value := range map[string]string{"cause": string(r.Cause), "result": string(r.Result)} {
		if value != "" {
			e.Dims[dim] = value
		}
	}
	return e
}

// note adds a step.
func (r *Request) note(what string, now time.Time) {
	r.Steps = append(r.Steps, Step{what, now, r.Slot})
	r.Steps = r.Steps[max(0, len(r.Steps)-stepsMost):]
	r.UpdatedAt = now
}

// call is what its case keeps of it.
func (r *Request) call() intake.Call {
	return intake.Call{Request: r.ID, State: string(r.State), From: r.Slot.From, To: r.Slot.To, Result: string(r.Result)}
}

// Requests are journaled in their street's partition, which is that of the visit.
var requests = store.Declare[Request](store.Declaration{
	Name: "homeCalls", Schema: 1,
	Indexes: []string{
		"phone: phone, createdAt",     // a resident's own, by the phone that they proved
		"account: account, createdAt", // the same by who booked them
		"household: household, state", // what follows a household; so are the next four
		"dwelling: dwelling, state",
		"worker: worker, state",
		"street: place.street, state",
		"case: case, state",
		"state: state", // whether anything is to come at all
	},
	Predicates: []string{"state"}, // which of somebody's are to come
})

// Day is the time of one worker on one day, as far as it is taken. Every
// booking with a worker is in one, and nothing else is: who changes the one
// changes the other in the same update, so that the last place is given once.
type Day struct {
	store.Meta `store:",inline"`
	Worker     string     `store:"worker"`
	Date       civil.Date `store:"date"`
	Taken      []Taken    `store:"taken"`
}

// Taken is by a booking.
type Taken struct {
	Request string    `store:"request"`
	From    time.Time `store:"from"`
	To      time.Time `store:"to"`
}

var (
	days      = store.Declare[Day](store.Declaration{Name: "homeCallDays", Schema: 1, Unjournaled: true})
	bookmarks = jobs.Bookmarks("homeCallBookmarks")
)

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{requests, days, bookmarks} }

// space is where the ids of what a booking makes follow from its own.
const space ids.Space = "5e0b9a3c-71d4-4f6e-9c28-0d6a1b7f4e93"

func dayID(worker string, date civil.Date) string { return space.Of("day", worker, string(date)) }

// Words.
var (
	StateWords = domain.NewEnum("HomeCallState", domain.W(Booked, "已预约", "booked"), domain.W(Done, "已上门办理", "done"), domain.W(NotMet, "上门未见", "nobody was met"),
		domain.W(Missed, "未上门", "nobody came"), domain.W(Cancelled, "已取消", "cancelled"))
	CauseWords = domain.NewEnum("HomeCallCause", domain.W(ByResident, "居民取消", "the resident cancelled"), domain.W(ByStaff, "工作人员取消", "staff cancelled"),
		domain.W(CaseOver, "事项已结束", "the matter is over"), domain.W(HouseholdGone, "住户已注销", "the household is no more"), domain.W(LeftStreet, "住户已迁出本街道", "the household left the street"))
	StepWords = domain.NewEnum("HomeCallStep", domain.W("book", "预约", "booked"), domain.W("move", "改期", "moved"), domain.W("assign", "更换上门人员", "somebody else will come"),
		domain.W("done", "已上门办理", "done"), domain.W("not_met", "上门未见", "nobody was met"), domain.W("missed", "未上门", "nobody came"), domain.W("cancel", "取消", "cancelled"), domain.W("follow", "随住户变更", "the household changed"))
	ActionWords = domain.NewEnum("HomeCallAction", domain.W("move", "改期", "move"), domain.W("cancel", "取消", "cancel"))
	Enums       = []domain.Enum{StateWords, CauseWords, StepWords, ActionWords}
)

// Enum makes a state a word of the contract.
func (State) Enum() domain.Enum { return StateWords }

// Enum makes a cause a word of the contract.
func (Cause) Enum() domain.Enum { return CauseWords }
