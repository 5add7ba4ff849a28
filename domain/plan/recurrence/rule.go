// Package recurrence reads how often something is planned, as RFC 5545 writes
// it, and lists the days. It knows days, not times of day: rules are those
// of whole days in China, and bounded work whatever the rule says.
package recurrence

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
)

const (
	countMost    = 1000
	intervalMost = 366
	longest      = 300     // bytes of a rule
	firstWithin  = 4 * 366 // days from the anchor until the rule must have named one
	// WindowMost is the longest window that Between lists, in days.
	WindowMost = 2 * 366
)

// Rule is a recurrence with the day it counts from.
type Rule struct {
	parts     map[string]string
	anchor    civil.Date
	freq      string
	interval  int
	count     int        // 0: without end
	until     civil.Date // "": without end
	weekStart time.Weekday
	months    map[int]bool // none: every month
	monthDays map[int]bool // 1 is the first, -1 the last; none: every day
	weekdays  map[nth]bool // none: every day
	positions []int        // of the days of a period, 1 the first, -1 the last; none: all
	fromStart bool         // the day of the month is that of the anchor
}

// nth is a weekday of a month or year, from its beginning or, negative, its end; 0 is any.
type nth struct {
	n   int
	day time.Weekday
}

// RuleError says why a text is not a rule that plans may have.
type RuleError struct{ Detail domain.Text }

func (e *RuleError) Error() string { return e.Detail.EN }

// values says what the value of each part looks like. Parts for times of day
// have no meaning for days; no plan is made by BYWEEKNO and BYYEARDAY.
var values = map[string]*regexp.Regexp{
	"FREQ":       regexp.MustCompile(`^(DAILY|WEEKLY|MONTHLY|YEARLY)$`),
	"INTERVAL":   regexp.MustCompile(`^[1-9][0-9]{0,2}$`),
	"COUNT":      regexp.MustCompile(`^[1-9][0-9]{0,3}$`),
	"UNTIL":      regexp.MustCompile(`^[0-9]{8}$`),
	"WKST":       regexp.MustCompile(`^(MO|TU|WE|TH|FR|SA|SU)$`),
	"BYDAY":      list(`[+-]?[1-9]?[0-9]?(MO|TU|WE|TH|FR|SA|SU)`),
	"BYMONTHDAY": list(`[+-]?([1-9]|[12][0-9]|3[01])`),
	"BYMONTH":    list(`([1-9]|1[0-2])`),
	"BYSETPOS":   list(`[+-]?[1-9][0-9]{0,2}`),
}

var weekdays = map[string]time.Weekday{"MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday,
	"FR": time.Friday, "SA": time.Saturday, "SU": time.Sunday}

func list(value string) *regexp.Regexp {
	return regexp.MustCompile(`^` + value + `(,` + value + `)*$`)
}

// Parse reads a rule such as "FREQ=MONTHLY;BYDAY=1MO" that counts from the
// anchor. The error is a *RuleError: for a frequency below a day, a part that
// is unknown, said twice or out of bounds, COUNT together with UNTIL, and a
// rule that names no day within four years of the anchor.
func Parse(text string, anchor civil.Date) (*Rule, error) {
	if len(text) > longest {
		return nil, &RuleError{domain.Textf("重复规则最多 %d 个字符", "longer than %d characters", longest)}
	}
	parts, err := split(text)
	if err != nil {
		return nil, err
	}
	if err := check(parts); err != nil {
		return nil, err
	}
	r := read(parts, anchor)
	if days, _ := r.between(anchor, anchor.Add(firstWithin), 1); len(days) == 0 {
		return nil, &RuleError{domain.T("该规则四年内没有任何日期", "it names no day within four years")}
	}
	return r, nil
}

func split(text string) (map[string]string, error) {
	parts := map[string]string{}
	for _, part := range strings.Split(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		shape, known := values[name]
		_, twice := parts[name]
		switch {
		case !known:
			return nil, &RuleError{domain.Textf("不支持的部分 %.20q", "part %.20q is unknown or not for days", name)}
		case twice:
			return nil, &RuleError{domain.Textf("%s 重复", "%s is there twice", name)}
		case name == "INTERVAL" && strings.Trim(value, "0") == "":
			return nil, &RuleError{domain.T("INTERVAL 应大于 0", "INTERVAL must be above 0")}
		case !shape.MatchString(value):
			return nil, &RuleError{domain.Textf("%s 的值有误", "%s has a value that it cannot have", name)}
		}
		parts[name] = value
	}
	return parts, nil
}

