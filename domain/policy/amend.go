package policy

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
)

// Always is after every version begins. What is decided of tags holds at once,
// so that they are the same at every moment from now on.
var Always = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// SetThreshold, SetLimit, SetTag and SetWelfare change entries of a content.
func (c *Content) SetThreshold(t Threshold) { set(&c.Thresholds, t) }

func (c *Content) SetLimit(code string, value int) { set(&c.Limits, Limit{Code: code, Value: value}) }

func (c *Content) SetTag(t Tag) { set(&c.Tags, t) }

// SetWelfare makes these the tags where silence raises an alert, and no others of those there are.
func (c *Content) SetWelfare(there []Welfare, tags []string) {
	for _, w := range there {
		if !slices.Contains(tags, w.Code) {
			set(&c.Welfare, Welfare{Mark: Mark{Retired: true}, Code: w.Code})
		}
	}
	for _, tag := range tags {
		set(&c.Welfare, Welfare{Code: tag})
	}
}

// VisitsSince is the version of the street's own part that last changed what
// holds for visits, 0 where it decided nothing of them.
func (p *Policy) VisitsSince() (number int64) {
	count := func(m Mark) {
		if m.Origin == FromStreet {
			number = max(number, m.Since)
		}
	}
	for _, t := range p.Thresholds {
		count(t.Mark)
	}
	for _, l := range p.Limits {
		if l.Code == ReviewAt || l.Code == WeekLimit {
			count(l.Mark)
		}
	}
	for _, w := range p.Welfare {
		count(w.Mark)
	}
	return number
}

// Tag returns a tag that the version has.
func (v *Version) Tag(code string) Tag {
	t, _ := find(v.Content.Tags, code)
	return t
}

// TagAnywhere reports whether any street has or had a tag, and whether it is sensitive in one.
func (s *Policies) TagAnywhere(code string) (found, sensitive bool) {
	see := func(list []Tag) {
		if t, ok := find(list, code); ok {
			found, sensitive = true, sensitive || t.Sensitive
		}
	}
	see(builtIn().Tags)
	for _, all := range s.now().versions {
		see(all[len(all)-1].Content.Tags)
	}
	return found, sensitive
}

// TagOf returns the tag that a version of a street, by its id, has changed, as it is now; ErrNotFound.
func (s *Policies) TagOf(ctx context.Context, version string) (Tag, error) {
	v, err := versions.Get(ctx, s.st, version)
	if err != nil {
		return Tag{}, err
	}
	if err := s.RefreshOf(ctx, v.Area); err != nil {
		return Tag{}, err
	}
	for _, t := range v.Content.Tags {
		if t.Since == v.Number {
			now, _ := find(s.At(v.Area, Always).Tags, t.Code)
			return now, nil
		}
	}
	return Tag{}, domain.ErrNotFound
}

// DecidedAt is when a version of what counts in a street was decided; zero for none.
func (s *Policies) DecidedAt(street string, number int64) time.Time {
	if l := s.now().streets[street]; l != nil {
		for _, v := range l.own {
			if v.Number >= number { // what was carried over is one version with the latest number of all
				return v.At
			}
		}
	}
	return time.Time{}
}
