package store

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/bson"
)

// readCacheMost bounds what is kept under one context.
const readCacheMost = 200

// readCache are journaled documents as they were last read or written under a context.
type readCache struct {
	mu   sync.Mutex
	docs map[ref]bson.Raw
}

type readCacheKey struct{}

// WithReadCache returns a context, of one request that writes, under which a
// journaled document that was read by its id, or written, is not read again: a
// request decides by what it looked at and shows what it wrote. An update
// that turns out to have decided by an old one runs again and reads it anew.
// What a context inherits is forgotten. It is not for who waits for a change.
func WithReadCache(ctx context.Context) context.Context {
	return context.WithValue(ctx, readCacheKey{}, &readCache{docs: map[ref]bson.Raw{}})
}

func readCacheIn(ctx context.Context, spec *Spec) *readCache {
	if !spec.Journaled {
		return nil
	}
	r, _ := ctx.Value(readCacheKey{}).(*readCache)
	return r
}

// known are the documents that are known of some; the others are to be read.
func (r *readCache) known(spec *Spec, ids []string) (known map[string]bson.Raw, others []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known = make(map[string]bson.Raw, len(ids))
	for _, id := range ids {
		if doc, ok := r.docs[ref{spec, id}]; ok {
			known[id] = doc
		} else {
			others = append(others, id)
		}
	}
	return known, others
}

func (r *readCache) keep(spec *Spec, id string, doc bson.Raw) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := (ref{spec, id}); len(r.docs) < readCacheMost || r.docs[at] != nil {
		r.docs[at] = doc
	}
}

// keepWritten keeps what an update has committed.
func (tx *Tx) keepWritten(ctx context.Context) {
	for _, w := range tx.writes {
		if r := readCacheIn(ctx, w.Spec); r != nil {
			r.keep(w.Spec, w.ID, w.Doc)
		}
	}
}
