package handlers

import (
	"cmp"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
	"wangge/domain/policy"
)

// The entries of a policy, as they are sent and, with where they come from, answered.
type groupEntry struct {
	Code    string   `json:"code" need:"true"`
	Name    textsOut `json:"name" need:"true"`
	Heir    string   `json:"heir,omitempty"`
	Retired bool     `json:"retired"`
}

type categoryEntry struct {
	Code           string   `json:"code" need:"true"`
	Name           textsOut `json:"name" need:"true"`
	Parent         string   `json:"parent,omitempty"`
	Public         bool     `json:"public"`
	AfterPhoto     bool     `json:"afterPhoto"`
	Days           int      `json:"days" need:"true"`
	SimilarRadiusM int      `json:"similarRadiusM"` // 0: what is built in
	SimilarDays    int      `json:"similarDays"`    // likewise
	rulesEntry
	Heir    string `json:"heir,omitempty"`
	Retired bool   `json:"retired"`
}

// rulesEntry is what categories and conditions have in common.
type rulesEntry struct {
	Terms      []timedEntry  `json:"terms"`
	Photos     int           `json:"photos"`
	Assignee   string        `json:"assignee,omitempty"`
	Department string        `json:"department,omitempty"`
	Roles      []narrowEntry `json:"roles"`
}

type timedEntry struct {
	Clock clocks.Kind `json:"clock" need:"true"`
	termBody
}

type termBody struct {
	Count int         `json:"count" need:"true"`
	Unit  clocks.Unit `json:"unit" need:"true"`
}

type narrowEntry struct {
	Step  string        `json:"step" need:"true"`
	Roles []access.Role `json:"roles" need:"true"`
}

type conditionEntry struct {
	Category string         `json:"category" need:"true"`
	Code     string         `json:"code" need:"true"`
	Name     textsOut       `json:"name" need:"true"`
	Urgency  policy.Urgency `json:"urgency" need:"true"`
	Days     int            `json:"days"` // 0: those of the category
	Default  bool           `json:"default"`
	rulesEntry
	AfterPhoto bool        `json:"afterPhoto"`
	Private    bool        `json:"private"`
	Closing    []itemEntry `json:"closing"`
	Heir       string      `json:"heir,omitempty"`
	Retired    bool        `json:"retired"`
}

type itemEntry struct {
	Code string   `json:"code" need:"true"`
	Name textsOut `json:"name" need:"true"`
}

type clockEntry struct {
	Code   clocks.Kind        `json:"code" need:"true"`
	Term   *termBody          `json:"term,omitempty"` // none: the days of condition or category
	Warn   *termBody          `json:"warn,omitempty"` // none: nobody is warned
	WarnTo []policy.Recipient `json:"warnTo"`
	Levels []levelEntry       `json:"levels"`
}

type levelEntry struct {
	After *termBody          `json:"after,omitempty"` // none: at the deadline
	To    []policy.Recipient `json:"to" need:"true"`
}

type officeEntry struct {
	Code string `json:"code" need:"true"`
	hoursBody
	WorkingDays clocks.WorkingDays `json:"workingDays" need:"true"`
}

type stepEntry struct {
	Code  string        `json:"code" need:"true"`
	Roles []access.Role `json:"roles" need:"true"`
}

type limitEntry struct {
	Code  string `json:"code" need:"true"`
	Value int    `json:"value" need:"true"`
}

type thresholdEntry struct {
	Code  string  `json:"code" need:"true"`
	Limit float64 `json:"limit" need:"true"`
	Score int     `json:"score" need:"true"`
}

type welfareEntry struct {
	Code    string `json:"code" need:"true"`
	Retired bool   `json:"retired"`
}

type tagEntry struct {
	Code      string   `json:"code" need:"true"`
	Name      textsOut `json:"name" need:"true"`
	Sensitive bool     `json:"sensitive"`
	Retired   bool     `json:"retired"`
}

type homeCallEntry struct {
	Code    string `json:"code" need:"true"`
	From    string `json:"from" need:"true"`
	To      string `json:"to" need:"true"`
	Each    int    `json:"each" need:"true"`
	Retired bool   `json:"retired"`
}

