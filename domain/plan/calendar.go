package plan

import (
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan/recurrence"
)

// Level is that of the version's rule for a household at a time: its own, or
// "" where it has none. false when the version does not select the household.
// A list selects the household under any of its ids.
func (v *Version) Level(h *household.Household, ids []string, at time.Time) (level household.Level, tag household.Tag, ok bool) {
	if v.Tag == "" {
		return "", tag, slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(v.Households, id) }) && v.rule("") != ""
	}
	if tag, ok = h.Tag(v.Tag, at); !ok {
		return "", tag, false
	}
	if v.rule(tag.Level) != "" {
		return tag.Level, tag, true
	}
	return "", tag, true
}

func (v *Version) rule(level household.Level) string {
	for _, r := range v.Rules {
		if r.Level == level {
			return r.RRule
		}
	}
	return ""
}

// Horizon is how many days ahead visits are made.
const Horizon = 35

// Period of a plan: the day that a rule names, and the version whose rule it is.
type Period struct {
	Day     civil.Date
	Version int
}

// Calendar is the periods of a plan between two days, by the level whose rule names them.
type Calendar struct {
	Plan    *Plan
	Periods map[household.Level][]Period
}

// CalendarAt is the calendar of the days that visits may be made for at a time.
func (p *Plan) CalendarAt(now time.Time) (*Calendar, error) {
	today, window := civil.DateOf(now), 1
	for _, v := range p.Versions {
		window = max(window, v.WindowDays)
	}
	return p.Calendar(today.Add(1-window), today.Add(Horizon))
}

// Calendar lists the periods from one day up to and including another.
func (p *Plan) Calendar(from, to civil.Date) (*Calendar, error) {
	c := &Calendar{Plan: p, Periods: map[household.Level][]Period{}}
	for i, v := range p.Versions {
		first, last := max(from, v.From), to
		if i+1 < len(p.Versions) {
			last = min(to, p.Versions[i+1].From.Add(-1))
		}
		if first > last {
			continue
		}
		for _, r := range v.Rules {
			rule, err := recurrence.Parse(r.RRule, v.Anchor)
			if err != nil {
				return nil, err
			}
			for _, day := range rule.Between(first, last, recurrence.WindowMost) {
				c.Periods[r.Level] = append(c.Periods[r.Level], Period{day, i})
			}
		}
	}
	return c, nil
}

// Of lists the periods in which a household is to be visited. The tag counts
// as of the period's beginning, or as of now once that is past.
func (c *Calendar) Of(h *household.Household, ids []string, now time.Time) []Period {
	var out []Period
	if h == nil || h.MovedAway() || !c.Plan.Holds(h.Place) {
		return nil
	}
	for level, dates := range c.Periods {
		for _, o := range dates {
			if l, _, ok := c.Plan.Versions[o.Version].Level(h, ids, domain.Later(now, o.Day.Start())); ok && l == level {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b Period) int {
		if a.Day < b.Day {
			return -1
		}
		return 1
	})
	return out
}
