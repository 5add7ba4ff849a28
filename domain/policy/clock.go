package policy

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/clocks"
)

// ClockRule says how a clock of tickets runs where neither condition nor category
// does, and who is told by when.
type ClockRule struct {
	Mark   `store:",inline"`
	Code   clocks.Kind `store:"code"`
	Term   clocks.Term `store:"term,omitempty"` // zero: the days of condition or category, or none for what a source imposes
	Warn   clocks.Term `store:"warn,omitempty"` // before the deadline, in minutes, hours or days; zero: nobody is warned
	WarnTo []Recipient `store:"warnTo,omitempty"`
	Levels []Level     `store:"levels,omitempty"` // one after the other, each once
}

// Level is who is told when a deadline has passed, and how long after it.
type Level struct {
	After clocks.Term `store:"after,omitempty"` // zero: at the deadline
	To    []Recipient `store:"to"`
}

// Recipient is whom a clock tells, by what they are for the ticket.
type Recipient string

const (
	ToLead             Recipient = "lead" // of its cell
	ToAssignee         Recipient = "assignee"
	ToCommunityManager Recipient = "community_manager"
	ToDispatcher       Recipient = "dispatcher" // where the street has none, its manager
	ToStreetManager    Recipient = "street_manager"
	ToCounty           Recipient = "county"
)

// RecipientWords are all of them, nearest first.
var RecipientWords = domain.NewEnum("ClockRecipient", domain.W(ToLead, "网格长", "the lead of the cell"), domain.W(ToAssignee, "承办人", "who has the ticket"),
	domain.W(ToCommunityManager, "社区负责人", "the community's manager"), domain.W(ToDispatcher, "街道指挥员", "the dispatcher"),
	domain.W(ToStreetManager, "街道管理员", "the street's manager"), domain.W(ToCounty, "区县", "the county"))

// Enum makes a recipient a word of the contract.
func (Recipient) Enum() domain.Enum { return RecipientWords }

// Office is when the street's office is open, and how working days are reckoned by it.
type Office struct {
	Mark        `store:",inline"`
	Code        string             `store:"code"` // always TheOffice
	Hours       calendar.Hours     `store:"hours"`
	WorkingDays clocks.WorkingDays `store:"workingDays"`
}

// TheOffice is the code of the one entry of hours.
const TheOffice = "office"

// Office is when the street's office is open. Nobody changes it.
func (p *Policy) Office() *calendar.Hours {
	for i := range p.Hours {
		if p.Hours[i].Code == TheOffice {
			return &p.Hours[i].Hours
		}
	}
	return &calendar.Hours{}
}

// WorkingDays is how terms in working days are reckoned.
func (p *Policy) WorkingDays() clocks.WorkingDays {
	o, _ := find(p.Hours, TheOffice)
	return o.WorkingDays
}

// Rule is how a clock runs and whom it tells; without levels for a kind that tickets have none of.
func (p *Policy) Rule(kind clocks.Kind) ClockRule {
	r, _ := find(p.Clocks, string(kind))
	return r
}

// TermOf is the term of a clock of tickets of a category, accepted under a
// condition ("": not yet): the condition's, else the category's, else that of
// the clock's rule. Handling and the promise go by days where no term is
// named, the promise of whichever is nearer. Zero: the clock has none.
func (p *Policy) TermOf(kind clocks.Kind, category, condition string) clocks.Term {
	c, x := p.under(category, condition)
	for _, of := range []struct {
		terms []Timed
		days  int
	}{{x.Terms, x.Days}, {c.Terms, c.Days}} {
		if t := timed(of.terms, kind); !t.IsZero() {
			return t
		}
		if kind == clocks.Promise && of.days > 0 {
			return inDays(of.days)
		}
	}
	if t := p.Rule(kind).Term; !t.IsZero() || kind != clocks.Handle {
		return t
	}
	return inDays(c.DaysUnder(condition))
}

