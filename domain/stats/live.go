package stats

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"wangge/domain/ticket"
	"wangge/store"
)

// Live keeps the latest Snapshot, whichever node changed the store.
type Live struct {
	st      *store.Store
	tickets *ticket.Tickets
	latest  atomic.Pointer[Snapshot]
	first   chan struct{} // closed once there is one
}

// New returns figures that are there once Follow runs.
func New(st *store.Store, tickets *ticket.Tickets) *Live {
	return &Live{st: st, tickets: tickets, first: make(chan struct{})}
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
	f := &follower{
		Live: l, where: map[string]string{}, open: map[string]map[string]*ticket.Brief{},
		changed: map[string]bool{}, built: map[string]*Street{},
	}
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
	where   map[string]string                   // street of every open ticket
	open    map[string]map[string]*ticket.Brief // by street and id
	seen    map[string]int64                    // number up to which each journal was read; nil before anything was
	changed map[string]bool                     // streets, since they were built
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
		f.built[street] = newStreet(f.open[street])
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
	all, err := f.tickets.Open(ctx)
	if err != nil {
		return err
	}
	for _, b := range all {
		f.put(b)
	}
	f.seen = maps.Clone(heads)
	return nil
}

// read goes on in a street's journal, and reads again every ticket that it
// speaks of: also one that came from another street, whose own journal is silent about it.
func (f *follower) read(ctx context.Context, partition string, head int64) error {
	for f.seen[partition] < head {
		entries, err := f.st.Journal(ctx, partition, f.seen[partition], pageOf)
		if err != nil || len(entries) == 0 {
			return err
		}
		var ids []string
		for _, e := range entries {
			if e.Collection == ticket.Journaled && !slices.Contains(ids, e.Doc) {
				ids = append(ids, e.Doc)
			}
		}
		open, err := f.tickets.OpenOf(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if b := open[id]; b != nil {
				f.put(b)
			} else {
				f.remove(id)
			}
		}
		f.seen[partition] = entries[len(entries)-1].Number
	}
	return nil
}

func (f *follower) put(b *ticket.Brief) {
	f.remove(b.ID)
	street := b.Facts.Place.Street
	if f.open[street] == nil {
		f.open[street] = map[string]*ticket.Brief{}
	}
	f.open[street][b.ID], f.where[b.ID], f.changed[street] = b, street, true
}

func (f *follower) remove(id string) {
	if street, known := f.where[id]; known {
		delete(f.open[street], id)
		delete(f.where, id)
		f.changed[street] = true
	}
}
