package ticket

import "wangge/domain"

// Category of a resident issue.
type Category struct {
	Code       string
	Name       domain.Text
	Public     bool        // shown on the public map; disputes between people are not
	AfterPhoto bool        // resolve needs a photo of how it looks now
	Days       int         // from the report until it should be resolved
	Conditions []Condition // 立案条件; the first is the default
}

// Condition under which a ticket of the category is taken on.
type Condition struct {
	Code    string
	Name    domain.Text
	Urgency Urgency // raised to, at accept
	Days    int     // instead of the category's; 0: the category's
}

func conditions(more ...Condition) []Condition {
	return append([]Condition{{"general", domain.T("一般情形", "general"), "normal", 0}}, more...)
}

var danger = Condition{"danger", domain.T("危及人身或公共安全", "danger to people or the public"), "critical", 1}

// Categories are the built-in ones: the five sore points of Pingjiang street
// (Suzhou) and what digital city management sees most. Their days are values
// to start with, until a street sets its own.
var Categories = []Category{
	{"property_fee", domain.T("物业费", "Property fees"), false, false, 30, conditions()},
	{"garage_rental", domain.T("车库出租", "Garages let out"), false, true, 15, conditions(danger)},
	{"parking", domain.T("停车", "Parking"), true, true, 7, conditions(
		Condition{"blocked_exit", domain.T("堵塞消防通道", "fire lane or exit blocked"), "urgent", 1})},
	{"garden_dispute", domain.T("毁绿种菜", "Green land turned into vegetable plots"), false, true, 15, conditions()},
	{"pipe_dispute", domain.T("管道流水纠纷", "Water-pipe disputes in old housing"), false, false, 7, conditions(
		Condition{"flooding", domain.T("正在漏水", "water is running"), "urgent", 1})},
	{"noise", domain.T("噪声", "Noise"), true, false, 7, conditions()},
	{"sanitation", domain.T("环境卫生", "Sanitation"), true, true, 3, conditions()},
	{"safety_hazard", domain.T("安全隐患", "Safety hazards"), true, true, 5, conditions(danger)},
	{"other", domain.T("其他", "Other"), false, false, 15, conditions()},
}

// CategoryOf returns the category with this code.
func CategoryOf(code string) (Category, bool) {
	for _, c := range Categories {
		if c.Code == code {
			return c, true
		}
	}
	return Category{}, false
}

// DaysUnder are the days that a condition of the category leaves.
func (c Category) DaysUnder(x Condition) int {
	if x.Days > 0 {
		return x.Days
	}
	return c.Days
}

func (c Category) condition(code string) (Condition, bool) {
	if code == "" {
		return c.Conditions[0], true
	}
	for _, x := range c.Conditions {
		if x.Code == code {
			return x, true
		}
	}
	return Condition{}, false
}
