// Package stats keeps figures of what is going on, in memory and per street,
// by reading the journal: a second source of truth it is not. It knows what it
// counts, tickets and visits, but not who may read a figure, nor of HTTP.
package stats

import (
	"slices"
	"time"

	"wangge/domain/ticket"
)

// Figures of a cell at a time. Each is what a list counts: Open the tickets of
// the cell in a state that is open, Overdue those that are overdue then, and
// VisitsDue the visits planned there that have opened, overdue ones too.
type Figures struct{ Open, Overdue, VisitsDue int }

// Snapshot is the open tickets and planned visits of every street. It never changes.
type Snapshot struct {
	Numbers map[string]int64 // of each journal, up to which it is true
	streets map[string]*Street
}

// Street returns what is open in the street with the id.
func (s *Snapshot) Street(id string) *Street {
	if street := s.streets[id]; street != nil {
		return street
	}
	return &none
}

// Streets are the streets that have had any of it, by id.
func (s *Snapshot) Streets() map[string]*Street { return s.streets }

var none Street

// Street is the open tickets and planned visits of one street. It never
// changes: while nothing happens to one of them, the next snapshot has the same pointer.
type Street struct {
	Tickets []*ticket.Brief // by id
	cells   map[string]*tally
}

// tally is what is open in a cell.
type tally struct {
	open  int
	due   []int64 // Unix milliseconds, sorted, of those whose clock runs
	opens []int64 // the same of the planned visits
}

// Cell returns the figures of the cell with the id at a time; with the id "",
// of what lies in no cell.
func (s *Street) Cell(id string, now time.Time) Figures {
	c := s.cells[id]
	if c == nil {
		return Figures{}
	}
	overdue, _ := slices.BinarySearch(c.due, now.UnixMilli())    // those before it
	opened, _ := slices.BinarySearch(c.opens, now.UnixMilli()+1) // those at it, too
	return Figures{c.open, overdue, opened}
}
