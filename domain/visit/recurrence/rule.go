// Package recurrence reads how often something is planned, as RFC 5545 writes
// it, and lists the days. It knows days, not times of day: rules are those
// of whole days in China, and finite work whatever the rule says.
package recurrence

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"wangge/domain"
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
	rule   *rrule.RRule
	anchor Date
}

// RuleError says why a text is not a rule that plans may have.
type RuleError struct{ Detail domain.Text }

func (e *RuleError) Error() string { return e.Detail.EN }

func fault(zh, en string, args ...any) error {
	return &RuleError{domain.T(fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))}
}

// values says what the value of each part looks like. Parts for times of day
// have no meaning for days; BYWEEKNO and BYYEARDAY are left out because the
// library counts weeks wrongly around New Year, and no plan is made by them.
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

func list(value string) *regexp.Regexp {
	return regexp.MustCompile(`^` + value + `(,` + value + `)*$`)
}

// Parse reads a rule such as "FREQ=MONTHLY;BYDAY=1MO" that counts from the
// anchor. The error is a *RuleError: for a frequency below a day, a part that
// is unknown, said twice or out of bounds, COUNT together with UNTIL, and a
// rule that names no day within four years of the anchor.
func Parse(text string, anchor Date) (*Rule, error) {
	if len(text) > longest {
		return nil, fault("重复规则过长", "longer than %d characters", longest)
	}
	parts, err := split(text)
	if err != nil {
		return nil, err
	}
	if err := check(parts); err != nil {
		return nil, err
	}
	opts, err := rrule.StrToROption(text)
	if err != nil {
		return nil, fault("无法识别的重复规则", "not a recurrence rule")
	}
	opts.Dtstart = day(anchor)
	r, err := rrule.NewRRule(*opts)
	if err != nil {
		return nil, fault("重复规则超出范围", "a part is out of bounds")
	}
	rule := &Rule{r, anchor}
	if len(rule.between(anchor, anchor.Add(firstWithin), 1)) == 0 {
		return nil, fault("该规则四年内没有任何日期", "it names no day within four years")
	}
	return rule, nil
}

func split(text string) (map[string]string, error) {
	parts := map[string]string{}
	for _, part := range strings.Split(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		shape, known := values[name]
		_, twice := parts[name]
		switch {
		case !known:
			return nil, fault("不支持的部分 %.20q", "part %.20q is unknown or not for days", name)
		case twice:
			return nil, fault("%s 重复", "%s is there twice", name)
		case name == "INTERVAL" && strings.Trim(value, "0") == "":
			return nil, fault("INTERVAL 应大于 0", "INTERVAL must be above 0")
		case !shape.MatchString(value):
			return nil, fault("%s 的值有误", "%s has a value that it cannot have", name)
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
		return fault("缺少 FREQ", "FREQ is missing")
	case has("COUNT") && has("UNTIL"):
		return fault("COUNT 与 UNTIL 不能同时使用", "COUNT and UNTIL exclude each other")
	case number("COUNT") > countMost:
		return fault("COUNT 最大 %d", "COUNT is %d at most", countMost)
	case number("INTERVAL") > intervalMost:
		return fault("INTERVAL 最大 %d", "INTERVAL is %d at most", intervalMost)
	case has("BYMONTHDAY") && parts["FREQ"] == "WEEKLY":
		return fault("每周重复不能使用 BYMONTHDAY", "BYMONTHDAY is not for weeks")
	case has("BYSETPOS") && !has("BYDAY") && !has("BYMONTHDAY") && !has("BYMONTH"):
		return fault("BYSETPOS 需与其他 BY 部分同用", "BYSETPOS needs another BY part")
	}
	if has("UNTIL") {
		if _, err := time.Parse("20060102", parts["UNTIL"]); err != nil {
			return fault("UNTIL 应为日期，如 20261231", "UNTIL is a date such as 20261231")
		}
	}
	for _, d := range strings.Split(parts["BYDAY"], ",") {
		n, _ := strconv.Atoi(strings.TrimRight(d, "MOTUWEHFRSA"))
		switch {
		case len(d) > 2 && parts["FREQ"] != "MONTHLY" && parts["FREQ"] != "YEARLY":
			return fault("%s 只能用于每月、每年", "%s is for months and years", d)
		case len(d) > 2 && (n == 0 || n > 53 || n < -53 || (n > 5 || n < -5) && (parts["FREQ"] == "MONTHLY" || has("BYMONTH"))):
			return fault("%s 超出范围", "%s is out of bounds", d)
		}
	}
	return nil
}

// Between lists the days from one up to and including another, in order. Of a
// window longer than WindowMost it lists the beginning.
func (r *Rule) Between(from, to Date) []Date {
	if last := from.Add(WindowMost); to > last {
		to = last
	}
	return r.between(from, to, WindowMost)
}

func (r *Rule) between(from, to Date, most int) []Date {
	bounded := r.rule.OrigOptions
	if end := day(to); bounded.Until.IsZero() || bounded.Until.After(end) {
		bounded.Until = end // where the iteration stops
	}
	limited, err := rrule.NewRRule(bounded)
	if err != nil {
		return nil // cannot be: Parse made one of the same options
	}
	var out []Date
	next, first := limited.Iterator(), day(from)
	for t, ok := next(); ok && len(out) < most; t, ok = next() {
		if !t.Before(first) {
			out = append(out, Date(t.Format(form)))
		}
	}
	return slices.Compact(out)
}

// day is how a date is told to the library: as UTC, which has no days of 23 hours.
func day(d Date) time.Time {
	t, _ := time.Parse(form, string(d))
	return t
}
