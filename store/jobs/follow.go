// Package jobs is what background work is made of: reading on in journals,
// under a lease, from where it was left. It knows the store and nothing of
// what the work is about.
package jobs

import (
	"context"
	"errors"
	"maps"
	"slices"

	"wangge/store"
)

// Bookmark is how far a partition's journal was read. Its id is the partition's.
type Bookmark struct {
	store.Meta `store:",inline"`
	After      int64 `store:"after"`
}

// Bookmarks declares where a follower keeps its bookmarks.
func Bookmarks(name string) *store.Collection[Bookmark, *Bookmark] {
	return store.Declare[Bookmark](store.Declaration{Name: name, Schema: 1, Unjournaled: true})
}

// Follower reads the journals of all partitions, each entry at least once.
type Follower struct {
	Store     *store.Store
	Bookmarks *store.Collection[Bookmark, *Bookmark]
	FromStart bool // also what was there before a partition was first followed
	// Handle does what the entries of a partition ask for, in their order. It
	// may see them again, when it or the node failed before they were marked as read.
	Handle func(ctx context.Context, partition string, entries []*store.Entry) error
}

const entriesAtOnce = 500

// Follow reads on under the lease, and reports whether a journal may hold
// more. What fails in one partition does not hold up the others.
func (f *Follower) Follow(ctx context.Context, lease store.Lease) (more bool, err error) {
	heads := f.Store.Heads()
	partitions := slices.Sorted(maps.Keys(heads))
	known, err := f.Bookmarks.GetMany(ctx, f.Store, partitions)
	if err != nil {
		return false, err
	}
	var failed []error
	for _, partition := range partitions {
		mark := known[partition]
		if mark == nil {
			mark = &Bookmark{Meta: store.Meta{ID: partition}}
			if !f.FromStart {
				mark.After = heads[partition]
			}
			if err := f.Store.Update(ctx, nil, func(tx *store.Tx) error { return f.Bookmarks.Insert(tx, mark) }); err != nil {
				return false, err
			}
		}
		if mark.After >= heads[partition] {
			continue
		}
		full, err := f.follow(ctx, lease, partition, mark.After)
		if errors.Is(err, store.ErrFenced) || ctx.Err() != nil {
			return false, err
		}
		more, failed = more || full, append(failed, err)
	}
	return more, errors.Join(failed...)
}

// follow handles what comes next in a partition, and remembers how far it read.
func (f *Follower) follow(ctx context.Context, lease store.Lease, partition string, after int64) (more bool, err error) {
	entries, err := f.Store.Journal(ctx, partition, after, entriesAtOnce)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	if err := f.Handle(ctx, partition, entries); err != nil {
		return false, err
	}
	return len(entries) == entriesAtOnce, f.Store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		was, err := f.Bookmarks.Get(ctx, tx, partition)
		if err != nil {
			return err
		}
		was.After = entries[len(entries)-1].Number
		return f.Bookmarks.Put(tx, was)
	})
}
