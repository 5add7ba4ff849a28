package store

import (
	"context"
	"slices"
	"sync"
)

const (
	groupMost  = 512      // write sets in one database transaction
	groupBytes = 16 << 20 // of documents and entries in one, but for a set that is larger by itself
)

// lane is the committer of a partition on this node: write sets wait here
// and are committed in groups.
type lane struct {
	store  *Store
	mu     sync.Mutex
	queue  []*request
	active bool
}

// request is a write set on its way to the database. It is answered once.
type request struct {
	tx   *Tx
	done chan error
}

func (s *Store) request(tx *Tx) *request {
	s.pending.Add(1)
	return &request{tx: tx, done: make(chan error, 1)}
}

func (r *request) answer(err error) {
	r.done <- err
	r.tx.store.pending.Add(-1)
}

func (s *Store) lane(name string) *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[name]
	if l == nil {
		l = &lane{store: s}
		s.lanes[name] = l
	}
	return l
}

func (l *lane) commit(ctx context.Context, tx *Tx) error {
	req := l.store.request(tx)
	l.mu.Lock()
	l.queue = append(l.queue, req)
	if !l.active {
		l.active = true
		go l.work()
	}
	l.mu.Unlock()
	return req.wait(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if i := slices.Index(l.queue, req); i >= 0 { // in no group yet: nothing will be written
			l.queue = slices.Delete(l.queue, i, i+1)
			req.answer(ctx.Err())
		}
	})
}

// wait returns the answer, or ctx's error when ctx ends first; giveUp may
// then still answer the request. An answer that is there comes first.
func (r *request) wait(ctx context.Context, giveUp func()) error {
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		giveUp()
	}
	select {
	case err := <-r.done:
		return err
	default:
		return ctx.Err()
	}
}

func (l *lane) work() {
	for {
		l.mu.Lock()
		group := l.take()
		if len(group) == 0 {
			l.active = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		l.store.commitGroup(group)
	}
}

// take removes the next group from the queue: all that wait, but for those
// that touch what an earlier one of the group writes.
func (l *lane) take() []*request {
	var group, later []*request
	wrote, specs, bytes := map[ref]bool{}, map[*Spec]bool{}, 0
	for _, req := range l.queue {
		full := len(group) == groupMost || len(group) > 0 && bytes+req.tx.size() > groupBytes
		if full || req.tx.touches(wrote, specs) {
			later = append(later, req)
			continue
		}
		group = append(group, req)
		bytes += req.tx.size()
		for r := range req.tx.wrote {
			wrote[r], specs[r.spec] = true, true
		}
	}
	l.queue = later
	return group
}

func (tx *Tx) size() int {
	n := 0
	for _, w := range tx.writes {
		n += len(w.Doc)
	}
	for _, d := range tx.drafts {
		n += len(d.raw)
	}
	return n
}

func (tx *Tx) touches(wrote map[ref]bool, specs map[*Spec]bool) bool {
	if len(wrote) == 0 {
		return false
	}
	for r := range tx.read {
		if wrote[r] {
			return true
		}
	}
	for r := range tx.wrote {
		if wrote[r] {
			return true
		}
	}
	return slices.ContainsFunc(tx.asked, func(q asked) bool { return specs[q.spec] })
}