func check(parts map[string]string) error {
	has := func(name string) bool { return parts[name] != "" }
	number := func(name string) int {
		n, _ := strconv.Atoi(parts[name])
		return n
	}
	switch {
	case !has("FREQ"):
		return &RuleError{domain.T("缺少 FREQ", "FREQ is missing")}
	case has("COUNT") && has("UNTIL"):
		return &RuleError{domain.T("COUNT 与 UNTIL 不能同时使用", "COUNT and UNTIL exclude each other")}
	case number("COUNT") > countMost:
		return &RuleError{domain.Textf("COUNT 最大 %d", "COUNT is %d at most", countMost)}
	case number("INTERVAL") > intervalMost:
		return &RuleError{domain.Textf("INTERVAL 最大 %d", "INTERVAL is %d at most", intervalMost)}
	case has("BYMONTHDAY") && parts["FREQ"] == "WEEKLY":
		return &RuleError{domain.T("每周重复不能使用 BYMONTHDAY", "BYMONTHDAY is not for weeks")}
	case has("BYSETPOS") && !has("BYDAY") && !has("BYMONTHDAY") && !has("BYMONTH"):
		return &RuleError{domain.T("BYSETPOS 需与其他 BY 部分同用", "BYSETPOS needs another BY part")}
	}
	for _, position := range numbers(parts["BYSETPOS"]) {
		if position > 366 || position < -366 {
			return &RuleError{domain.T("BYSETPOS 超出范围", "BYSETPOS is out of bounds")}
		}
	}
	if has("UNTIL") {
		if _, err := time.Parse("20060102", parts["UNTIL"]); err != nil {
			return &RuleError{domain.T("UNTIL 应为日期，如 20261231", "UNTIL is a date such as 20261231")}
		}
	}
	for _, d := range items(parts["BYDAY"]) {
		n := nthOf(d).n
		switch {
		case len(d) > 2 && parts["FREQ"] != "MONTHLY" && parts["FREQ"] != "YEARLY":
			return &RuleError{domain.Textf("%s 只能用于每月、每年", "%s is for months and years", d)}
		case len(d) > 2 && (n == 0 || n > 53 || n < -53 || (n > 5 || n < -5) && (parts["FREQ"] == "MONTHLY" || has("BYMONTH"))):
			return &RuleError{domain.Textf("%s 超出范围", "%s is out of bounds", d)}
		}
	}
	return nil
}

// read makes a rule of parts that are right. Where no part names the days of a
// period, the anchor does.
func read(parts map[string]string, anchor civil.Date) *Rule {
	r := &Rule{parts: parts, anchor: anchor, freq: parts["FREQ"], interval: 1, weekStart: time.Monday,
		months: set(numbers(parts["BYMONTH"])), monthDays: set(numbers(parts["BYMONTHDAY"])), weekdays: map[nth]bool{}, positions: numbers(parts["BYSETPOS"])}
	if n := numbers(parts["INTERVAL"]); len(n) > 0 {
		r.interval = n[0]
	}
	if n := numbers(parts["COUNT"]); len(n) > 0 {
		r.count = n[0]
	}
	if last, err := time.Parse("20060102", parts["UNTIL"]); err == nil {
		r.until = civil.Date(last.Format(time.DateOnly))
	}
	if start := parts["WKST"]; start != "" {
		r.weekStart = weekdays[start]
	}
	for _, d := range items(parts["BYDAY"]) {
		r.weekdays[nthOf(d)] = true
	}
	if len(r.weekdays) > 0 || len(r.monthDays) > 0 {
		return r
	}
	switch first := day(anchor); r.freq {
	case "WEEKLY":
		r.weekdays[nth{0, first.Weekday()}] = true
	case "YEARLY":
		if len(r.months) == 0 {
			r.months = set([]int{int(first.Month())})
		}
		fallthrough
	case "MONTHLY":
		r.monthDays, r.fromStart = set([]int{first.Day()}), true
	}
	return r
}

func items(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == ',' })
}

func numbers(list string) []int {
	var out []int
	for _, item := range items(list) {
		n, _ := strconv.Atoi(item)
		out = append(out, n)
	}
	return out
}

func set(of []int) map[int]bool {
	out := map[int]bool{}
	for _, n := range of {
		out[n] = true
	}
	return out
}

// nthOf reads an item of BYDAY, such as "MO" or "-1FR".
func nthOf(item string) nth {
	at := len(item) - 2
	n, _ := strconv.Atoi(item[:at])
	return nth{n, weekdays[item[at:]]}
}

// text writes a rule of parts.
func text(parts map[string]string) string {
	var out []string
	for _, name := range []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"} {
		if parts[name] != "" {
			out = append(out, name+"="+parts[name])
		}
	}
	return strings.Join(out, ";")
}