// contentIn is what an area decides for itself.
type contentIn struct {
	Groups     []groupEntry     `json:"groups"`
	Categories []categoryEntry  `json:"categories"`
	Conditions []conditionEntry `json:"conditions"`
	Clocks     []clockEntry     `json:"clocks"`
	Hours      []officeEntry    `json:"hours"`
	Steps      []stepEntry      `json:"steps"`
	Limits     []limitEntry     `json:"limits"`
	Thresholds []thresholdEntry `json:"thresholds"`
	Welfare    []welfareEntry   `json:"welfare"`
	Tags       []tagEntry       `json:"tags"`
	HomeCalls  []homeCallEntry  `json:"homeCalls"`
}

func (in contentIn) content() (c policy.Content) {
	for _, e := range in.Groups {
		c.Groups = append(c.Groups, policy.Group{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code, Name: e.Name.text(), Heir: e.Heir})
	}
	for _, e := range in.Categories {
		c.Categories = append(c.Categories, policy.Category{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code, Name: e.Name.text(), Parent: e.Parent, Public: e.Public, AfterPhoto: e.AfterPhoto, Days: e.Days, Heir: e.Heir,
			Similar: policy.Similar{RadiusM: e.SimilarRadiusM, Days: e.SimilarDays}, Rules: e.rules()})
	}
	for _, e := range in.Conditions {
		c.Conditions = append(c.Conditions, policy.Condition{Mark: policy.Mark{Retired: e.Retired}, Category: e.Category, Code: e.Code, Name: e.Name.text(), Urgency: e.Urgency, Days: e.Days, Default: e.Default,
			Rules: e.rules(), AfterPhoto: e.AfterPhoto, Private: e.Private, Closing: made(e.Closing, func(x itemEntry) policy.Item { return policy.Item{Code: x.Code, Name: x.Name.text()} }), Heir: e.Heir})
	}
	for _, e := range in.Clocks {
		c.Clocks = append(c.Clocks, policy.ClockRule{Code: e.Code, Term: e.Term.term(), Warn: e.Warn.term(), WarnTo: e.WarnTo,
			Levels: made(e.Levels, func(x levelEntry) policy.Level { return policy.Level{After: x.After.term(), To: x.To} })})
	}
	for _, e := range in.Hours {
		c.Hours = append(c.Hours, policy.Office{Code: e.Code, Hours: e.hours(), WorkingDays: e.WorkingDays})
	}
	for _, e := range in.Steps {
		c.Steps = append(c.Steps, policy.Step{Code: e.Code, Roles: e.Roles})
	}
	for _, e := range in.Limits {
		c.Limits = append(c.Limits, policy.Limit{Code: e.Code, Value: e.Value})
	}
	for _, e := range in.Thresholds {
		c.Thresholds = append(c.Thresholds, policy.Threshold{Code: e.Code, Limit: e.Limit, Score: e.Score})
	}
	for _, e := range in.Welfare {
		c.Welfare = append(c.Welfare, policy.Welfare{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code})
	}
	for _, e := range in.Tags {
		c.Tags = append(c.Tags, policy.Tag{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code, Name: e.Name.text(), Sensitive: e.Sensitive})
	}
	for _, e := range in.HomeCalls {
		c.HomeCalls = append(c.HomeCalls, policy.HomeCall{Mark: policy.Mark{Retired: e.Retired}, Code: e.Code, From: e.From, To: e.To, Each: e.Each})
	}
	return c
}

func (e rulesEntry) rules() policy.Rules {
	return policy.Rules{
		Terms:  made(e.Terms, func(x timedEntry) policy.Timed { return policy.Timed{Clock: x.Clock, Term: x.term()} }),
		Photos: e.Photos, Assignee: e.Assignee, Department: e.Department,
		Roles: made(e.Roles, func(x narrowEntry) policy.Narrow { return policy.Narrow(x) }),
	}
}

func rulesTo(x policy.Rules) rulesEntry {
	return rulesEntry{each(x.Terms, timedTo), x.Photos, x.Assignee, x.Department, each(x.Roles, func(n policy.Narrow) narrowEntry { return narrowEntry(n) })}
}

func timedTo(t policy.Timed) timedEntry { return timedEntry{t.Clock, termBody(t.Term)} }

// term is none of nothing.
func (b *termBody) term() clocks.Term {
	if b == nil {
		return clocks.Term{}
	}
	return clocks.Term(*b)
}

func termTo(t clocks.Term) *termBody {
	if t.IsZero() {
		return nil
	}
	return &termBody{t.Count, t.Unit}
}

// made makes one of each; of none nothing, as it is stored.
func made[A, B any](list []A, to func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	return each(list, to)
}

func (t textsOut) text() domain.Text { return domain.T(t.ZH, t.EN) }

