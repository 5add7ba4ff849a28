// Package visit is going to people's doors 走访: the visits made of plans
// (exactly one for a household and period), the stops at which they are done,
// the proof of having been there, and what was promised. It knows areas,
// accounts, households, forms and plans, and nothing of tickets, intake cases or HTTP.
package visit

import (
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/store"
)

// State of a visit. Overdue is none: it follows from the clock.
type State string

const (
	Planned   State = "planned"    // 待走访
	CheckedIn State = "checked_in" // 已签到
	Completed State = "completed"  // 已完成
	Missed    State = "missed"     // 未走访
	Cancelled State = "cancelled"  // 已取消
)

// States lists every state in the order of a visit's life.
var States = domain.CodesOf[State](StateWords)

// Channel is how the household was reached.
type Channel string

const (
	Home  Channel = "home"  // 上门
	Phone Channel = "phone" // 电话
	Video Channel = "video" // 视频
)

// Channels lists them all.
var Channels = domain.CodesOf[Channel](ChannelWords)

// Result is what came of it. Only Met is coverage.
type Result string

const (
	Met       Result = "met"        // 见到
	NoAnswer  Result = "no_answer"  // 无人应答
	Refused   Result = "refused"    // 拒访
	MovedAway Result = "moved_away" // 已搬离
)

// Results lists them all.
var Results = domain.CodesOf[Result](ResultWords)

// Cause is why the program made or took back a visit.
type Cause string

const (
	ByPlan        Cause = ""
	TagGained     Cause = "tag_gained"     // the household got the tag while the period was open
	TagLost       Cause = "tag_lost"       // it has the tag no more
	LevelChanged  Cause = "level_changed"  // its risk level asks for other days
	LeftArea      Cause = "left_area"      // it moved out of the plan's area
	HouseholdGone Cause = "household_gone" // it was deleted or merged into another
	MetAlready    Cause = "met_already"    // in this period, as the household that was merged into this one
	MovingAway    Cause = "moved_away"     // somebody found that it has moved away: a lead has not looked into it yet, or says so too
	PlanChanged   Cause = "plan_changed"
	PlanPaused    Cause = "plan_paused"
	PlanEnded     Cause = "plan_ended"
	OnTheSpot     Cause = "ad_hoc"    // nothing was planned: somebody knocked
	HomeCall      Cause = "home_call" // a resident asked for it
)

// Visit 走访 is one household in one period of a plan.
type Visit struct {
	store.Meta  `store:",inline"`
	Plan        string       `store:"plan"` // id; "" for one on the spot or asked for
	PlanVersion int          `store:"planVersion"`
	Household   string       `store:"household"`
	Place       access.Place `store:"place"`  // the household's, until the visit is done
	Period      civil.Date   `store:"period"` // the day the plan named, wherever the visit is moved
	Opens       time.Time    `store:"opens"`
	Closes      time.Time    `store:"closes"`   // overdue from then on
	Moved       bool         `store:"moved"`    // by a person: the plan does not set its days any more
	Assignee    string       `store:"assignee"` // account; "" : whoever staffs the cell
	Given       bool         `store:"given"`    // to the assignee by a person, not by the plan
	Form        string       `store:"form"`     // id of the version; "" for none

	State   State   `store:"state"`
	Cause   Cause   `store:"cause"`
	Request string  `store:"request,omitempty"` // id of what a resident asked for, which is one visit
	Stop    string  `store:"stop,omitempty"`    // at which it was done
	By      string  `store:"by,omitempty"`      // who checked in there
	Channel Channel `store:"channel,omitempty"`
	Result  Result  `store:"result,omitempty"`
	Covered bool    `store:"covered"` // somebody was met, and the proof is not rejected

	EscalateAt time.Time `store:"escalateAt,omitempty"` // next step of the ladder
	Escalated  int       `store:"escalated"`            // steps taken

	Steps     []Step    `store:"steps"` // why people moved it; the journal has who and when
	CreatedAt time.Time `store:"createdAt"`
	UpdatedAt time.Time `store:"updatedAt"`
	DoneAt    time.Time `store:"doneAt,omitempty"`
	Applied   []string  `store:"applied"` // ids of the last actions, so that none is applied twice
}

const (
	titleLongest = 100  // runes
	noteLongest  = 1000 // runes
)

// Step is the reason given with an action, found by the version of the visit it made.
type Step struct {
	Version int64  `store:"version"`
	Reason  string `store:"reason"`
}

// Overdue reports whether it should have been done by now.
func (v *Visit) Overdue(now time.Time) bool { return v.State == Planned && !v.Closes.After(now) }

// Facts is what the rules of access need of it.
func (v *Visit) Facts() access.Visit {
	return access.Visit{Place: v.Place, Assignee: v.Assignee, By: v.By}
}

func (v *Visit) facts() store.Facts {
	return store.Facts{State: string(v.State), Cell: v.Place.Cell, Assignee: v.Assignee}
}

// Asked reports whether a resident asked for it: then it is no plan's.
func (v *Visit) Asked() bool { return v.Request != "" }

// entry is the journal's line for an action on the visit as it is now.
func (v *Visit) entry(actor access.Actor, now time.Time, action Action, before store.Facts) store.Entry {
	e := entry(actor, now, "visit."+string(action), before, v.facts())
	e.Dims = map[string]string{"plan": v.Plan, "community": v.Place.Community, "cause": string(v.Cause),
		"channel": string(v.Channel), "result": string(v.Result)}
	if v.Covered {
		e.Dims["covered"] = "true"
	}
	actor.NameBoth(e.Dims, func(a access.Actor) bool { return access.MaySeeVisit(a, v.Facts()) })
	return e
}

// derived makes the ids of visits: the same plan, household and period is
// always the same visit, whoever makes it.
const derived = ids.Space("c2f7a5d4-8e36-5b1a-b0f5-6d9e4a7c1b28")

// ID is that of the visit of a plan at a household in a period.
func ID(plan, household string, period civil.Date) string {
	return derived.Of(plan, household, string(period))
}

// Visits are journaled in their street's partition.
var visits = store.Declare[Visit](store.Declaration{
	Name: "visits", Schema: 1,
	Indexes: []string{
		"household: household, state, opens",           // what is due at a door
		"assignee: assignee, state, opens",             // what somebody has to do
		"plan: plan, state, opens",                     // what a plan made
		"cell: place.street, place.cell, state, opens", // lists of cells and communities
		"street: place.street, state, opens",           // lists of streets; figures
		"due: place.street, state, closes",             // the same by when they are due
		"created: place.street, createdAt",             // the same in the order in which they were made
		"done: place.street, doneAt",                   // what was done in a month
		"updated: place.street, updatedAt",             // what was changed, for apps that keep a list at hand
		"escalate: escalateAt",                         // the overdue ladder's clock
	},
	Predicates: []string{"result", "covered", "place.community", "by"},
})

// Collections are what this package keeps in the store.
func Collections() []store.Declared {
	return []store.Declared{visits, stops, promises, works}
}

// entry is the journal's line for what an actor did.
func entry(actor access.Actor, now time.Time, action string, before, after store.Facts) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: action, Before: before, After: after}
}
