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
	"maps"
	"slices"
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
	// in order, those of several documents at once; not where one may have to wait (Output.Waits).
	PerDocument bool
	// Handle does what the entries ask for: by the Output, which is written
	// with the bookmark or not at all, or by updates of its own, held by the
	// lease (Tx.Hold), which it may see fit to do again when it or the node
	// fails before the bookmark moves. What fails in one partition does not
	// hold up the others; it is tried again after a second.
	Handle func(context.Context, Batch) (Output, error)
	// Then does what a batch asks for as a whole, once its documents were
	// handled, each by itself (PerDocument); may be nil. It is as Handle, with updates of its own.
	Then func(context.Context, Batch) error
}

// Batch is some of a partition's entries, in their order, those that are wanted.
type Batch struct {
	Partition string
	Entries   []*store.Entry // shared; not to be changed
	Lease     store.Lease
	// Read is the number up to which a partition's journal was read, and what
	// was wanted of it handled. An entry whose forerunner lies in another
	// partition waits by it until that one was handled.
	Read func(partition string) int64
}

// Output is what a batch comes to, if anything.
type Output struct {
	Partitions []string              // whose documents Write writes
	Write      func(*store.Tx) error // like the fn of an Update
	Written    func()                // called once that is written; may be nil
	// Waits is the first entry that was not handled, since something in another
	// partition comes before it: it is read again after that. nil: all were.
	Waits *store.Entry
	// Unwanted says that nobody wanted the entries after all: that costs no write.
	Unwanted bool
	// Rest is what the entries after number Upto come to, written after this: what
	// is much is written in parts, so that others need not wait for all of it;
	// not with PerDocument. nil: this is all.
	Rest *Output
	Upto int64
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
	var failed error
	for {
		more, err := r.round(ctx, st.Heads())
		failed = errors.Join(failed, err)
		if over(ctx, err) || !more {
			return errors.Join(failed, r.commit(ctx, nil, Output{}))
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
