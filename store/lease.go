package store

import (
	"context"
	"errors"
	"time"
)

// Lease is a named right that one holder has at a time, until it runs out.
type Lease struct {
	Meta   `store:",inline"`
	Holder string    `store:"holder"`
	Token  int64     `store:"token"` // grows with every new holder: the fence
	Until  time.Time `store:"until"`
}

var leases = Declare[Lease](Declaration{Name: "leases", Schema: 1, Unjournaled: true})

// Acquire takes the lease for ttl, or renews the holder's own; ErrLeaseHeld
// while another's has not run out.
func (s *Store) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (Lease, error) {
	var got Lease
	now := s.now()
	err := s.Update(ctx, nil, func(tx *Tx) error {
		l, err := leases.Get(ctx, tx, name)
		if errors.Is(err, ErrNotFound) {
			l = &Lease{Meta: Meta{ID: name}, Holder: holder, Token: 1, Until: now.Add(ttl)}
			got = *l
			return leases.Insert(tx, l)
		}
		if err != nil {
			return err
		}
		if l.Holder != holder || !l.Until.After(now) {
			if l.Until.After(now) {
				return ErrLeaseHeld
			}
			l.Holder, l.Token = holder, l.Token+1
		}
		l.Until = now.Add(ttl)
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
	return got, nil
}

// Release gives the lease up, if it is still this holder's.
func (s *Store) Release(ctx context.Context, lease Lease) error {
	now := s.now()
	return s.Update(ctx, nil, func(tx *Tx) error {
		l, err := leases.Get(ctx, tx, lease.ID)
		if err != nil || l.Token != lease.Token {
			return err
		}
		l.Until = now
		return leases.Put(tx, l)
	})
}

// Hold makes this update commit only while the lease is the caller's:
// ErrFenced once another has taken it, however late this node notices.
func (tx *Tx) Hold(ctx context.Context, lease Lease) error {
	l, err := leases.Get(ctx, tx, lease.ID)
	if errors.Is(err, ErrNotFound) || err == nil && l.Token != lease.Token {
		return ErrFenced
	}
	if err != nil {
		return err
	}
	return leases.Put(tx, l) // a write, so that a new holder's write and this one cannot both commit
}
