package policy

import (
	"slices"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/clocks"
)

// builtInNumber is the version of what is built in: one more whenever that changes.
const builtInNumber = 3

// Limits that rules go by.
const (
	SuspendDays = "suspend_days" // a ticket is suspended for at most so long
	ReopenDays  = "reopen_days"  // after closing, by who reported it
	ReopenTimes = "reopen_times" // by who reported it
	ReviewAt    = "review_at"    // a visit's score from here on waits for a lead
	WeekLimit   = "week_limit"   // visits a worker can do in a week
	RectifyDays = "rectify_days" // working days to put right what was rated badly

	AnswerDays  = "answer_days"  // working days that the reporter has for a question
	ReworkDays  = "rework_days"  // working days that a rework leaves at least
	BacklogDays = "backlog_days" // working days to decide on what is shelved, from its review date
	UrgeDays    = "urge_days"    // days between two urgings
	ReturnHours = "return_hours" // working hours after the dispatch in which a return may be asked for
	ExtendTimes = "extend_times" // extensions of one handling
	DecideHours = "decide_hours" // working hours to decide on a request
	AttendHours = "attend_hours" // working hours to attend when called in
	TakeHours   = "take_hours"   // working hours to take or give back what is offered

	Strict = "strict" // 1: who files (accepts, rejects) or verifies a ticket is never who dispatched it

	HomeCallsADay       = "home_calls_a_day"       // that one worker makes
	HomeCallDaysLeast   = "home_call_days_least"   // from the day of booking to that of the call; so is the next
	HomeCallDaysMost    = "home_call_days_most"    //
	HomeCallWorkingDays = "home_call_working_days" // 1: on working days only
	HomeCallChangeHours = "home_call_change_hours" // before the slot; until then the resident may move or cancel
)

// bounds are the least and the most of each limit.
var bounds = map[string][2]int{SuspendDays: {1, 30}, ReopenDays: {1, 90}, ReopenTimes: {0, 10}, ReviewAt: {1, 100}, WeekLimit: {1, 1000}, RectifyDays: {1, 30}, Strict: {0, 1},
	AnswerDays: {1, 30}, ReworkDays: {1, 30}, BacklogDays: {1, 30}, UrgeDays: {1, 30}, ReturnHours: {1, 80}, ExtendTimes: {0, 10}, DecideHours: {1, 80}, AttendHours: {1, 80}, TakeHours: {1, 80},
	HomeCallsADay: {1, 40}, HomeCallDaysLeast: {0, 30}, HomeCallDaysMost: {0, 60}, HomeCallWorkingDays: {0, 1}, HomeCallChangeHours: {0, 240}}

// ledSteps are the steps that those who lead take, in the order of a ticket's
// life. The other ones are fixed: who has the ticket works on it, who reported it withdraws it.
var ledSteps = []string{"ask", "answer", "unask", "reply", "accept", "reject", "correct", "dispatch", "escalate", "grant", "refuse", "help_release", "suspend", "resume", "resolve", "rework", "close", "reopen",
	"split", "unsplit", "merge", "unmerge"}

