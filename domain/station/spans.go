package station

import (
	"slices"
	"time"
)

// Span is the time from From up to, not including, Until. A zero one leaves that end open.
type Span struct {
	From  time.Time `store:"from,omitempty"`
	Until time.Time `store:"until,omitempty"`
}

// Holds reports whether t lies in the span.
func (s Span) Holds(t time.Time) bool {
	return !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until))
}

func (s Span) valid() bool { return s.Until.IsZero() || s.From.Before(s.Until) }

func (s Span) overlaps(o Span) bool {
	return (s.Until.IsZero() || o.From.Before(s.Until)) && (o.Until.IsZero() || s.From.Before(o.Until))
}

// within is what a span has in common with times that have both ends.
func (s Span) within(times []Span) (out []Span) {
	for _, t := range times {
		if s.From.After(t.From) {
			t.From = s.From
		}
		if !s.Until.IsZero() && s.Until.Before(t.Until) {
			t.Until = s.Until
		}
		if t.From.Before(t.Until) {
			out = append(out, t)
		}
	}
	return out
}

// joined are spans with both ends as few as can be, in their order: none touches another.
func joined(all []Span) []Span {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Span) int { return a.From.Compare(b.From) })
	out := all[:0]
	for _, s := range all {
		if last := len(out) - 1; last >= 0 && !s.From.After(out[last].Until) {
			if s.Until.After(out[last].Until) {
				out[last].Until = s.Until
			}
		} else {
			out = append(out, s)
		}
	}
	return out
}

// both is the time that lies in a span of each list; spans of one list do not overlap.
func both(a, b []Span) (out []Span) {
	for len(a) > 0 && len(b) > 0 {
		out = append(out, a[0].within(b[:1])...)
		if a[0].Until.Before(b[0].Until) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// without is the time of a that lies in no span of b, both joined.
func without(a, b []Span) (out []Span) {
	for _, s := range a {
		for _, hole := range b {
			if !hole.From.Before(s.Until) {
				break
			}
			if !hole.Until.After(s.From) {
				continue
			}
			if s.From.Before(hole.From) {
				out = append(out, Span{s.From, hole.From})
			}
			s.From = hole.Until
			if !s.From.Before(s.Until) {
				break
			}
		}
		if s.From.Before(s.Until) {
			out = append(out, s)
		}
	}
	return out
}
