package stats

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store/jobs"
)

// Live keeps the latest Snapshot, whichever node changed the store.
type Live struct {
	Sources
	latest atomic.Pointer[Snapshot]
	first  chan struct{} // closed once there is one
}

// Sources are where the things are that figures count.
type Sources struct {
	Areas      *area.Areas
	Tickets    *ticket.Tickets
	Visits     *visit.Visits
	Households *household.Households
}

// New returns figures that are there once Follow runs.
func New(s Sources) *Live { return &Live{Sources: s, first: make(chan struct{})} }

// Snapshot returns the latest; it waits, as long as ctx lasts, for the first.
func (l *Live) Snapshot(ctx context.Context) (*Snapshot, error) {
	select {
	case <-l.first:
		return l.latest.Load(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

const pageOf = 500 // entries of the journal

// Follow keeps the snapshot fresh until ctx ends, and returns ctx's error.
// Failures of the store are logged and retried. It runs once at a time, by the
// node's clock and store.
func (l *Live) Follow(ctx context.Context, n jobs.Node) error {
	f := &follower{Live: l, node: n, open: pile[ticket.Brief]{}, recent: pile[report]{}, planned: pile[visit.Brief]{}, alerting: pile[access.Place]{}, houses: map[string]map[string]int{}, streets: map[string]*Street{}, changed: map[string]*changes{}}
	return jobs.Watch(ctx, n, "figures", f.catchUp)
}

// follower is what Follow works on.
type follower struct {
	*Live
	node     jobs.Node
	open     pile[ticket.Brief]
	recent   pile[report] // of the tickets reported since horizon
	planned  pile[visit.Brief]
	alerting pile[access.Place]
	houses   map[string]map[string]int // by street and cell
	horizon  time.Time
	seen     map[string]int64 // number up to which each journal was read; nil before anything was
	streets  map[string]*Street
	changed  map[string]*changes // by street, since the snapshot
}

// catchUp reads what the journals say up to heads, and swaps the snapshot.
// What it had read when it failed is not read again.
func (f *follower) catchUp(ctx context.Context, heads map[string]int64) error {
	if f.seen == nil {
		if err := f.load(ctx, heads); err != nil {
			return err
		}
	}
	f.forget()
	for partition, head := range heads {
		if err := f.read(ctx, partition, head); err != nil {
			return err
		}
	}
	for street, c := range f.changed {
		f.streets[street] = f.streets[street].with(c)
	}
	clear(f.changed)
	f.latest.Store(&Snapshot{Numbers: maps.Clone(f.seen), streets: maps.Clone(f.streets)})
	select {
	case <-f.first:
	default:
		close(f.first)
	}
	return nil
}

// load reads all there is. What happens meanwhile comes after heads in the journals.
func (f *follower) load(ctx context.Context, heads map[string]int64) error {
	f.horizon = recentSince(f.node.Now())
	open, err := f.Tickets.Open(ctx)
	if err != nil {
		return err
	}
	for _, b := range open {
		f.setTicket(b.ID, b)
	}
	if err := f.Tickets.Reported(ctx, f.horizon, func(b *ticket.Brief) { f.setTicket(b.ID, b) }); err != nil {
		return err
	}
	planned, err := f.Visits.Planned(ctx)
	if err != nil {
		return err
	}
	for _, b := range planned {
		f.setVisit(b.ID, b)
	}
	alerting, err := f.Visits.Alerting(ctx)
	if err != nil {
		return err
	}
	for id, p := range alerting {
		f.setAlert(id, p)
	}
	for _, street := range f.Areas.Tree().Streets() {
		if err := f.countHouses(ctx, street.ID, nil); err != nil {
			return err
		}
	}
	f.seen = maps.Clone(heads)
	return nil
}

// forget lets go of the reports that are recent no more, once a day.
func (f *follower) forget() {
	since := recentSince(f.node.Now())
	if !since.After(f.horizon) {
		return
	}
	f.horizon = since
	for id, r := range f.recent {
		if r.at.Before(since) {
			f.setReport(id, nil)
		}
	}
}

// read goes on in a street's journal, and reads again everything that it
// speaks of: also what came from another street, whose own journal is silent about it.
func (f *follower) read(ctx context.Context, partition string, head int64) error {
	for f.seen[partition] < head {
		entries, err := f.node.Store.JournalTo(ctx, partition, f.seen[partition], head, pageOf)
		if err != nil || len(entries) == 0 {
			return err
		}
		ids := map[string]map[string]bool{ticket.Journaled: {}, visit.Journaled: {}, visit.StopsJournaled: {}}
		dwelling := newTouched()
		for _, e := range entries {
			if of := ids[e.Collection]; of != nil {
				of[e.Doc] = true
			} else if e.Collection == household.Journaled {
				dwelling.add(f.Areas, partition, e)
			}
		}
		named := func(collection string) []string { return slices.Collect(maps.Keys(ids[collection])) }
		tickets, err := f.Tickets.Briefs(ctx, named(ticket.Journaled))
		if err != nil {
			return err
		}
		planned, err := f.Visits.PlannedOf(ctx, named(visit.Journaled))
		if err != nil {
			return err
		}
		alerting, err := f.Visits.AlertingOf(ctx, named(visit.StopsJournaled))
		if err != nil {
			return err
		}
		if err := f.recount(ctx, dwelling); err != nil {
			return err
		}
		for id := range ids[ticket.Journaled] {
			f.setTicket(id, tickets[id])
		}
		for id := range ids[visit.Journaled] {
			f.setVisit(id, planned[id])
		}
		for id := range ids[visit.StopsJournaled] {
			f.setAlert(id, alerting[id])
		}
		f.seen[partition] = entries[len(entries)-1].Number
	}
	return nil
}

// setTicket notes the ticket as it is now; nil: it is not there.
func (f *follower) setTicket(id string, now *ticket.Brief) {
	var r *report
	if now != nil && !now.CreatedAt.Before(f.horizon) {
		r = &report{now.Facts.Place, now.CreatedAt, nil}
		if !now.State.Open() {
			r.settled = now.Shown
		}
	}
	f.setReport(id, r)
	if now != nil && !now.State.Open() {
		now = nil
	}
	set(f, f.open, id, now, func(b *ticket.Brief) string { return b.Facts.Place.Street }, func(c *changes) change[ticket.Brief] { return c.tickets })
}

func (f *follower) setReport(id string, now *report) {
	set(f, f.recent, id, now, func(r *report) string { return r.place.Street }, func(c *changes) change[report] { return c.reported })
}

// setVisit notes the visit as it is now; nil: it is not planned.
func (f *follower) setVisit(id string, now *visit.Brief) {
	set(f, f.planned, id, now, func(b *visit.Brief) string { return b.Place.Street }, func(c *changes) change[visit.Brief] { return c.visits })
}

// setAlert notes where the stop is; nil: it has no alert.
func (f *follower) setAlert(id string, now *access.Place) {
	set(f, f.alerting, id, now, func(p *access.Place) string { return p.Street }, func(c *changes) change[access.Place] { return c.alerts })
}

// set replaces a thing in its pile, or takes it away, and notes that in its street.
func set[T any](f *follower, p pile[T], id string, now *T, street func(*T) string, of func(*changes) change[T]) {
	was := p[id]
	if was != nil {
		of(f.of(street(was))).gone(id, was)
		delete(p, id)
	}
	if now != nil {
		of(f.of(street(now))).come(id, now)
		p[id] = now
	}
}

func (f *follower) of(street string) *changes {
	if f.changed[street] == nil {
		f.changed[street] = newChanges(street)
	}
	return f.changed[street]
}

// pile is the things of one kind that count, by id.
type pile[T any] map[string]*T