// builtIn is what holds where nobody has decided anything: the five sore points
// of Pingjiang street (Suzhou) and what digital city management sees most, the
// tags of Pingjiang's visiting teams, and values to start with. What makes
// somebody easy to prey on is sensitive.
func builtIn() Content {
	c := Content{
		Groups: []Group{
			{Code: "property", Name: domain.T("物业管理", "Property")}, {Code: "order", Name: domain.T("公共秩序", "Public order")},
			{Code: "environment", Name: domain.T("市容环境", "Environment")}, {Code: "safety", Name: domain.T("公共安全", "Public safety")}, {Code: "others", Name: domain.T("其他", "Other")},
		},
		Categories: []Category{
			category("property", "property_fee", "物业费", "Property fees", false, false, 30),
			category("property", "garage_rental", "车库出租", "Garages let out", false, true, 15),
			category("order", "parking", "停车", "Parking", true, true, 7),
			category("environment", "garden_dispute", "毁绿种菜", "Green land turned into vegetable plots", false, true, 15),
			category("property", "pipe_dispute", "管道流水纠纷", "Water-pipe disputes in old housing", false, false, 7),
			category("order", "noise", "噪声", "Noise", true, false, 7),
			category("environment", "sanitation", "环境卫生", "Sanitation", true, true, 3),
			category("safety", "safety_hazard", "安全隐患", "Safety hazards", true, true, 5),
			category("others", "other", "其他", "Other", false, false, 15),
		},
		Limits: []Limit{{Code: SuspendDays, Value: 30}, {Code: ReopenDays, Value: 15}, {Code: ReopenTimes, Value: 2}, {Code: ReviewAt, Value: 50}, {Code: WeekLimit, Value: 60}, {Code: RectifyDays, Value: 5}, {Code: Strict, Value: 0},
			{Code: AnswerDays, Value: 5}, {Code: ReworkDays, Value: 1}, {Code: BacklogDays, Value: 5}, {Code: UrgeDays, Value: 3}, {Code: ReturnHours, Value: 4}, {Code: ExtendTimes, Value: 2}, {Code: DecideHours, Value: 8}, {Code: AttendHours, Value: 4}, {Code: TakeHours, Value: 8},
			{Code: HomeCallsADay, Value: 4}, {Code: HomeCallDaysLeast, Value: 1}, {Code: HomeCallDaysMost, Value: 14}, {Code: HomeCallWorkingDays, Value: 1}, {Code: HomeCallChangeHours, Value: 12}},
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
		HomeCalls: []HomeCall{{Code: "morning", From: "09:00", To: "11:30", Each: 2}, {Code: "afternoon", From: "13:30", To: "17:00", Each: 2}},
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
	c.Clocks = builtInClocks()
	c.Hours = []Office{{Code: TheOffice, Hours: *clocks.Usual(), WorkingDays: clocks.NextDay}}
	return c
}

// builtInClocks: what is short is told about within the day, what takes days within days.
func builtInClocks() []ClockRule {
	term := func(n int, u clocks.Unit) clocks.Term { return clocks.Term{Count: n, Unit: u} }
	upwards := func(second, third clocks.Term) []Level {
		return []Level{{To: []Recipient{ToLead}}, {After: second, To: []Recipient{ToDispatcher}}, {After: third, To: []Recipient{ToStreetManager}}}
	}
	short, long := upwards(term(4, clocks.WorkingHour), term(1, clocks.WorkingDay)), upwards(term(1, clocks.WorkingDay), term(3, clocks.WorkingDay))
	lead := []Recipient{ToLead}
	return []ClockRule{
		{Code: clocks.Accept, Term: term(4, clocks.WorkingHour), Warn: term(1, clocks.Hour), WarnTo: lead, Levels: short},
		{Code: clocks.Dispatch, Term: term(4, clocks.WorkingHour), Warn: term(1, clocks.Hour), WarnTo: lead, Levels: short},
		{Code: clocks.Handle, Warn: term(1, clocks.Day), WarnTo: []Recipient{ToAssignee, ToLead}, Levels: long},
		{Code: clocks.Verify, Term: term(1, clocks.WorkingDay), Warn: term(2, clocks.Hour), WarnTo: lead, Levels: short},
		{Code: clocks.Promise, Warn: term(1, clocks.Day), WarnTo: lead, Levels: long},
		{Code: clocks.Imposed, Warn: term(1, clocks.Day), WarnTo: lead, Levels: long},
	}
}

func category(group, code, zh, en string, public, afterPhoto bool, days int) Category {
	return Category{Parent: group, Code: code, Name: domain.T(zh, en), Public: public, AfterPhoto: afterPhoto, Days: days}
}

// builtInSimilar: what is about an estate reaches further and longer than what somebody left at a corner.
func builtInSimilar(code string) Similar {
	switch code {
	case "property_fee", "garage_rental", "garden_dispute":
		return Similar{300, 30}
	case "parking", "sanitation", "safety_hazard", "pipe_dispute":
		return Similar{100, 7}
	}
	return Similar{100, 15}
}

var (
	atOnce  = Rules{Terms: []Timed{{clocks.Dispatch, clocks.Term{Count: 30, Unit: clocks.Minute}}}}
	danger  = Condition{Code: "danger", Name: domain.T("危及人身或公共安全", "danger to people or the public"), Urgency: "critical", Days: 1, Rules: atOnce}
	special = map[string]Condition{
		"garage_rental": danger, "safety_hazard": danger,
		"parking":      {Code: "blocked_exit", Name: domain.T("堵塞消防通道", "fire lane or exit blocked"), Urgency: "urgent", Days: 1, Rules: atOnce},
		"pipe_dispute": {Code: "flooding", Name: domain.T("正在漏水", "water is running"), Urgency: "urgent", Days: 1, Rules: atOnce},
	}
)
