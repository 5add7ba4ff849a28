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

// gatherMost bounds the wait for more of a group; it is reckoned by fractions of this, or of a commit when that took less.
const gatherMost = 20 * time.Millisecond

// lane is the committer of a partition on this node: write sets wait here
// and are committed in groups.
type lane struct {
	store  *Store
	mu     sync.Mutex
	queue  []*request
	active bool
	full   int           // length of the queue that gather waits for; 0: it does not
	filled chan struct{} // it is there
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
		l = &lane{store: s, filled: make(chan struct{}, 1)}
		s.lanes[name] = l
	}
	return l
}

func (l *lane) commit(ctx context.Context, tx *Tx) error {
	req := l.store.newRequest(tx)
	l.mu.Lock()
	l.queue = append(l.queue, req)
	if len(l.queue) == l.full {
		select {
		case l.filled <- struct{}{}:
		default:
		}
	}
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
		began, waiting := time.Now(), 0
		l.store.commitGroup(group, func() { waiting = l.length() })
		l.gather(waiting+len(group), min(time.Since(began), gatherMost))
	}
}

// gather lets callers that were answered just now come back with their next
// write set before those that waited meanwhile go without them: where many
// write on and on, groups are of all of them, not of a few and then the
// rest. full is how many those are. It waits until they are there or no more
// come, and not at all for a caller who is alone.
func (l *lane) gather(full int, took time.Duration) {
	if full = min(full, groupMost); full < 2 {
		return
	}
	l.mu.Lock()
	n := len(l.queue)
	l.full = full
	l.mu.Unlock()
	for step := took / 4; n < full; step = took / 8 {
		select {
		case <-l.filled:
		case <-time.After(step):
		}
		before := n
		if n = l.length(); n == before {
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.full = 0
	select {
	case <-l.filled:
	default:
	}
}

func (l *lane) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
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
