package delivery

import (
	"context"
	"sync"

	"wangge/store"
)

// together makes one update of those that are to be written at the same moment
// under one lease. By themselves they would commit one after the other, and
// there are several for each message.
type together struct {
	mu      sync.Mutex
	waiting []*part
	writing bool
}

// part is what one of them does.
type part struct {
	ctx   context.Context
	lease store.Lease
	do    func(*store.Tx) error
	done  chan error
}

const togetherMost = 64

// under does something in an update under a lease, which may be one with
// others': it asks no queries, and writes on what the update reads.
func (s *Deliveries) under(ctx context.Context, lease store.Lease, do func(*store.Tx) error) error {
	p := &part{ctx, lease, do, make(chan error, 1)}
	s.parts.mu.Lock()
	s.parts.waiting = append(s.parts.waiting, p)
	if !s.parts.writing {
		s.parts.writing = true
		go s.writeParts()
	}
	s.parts.mu.Unlock()
	return <-p.done
}

// writeParts writes what waits, until nothing does.
func (s *Deliveries) writeParts() {
	for {
		some := s.parts.take()
		if len(some) == 0 {
			return
		}
		err := s.write(some...)
		for _, p := range some {
			if err != nil && len(some) > 1 { // one that fails is no other's matter
				p.done <- s.write(p)
			} else {
				p.done <- err
			}
		}
	}
}

// take takes those that are written together.
func (t *together) take() []*part {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for n < min(len(t.waiting), togetherMost) && t.waiting[n].under(t.waiting[0].lease) {
		n++
	}
	some := t.waiting[:n:n]
	if t.waiting = t.waiting[n:]; n == 0 {
		t.waiting, t.writing = nil, false
	}
	return some
}

func (s *Deliveries) write(some ...*part) error {
	return s.store.Update(some[0].ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(some[0].ctx, some[0].lease); err != nil {
			return err
		}
		for _, p := range some {
			if err := p.do(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *part) under(l store.Lease) bool {
	return p.lease.ID == l.ID && p.lease.Holder == l.Holder && p.lease.Token == l.Token
}
