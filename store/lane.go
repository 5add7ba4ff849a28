package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

const (
	groupMost    = 512      // write sets in one database transaction
	comparedMost = 200      // documents written by a group that a query is compared with; with more it waits for the next
	groupBytes   = 16 << 20 // of documents and entries in one, but for a set that is larger by itself
)

// lingers is how long a committer without work waits for more: a new one would
// have to grow the deep stack that SQLite needs.
const lingers = time.Second

// lane is the committer of a partition on this node: write sets wait here
// and are committed in groups.
type lane struct {
	store  *Store
	mu     sync.Mutex
	queue  []*request
	active bool
	came   chan struct{} // something was queued
}

// request is a write set on its way to the database. It is answered once.
type request struct {
	tx    *Tx
	again func(*Tx) error // where the partitions are held: what makes the write set anew
	done  chan error
}

func (s *Store) newRequest(tx *Tx) *request {
	s.pending.Add(1)
	return &request{tx: tx, done: make(chan error, 1)}
}

func (r *request) answer(err error) {
	r.done <- err
	r.tx.store.pending.Add(-1)
}

func (s *Store) laneOf(name string) *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[name]
	if l == nil {
		l = &lane{store: s, came: make(chan struct{}, 1)}
		s.lanes[name] = l
	}
	return l
}

func (l *lane) commit(ctx context.Context, tx *Tx) error {
	req := l.store.newRequest(tx)
	l.mu.Lock()
	l.queue = append(l.queue, req)
	if !l.active {
		l.active = true
		go l.work()
	} else {
		select {
		case l.came <- struct{}{}:
		default:
		}
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

// work commits what is queued until nothing comes any more.
func (l *lane) work() {
	for {
		l.mu.Lock()
		group := l.take()
		l.mu.Unlock()
		if len(group) > 0 {
			l.store.commitGroup(group)
			continue
		}
		select {
		case <-l.came:
			continue
		case <-time.After(lingers):
		}
		l.mu.Lock()
		l.active = len(l.queue) > 0
		over := !l.active
		l.mu.Unlock()
		if over {
			return
		}
	}
}

// take removes the next group from the queue: all that wait, but for those
// that touch what an earlier one of the group writes.
func (l *lane) take() []*request {
	var group, later []*request
	wrote, docs, bytes := map[ref]bool{}, map[*Spec][]bson.Raw{}, 0
	for _, req := range l.queue {
		full := len(group) == groupMost || len(group) > 0 && bytes+req.tx.size() > groupBytes
		if full || req.tx.touches(wrote, docs) {
			later = append(later, req)
			continue
		}
		group = append(group, req)
		bytes += req.tx.size()
		for r, i := range req.tx.wrote {
			wrote[r], docs[r.spec] = true, append(docs[r.spec], req.tx.writes[i].Doc)
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

// touches reports whether something that the set read, or what its queries
// found, is another after these writes. A document that a query found is among
// what was read; one that it did not find matters only as it is written.
func (tx *Tx) touches(wrote map[ref]bool, docs map[*Spec][]bson.Raw) bool {
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
	return slices.ContainsFunc(tx.asked, func(q asked) bool {
		return len(docs[q.spec]) > comparedMost || len(docs[q.spec]) > 0 && slices.ContainsFunc(docs[q.spec], q.plan.mayHold())
	})
}
