package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// probe is the document that is written to learn whether writes succeed.
type probe struct {
	Meta `store:",inline"`
	At   time.Time `store:"at"`
}

var probes = Declare[probe](Declaration{Name: "probes", Schema: 1, Unjournaled: true})

// probeFresh is how long a write that succeeded speaks for the next ones: who
// asks often does not make the database write as often.
const probeFresh = 2 * time.Second

// health is what was last seen of the database.
type health struct {
	damage atomic.Pointer[error] // the first ErrDamaged; nothing heals it but a restart
	turn   chan struct{}         // who holds it probes
	wrote  time.Time             // the last write that succeeded
}

func (h *health) init() { h.turn = make(chan struct{}, 1) }

// notice remembers damage that an operation met, and returns the error.
func (h *health) notice(err error) error {
	if err != nil && errors.Is(err, ErrDamaged) {
		h.damage.CompareAndSwap(nil, &err)
	}
	return err
}

// Ping reports whether the database answers and takes writes: not while no
// write succeeds, and not any more once it was met damaged.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.health.damage.Load(); err != nil {
		return *err
	}
	if err := s.health.notice(s.engine.Ping(ctx)); err != nil {
		return err
	}
	select {
	case s.health.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.health.turn }()
	if time.Since(s.health.wrote) < probeFresh {
		return nil
	}
	err := s.Update(ctx, nil, func(tx *Tx) error {
		p, err := probes.Get(ctx, tx, "write")
		if errors.Is(err, ErrNotFound) {
			return probes.Insert(tx, &probe{Meta: Meta{ID: "write"}, At: s.now()})
		}
		if err != nil {
			return err
		}
		p.At = s.now()
		return probes.Put(tx, p)
	})
	var twice *DuplicateError
	if err != nil && !errors.Is(err, ErrConflict) && !errors.As(err, &twice) { // another node's write succeeded
		return err
	}
	s.health.wrote = time.Now()
	return nil
}
