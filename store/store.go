// Package store is the port between the domain and a database: documents in
// declared collections, optimistic transactions, a journal numbered per
// partition, leases and blobs. It knows no domain type and no SQL; an Engine
// (store/sqlite, store/mongodb) brings the database, everything that decides
// lives here once, so that the engines cannot drift apart. The promises are
// tested, sentence by sentence, by store/storetest on every engine.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrNotFound: no such document, or a deleted one.
	ErrNotFound = errors.New("store: not found")
	// ErrVersion: the version the caller stated is not the current one.
	ErrVersion = errors.New("store: stated version is stale")
	// ErrConflict: the update was rerun and lost each time.
	ErrConflict = errors.New("store: too many concurrent changes")
	// ErrNoIndex: no declared index serves the query.
	ErrNoIndex = errors.New("store: no index serves this query")
	// ErrTooBroad: the query examined more documents than its cap without filling its page.
	ErrTooBroad = errors.New("store: query examines too many documents")
	// ErrCursor: the cursor was not made by this query.
	ErrCursor = errors.New("store: bad cursor")
	// ErrLeaseHeld: somebody else holds the lease.
	ErrLeaseHeld = errors.New("store: lease is held")
	// ErrFenced: the lease was lost; whoever has it now goes on.
	ErrFenced = errors.New("store: lease was lost")
	// ErrUnavailable: the database did not answer in time; nothing is known to be written.
	ErrUnavailable = errors.New("store: database unavailable")
	// ErrNewer: a newer program wrote it, which this node cannot read; also ErrUnavailable.
	ErrNewer = fmt.Errorf("%w: a newer wangge has upgraded the store: run that version on this node too", ErrUnavailable)
	// ErrDamaged: what is stored cannot be read as it was written; also ErrUnavailable.
	ErrDamaged = fmt.Errorf("%w: damaged", ErrUnavailable)
)

// DuplicateError: a document with this id, or with these values of a unique index, is there already.
type DuplicateError struct{ Collection, Index string }

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("store: duplicate in %s by %s", e.Collection, e.Index)
}

// Options of Open. The zero value is what production uses.
type Options struct {
	// Now is the clock of leases; time.Now when nil.
	Now func() time.Time
	// Rehearse runs every fn of Update twice and fails when the two runs
	// differ: tests set it, so that a side effect in an fn cannot hide.
	Rehearse bool
	// AtOnce is how many documents a collection may hold to be upgraded and
	// indexed before Open returns, others are while the store serves; 10,000
	// when 0. Tests set it.
	AtOnce int64
	// Before is asked before Open changes anything in the database, when
	// documents can be read by Any only; its error is Open's. Nil when nothing depends on it.
	Before func(context.Context, *Store) error
	// Log hears of what an operator should look at; slog.Default when nil.
	Log *slog.Logger
}

// Store is a node's view of one database. All methods are safe for concurrent use.
type Store struct {
	engine   Engine
	now      func() time.Time
	rehearse bool
	log      *slog.Logger
	specs    map[string]*Spec
	words    map[*Spec]wording
	small    int64
	before   func(context.Context, *Store) error

	collections map[string]*collection // by name; fixed once Open has returned

	mu    sync.Mutex
	lanes map[string]*lane
	turns map[string]turn // by lease

	pending    atomic.Int64 // requests not yet answered
	unreadable sync.Map     // refs of documents that the log was told of
	heads      heads
	tails      tails
	health     health
	stop       context.CancelFunc
	done       sync.WaitGroup
}

// Declared is a collection as Open takes it: every *Collection is one.
type Declared interface{ Spec() *Spec }

// Open prepares the engine for the collections and starts to watch the
// journal. What a large collection lacks of indexes, and its documents of an
// earlier schema, Upgrade brings about while the store serves. ErrNewer when a
// newer program has upgraded the store. Close releases the engine.
func Open(ctx context.Context, engine Engine, opts Options, collections ...Declared) (*Store, error) {
	s := &Store{
		engine: engine, now: opts.Now, rehearse: opts.Rehearse, log: opts.Log,
		specs: map[string]*Spec{layouts.spec.Name: layouts.spec}, lanes: map[string]*lane{}, turns: map[string]turn{}, small: cmp.Or(opts.AtOnce, atOnce), before: opts.Before, collections: map[string]*collection{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.heads.init()
	s.health.init()
	specs := []*Spec{journal.spec, leases.spec, probes.spec}
	for _, c := range collections {
		specs = append(specs, c.Spec())
	}
	for _, spec := range specs {
		if s.specs[spec.Name] != nil {
			return nil, fmt.Errorf("store: collection %s declared twice", spec.Name)
		}
		s.specs[spec.Name] = spec
	}
	if err := s.bindTexts(collections); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, specs); err != nil {
		return nil, err
	}
	first, err := engine.Heads(ctx)
	if err != nil {
		return nil, err
	}
	s.heads.grow(first)
	watch, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Add(2)
	go func() {
		defer s.done.Done()
		engine.Watch(watch, s.heads.grow)
	}()
	go func() {
		defer s.done.Done()
		s.followLayouts(watch)
	}()
	return s, nil
}

// knows refuses a collection that Open was not given: it may have no indexes.
func (s *Store) knows(spec *Spec) error {
	if s.specs[spec.Name] != spec {
		return fmt.Errorf("store: collection %s was not opened", spec.Name)
	}
	return nil
}

// Close stops watching and closes the engine. Updates still waiting end
// first; ctx's error says that some had not when it ended.
func (s *Store) Close(ctx context.Context) error {
	for s.pending.Load() > 0 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	s.stop()
	s.done.Wait()
	return errors.Join(ctx.Err(), s.engine.Close(ctx))
}
