package handlers

import (
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/schedule"
	"wangge/handlers/wire"
)

// planOut is a visit plan with everything that it says, from when on.
type planOut struct {
	ID         string      `json:"id"`
	Title      string      `json:"title"`
	Area       *namedOut   `json:"area"` // a street, community or cell
	State      plan.State  `json:"state"`
	Allowed    []string    `json:"allowed"`
	ActiveFrom *civil.Date `json:"activeFrom"`
	Terms      []termsOut  `json:"terms"` // by the day that they hold from
	CreatedBy  *personOut  `json:"createdBy"`
	CreatedAt  wire.Time   `json:"createdAt"`
	UpdatedAt  wire.Time   `json:"updatedAt"`
	Version    int64       `json:"version"`
	Overloaded []loadOut   `json:"overloaded,omitempty"` // whom activating it overloads
}

type termsOut struct {
	From       civil.Date  `json:"from"`
	InForce    bool        `json:"inForce"`
	Tag        *string     `json:"tag"`
	Households []string    `json:"households"`
	Rules      []ruleOut   `json:"rules"`
	WindowDays int         `json:"windowDays"`
	Team       []personOut `json:"team"`
	Form       *string     `json:"form"`
	Ladder     []rungOut   `json:"ladder"`
	WeekLimit  *int        `json:"weekLimit"`
}

type ruleOut struct {
	Level *household.Level `json:"level"`
	RRule string           `json:"rrule"`
	Next  []civil.Date     `json:"next"`  // the next days that it names
	Skips []string         `json:"skips"` // months of the coming year without a day that it names
}

type rungOut struct {
	To   ladderStep `json:"to" need:"true"`
	Days int        `json:"days" need:"true"`
}

// loadOut is what a worker has to do in a week, or a cell that nobody staffs.
type loadOut struct {
	Week    civil.Date `json:"week"` // its Monday
	Account *personOut `json:"account"`
	Cell    *namedOut  `json:"cell"`
	Visits  int        `json:"visits"`
	Other   int        `json:"other"`
	Limit   int        `json:"limit"`
	Over    bool       `json:"over"`
}

type previewOut struct {
	Households int       `json:"households"`
	Visits     int       `json:"visits"`
	Overloaded bool      `json:"overloaded"`
	Loads      []loadOut `json:"loads"`
}

const nextDays = 5 // that a rule is explained by

// plansOut renders plans that the actor manages.
func (r *apiRequest) plansOut(found []*plan.Plan) ([]planOut, error) {
	ids := map[string]bool{}
	for _, p := range found {
		ids[p.CreatedBy] = true
		for _, v := range p.Versions {
			for _, a := range v.Team {
				ids[a] = true
			}
		}
	}
	n, err := r.peopleOf(ids)
	if err != nil {
		return nil, err
	}
	out := make([]planOut, len(found))
	for i, p := range found {
		out[i] = r.planOut(p, n)
	}
	return out, nil
}

func (r *apiRequest) planOut(p *plan.Plan, n names) planOut {
	today := civil.DateOf(r.Now)
	out := planOut{ID: p.ID, Title: p.Title, State: p.State, Allowed: p.Allowed(), ActiveFrom: optional(p.ActiveFrom), Terms: []termsOut{},
		CreatedBy: n.person(p.CreatedBy), CreatedAt: wire.Time(p.CreatedAt), UpdatedAt: wire.Time(p.UpdatedAt), Version: p.Version}
	place := r.placeOut(p.Place)
	for _, at := range []*namedOut{place.Street, place.Community, place.Cell} {
		if at != nil {
			out.Area = at
		}
	}
	for i, v := range p.Versions {
		t := termsOut{From: v.From, InForce: i == p.InForce(today), Tag: optional(v.Tag), Households: v.Households, Rules: []ruleOut{}, WindowDays: v.WindowDays,
			Team: []personOut{}, Form: optional(v.Form), Ladder: []rungOut{}, WeekLimit: optional(v.WeekLimit)}
		if t.Households == nil {
			t.Households = []string{}
		}
		for j, rule := range v.Rules {
			next, skips := p.Next(i, j, today, nextDays), p.Skipped(i, j, today)
			if next == nil {
				next = []civil.Date{}
			}
			if skips == nil {
				skips = []string{}
			}
			t.Rules = append(t.Rules, ruleOut{optional(rule.Level), rule.RRule, next, skips})
		}
		for _, a := range v.Team {
			if who := n.person(a); who != nil {
				t.Team = append(t.Team, *who)
			}
		}
		for _, rung := range v.Ladder {
			t.Ladder = append(t.Ladder, rungOut{ladderStep(rung.To), rung.Days})
		}
		out.Terms = append(out.Terms, t)
	}
	return out
}

func (r *apiRequest) loadsOut(loads []schedule.Load) ([]loadOut, error) {
	ids := map[string]bool{}
	for _, l := range loads {
		ids[l.Account] = true
	}
	n, err := r.peopleOf(ids)
	if err != nil {
		return nil, err
	}
	out := make([]loadOut, len(loads))
	for i, l := range loads {
		out[i] = loadOut{l.Week, n.person(l.Account), r.cellNamed(l.Cell), l.Visits, l.Other, l.Limit, l.Over}
	}
	return out, nil
}
