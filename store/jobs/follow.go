// Package jobs is what background work is made of. Lead has one node at a time
// do it, under a lease; a Consumer reads on in the journals from where it was
// left, a Due is woken by what the clock makes due, and Watch keeps what every
// node has in memory. It knows the store and nothing of what the work is about.
//
// A consumer is written like this:
//
//	var bookmarks = jobs.Bookmarks("noticeBookmarks") // one of the package's Collections
//
//	func (s *Notices) Run(ctx context.Context, n jobs.Node) error {
//		c := &jobs.Consumer{
//			Bookmarks: bookmarks,
//			Wants:     func(e *store.Entry) bool { return e.Collection == ticket.Journaled },
//			Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
//				notices, err := s.notices(ctx, b.Entries) // reads, decides
//				return jobs.Output{Write: func(tx *store.Tx) error { return insert(tx, notices) }}, err
//			},
//		}
//		return jobs.Lead(ctx, n, "notices", c.Follow(n))
//	}
//
// and what the clock makes due like this, on an index "due: dueAt":
//
//	d := &jobs.Due[Ticket, *Ticket]{
//		Collection: collection, Field: "dueAt", At: func(t *Ticket) time.Time { return t.DueAt },
//		Do: func(ctx context.Context, lease store.Lease, t *Ticket, now time.Time) error {
//			return st.Update(ctx, []string{t.Partition}, func(tx *store.Tx) error { … tx.Hold(ctx, lease) … })
//		},
//	}
//	return jobs.Lead(ctx, n, "tickets.due", d.Run(n))
package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"wangge/store"
)

// Bookmark is how far a partition's journal was read. Its id is the partition's.
type Bookmark struct {
	store.Meta `store:",inline"`
	After      int64 `store:"after"`
}

// Bookmarks declares where a consumer keeps its bookmarks.
func Bookmarks(name string) *store.Collection[Bookmark, *Bookmark] {
	return store.Declare[Bookmark](store.Declaration{Name: name, Schema: 1, Unjournaled: true})
}

// Consumer reads the journals of all partitions, each entry that it wants at
// least once and in the order of its partition. What it writes by its Output
// is written once.
type Consumer struct {
	Bookmarks *store.Collection[Bookmark, *Bookmark]
	FromStart bool                    // also what was there before a partition was first followed
	Wants     func(*store.Entry) bool // nil: all. The others cost no write
	// PerDocument has the entries of each document handled by themselves and
	// in order, those of several documents at once.
	PerDocument bool
	// Handle does what the entries ask for: by the Output, which is written
	// with the bookmark or not at all, or by updates of its own, held by the
	// lease (Tx.Hold), which it may see fit to do again when it or the node
	// fails before the bookmark moves. What fails in one partition does not
	// hold up the others; it is tried again after a second.
	Handle func(context.Context, Batch) (Output, error)
}

// Batch is some of a partition's entries, in their order, those that are wanted.
type Batch struct {
	Partition string
	Entries   []*store.Entry // shared; not to be changed
	Lease     store.Lease
}

// Output is what a batch comes to, if anything.
type Output struct {
	Partitions []string              // whose documents Write writes
	Write      func(*store.Tx) error // like the fn of an Update
}

const (
	entriesAtOnce   = 500
	documentsAtOnce = 8
	passedFor       = 10 * time.Second // after which bookmarks move beyond entries that nobody wants
)

// Follow is the work of the consumer: to read on until ctx ends or the lease is lost.
func (c *Consumer) Follow(n Node) Work {
	return func(ctx context.Context, lease store.Lease) error {
		r := c.newReading(n.Store, lease)
		defer r.leave(ctx)
		var p pace
		var again <-chan time.Time // when the failed are tried again, and the bookmarks moved
		for {
			heads := n.Store.Heads()
			more, err := r.round(ctx, heads)
			if over(ctx, err) {
				return errors.Join(ctx.Err(), err)
			}
			if err != nil {
				lag, _ := c.Lag(ctx, n.Store)
				n.Log.Warn("entries of journals were not handled; trying again", "job", lease.ID, "behind", lag.Entries, "oldest", lag.Oldest, "error", err)
				again = n.timer(retryAfter)
			} else if again == nil && len(r.passed) > 0 {
				again = n.timer(passedFor)
			}
			if more || !p.wait(ctx, n, heads, again) {
				continue
			}
			again = nil
			clear(r.failed)
			if err := r.commit(ctx, nil, Output{}); over(ctx, err) {
				return errors.Join(ctx.Err(), err)
			}
		}
	}
}

// CatchUp reads all journals to their end, for who does not serve and for tests.
func (c *Consumer) CatchUp(ctx context.Context, st *store.Store, lease store.Lease) error {
	r := c.newReading(st, lease)
	for {
		more, err := r.round(ctx, st.Heads())
		if over(ctx, err) || !more {
			return errors.Join(err, r.commit(ctx, nil, Output{}))
		}
	}
}

// Lag is how far a consumer's bookmarks are behind the journals.
type Lag struct {
	Entries int64
	Oldest  time.Time // when the first that is not read was written; zero: all are
}

// Lag returns how far the consumer is behind, whichever node leads. Entries
// that it does not want count until its bookmarks have moved beyond them.
func (c *Consumer) Lag(ctx context.Context, st *store.Store) (Lag, error) {
	heads := st.Heads()
	marks, err := c.Bookmarks.GetMany(ctx, st, slices.Sorted(maps.Keys(heads)))
	if err != nil {
		return Lag{}, err
	}
	var lag Lag
	for partition, head := range heads {
		after := int64(0)
		if m := marks[partition]; m != nil {
			after = m.After
		} else if !c.FromStart {
			continue // it begins at the end
		}
		if after >= head {
			continue
		}
		lag.Entries += head - after
		first, err := st.Journal(ctx, partition, after, 1)
		if err != nil {
			return Lag{}, err
		}
		if len(first) > 0 && (lag.Oldest.IsZero() || first[0].At.Before(lag.Oldest)) {
			lag.Oldest = first[0].At
		}
	}
	return lag, nil
}

