// Package stats keeps figures of what is going on, in memory and per street,
// by reading the journal: a second source of truth it is not. It knows what it
// counts, tickets, visits, alerts and households, but not who may read a figure, nor of HTTP.
package stats

import (
	"slices"
	"time"

	"wangge/domain/civil"
	"wangge/domain/ticket"
)

// RecentDays are the days, today among them, whose reports are Recent.
const RecentDays = 30

// Figures of a cell or area at a time. Each is what a list counts.
type Figures struct {
	Open          int // tickets in a state that is open
	Overdue       int // those that are overdue then
	Recent        int // tickets reported today or in the days before, RecentDays in all, whatever became of them
	VisitsDue     int // visits planned that have opened, overdue ones too
	VisitsOverdue int // those that are overdue then
	Alerts        int // stops with an alert
	Households    int // now, whatever the time
}

// Plus is both together.
func (f Figures) Plus(o Figures) Figures {
	return Figures{f.Open + o.Open, f.Overdue + o.Overdue, f.Recent + o.Recent, f.VisitsDue + o.VisitsDue, f.VisitsOverdue + o.VisitsOverdue, f.Alerts + o.Alerts, f.Households + o.Households}
}

// Moment is a time that figures are asked for.
type Moment struct{ now, recent int64 } // Unix milliseconds

// At is the moment of a time.
func At(now time.Time) Moment { return Moment{now.UnixMilli(), recentSince(now).UnixMilli()} }

// recentSince is when the first of the recent days began.
func recentSince(now time.Time) time.Time { return civil.DateOf(now).Add(1 - RecentDays).Start() }

// Snapshot is what goes on in every street. It never changes.
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

// Street is what goes on in one street. It never changes: while nothing
// happens there, the next snapshot has the same pointer.
type Street struct {
	Tickets []*ticket.Brief   // that are open, by id
	Settled []*ticket.Public  // of those reported in the recent days that are open no more, what the public sees; in no order
	tallies map[string]*tally // by the id of a cell, a community or the street; "" is what lies in no cell
}

// tally is what there is in a cell or area. Times are Unix milliseconds, sorted.
type tally struct {
	open           int
	due            []int64 // of the open tickets whose clock runs
	reported       []int64 // of tickets, open or not; those longer ago than the recent days may be missing
	opens, closes  []int64 // of the planned visits
	alerts, houses int
}

// Figures returns those of a cell, a community or the street itself, by its id,
// at a time; with the id "", of what lies in no cell.
func (s *Street) Figures(id string, m Moment) Figures {
	t := s.tallies[id]
	if t == nil {
		return Figures{}
	}
	before := func(list []int64, at int64) int { n, _ := slices.BinarySearch(list, at); return n }
	return Figures{
		Open: t.open, Overdue: before(t.due, m.now), Recent: len(t.reported) - before(t.reported, m.recent),
		VisitsDue: before(t.opens, m.now+1), VisitsOverdue: before(t.closes, m.now+1), Alerts: t.alerts, Households: t.houses,
	}
}
