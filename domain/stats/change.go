package stats

import (
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain/ticket"
	"wangge/domain/visit"
)

// changes are what happened in a street since the last snapshot.
type changes struct {
	tickets change[ticket.Brief]
	visits  change[visit.Brief]
}

// change is the things of one kind that were in the snapshot as they were
// then, and those that are to be in the next, by id. A thing of both has changed.
type change[T any] struct{ was, now map[string]*T }

func newChange[T any]() change[T] { return change[T]{map[string]*T{}, map[string]*T{}} }

// gone notes that a thing is not any more as it was.
func (c change[T]) gone(id string, was *T) {
	if c.now[id] != nil { // it came since the snapshot, which knows what was before it, if anything
		delete(c.now, id)
	} else {
		c.was[id] = was
	}
}

func (c change[T]) come(id string, now *T) { c.now[id] = now }

// with is the street after the changes. What they do not touch is shared with
// the street before: it costs what changed, not what is there.
func (s *Street) with(c *changes) *Street {
	if s == nil {
		s = &none
	}
	next := &Street{Tickets: replace(s.Tickets, c.tickets), cells: maps.Clone(s.cells)}
	if next.cells == nil {
		next.cells = map[string]*tally{}
	}
	touched := map[string]*tallied{}
	cell := func(id string) *tallied {
		if touched[id] == nil {
			touched[id] = &tallied{}
		}
		return touched[id]
	}
	for _, b := range c.tickets.was {
		cell(b.Facts.Place.Cell).ticket(b, -1)
	}
	for _, b := range c.tickets.now {
		cell(b.Facts.Place.Cell).ticket(b, 1)
	}
	for _, b := range c.visits.was {
		cell(b.Place.Cell).opens.count(b.Opens, -1)
	}
	for _, b := range c.visits.now {
		cell(b.Place.Cell).opens.count(b.Opens, 1)
	}
	for id, t := range touched {
		was := next.cells[id]
		if was == nil {
			was = &tally{}
		}
		next.cells[id] = &tally{was.open + t.open, t.due.apply(was.due), t.opens.apply(was.opens)}
	}
	return next
}

// replace returns the sorted list with the change made to it.
func replace(list []*ticket.Brief, c change[ticket.Brief]) []*ticket.Brief {
	fresh := slices.SortedFunc(maps.Values(c.now), func(a, b *ticket.Brief) int { return strings.Compare(a.ID, b.ID) })
	out := make([]*ticket.Brief, 0, len(list)+len(fresh))
	for _, b := range list {
		for len(fresh) > 0 && fresh[0].ID < b.ID {
			out, fresh = append(out, fresh[0]), fresh[1:]
		}
		if c.was[b.ID] == nil {
			out = append(out, b)
		}
	}
	return append(out, fresh...)
}

// tallied is what happens to a cell's tally.
type tallied struct {
	open       int
	due, opens times
}

func (t *tallied) ticket(b *ticket.Brief, by int) {
	t.open += by
	if b.Runs() {
		t.due.count(b.DueAt, by)
	}
}

// times are moments that come to a sorted list, or go from it, by how often.
type times map[int64]int

func (t *times) count(at time.Time, by int) {
	if *t == nil {
		*t = times{}
	}
	(*t)[at.UnixMilli()] += by
}

// apply returns the sorted list with the changes made to it.
func (t times) apply(list []int64) []int64 {
	if len(t) == 0 {
		return list
	}
	var fresh []int64
	gone := map[int64]int{}
	for at, n := range t {
		if n < 0 {
			gone[at] = -n
		} else {
			fresh = append(fresh, slices.Repeat([]int64{at}, n)...)
		}
	}
	slices.Sort(fresh)
	out := make([]int64, 0, len(list)+len(fresh))
	for _, at := range list {
		for len(fresh) > 0 && fresh[0] < at {
			out, fresh = append(out, fresh[0]), fresh[1:]
		}
		if gone[at] > 0 {
			gone[at]--
		} else {
			out = append(out, at)
		}
	}
	return append(out, fresh...)
}
