package policy

import (
	"fmt"
	"reflect"
	"slices"
)

// item is a pointer to an entry of some kind.
type item[E any] interface {
	*E
	key() string
	mark() *Mark
}

// part is what one origin decides, and the version of it.
type part struct {
	origin  Origin
	area    string // code; "" of what is built in
	number  int64  // 0: nothing is decided
	content Content
}

// merge lays the parts over one another.
func merge(parts ...part) *Policy {
	p := &Policy{}
	for _, part := range parts {
		p.overlay(part.origin, part.content)
		if part.area == "" {
			p.ID = fmt.Sprint(part.number)
		} else {
			p.ID += fmt.Sprintf("/%s.%d", part.area, part.number)
		}
	}
	for i := range p.Categories {
		c := &p.Categories[i]
		c.Conditions = nil
		for _, x := range p.Conditions {
			if x.Category == c.Code {
				c.Conditions = append(c.Conditions, x)
			}
		}
	}
	return p
}

// overlay puts the entries of a part in the place of those before, and new ones after them.
func (p *Policy) overlay(from Origin, c Content) {
	p.Groups = over(p.Groups, from, c.Groups)
	p.Categories = over(p.Categories, from, c.Categories)
	p.Conditions = over(p.Conditions, from, c.Conditions)
	p.Clocks = over(p.Clocks, from, c.Clocks)
	p.Hours = over(p.Hours, from, c.Hours)
	p.Steps = over(p.Steps, from, c.Steps)
	p.Limits = over(p.Limits, from, c.Limits)
	p.Thresholds = over(p.Thresholds, from, c.Thresholds)
	p.Welfare = over(p.Welfare, from, c.Welfare)
	p.Tags = over(p.Tags, from, c.Tags)
	p.HomeCalls = over(p.HomeCalls, from, c.HomeCalls)
}

func over[E any, P item[E]](below []E, from Origin, above []E) []E {
	out := slices.Clone(below)
	for _, e := range above {
		P(&e).mark().Origin = from
		if i := index[E, P](out, P(&e).key()); i >= 0 {
			out[i] = e
		} else {
			out = append(out, e)
		}
	}
	return out
}

// stamp says of every entry since which version it is as it is.
func (c *Content) stamp(was Content, number int64) {
	since(c.Groups, was.Groups, number)
	since(c.Categories, was.Categories, number)
	since(c.Conditions, was.Conditions, number)
	since(c.Clocks, was.Clocks, number)
	since(c.Hours, was.Hours, number)
	since(c.Steps, was.Steps, number)
	since(c.Limits, was.Limits, number)
	since(c.Thresholds, was.Thresholds, number)
	since(c.Welfare, was.Welfare, number)
	since(c.Tags, was.Tags, number)
	since(c.HomeCalls, was.HomeCalls, number)
}

func since[E any, P item[E]](now, was []E, number int64) {
	for i := range now {
		m := P(&now[i]).mark()
		m.Since = number
		if j := index[E, P](was, P(&now[i]).key()); j >= 0 {
			old := was[j]
			m.Since = P(&old).mark().Since // all else compared
			if !reflect.DeepEqual(now[i], old) {
				m.Since = number
			}
		}
	}
}

// clone is a copy whose entries may be replaced.
func (c Content) clone() Content {
	return Content{slices.Clone(c.Groups), slices.Clone(c.Categories), slices.Clone(c.Conditions), slices.Clone(c.Clocks), slices.Clone(c.Hours), slices.Clone(c.Steps), slices.Clone(c.Limits),
		slices.Clone(c.Thresholds), slices.Clone(c.Welfare), slices.Clone(c.Tags), slices.Clone(c.HomeCalls)}
}

// set puts an entry in the place of the one with its key, or at the end.
func set[E any, P item[E]](list *[]E, e E) {
	if i := index[E, P](*list, P(&e).key()); i >= 0 {
		(*list)[i] = e
	} else {
		*list = append(*list, e)
	}
}

func index[E any, P item[E]](list []E, key string) int {
	for i := range list { // in place: an entry is large, and a file has hundreds
		if P(&list[i]).key() == key {
			return i
		}
	}
	return -1
}