// TermsOf are the terms of all clocks of tickets of a category, accepted under a condition.
func (p *Policy) TermsOf(category, condition string) []Timed {
	var out []Timed
	for _, kind := range domain.CodesOf[clocks.Kind](clocks.KindWords) {
		if t := p.TermOf(kind, category, condition); !t.IsZero() {
			out = append(out, Timed{kind, t})
		}
	}
	return out
}

// under are a category and one of its conditions, empty where there is none: it
// is asked for every step of every ticket that is shown, and copies nothing.
func (p *Policy) under(category, condition string) (*Category, *Condition) {
	for i := range p.Categories {
		c := &p.Categories[i]
		if c.Code != category {
			continue
		}
		for j := range c.Conditions {
			if c.Conditions[j].Code == condition {
				return c, &c.Conditions[j]
			}
		}
		return c, &noCondition
	}
	return &noCategory, &noCondition
}

// noCategory and noCondition are what there is not; nobody changes them.
var (
	noCategory  Category
	noCondition Condition
)

func timed(terms []Timed, kind clocks.Kind) clocks.Term {
	for _, t := range terms {
		if t.Clock == kind {
			return t.Term
		}
	}
	return clocks.Term{}
}

func inDays(n int) clocks.Term {
	if n == 0 {
		return clocks.Term{}
	}
	return clocks.Term{Count: n, Unit: clocks.Day}
}

// Strict reports whether who files or verifies a ticket is never who dispatched it.
func (p *Policy) Strict() bool { return p.Limit(Strict) == 1 }

// MayTakeFor are the roles of MayTake that tickets of a category, under a condition, leave a step to.
func (p *Policy) MayTakeFor(step, category, condition string) []access.Role {
	c, x := p.under(category, condition)
	return narrowed(p.MayTake(step), step, c.Roles, x.Roles)
}

// Narrows reports whether the category or one of its conditions leaves a step to some of the roles only.
func (c Category) Narrows() bool {
	return len(c.Roles) > 0 || slices.ContainsFunc(c.Conditions, func(x Condition) bool { return len(x.Roles) > 0 })
}

// narrowed are those of the roles that every list leaves a step to; a list that does not name it leaves it to all.
func narrowed(roles []access.Role, step string, lists ...[]Narrow) []access.Role {
	for _, list := range lists {
		if s, ok := find(list, step); ok {
			roles = slices.DeleteFunc(slices.Clone(roles), func(r access.Role) bool { return !slices.Contains(s.Roles, r) })
		}
	}
	return roles
}

// Handling is what a ticket of a category, accepted under a condition, needs and where it goes.
type Handling struct {
	Photos               int    // that its report has
	AfterPhoto           bool   // resolve needs one
	Public               bool   // shown on the public map
	Assignee, Department string // ids of organisations; "": none is proposed, none is in charge
	Closing              []Item // ticked before it is closed
}

// Handling of the tickets of a category under a condition ("": not yet accepted).
func (p *Policy) Handling(category, condition string) Handling {
	c, x := p.under(category, condition)
	h := Handling{max(c.Photos, x.Photos), c.AfterPhoto || x.AfterPhoto, c.Public && !x.Private, c.Assignee, c.Department, x.Closing}
	if x.Assignee != "" {
		h.Assignee = x.Assignee
	}
	if x.Department != "" {
		h.Department = x.Department
	}
	return h
}

// GroupOf is the group that a category is in, or the heir of one that is retired; false where it is in none.
func (p *Policy) GroupOf(c Category) (Group, bool) {
	g, ok := find(p.Groups, c.Parent)
	if ok && g.Retired && g.Heir != "" {
		g, ok = find(p.Groups, g.Heir)
	}
	return g, ok
}

// Organisations are the ids of all that categories and conditions name.
func (p *Policy) Organisations() (out []string) {
	add := func(r Rules) {
		for _, id := range []string{r.Assignee, r.Department} {
			if id != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	for _, c := range p.Categories {
		add(c.Rules)
	}
	for _, x := range p.Conditions {
		add(x.Rules)
	}
	return out
}
