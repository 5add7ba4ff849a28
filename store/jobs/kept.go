package jobs

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"wangge/store"
)

// Heads is what every node has in memory of a small part of the store which
// documents of one collection head: whoever changes anything of it writes its
// head too. An update that reads it counts the head as read, and so runs again
// when what the node knew was behind.
type Heads[T any, P store.Doc[T], V any] struct {
	st   *store.Store
	of   *store.Collection[T, P]
	read func(ctx context.Context, was V, changed []P) (V, error)

	load  sync.Mutex // one refresh at a time
	known atomic.Pointer[known[V]]
}

// known is what was read, which never changes.
type known[V any] struct {
	versions map[string]int64 // of the heads that there are, by id
	value    V
}

// KeepHeads keeps what the documents of a collection head: none at first, then
// what read makes, of what it was, for heads that are new or changed. It reads
// after the heads were read: what is known is never less than they say.
// Refresh reads them first.
func KeepHeads[T any, P store.Doc[T], V any](st *store.Store, of *store.Collection[T, P], none V, read func(ctx context.Context, was V, changed []P) (V, error)) *Heads[T, P, V] {
	k := &Heads[T, P, V]{st: st, of: of, read: read}
	k.known.Store(&known[V]{nil, none})
	return k
}

// Now is what this node knows.
func (k *Heads[T, P, V]) Now() V { return k.known.Load().value }

// Has reports whether this node knows of a head.
func (k *Heads[T, P, V]) Has(id string) bool { return k.known.Load().versions[id] > 0 }

// In is what this node knows, as a reader finds it: an update counts what this
// document heads as read.
func (k *Heads[T, P, V]) In(ctx context.Context, r store.Reader, id string) (V, error) {
	tx, updating := r.(*store.Tx)
	if updating && tx.Again() { // perhaps since what this node knows is behind
		if err := k.Refresh(ctx, id); err != nil {
			return k.Now(), err
		}
	}
	now := k.known.Load()
	if updating {
		store.Observe(tx, k.of, id, now.versions[id])
	}
	return now.value, nil
}

// Refresh brings what this node knows up to what is committed of these heads.
func (k *Heads[T, P, V]) Refresh(ctx context.Context, ids ...string) error {
	k.load.Lock()
	defer k.load.Unlock()
	found, err := k.of.GetMany(ctx, k.st, ids)
	if err != nil {
		return err
	}
	was := k.known.Load()
	fresh := &known[V]{maps.Clone(was.versions), was.value}
	if fresh.versions == nil {
		fresh.versions = map[string]int64{}
	}
	var changed []P
	for id, head := range found {
		if v := store.VersionOf(head); v > was.versions[id] {
			fresh.versions[id], changed = v, append(changed, head)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if fresh.value, err = k.read(ctx, was.value, changed); err != nil {
		return err
	}
	k.known.Store(fresh)
	return nil
}

// Begin makes a head, where there is none, in an update of these partitions:
// one that is there costs the commit of who read it no look-up, one that is not does.
func (k *Heads[T, P, V]) Begin(ctx context.Context, id string, partitions []string, insert func(tx *store.Tx) error) error {
	err := k.st.Update(ctx, partitions, func(tx *store.Tx) error {
		found, err := k.of.GetMany(ctx, tx, []string{id})
		if err != nil || found[id] != nil {
			return err
		}
		return insert(tx)
	})
	if err != nil {
		return err
	}
	return k.Refresh(ctx, id)
}

// Kept is Heads of one document.
type Kept[T any, P store.Doc[T], V any] struct {
	heads *Heads[T, P, V]
	id    string
}

// Keep keeps what the document of this id heads: none as long as there is no
// such document, then what read makes of it. Refresh reads it first.
func Keep[T any, P store.Doc[T], V any](st *store.Store, of *store.Collection[T, P], id string, none V, read func(ctx context.Context, head P) (V, error)) *Kept[T, P, V] {
	return &Kept[T, P, V]{id: id, heads: KeepHeads(st, of, none, func(ctx context.Context, _ V, changed []P) (V, error) {
		return read(ctx, changed[0])
	})}
}

// Now is what this node knows.
func (k *Kept[T, P, V]) Now() V { return k.heads.Now() }

// In is what this node knows, as a reader finds it: an update counts it as read.
func (k *Kept[T, P, V]) In(ctx context.Context, r store.Reader) (V, error) {
	return k.heads.In(ctx, r, k.id)
}

// Refresh brings what this node knows up to what is committed.
func (k *Kept[T, P, V]) Refresh(ctx context.Context) error { return k.heads.Refresh(ctx, k.id) }

// Begin makes the head, where there is none, in an update of these partitions.
func (k *Kept[T, P, V]) Begin(ctx context.Context, partitions []string, insert func(tx *store.Tx) error) error {
	return k.heads.Begin(ctx, k.id, partitions, insert)
}

// Follow keeps what this node knows fresh, whoever changed it, until ctx ends;
// it returns ctx's error. Each change has an entry in the partition. Where
// there is no head yet, begin makes it.
func (k *Kept[T, P, V]) Follow(ctx context.Context, n Node, what, partition string, begin func(ctx context.Context, now time.Time) error) error {
	seen := int64(-1)
	return Watch(ctx, n, what, func(ctx context.Context, heads map[string]int64) error {
		if heads[partition] == seen {
			return nil
		}
		err := k.Refresh(ctx)
		if err == nil && !k.heads.Has(k.id) {
			err = begin(ctx, n.Now().UTC())
		}
		if err == nil {
			seen = heads[partition]
		}
		return err
	})
}