// entryOut says where an entry comes from: the part, and the number of its version that changed it last.
type entryOut[E any] struct {
	Entry  E             `json:"entry"`
	Origin policy.Origin `json:"origin"`
	Since  int64         `json:"since"`
}

type contentOut struct {
	Groups     []entryOut[groupEntry]     `json:"groups"`
	Categories []entryOut[categoryEntry]  `json:"categories"`
	Conditions []entryOut[conditionEntry] `json:"conditions"`
	Clocks     []entryOut[clockEntry]     `json:"clocks"`
	Hours      []entryOut[officeEntry]    `json:"hours"`
	Steps      []entryOut[stepEntry]      `json:"steps"`
	Limits     []entryOut[limitEntry]     `json:"limits"`
	Thresholds []entryOut[thresholdEntry] `json:"thresholds"`
	Welfare    []entryOut[welfareEntry]   `json:"welfare"`
	Tags       []entryOut[tagEntry]       `json:"tags"`
	HomeCalls  []entryOut[homeCallEntry]  `json:"homeCalls"`
}

// contentTo answers a content; own is the part that its entries come from where they do not say so themselves.
func contentTo(c policy.Content, own policy.Origin) contentOut {
	return contentOut{
		entriesTo(c.Groups, own, func(x policy.Group) (groupEntry, policy.Mark) {
			return groupEntry{x.Code, textsTo(x.Name), x.Heir, x.Retired}, x.Mark
		}),
		entriesTo(c.Categories, own, func(x policy.Category) (categoryEntry, policy.Mark) {
			near := x.SimilarWithin()
			return categoryEntry{x.Code, textsTo(x.Name), x.Parent, x.Public, x.AfterPhoto, x.Days, near.RadiusM, near.Days, rulesTo(x.Rules), x.Heir, x.Retired}, x.Mark
		}),
		entriesTo(c.Conditions, own, func(x policy.Condition) (conditionEntry, policy.Mark) {
			return conditionEntry{x.Category, x.Code, textsTo(x.Name), x.Urgency, x.Days, x.Default, rulesTo(x.Rules), x.AfterPhoto, x.Private,
				each(x.Closing, func(i policy.Item) itemEntry { return itemEntry{i.Code, textsTo(i.Name)} }), x.Heir, x.Retired}, x.Mark
		}),
		entriesTo(c.Clocks, own, func(x policy.ClockRule) (clockEntry, policy.Mark) {
			return clockEntry{x.Code, termTo(x.Term), termTo(x.Warn), append([]policy.Recipient{}, x.WarnTo...), each(x.Levels, func(l policy.Level) levelEntry {
				return levelEntry{termTo(l.After), append([]policy.Recipient{}, l.To...)}
			})}, x.Mark
		}),
		entriesTo(c.Hours, own, func(x policy.Office) (officeEntry, policy.Mark) {
			return officeEntry{x.Code, hoursTo(x.Hours), x.WorkingDays}, x.Mark
		}),
		entriesTo(c.Steps, own, func(x policy.Step) (stepEntry, policy.Mark) { return stepEntry{x.Code, x.Roles}, x.Mark }),
		entriesTo(c.Limits, own, func(x policy.Limit) (limitEntry, policy.Mark) { return limitEntry{x.Code, x.Value}, x.Mark }),
		entriesTo(c.Thresholds, own, func(x policy.Threshold) (thresholdEntry, policy.Mark) {
			return thresholdEntry{x.Code, x.Limit, x.Score}, x.Mark
		}),
		entriesTo(c.Welfare, own, func(x policy.Welfare) (welfareEntry, policy.Mark) { return welfareEntry{x.Code, x.Retired}, x.Mark }),
		entriesTo(c.Tags, own, func(x policy.Tag) (tagEntry, policy.Mark) {
			return tagEntry{x.Code, textsTo(x.Name), x.Sensitive, x.Retired}, x.Mark
		}),
		entriesTo(c.HomeCalls, own, func(x policy.HomeCall) (homeCallEntry, policy.Mark) {
			return homeCallEntry{x.Code, x.From, x.To, x.Each, x.Retired}, x.Mark
		}),
	}
}

func textsTo(t domain.Text) textsOut { return textsOut{t.ZH, t.EN} }

func entriesTo[P, E any](list []P, own policy.Origin, to func(P) (E, policy.Mark)) []entryOut[E] {
	out := make([]entryOut[E], len(list))
	for i, x := range list {
		e, m := to(x)
		out[i] = entryOut[E]{e, cmp.Or(m.Origin, own), m.Since}
	}
	return out
}
