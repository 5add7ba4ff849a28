package visit

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/visit/recurrence"
	"wangge/store"
)

// PlanState is where a plan is in its life.
type PlanState string

const (
	Draft  PlanState = "draft"
	Active PlanState = "active"
	Paused PlanState = "paused"
	Ended  PlanState = "ended"
)

// PlanStates lists them all.
var PlanStates = domain.CodesOf[PlanState](PlanStateWords)

// planMoves are the actions on a plan, and from where they lead where.
var planMoves = map[string]struct {
	from []PlanState
	to   PlanState
}{
	"activate": {[]PlanState{Draft, Paused}, Active},
	"pause":    {[]PlanState{Active}, Paused},
	"end":      {[]PlanState{Active, Paused}, Ended},
}

// Plan 走访计划 says whom to visit how often. What it says changes from a day
// on: the versions before stay, and so do the visits made by them.
type Plan struct {
	store.Meta `store:",inline"`
	Title      string          `store:"title"`
	Place      access.Place    `store:"place"` // of the area: a street, a community or a cell
	State      PlanState       `store:"state"`
	Versions   []Version       `store:"versions"`
	ActiveFrom recurrence.Date `store:"activeFrom"` // periods before were nobody's to visit
	CreatedBy  string          `store:"createdBy"`
	CreatedAt  time.Time       `store:"createdAt"`
	UpdatedAt  time.Time       `store:"updatedAt"`
}

// Version is what a plan says from a day on, until the next version's day.
type Version struct {
	From       recurrence.Date `store:"from"`
	Anchor     recurrence.Date `store:"anchor"`     // the day its rules count from: earlier than From when they were kept
	Tag        string          `store:"tag"`        // of the households; "" : those listed
	Households []string        `store:"households"` // ids
	Rules      []Rule          `store:"rules"`
	WindowDays int             `store:"windowDays"` // how many days a visit may be done on
	Team       []string        `store:"team"`       // accounts that take turns; none: whoever staffs the cell
	Form       string          `store:"form"`       // id of the form's version; "" for none
	Ladder     []Rung          `store:"ladder"`
	WeekLimit  int             `store:"weekLimit"` // visits a worker can do in a week; 0: the street's
	By         string          `store:"by"`
	At         time.Time       `store:"at"`
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
	e := entry(actor, now, "visitPlan."+action, before, p.facts())
	e.Dims = map[string]string{"community": p.Place.Community}
	return e
}

// holds reports whether a place lies in the plan's area.
func (p *Plan) holds(at access.Place) bool {
	switch {
	case p.Place.Cell != "":
		return at.Cell == p.Place.Cell
	case p.Place.Community != "":
		return at.Community == p.Place.Community
	}
	return at.Street == p.Place.Street
}

// version returns which version is in force on a day; -1 before the first.
func (p *Plan) version(on recurrence.Date) int {
	for i, v := range slices.Backward(p.Versions) {
		if v.From <= on {
			return i
		}
	}
	return -1
}

// terms is the version in force for a visit's period; the first where its
// version was replaced before the visits followed.
func (p *Plan) terms(v *Visit) *Version { return &p.Versions[max(0, p.version(v.Period))] }

// level is that of the version's rule for a household at a time: its own, or
// "" where it has none. false when the version does not select the household.
// A list selects the household under any of its ids.
func (v *Version) level(h *household.Household, ids []string, at time.Time) (level household.Level, tag household.Tag, ok bool) {
	if v.Tag == "" {
		return "", tag, slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(v.Households, id) }) && v.rule("") != ""
	}
	if tag, ok = tagOf(h, v.Tag, at); !ok {
		return "", tag, false
	}
	if v.rule(tag.Level) != "" {
		return tag.Level, tag, true
	}
	return "", tag, true
}

// Next lists the first days from one on that a rule of the version names, as
// long as the version is in force; for people to see what a rule means.
func (p *Plan) Next(version, rule int, from recurrence.Date, most int) []recurrence.Date {
	r, first, last := p.inForce(version, rule, from, recurrence.WindowMost)
	if r == nil {
		return nil
	}
	return r.Between(first, last, most)
}

// Skipped lists the months of the year from a day on, as "2027-02", that a
// rule of the version leaves out because they lack a day it names.
func (p *Plan) Skipped(version, rule int, from recurrence.Date) []string {
	r, first, last := p.inForce(version, rule, from, 365)
	if r == nil {
		return nil
	}
	return r.Skipped(first, last)
}

// inForce is a rule of a version and, of so many days, those on which it holds; nil if none.
func (p *Plan) inForce(version, rule int, from recurrence.Date, days int) (r *recurrence.Rule, first, last recurrence.Date) {
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

// InForce returns which version is in force on a day; -1 before the first.
func (p *Plan) InForce(on recurrence.Date) int { return p.version(on) }

func (v *Version) rule(level household.Level) string {
	for _, r := range v.Rules {
		if r.Level == level {
			return r.RRule
		}
	}
	return ""
}

// occurrence is a period of a plan.
type occurrence struct {
	day     recurrence.Date
	version int
}

// calendar is the periods of a plan between two days, by the level whose rule names them.
type calendar struct {
	plan  *Plan
	dates map[household.Level][]occurrence
}

// calendar lists the periods from one day up to and including another.
func (p *Plan) calendar(from, to recurrence.Date) (*calendar, error) {
	c := &calendar{plan: p, dates: map[household.Level][]occurrence{}}
	for i, v := range p.Versions {
		first, last := max(from, v.From), to
		if i+1 < len(p.Versions) {
			last = min(to, p.Versions[i+1].From.Add(-1))
		}
		if first > last {
			continue
		}
		for _, r := range v.Rules {
			rule, err := recurrence.Parse(r.RRule, v.Anchor)
			if err != nil {
				return nil, err
			}
			for _, day := range rule.Between(first, last, recurrence.WindowMost) {
				c.dates[r.Level] = append(c.dates[r.Level], occurrence{day, i})
			}
		}
	}
	return c, nil
}

// of lists the periods in which a household is to be visited. The tag counts
// as of the period's beginning, or as of now once that is past.
func (c *calendar) of(h *household.Household, ids []string, now time.Time) []occurrence {
	var out []occurrence
	if h == nil || h.MovedAway() || !c.plan.holds(h.Place) {
		return nil
	}
	for level, dates := range c.dates {
		for _, o := range dates {
			if l, _, ok := c.plan.Versions[o.version].level(h, ids, later(now, o.day.Start())); ok && l == level {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b occurrence) int {
		if a.day < b.day {
			return -1
		}
		return 1
	})
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
