package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Lease is a named right that one holder has at a time, until it runs out.
type Lease struct {
	Meta   `store:",inline"`
	Holder string    `store:"holder"` // "": it was given up
	Token  int64     `store:"token"`  // grows with every new holder: the fence
	Until  time.Time `store:"until"`
	Length int64     `store:"length,omitempty"` // milliseconds that it was taken for
}

// skew is how far apart the clocks of nodes may be.
const skew = 30 * time.Second

// over reports whether the lease was given up or has run out. One that is
// further ahead than its own length was taken under a wrong clock, and has run
// out too: or else a node that dies days ahead would hold it until that day.
func (l *Lease) over(now time.Time, ttl time.Duration) (over, astray bool) {
	if l.Holder == "" {
		return true, false
	}
	if l.Length > 0 {
		ttl = time.Duration(l.Length) * time.Millisecond
	}
	astray = l.Until.After(now.Add(ttl + skew))
	return astray || !l.Until.After(now), astray
}

var leases = Declare[Lease](Declaration{Name: "leases", Schema: 1, Unjournaled: true})

// Lease returns the lease of that name as it is now, or ErrNotFound when nobody
// ever had it. Whoever holds it changes its version at every renewal.
func (s *Store) Lease(ctx context.Context, name string) (Lease, error) {
	l, err := leases.Get(ctx, s, name)
	if err != nil {
		return Lease{}, err
	}
	return *l, nil
}

// Acquire takes the lease for ttl, or renews the holder's own; ErrLeaseHeld
// while another's has not run out. One from a clock that is ahead is logged.
func (s *Store) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (Lease, error) {
	var got, astray Lease
	now := s.now()
	err := s.Update(ctx, nil, func(tx *Tx) error {
		astray = Lease{}
		l, err := leases.Get(ctx, tx, name)
		if errors.Is(err, ErrNotFound) {
			l = &Lease{Meta: Meta{ID: name}, Holder: holder, Token: 1, Until: now.Add(ttl), Length: ttl.Milliseconds()}
			got = *l
			return leases.Insert(tx, l)
		}
		if err != nil {
			return err
		}
		over, wrong := l.over(now, ttl)
		if wrong {
			astray = *l
		}
		if l.Holder != holder || over {
			if !over {
				return ErrLeaseHeld
			}
			l.Holder, l.Token = holder, l.Token+1
		}
		l.Until, l.Length = now.Add(ttl), ttl.Milliseconds()
		got = *l
		return leases.Put(tx, l)
	})
	var dup *DuplicateError
	if errors.As(err, &dup) {
		return Lease{}, ErrLeaseHeld
	}
	if err != nil {
		return Lease{}, err
	}
	if astray.ID != "" {
		s.log.Warn("a lease was taken under a wrong clock, and is taken over: look at the clocks of the nodes",
			"lease", name, "holder", astray.Holder, "until", astray.Until, "now", now)
	}
	return got, nil
}

// Renew makes the lease last as long again from now on, also when it has run
// out and nobody took it; ErrFenced once another has it.
func (s *Store) Renew(ctx context.Context, lease Lease) error {
	now := s.now()
	return s.Update(ctx, nil, func(tx *Tx) error {
		l, err := tx.fenced(ctx, lease)
		if err != nil {
			return err
		}
		l.Until = now.Add(time.Duration(l.Length) * time.Millisecond)
		return leases.Put(tx, l)
	})
}

// Ahead returns how far this machine's clock is ahead of the database's (negative:
// behind), where that has one of its own, and as far as a round trip can tell.
func (s *Store) Ahead(ctx context.Context) (time.Duration, error) {
	before := time.Now().Truncate(time.Millisecond)
	there, err := s.engine.Clock(ctx)
	if err != nil || there.IsZero() {
		return 0, s.health.notice(err)
	}
	switch after := time.Now(); {
	case before.After(there):
		return before.Sub(there), nil
	case there.After(after):
		return after.Sub(there), nil
	}
	return 0, nil
}

// Release gives the lease up, if it is still this holder's.
func (s *Store) Release(ctx context.Context, lease Lease) error {
	now := s.now()
	return s.Update(ctx, nil, func(tx *Tx) error {
		l, err := leases.Get(ctx, tx, lease.ID)
		if err != nil || l.Token != lease.Token {
			return err
		}
		l.Holder, l.Until = "", now
		return leases.Put(tx, l)
	})
}

// Hold makes this update commit only while the lease is the caller's:
// ErrFenced once another has taken it, however late this node notices. Those
// under one lease commit one after the other; many at once wait for their turn,
// and a long one is not lost to short ones.
func (tx *Tx) Hold(ctx context.Context, lease Lease) error {
	l, err := tx.fenced(ctx, lease)
	if err != nil {
		return err
	}
	return leases.Put(tx, l) // a write, so that a new holder's write and this one cannot both commit
}

// fenced reads the lease, which must still be the caller's.
func (tx *Tx) fenced(ctx context.Context, lease Lease) (*Lease, error) {
	if tx.lease = lease.ID; !tx.inTurn && tx.store.turnOf(lease.ID).taken() {
		return nil, errStale
	}
	l, err := leases.Get(ctx, tx, lease.ID)
	if errors.Is(err, ErrNotFound) || err == nil && (l.Token != lease.Token || l.Holder != lease.Holder) {
		return nil, ErrFenced
	}
	return l, err
}

// turn is taken by the one update of this node that writes under a lease, after
// it lost to another or another had it. Since each writes the lease, they could
// not commit side by side.
type turn chan struct{}

func (s *Store) turnOf(lease string) turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.turns[lease]
	if t == nil {
		t = make(turn, 1)
		s.turns[lease] = t
	}
	return t
}

func (t turn) taken() bool { return len(t) > 0 }

// take waits for the turn, which is given up by the function returned.
func (t turn) take(ctx context.Context) (leave func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrConflict, ctx.Err())
	}
}
