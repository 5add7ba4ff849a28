package policy

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
)

// builtInNumber is the version of what is built in: one more whenever that changes.
const builtInNumber = 1

// Limits that rules go by.
const (
	SuspendDays = "suspend_days" // a ticket is suspended for at most so long
	ReopenDays  = "reopen_days"  // after closing, by who reported it
	ReopenTimes = "reopen_times" // by who reported it
	ReviewAt    = "review_at"    // a visit's score from here on waits for a lead
	WeekLimit   = "week_limit"   // visits a worker can do in a week
)

// bounds are the least and the most of each limit.
var bounds = map[string][2]int{SuspendDays: {1, 30}, ReopenDays: {1, 90}, ReopenTimes: {0, 10}, ReviewAt: {1, 100}, WeekLimit: {1, 1000}}

// ledSteps are the steps that those who lead take, in the order of a ticket's
// life. The other ones are fixed: who has the ticket works on it, who reported it withdraws it.
var ledSteps = []string{"accept", "reject", "correct", "dispatch", "suspend", "resume", "rework", "close", "reopen"}

// builtIn is what holds where nobody has decided anything: the five sore points
// of Pingjiang street (Suzhou) and what digital city management sees most, the
// tags of Pingjiang's visiting teams, and values to start with. What makes
// somebody easy to prey on is sensitive.
func builtIn() Content {
	c := Content{
		Categories: []Category{
			category("property_fee", "物业费", "Property fees", false, false, 30),
			category("garage_rental", "车库出租", "Garages let out", false, true, 15),
			category("parking", "停车", "Parking", true, true, 7),
			category("garden_dispute", "毁绿种菜", "Green land turned into vegetable plots", false, true, 15),
			category("pipe_dispute", "管道流水纠纷", "Water-pipe disputes in old housing", false, false, 7),
			category("noise", "噪声", "Noise", true, false, 7),
			category("sanitation", "环境卫生", "Sanitation", true, true, 3),
			category("safety_hazard", "安全隐患", "Safety hazards", true, true, 5),
			category("other", "其他", "Other", false, false, 15),
		},
		Limits: []Limit{{Code: SuspendDays, Value: 30}, {Code: ReopenDays, Value: 15}, {Code: ReopenTimes, Value: 2}, {Code: ReviewAt, Value: 50}, {Code: WeekLimit, Value: 60}},
		Thresholds: []Threshold{
			{Code: "too_far", Limit: 200, Score: 60}, {Code: "imprecise", Limit: 100, Score: 30}, {Code: "mock_location", Limit: 0, Score: 100},
			{Code: "too_fast", Limit: 120, Score: 60}, {Code: "too_short", Limit: 60, Score: 30}, {Code: "photo_reused", Limit: 0, Score: 60},
			{Code: "clock_skew", Limit: domain.SkewUsualS, Score: 30}, {Code: "sent_late", Limit: domain.DelayUsualH, Score: 20},
		},
		Welfare: []Welfare{{Code: "empty_nest_elder"}},
		Tags: []Tag{
			{Code: "empty_nest_elder", Name: domain.T("空巢老人", "Empty-nest elder"), Sensitive: true},
			{Code: "family_in_difficulty", Name: domain.T("困难家庭", "Family in difficulty"), Sensitive: true},
			{Code: "party_member", Name: domain.T("党员", "Party member")},
			{Code: "property_owner", Name: domain.T("业主", "Property owner")},
		},
	}
	for _, category := range c.Categories {
		c.Conditions = append(c.Conditions, Condition{Category: category.Code, Code: "general", Name: domain.T("一般情形", "general"), Urgency: "normal", Default: true})
		if x, ok := special[category.Code]; ok {
			x.Category = category.Code
			c.Conditions = append(c.Conditions, x)
		}
	}
	for _, step := range ledSteps {
		c.Steps = append(c.Steps, Step{Code: step, Roles: slices.Clone(access.Leads)})
	}
	return c
}

func category(code, zh, en string, public, afterPhoto bool, days int) Category {
	return Category{Code: code, Name: domain.T(zh, en), Public: public, AfterPhoto: afterPhoto, Days: days}
}

var (
	danger  = Condition{Code: "danger", Name: domain.T("危及人身或公共安全", "danger to people or the public"), Urgency: "critical", Days: 1}
	special = map[string]Condition{
		"garage_rental": danger, "safety_hazard": danger,
		"parking":      {Code: "blocked_exit", Name: domain.T("堵塞消防通道", "fire lane or exit blocked"), Urgency: "urgent", Days: 1},
		"pipe_dispute": {Code: "flooding", Name: domain.T("正在漏水", "water is running"), Urgency: "urgent", Days: 1},
	}
)
