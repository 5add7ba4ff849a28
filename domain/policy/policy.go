// Package policy is what a city and its streets decide, as data: the catalogue
// of tickets with its conditions, its clocks and office hours, who may take which
// step, limits, thresholds, the tags of households. What is built in holds until a city decides
// otherwise, and what the city decided until a street does, entry by entry.
//
// A Policy is what holds in one street at one moment. Whoever decides by it
// reads it as part of the update (Policies.In), so that a decision taken on a
// policy that has changed since is taken anew; rules get it as an argument.
// The package knows areas and rules of access, and nothing of tickets, visits
// or households: their words are codes here.
//
// A new kind of content is a type with a Mark, a field of Content, a line in
// each of overlay, stamp and (where it has rules) check, and its built-in entries.
package policy

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
)

// Origin is which part of a policy an entry comes from.
type Origin string

const (
	BuiltIn    Origin = "built_in"
	FromCity   Origin = "city"
	FromStreet Origin = "street"
)

// OriginWords are the parts of a policy, in the order in which they are laid over one another.
var OriginWords = domain.NewEnum("PolicyOrigin", domain.W(BuiltIn, "内置", "built in"), domain.W(FromCity, "市", "the city"), domain.W(FromStreet, "街道", "the street"))

// Enum makes an origin a word of the contract.
func (Origin) Enum() domain.Enum { return OriginWords }

// Urgency of handling.
type Urgency string

// UrgencyWords are how urgent a ticket is, least first.
var UrgencyWords = domain.NewEnum("Urgency", domain.W("normal", "一般", "normal"), domain.W("urgent", "紧急", "urgent"), domain.W("critical", "特急", "critical"))

// Enum makes an urgency a word of the contract.
func (Urgency) Enum() domain.Enum { return UrgencyWords }

// Enums of this package. UrgencyWords are told of with those of tickets.
var Enums = []domain.Enum{OriginWords, FindingWords, RecipientWords}

// Content is what one part of a policy decides. Of each kind an entry is found
// by its key; one in a later part takes the place of that in an earlier one.
type Content struct {
	Groups     []Group     `store:"groups,omitempty"`
	Categories []Category  `store:"categories,omitempty"`
	Conditions []Condition `store:"conditions,omitempty"`
	Clocks     []ClockRule `store:"clocks,omitempty"`
	Hours      []Office    `store:"hours,omitempty"`
	Steps      []Step      `store:"steps,omitempty"`
	Limits     []Limit     `store:"limits,omitempty"`
	Thresholds []Threshold `store:"thresholds,omitempty"`
	Welfare    []Welfare   `store:"welfare,omitempty"`
	Tags       []Tag       `store:"tags,omitempty"`
	HomeCalls  []HomeCall  `store:"homeCalls,omitempty"`
}

// Mark is what every entry has.
type Mark struct {
	Since   int64  `store:"since"`             // number of the version of its part that changed it last; 0: built in
	Retired bool   `store:"retired,omitempty"` // for nothing new any more; what has it keeps it
	Origin  Origin `store:"-"`                 // of an entry of a Policy
}

func (m *Mark) mark() *Mark { return m }

// Group 大类 is what several categories belong to.
type Group struct {
	Mark `store:",inline"`
	Code string      `store:"code"`
	Name domain.Text `store:"name"`
	Heir string      `store:"heir,omitempty"` // code of the group that takes over from a retired one
}

// Category 小类 of a resident issue.
type Category struct {
	Mark       `store:",inline"`
	Code       string      `store:"code"`
	Name       domain.Text `store:"name"`
	Parent     string      `store:"parent,omitempty"` // code of its group; "": it is in none
	Public     bool        `store:"public"`           // shown on the public map; disputes between people are not
	AfterPhoto bool        `store:"afterPhoto"`       // resolve needs a photo of how it looks now
	Days       int         `store:"days"`             // from the report until it should be resolved
	Similar    Similar     `store:",inline"`
	Rules      `store:",inline"`
	Heir       string      `store:"heir,omitempty"` // code of the category that takes over from a retired one
	Conditions []Condition `store:"-"`              // of an entry of a Policy: its own, retired ones too
}

// Similar says how near, in place and time, another open ticket of the category
// is likely to be about the same. 0 stands for what is built in.
type Similar struct {
	RadiusM int `store:"similarRadiusM,omitempty"`
	Days    int `store:"similarDays,omitempty"` // from its report until now
}

// Rules are what a category, and more narrowly a condition, says of how its
// tickets are handled. What a condition leaves out is as its category has it.
type Rules struct {
	Terms      []Timed  `store:"terms,omitempty"`
	Photos     int      `store:"photos,omitempty"`     // that a report needs, of a condition before it is accepted under it
	Assignee   string   `store:"assignee,omitempty"`   // 处置单位: id of the organisation proposed
	Department string   `store:"department,omitempty"` // 主管部门: id of the organisation in charge
	Roles      []Narrow `store:"roles,omitempty"`      // who may take a step, of those who may by the street's policy
}

// Narrow leaves a step to some of the roles that the street's policy gives it to.
type Narrow struct {
	Step  string        `store:"step"`
	Roles []access.Role `store:"roles"`
}

// Timed is the term of one clock.
type Timed struct {
	Clock clocks.Kind `store:"clock"`
	Term  clocks.Term `store:",inline"`
}

