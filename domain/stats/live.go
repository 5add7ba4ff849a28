package stats

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"

	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/jobs"
)

// Live keeps the latest Snapshot, whichever node changed the store.
type Live struct {
	st      *store.Store
	tickets *ticket.Tickets
	visits  *visit.Visits
	latest  atomic.Pointer[Snapshot]
	first   chan struct{} // closed once there is one
}

// New returns figures that are there once Follow runs.
func New(st *store.Store, tickets *ticket.Tickets, visits *visit.Visits) *Live {
	return &Live{st: st, tickets: tickets, visits: visits, first: make(chan struct{})}
}

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
// Failures of the store are logged and retried. It runs once at a time.
func (l *Live) Follow(ctx context.Context, log *slog.Logger) error {
	f := &follower{Live: l, open: pile[ticket.Brief]{}, planned: pile[visit.Brief]{}, streets: map[string]*Street{}, changed: map[string]*changes{}}
	return jobs.Watch(ctx, jobs.Node{Store: l.st, Log: log}, "figures", f.catchUp)
}

// follower is what Follow works on.
type follower struct {
	*Live
	open    pile[ticket.Brief]
	planned pile[visit.Brief]
	seen    map[string]int64 // number up to which each journal was read; nil before anything was
	streets map[string]*Street
	changed map[string]*changes // by street, since the snapshot
}

// catchUp reads what the journals say up to heads, and swaps the snapshot.
// What it had read when it failed is not read again.
func (f *follower) catchUp(ctx context.Context, heads map[string]int64) error {
	if f.seen == nil {
		if err := f.load(ctx, heads); err != nil {
			return err
		}
	}
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
	open, err := f.tickets.Open(ctx)
	if err != nil {
		return err
	}
	planned, err := f.visits.Planned(ctx)
	if err != nil {
		return err
	}
	for _, b := range open {
		f.setTicket(b.ID, b)
	}
	for _, b := range planned {
		f.setVisit(b.ID, b)
	}
	f.seen = maps.Clone(heads)
	return nil
}

// read goes on in a street's journal, and reads again every ticket and visit
// that it speaks of: also one that came from another street, whose own journal is silent about it.
func (f *follower) read(ctx context.Context, partition string, head int64) error {
	for f.seen[partition] < head {
		entries, err := f.st.JournalTo(ctx, partition, f.seen[partition], head, pageOf)
		if err != nil || len(entries) == 0 {
			return err
		}
		ids := map[string]map[string]bool{ticket.Journaled: {}, visit.Journaled: {}}
		for _, e := range entries {
			if of := ids[e.Collection]; of != nil {
				of[e.Doc] = true
			}
		}
		open, err := f.tickets.OpenOf(ctx, slices.Collect(maps.Keys(ids[ticket.Journaled])))
		if err != nil {
			return err
		}
		planned, err := f.visits.PlannedOf(ctx, slices.Collect(maps.Keys(ids[visit.Journaled])))
		if err != nil {
			return err
		}
		for id := range ids[ticket.Journaled] {
			f.setTicket(id, open[id])
		}
		for id := range ids[visit.Journaled] {
			f.setVisit(id, planned[id])
		}
		f.seen[partition] = entries[len(entries)-1].Number
	}
	return nil
}

// setTicket notes the ticket as it is now; nil: it is not open.
func (f *follower) setTicket(id string, now *ticket.Brief) {
	was := f.open.set(id, now)
	if was != nil {
		f.of(was.Facts.Place.Street).tickets.gone(id, was)
	}
	if now != nil {
		f.of(now.Facts.Place.Street).tickets.come(id, now)
	}
}

// setVisit notes the visit as it is now; nil: it is not planned.
func (f *follower) setVisit(id string, now *visit.Brief) {
	was := f.planned.set(id, now)
	if was != nil {
		f.of(was.Place.Street).visits.gone(id, was)
	}
	if now != nil {
		f.of(now.Place.Street).visits.come(id, now)
	}
}

func (f *follower) of(street string) *changes {
	if f.changed[street] == nil {
		f.changed[street] = &changes{newChange[ticket.Brief](), newChange[visit.Brief]()}
	}
	return f.changed[street]
}

// pile is the things of one kind that count, by id.
type pile[T any] map[string]*T

// set replaces a thing, or takes it away, and returns what was there.
func (p pile[T]) set(id string, now *T) (was *T) {
	if was = p[id]; now == nil {
		delete(p, id)
	} else {
		p[id] = now
	}
	return was
}
