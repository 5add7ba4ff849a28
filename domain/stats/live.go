package stats

import (
	"context"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
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

const (
	pauseAfter = 50 * time.Millisecond // a look, while the journal keeps growing
	retryAfter = time.Second           // the store failed
	pageOf     = 500                   // entries of the journal
)

// Follow keeps the snapshot fresh until ctx ends, and returns ctx's error.
// Failures of the store are logged and retried. It runs once at a time.
func (l *Live) Follow(ctx context.Context, log *slog.Logger) error {
	changed := map[string]bool{}
	f := &follower{Live: l, open: newPile[ticket.Brief](changed), planned: newPile[visit.Brief](changed), changed: changed, built: map[string]*Street{}}
	heads := l.st.Heads()
	for {
		pause := pauseAfter
		if err := f.catchUp(ctx, heads); err != nil && ctx.Err() == nil {
			log.Warn("figures cannot be brought up to date; trying again", "error", err)
			pause = retryAfter
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		var err error
		if heads, err = l.st.Wait(ctx, f.seen); err != nil {
			return err
		}
	}
}

// follower is what Follow works on.
type follower struct {
	*Live
	open    pile[ticket.Brief]
	planned pile[visit.Brief]
	seen    map[string]int64 // number up to which each journal was read; nil before anything was
	changed map[string]bool  // streets, since they were built
	built   map[string]*Street
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
	for street := range f.changed {
		f.built[street] = newStreet(f.open.of[street], f.planned.of[street])
	}
	clear(f.changed)
	f.latest.Store(&Snapshot{Numbers: maps.Clone(f.seen), streets: maps.Clone(f.built)})
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
		f.open.put(b.ID, b.Facts.Place.Street, b)
	}
	for _, b := range planned {
		f.planned.put(b.ID, b.Place.Street, b)
	}
	f.seen = maps.Clone(heads)
	return nil
}

// read goes on in a street's journal, and reads again every ticket and visit
// that it speaks of: also one that came from another street, whose own journal is silent about it.
func (f *follower) read(ctx context.Context, partition string, head int64) error {
	for f.seen[partition] < head {
		entries, err := f.st.Journal(ctx, partition, f.seen[partition], pageOf)
		if err != nil || len(entries) == 0 {
			return err
		}
		ids := map[string][]string{} // by collection
		for _, e := range entries {
			ids[e.Collection] = append(ids[e.Collection], e.Doc)
		}
		open, err := f.tickets.OpenOf(ctx, ids[ticket.Journaled])
		if err != nil {
			return err
		}
		planned, err := f.visits.PlannedOf(ctx, ids[visit.Journaled])
		if err != nil {
			return err
		}
		for _, id := range ids[ticket.Journaled] {
			f.open.remove(id)
			if b := open[id]; b != nil {
				f.open.put(id, b.Facts.Place.Street, b)
			}
		}
		for _, id := range ids[visit.Journaled] {
			f.planned.remove(id)
			if b := planned[id]; b != nil {
				f.planned.put(id, b.Place.Street, b)
			}
		}
		f.seen[partition] = entries[len(entries)-1].Number
	}
	return nil
}

// pile is the things of one kind that count, by street and id.
type pile[T any] struct {
	where   map[string]string // street of each
	of      map[string]map[string]*T
	changed map[string]bool // streets, to which something happened
}

func newPile[T any](changed map[string]bool) pile[T] {
	return pile[T]{map[string]string{}, map[string]map[string]*T{}, changed}
}

// put adds or replaces one.
func (p pile[T]) put(id, street string, thing *T) {
	p.remove(id)
	if p.of[street] == nil {
		p.of[street] = map[string]*T{}
	}
	p.of[street][id], p.where[id], p.changed[street] = thing, street, true
}

func (p pile[T]) remove(id string) {
	if street, known := p.where[id]; known {
		delete(p.of[street], id)
		delete(p.where, id)
		p.changed[street] = true
	}
}
