// Package stats keeps figures of what is going on, in memory and per street,
// by reading the journal: a second source of truth it is not. It knows what it
// counts, tickets so far, but not who may read a figure, nor of HTTP.
package stats

import (
	"slices"
	"strings"
	"time"

	"wangge/domain/ticket"
)

// Figures of a cell at a time. Each is what a list counts: Open the tickets of
// the cell in a state that is open, Overdue those that are overdue then.
type Figures struct{ Open, Overdue int }

// Snapshot is the open tickets of every street. It never changes.
type Snapshot struct {
	Numbers map[string]int64 // of each journal, up to which it is true
	streets map[string]*Street
}

// Street returns the open tickets of the street with the id.
func (s *Snapshot) Street(id string) *Street {
	if street := s.streets[id]; street != nil {
		return street
	}
	return &none
}

// Streets are the streets that have had tickets, by id.
func (s *Snapshot) Streets() map[string]*Street { return s.streets }

var none Street

// Street is the open tickets of one street. It never changes: while nothing
// happens to one of them, the next snapshot has the same pointer.
type Street struct {
	Tickets []*ticket.Brief // by id
	cells   map[string]*tally
}

// tally is what is open in a cell.
type tally struct {
	open int
	due  []int64 // Unix milliseconds, sorted, of those whose clock runs
}

func newStreet(open map[string]*ticket.Brief) *Street {
	s := &Street{Tickets: make([]*ticket.Brief, 0, len(open)), cells: map[string]*tally{}}
	for _, b := range open {
		s.Tickets = append(s.Tickets, b)
		cell := b.Facts.Place.Cell
		if s.cells[cell] == nil {
			s.cells[cell] = &tally{}
		}
		s.cells[cell].open++
		if b.Runs() {
			s.cells[cell].due = append(s.cells[cell].due, b.DueAt.UnixMilli())
		}
	}
	slices.SortFunc(s.Tickets, func(a, b *ticket.Brief) int { return strings.Compare(a.ID, b.ID) })
	for _, c := range s.cells {
		slices.Sort(c.due)
	}
	return s
}

// Cell returns the figures of the cell with the id at a time; with the id "",
// of what lies in no cell.
func (s *Street) Cell(id string, now time.Time) Figures {
	c := s.cells[id]
	if c == nil {
		return Figures{}
	}
	overdue, _ := slices.BinarySearch(c.due, now.UnixMilli()) // those before it
	return Figures{c.open, overdue}
}