// reading is a consumer under one lease: nobody else moves its bookmarks.
type reading struct {
	*Consumer
	st     *store.Store
	lease  store.Lease
	read   map[string]int64 // the number up to which each journal was read
	passed map[string]int64 // the same where the bookmark is behind, since nobody wanted what came
	failed map[string]bool  // partitions that wait to be tried again
}

func (c *Consumer) newReading(st *store.Store, lease store.Lease) *reading {
	return &reading{c, st, lease, map[string]int64{}, map[string]int64{}, map[string]bool{}}
}

// leave moves the bookmarks to where it read, so that the next need not read it again.
func (r *reading) leave(ctx context.Context) {
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), release)
	defer stop()
	_ = r.commit(last, nil, Output{}) // else it is read again
}

// round reads a page of every journal that has more, and reports whether one
// may have still more. Its error is of all that failed.
func (r *reading) round(ctx context.Context, heads map[string]int64) (more bool, err error) {
	if err := r.begin(ctx, heads); err != nil {
		return false, err
	}
	var failed []error
	for _, partition := range slices.Sorted(maps.Keys(heads)) {
		if r.failed[partition] || r.read[partition] >= heads[partition] {
			continue
		}
		full, err := r.page(ctx, partition)
		if over(ctx, err) {
			return false, err
		}
		if err != nil {
			r.failed[partition] = true
			failed = append(failed, fmt.Errorf("%s: %w", partition, err))
		}
		more = more || full
	}
	return more, errors.Join(failed...)
}

// begin finds its places in journals that are new to it.
func (r *reading) begin(ctx context.Context, heads map[string]int64) error {
	var unknown []string
	for partition := range heads {
		if _, known := r.read[partition]; !known && !r.failed[partition] {
			unknown = append(unknown, partition)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	marks, err := r.Bookmarks.GetMany(ctx, r.st, unknown)
	places, fresh := map[string]int64{}, map[string]int64{}
	for _, partition := range unknown {
		if m := marks[partition]; m != nil {
			places[partition] = m.After
		} else if r.FromStart {
			places[partition] = 0
		} else {
			places[partition], fresh[partition] = heads[partition], heads[partition]
		}
	}
	if err == nil && len(fresh) > 0 {
		err = r.commit(ctx, fresh, Output{})
	}
	if err == nil {
		maps.Copy(r.read, places)
		return nil
	}
	for _, partition := range unknown {
		r.failed[partition] = true
	}
	return err
}

// page handles what comes next in a partition, and remembers how far it read.
func (r *reading) page(ctx context.Context, partition string) (full bool, err error) {
	entries, err := r.st.Journal(ctx, partition, r.read[partition], entriesAtOnce)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	full, last := len(entries) == entriesAtOnce, entries[len(entries)-1].Number
	if r.Wants != nil {
		entries = slices.DeleteFunc(entries, func(e *store.Entry) bool { return !r.Wants(e) })
	}
	if len(entries) == 0 {
		r.read[partition], r.passed[partition] = last, last
		return full, nil
	}
	out, err := r.handle(ctx, Batch{partition, entries, r.lease})
	if err == nil {
		err = r.commit(ctx, map[string]int64{partition: last}, out)
	}
	if err == nil {
		r.read[partition] = last
	}
	return full, err
}

// handle handles a batch, or its documents at once.
func (r *reading) handle(ctx context.Context, b Batch) (Output, error) {
	if !r.PerDocument {
		return r.Handle(ctx, b)
	}
	type document struct{ collection, id string }
	var order []document
	of := map[document][]*store.Entry{}
	for _, e := range b.Entries {
		d := document{e.Collection, e.Doc}
		if of[d] == nil {
			order = append(order, d)
		}
		of[d] = append(of[d], e)
	}
	outputs, failed := make([]Output, len(order)), make([]error, len(order))
	slots := make(chan struct{}, documentsAtOnce)
	var all sync.WaitGroup
	for i, d := range order {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			outputs[i], failed[i] = r.Handle(ctx, Batch{b.Partition, of[d], b.Lease})
		})
	}
	all.Wait()
	return joinOutputs(outputs), errors.Join(failed...)
}

// joinOutputs is several outputs as one.
func joinOutputs(outputs []Output) (one Output) {
	for _, o := range outputs {
		one.Partitions = append(one.Partitions, o.Partitions...)
	}
	one.Write = func(tx *store.Tx) error {
		for _, o := range outputs {
			if o.Write == nil {
				continue
			}
			if err := o.Write(tx); err != nil {
				return err
			}
		}
		return nil
	}
	return one
}

// commit writes an output and moves bookmarks with it, also those of passed,
// as long as the lease is held.
func (r *reading) commit(ctx context.Context, marks map[string]int64, out Output) error {
	to := maps.Clone(r.passed)
	maps.Copy(to, marks)
	if len(to) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(to))
	err := r.st.Update(ctx, out.Partitions, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, r.lease); err != nil {
			return err
		}
		if out.Write != nil {
			if err := out.Write(tx); err != nil {
				return err
			}
		}
		known, err := r.Bookmarks.GetMany(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if m := known[id]; m == nil {
				err = r.Bookmarks.Insert(tx, &Bookmark{Meta: store.Meta{ID: id}, After: to[id]})
			} else {
				m.After = to[id]
				err = r.Bookmarks.Put(tx, m)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		clear(r.passed)
	}
	return err
}