// Condition 立案条件 under which a ticket of a category is taken on.
type Condition struct {
	Mark       `store:",inline"`
	Category   string      `store:"category"`
	Code       string      `store:"code"`
	Name       domain.Text `store:"name"`
	Urgency    Urgency     `store:"urgency"` // raised to, at accept
	Days       int         `store:"days"`    // instead of the category's; 0: the category's
	Default    bool        `store:"default"` // taken where none is named
	Rules      `store:",inline"`
	AfterPhoto bool   `store:"afterPhoto,omitempty"` // resolve needs a photo, whatever the category says
	Private    bool   `store:"private,omitempty"`    // not shown on the public map, whatever the category says
	Closing    []Item `store:"closing,omitempty"`    // 结案条件: all ticked before it is closed
	Heir       string `store:"heir,omitempty"`       // code of the condition that takes over from a retired one
}

// Item of a list that is ticked.
type Item struct {
	Code string      `store:"code"`
	Name domain.Text `store:"name"`
}

// Step says which of those who lead may take a step with a ticket.
type Step struct {
	Mark  `store:",inline"`
	Code  string        `store:"code"`
	Roles []access.Role `store:"roles"`
}

// Limit is a number that a rule goes by.
type Limit struct {
	Mark  `store:",inline"`
	Code  string `store:"code"`
	Value int    `store:"value"`
}

// Threshold of a doubt about a visit: what is above Limit is flagged with Score, of 100.
type Threshold struct {
	Mark  `store:",inline"`
	Code  string  `store:"code"`
	Limit float64 `store:"limit"`
	Score int     `store:"score"`
}

// Welfare is a tag of households where silence raises an alert.
type Welfare struct {
	Mark `store:",inline"`
	Code string `store:"code"`
}

// Tag may be put on people.
type Tag struct {
	Mark      `store:",inline"`
	Code      string      `store:"code"`
	Name      domain.Text `store:"name"`
	Sensitive bool        `store:"sensitive"` // seen only by who keeps the household
}

// HomeCall 上门代办 is a slot of the day in which workers call at homes that asked for it.
type HomeCall struct {
	Mark `store:",inline"`
	Code string `store:"code"`
	From string `store:"from"` // 09:00, by the city's clock
	To   string `store:"to"`
	Each int    `store:"each"` // calls that one worker makes in it
}

func (g Group) key() string     { return g.Code }
func (c ClockRule) key() string { return string(c.Code) }
func (o Office) key() string    { return o.Code }
func (c Category) key() string  { return c.Code }
func (c Condition) key() string { return c.Category + "/" + c.Code }
func (n Narrow) key() string    { return n.Step }
func (s Step) key() string      { return s.Code }
func (l Limit) key() string     { return l.Code }
func (t Threshold) key() string { return t.Code }
func (w Welfare) key() string   { return w.Code }
func (t Tag) key() string       { return t.Code }
func (h HomeCall) key() string  { return h.Code }

// Policy is what holds in a street at a moment: the three parts laid over one
// another, each entry with its Origin. Many share one; nobody changes it.
type Policy struct {
	ID string // names the version of each part: "1/3205.2/320508001.3"
	Content
}

// Category returns a category, also a retired one, with its conditions.
func (p *Policy) Category(code string) (Category, bool) { return find(p.Categories, code) }

// Offered returns a category that a ticket may still be given.
func (p *Policy) Offered(code string) (Category, bool) {
	c, ok := p.Category(code)
	return c, ok && !c.Retired
}

// CategoryWords are the categories that a ticket may be given.
func (p *Policy) CategoryWords() domain.Enum { return categoryWords(p.Categories) }

// Days that a category leaves under one of its conditions, or under none.
func (c Category) DaysUnder(condition string) int {
	if x, ok := find(c.Conditions, c.Code+"/"+condition); ok && x.Days > 0 {
		return x.Days
	}
	return c.Days
}

// SimilarWithin is how near a ticket of the category is likely to be about the same.
func (c Category) SimilarWithin() Similar {
	usual, out := builtInSimilar(c.Code), c.Similar
	if out.RadiusM == 0 {
		out.RadiusM = usual.RadiusM
	}
	if out.Days == 0 {
		out.Days = usual.Days
	}
	return out
}

// Condition returns a condition that a ticket may be accepted under; the default for "".
func (c Category) Condition(code string) (Condition, bool) {
	i := slices.IndexFunc(c.Conditions, func(x Condition) bool { return !x.Retired && (x.Code == code || code == "" && x.Default) })
	if i < 0 {
		return Condition{}, false
	}
	return c.Conditions[i], true
}

// ConditionWords are the conditions that a ticket may be accepted under.
func (c Category) ConditionWords() domain.Enum {
	var words []domain.Word
	for _, x := range c.Conditions {
		if !x.Retired {
			words = append(words, domain.Word{Code: x.Code, Text: x.Name})
		}
	}
	return domain.NewEnum("Condition", words...)
}

// MayTake are the roles of those who lead that may take a step.
func (p *Policy) MayTake(step string) []access.Role {
	s, _ := find(p.Steps, step)
	return s.Roles
}

// Limit returns the number of a limit.
func (p *Policy) Limit(code string) int {
	l, _ := find(p.Limits, code)
	return l.Value
}

// IsWelfare reports whether silence at a household with the tag raises an alert.
func (p *Policy) IsWelfare(tag string) bool {
	w, ok := find(p.Welfare, tag)
	return ok && !w.Retired
}

// find returns the entry with a key.
func find[E interface{ key() string }](list []E, key string) (e E, ok bool) {
	for i := range list {
		if list[i].key() == key {
			return list[i], true
		}
	}
	return e, false
}

func categoryWords(list []Category) domain.Enum {
	var words []domain.Word
	for _, c := range list {
		if !c.Retired {
			words = append(words, domain.Word{Code: c.Code, Text: c.Name})
		}
	}
	return domain.NewEnum("Category", words...)
}
