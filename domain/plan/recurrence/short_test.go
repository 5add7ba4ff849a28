package recurrence

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wangge/domain/civil"
)

func TestRulesFromTheEndOfAMonth(t *testing.T) {
	for _, c := range []struct {
		rule   string
		anchor civil.Date
		works  string // the rule that is named; "" where the rule is taken
	}{
		{"FREQ=MONTHLY", "2026-01-28", ""},
		{"FREQ=MONTHLY", "2026-01-29", "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1"},
		{"FREQ=MONTHLY;INTERVAL=3;UNTIL=20280101", "2026-11-30", "FREQ=MONTHLY;INTERVAL=3;UNTIL=20280101;BYMONTHDAY=28,29,30;BYSETPOS=-1"},
		{"FREQ=MONTHLY", "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{"FREQ=MONTHLY;INTERVAL=12", "2026-01-31", ""},
		{"FREQ=MONTHLY;BYMONTH=1,3,12", "2026-01-31", ""},
		{"FREQ=MONTHLY;BYMONTH=1,4;BYSETPOS=1", "2026-01-31", "FREQ=MONTHLY;BYMONTH=1,4;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{"FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31", ""},
		{"FREQ=MONTHLY;BYDAY=SA", "2026-01-31", ""},
		{"FREQ=YEARLY", "2026-01-31", ""},
		{"FREQ=YEARLY", "2028-02-29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"},
		{"FREQ=YEARLY;INTERVAL=4", "2028-02-29", ""},
		{"FREQ=YEARLY;BYMONTH=1,2", "2026-01-31", "FREQ=MONTHLY;BYMONTH=1,2;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{"FREQ=YEARLY;INTERVAL=2;BYMONTH=1,2", "2026-01-31", "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,2;BYMONTHDAY=-1"},
		{"FREQ=WEEKLY", "2026-01-31", ""}, {"FREQ=DAILY", "2028-02-29", ""},
	} {
		r, err := Parse(c.rule, c.anchor)
		if err != nil {
			t.Fatal(c.rule, err)
		}
		var refused *RuleError
		switch err := r.CheckStart(); {
		case c.works == "" && err != nil:
			t.Errorf("%s from %s: %v", c.rule, c.anchor, err)
			continue
		case c.works == "":
			continue
		case !errors.As(err, &refused) || !strings.HasSuffix(refused.Detail.EN, " "+c.works) || !strings.HasSuffix(refused.Detail.ZH, " "+c.works):
			t.Errorf("%s from %s: %v; want %s named", c.rule, c.anchor, err, c.works)
			continue
		}
		named, err := Parse(c.works, c.anchor)
		if err != nil || named.CheckStart() != nil {
			t.Errorf("%s: %v", c.works, err)
			continue
		}
		days, last := named.Between(c.anchor, c.anchor.Add(WindowMost), WindowMost), c.anchor.Add(WindowMost)
		if skipped := named.Skipped(c.anchor, last); len(skipped) > 0 {
			t.Errorf("%s skips %v", c.works, skipped)
		}
		for _, d := range r.Between(c.anchor, last, WindowMost) {
			if !slices.Contains(days, d) {
				t.Errorf("%s leaves out %s", c.works, d)
			}
		}
	}
}

func TestSkippedMonths(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"FREQ=MONTHLY", ""},
		{"FREQ=MONTHLY;BYMONTHDAY=31", "2026-02 2026-04 2026-06 2026-09 2026-11"},
		{"FREQ=MONTHLY;BYMONTHDAY=15,30", "2026-02"},
		{"FREQ=MONTHLY;BYMONTHDAY=-31", "2026-02 2026-04 2026-06 2026-09 2026-11"},
		{"FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", ""},
		{"FREQ=MONTHLY;BYMONTHDAY=31;BYSETPOS=-1;INTERVAL=2", "2026-09 2026-11"},
		{"FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", "2026-02"},
		{"FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20260415", "2026-02 2026-04"},
		{"FREQ=MONTHLY;BYDAY=5FR", "2026-02 2026-03 2026-04 2026-06 2026-08 2026-09 2026-11 2026-12"},
		{"FREQ=MONTHLY;BYDAY=-5FR;BYMONTH=1,2", "2026-02"},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ""},
		{"FREQ=YEARLY;BYMONTH=2,3;BYMONTHDAY=29", "2026-02"},
		{"FREQ=DAILY;BYMONTHDAY=30", "2026-02"},
		{"FREQ=WEEKLY;BYDAY=MO", ""},
	} {
		r, err := Parse(c.rule, "2026-01-05")
		if err != nil {
			t.Fatal(c.rule, err)
		}
		if got := strings.Join(r.Skipped("2026-01-05", "2026-12-31"), " "); got != c.want {
			t.Errorf("%s skips %s, want %s", c.rule, got, c.want)
		}
	}
}
