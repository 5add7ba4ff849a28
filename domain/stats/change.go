package stats

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"wangge/domain/access"
	"wangge/domain/ticket"
	"wangge/domain/visit"
)

// changes are what happened in a street since the last snapshot.
type changes struct {
	tickets  change[ticket.Brief]
	reported change[report]
	visits   change[visit.Brief]
	alerts   change[access.Place]
	houses   map[string]counted // by cell, "" for none
	street   string             // its id
}

func newChanges(street string) *changes {
	return &changes{newChange[ticket.Brief](), newChange[report](), newChange[visit.Brief](), newChange[access.Place](), map[string]counted{}, street}
}

// report is where and when something was reported.
type report struct {
	place   access.Place
	at      time.Time
	settled *ticket.Public // what the public sees of it, once it is open no more; nil for nothing
}

// counted is how many more households there are, in a cell of a community.
type counted struct {
	community string
	more      int
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

// each goes over what goes, by -1, and what comes, by 1.
func (c change[T]) each(count func(thing *T, by int)) {
	for _, was := range c.was {
		count(was, -1)
	}
	for _, now := range c.now {
		count(now, 1)
	}
}

// with is the street after the changes. What they do not touch is shared with
// the street before: it costs what changed, not what is there.
func (s *Street) with(c *changes) *Street {
	if s == nil {
		s = &none
	}
	next := &Street{Tickets: replace(s.Tickets, c.tickets), tallies: maps.Clone(s.tallies)}
	if next.tallies == nil {
		next.tallies = map[string]*tally{}
	}
	next.Settled = withSettled(s.Settled, c.reported)
	touched := tallied{}
	c.tickets.each(func(b *ticket.Brief, by int) {
		for t := range touched.at(b.Facts.Place) {
			t.open += by
			if b.Runs() {
				t.due.count(b.DueAt, by)
			}
		}
	})
	c.reported.each(func(r *report, by int) {
		for t := range touched.at(r.place) {
			t.reported.count(r.at, by)
		}
	})
	c.visits.each(func(b *visit.Brief, by int) {
		for t := range touched.at(b.Place) {
			t.opens.count(b.Opens, by)
			t.closes.count(b.Closes, by)
		}
	})
	c.alerts.each(func(p *access.Place, by int) {
		for t := range touched.at(*p) {
			t.alerts += by
		}
	})
	for cell, n := range c.houses {
		for t := range touched.at(access.Place{Street: c.street, Community: n.community, Cell: cell}) {
			t.houses += n.more
		}
	}
	for id, t := range touched {
		next.tallies[id] = next.tallies[id].with(t)
	}
	return next
}

// tallied is what happens to the tallies of a street, by id.
type tallied map[string]*more

// more is what happens to one.
type more struct {
	open, alerts, houses         int
	due, reported, opens, closes times
}

// at goes over the tallies in which something counts that lies there: of its
// cell, or of what lies in none; of its community, if it is in one; of the street.
func (t tallied) at(p access.Place) iter.Seq[*more] {
	return func(yield func(*more) bool) {
		for i, id := range []string{p.Cell, p.Community, p.Street} {
			if id == "" && i > 0 {
				continue
			}
			if t[id] == nil {
				t[id] = &more{}
			}
			if !yield(t[id]) {
				return
			}
		}
	}
}

// with is the tally after what happened; nil is one of nothing.
func (t *tally) with(m *more) *tally {
	if t == nil {
		t = &tally{}
	}
	return &tally{t.open + m.open, m.due.apply(t.due), m.reported.apply(t.reported), m.opens.apply(t.opens), m.closes.apply(t.closes), t.alerts + m.alerts, t.houses + m.houses}
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

// withSettled returns the list with the change made to it, in no order.
func withSettled(list []*ticket.Public, c change[report]) []*ticket.Public {
	if len(c.was) == 0 && len(c.now) == 0 {
		return list
	}
	gone, out := map[*ticket.Public]bool{nil: true}, make([]*ticket.Public, 0, len(list)+len(c.now))
	for _, r := range c.was {
		gone[r.settled] = true
	}
	add := func(p *ticket.Public) {
		if !gone[p] {
			out = append(out, p)
		}
	}
	for _, p := range list {
		add(p)
	}
	for _, r := range c.now {
		add(r.settled)
	}
	return out
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
