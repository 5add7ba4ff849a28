// Package plan is visit plans 走访计划: whom to visit how often, by whom and with
// which form, from which day on, and which periods that makes for a household.
// It knows areas, accounts, households and forms, and nothing of the visits
// that are made of plans.
package plan

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan/recurrence"
	"wangge/store"
)

// State is where a plan is in its life.
type State string

const (
	Draft  State = "draft"
	Active State = "active"
	Paused State = "paused"
	Ended  State = "ended"
)

// States lists them all.
var States = domain.CodesOf[State](StateWords)

// transitions are the actions on a plan, and from where they lead where.
var transitions = map[string]struct {
	from []State
	to   State
}{
	"activate": {[]State{Draft, Paused}, Active},
	"pause":    {[]State{Active}, Paused},
	"end":      {[]State{Active, Paused}, Ended},
}

// Plan 走访计划 says whom to visit how often. What it says changes from a day
// on: the versions before stay, and so do the visits made by them.
type Plan struct {
	store.Meta `store:",inline" once:"-"`
	Title      string       `store:"title"`
	Place      access.Place `store:"place"` // of the area: a street, a community or a cell
	State      State        `store:"state"`
	Versions   []Version    `store:"versions"`
	ActiveFrom civil.Date   `store:"activeFrom"` // periods before were nobody's to visit
	CreatedBy  string       `store:"createdBy"`
	CreatedAt  time.Time    `store:"createdAt"`
	UpdatedAt  time.Time    `store:"updatedAt"`
}

// Version is what a plan says from a day on, until the next version's day.
type Version struct {
	From       civil.Date `store:"from"`
	Anchor     civil.Date `store:"anchor"`     // the day its rules count from: earlier than From when they were kept
	Tag        string     `store:"tag"`        // of the households; "" : those listed
	Households []string   `store:"households"` // ids
	Rules      []Rule     `store:"rules"`
	WindowDays int        `store:"windowDays"` // how many days a visit may be done on
	Team       []string   `store:"team"`       // accounts that take turns; none: whoever staffs the cell
	Form       string     `store:"form"`       // id of the form's version; "" for none
	Ladder     []Rung     `store:"ladder"`
	WeekLimit  int        `store:"weekLimit"` // visits a worker can do in a week; 0: the street's
	By         string     `store:"by"`
	At         time.Time  `store:"at"`
}

// Rule is how often, for households of one risk level; "" is for those whose level has none of its own.
type Rule struct {
	Level household.Level `store:"level"`
	RRule string          `store:"rrule"` // RFC 5545
}

// Rung of the overdue ladder: who is told, so many days after the visit was due.
type Rung struct {
	To   string `store:"to"` // one of RungsTo
	Days int    `store:"days"`
}

// RungsTo are who can be told, in this order.
var RungsTo = domain.CodesOf[string](RungWords)

// plans are journaled in their street's partition.
var plans = store.Declare[Plan](store.Declaration{
	Name: "visitPlans", Schema: 1,
	Indexes:    []string{"street: place.street, state, createdAt"}, // lists
	Predicates: []string{"place.community", "place.cell"},
})

func (p *Plan) facts() store.Facts {
	return store.Facts{State: string(p.State), Cell: p.Place.Cell}
}

func (p *Plan) entry(actor access.Actor, now time.Time, action string, before store.Facts) store.Entry {
	return store.Entry{At: now, Actor: actor.Name(), From: actor.Session, Action: "visitPlan." + action, Before: before, After: p.facts(),
		Dims: map[string]string{"community": p.Place.Community}}
}

// Holds reports whether a place lies in the plan's area.
func (p *Plan) Holds(at access.Place) bool {
	switch {
	case p.Place.Cell != "":
		return at.Cell == p.Place.Cell
	case p.Place.Community != "":
		return at.Community == p.Place.Community
	}
	return at.Street == p.Place.Street
}

// InForce returns which version is in force on a day; -1 before the first.
func (p *Plan) InForce(on civil.Date) int {
	for i, v := range slices.Backward(p.Versions) {
		if v.From <= on {
			return i
		}
	}
	return -1
}

// On is the version in force for a period; the first where its version was
// replaced before the visits followed.
func (p *Plan) On(period civil.Date) *Version { return &p.Versions[max(0, p.InForce(period))] }

// Next lists the first days from one on that a rule of the version names, as
// long as the version is in force; for people to see what a rule means.
func (p *Plan) Next(version, rule int, from civil.Date, most int) []civil.Date {
	r, first, last := p.rule(version, rule, from, recurrence.WindowMost)
	if r == nil {
		return nil
	}
	return r.Between(first, last, most)
}

// Skipped lists the months of the year from a day on, as "2027-02", that a
// rule of the version leaves out because they lack a day it names.
func (p *Plan) Skipped(version, rule int, from civil.Date) []string {
	r, first, last := p.rule(version, rule, from, 365)
	if r == nil {
		return nil
	}
	return r.Skipped(first, last)
}

// rule is a rule of a version and, of so many days, those on which it holds; nil if none.
func (p *Plan) rule(version, rule int, from civil.Date, days int) (r *recurrence.Rule, first, last civil.Date) {
	v := &p.Versions[version]
	first = max(from, v.From)
	last = first.Add(days)
	if version+1 < len(p.Versions) {
		last = min(last, p.Versions[version+1].From.Add(-1))
	}
	if r, err := recurrence.Parse(v.Rules[rule].RRule, v.Anchor); err == nil && first <= last {
		return r, first, last
	}
	return nil, first, last
}
