package store_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// memoryTx works on a copy of what it touches, and is alone.
type memoryTx struct {
	m          *node
	partitions []string
	starts     []int64
	docs       map[string]map[string]bson.Raw
	terms      map[string][]string
	heads      map[string]int64
	unlock     func()
}

func (m *node) Begin(_ context.Context, partitions []string, _ []int64) (store.EngineTx, error) {
	if rand.IntN(20) == 0 {
		return nil, store.ErrTransient
	}
	m.tx.Lock()
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &memoryTx{m: m, partitions: partitions, docs: map[string]map[string]bson.Raw{}, terms: maps.Clone(m.terms), heads: map[string]int64{}, unlock: sync.OnceFunc(m.tx.Unlock)}
	for name, docs := range m.docs {
		tx.docs[name] = maps.Clone(docs)
	}
	for _, p := range partitions {
		tx.starts = append(tx.starts, m.heads[p])
	}
	return tx, nil
}

func (tx *memoryTx) Starts() []int64 { return tx.starts }
func (tx *memoryTx) Rollback()       { tx.unlock() }

func (tx *memoryTx) Versions(_ context.Context, spec *store.Spec, ids []string, own map[string]int64) (map[string]int64, error) {
	out := map[string]int64{}
	for _, id := range ids {
		if v, ok := own[id]; ok {
			out[id] = v
			continue
		}
		if raw, ok := tx.docs[spec.Name][id]; ok {
			out[id] = versionOf(raw)
		}
	}
	return out, nil
}

func (tx *memoryTx) Stamps(_ context.Context, spec *store.Spec, p *store.Plan) ([]store.Stamp, error) {
	raws, err := find(spec, tx.docs[spec.Name], tx.terms, p)
	var out []store.Stamp
	for _, raw := range raws {
		out = append(out, store.Stamp{ID: raw.Lookup("_id").StringValue(), Version: versionOf(raw)})
	}
	return out, err
}

func (tx *memoryTx) Write(_ context.Context, writes []store.Write, used []int64) error {
	for _, w := range writes {
		docs := tx.docs[w.Spec.Name]
		if docs == nil {
			docs = map[string]bson.Raw{}
			tx.docs[w.Spec.Name] = docs
		}
		if versionOf(docs[w.ID]) != w.Old {
			return store.ErrTransient
		}
		if err := taken(docs, w); err != nil {
			return err
		}
		docs[w.ID] = slices.Clone(w.Doc)
		tx.terms[w.Spec.Name+"/"+w.ID] = w.Terms
	}
	for i, p := range tx.partitions {
		tx.heads[p] = tx.starts[i] + used[i]
	}
	return nil
}

// taken is a *store.DuplicateError where another document has a unique value of the write's.
func taken(docs map[string]bson.Raw, w store.Write) error {
	for _, ix := range w.Spec.Indexes {
		if key := unique(ix, w.Doc); key != nil {
			for id, other := range docs {
				if id != w.ID && slices.CompareFunc(unique(ix, other), key, compare) == 0 {
					return &store.DuplicateError{Collection: w.Spec.Name, Index: ix.Name}
				}
			}
		}
	}
	return nil
}

// unique returns the values of a unique index that the document is in.
func unique(ix store.Index, raw bson.Raw) (key []any) {
	if deleted, _ := raw.Lookup("deleted").BooleanOK(); deleted || !ix.Unique {
		return nil
	}
	for _, f := range ix.Fields {
		v := f.Value(raw)
		if v == nil {
			return nil
		}
		key = append(key, v)
	}
	return key
}

func (tx *memoryTx) Commit(context.Context) error {
	defer tx.unlock()
	if rand.IntN(20) == 0 {
		return store.ErrTransient
	}
	tx.m.mu.Lock()
	tx.m.docs, tx.m.terms = tx.docs, tx.terms
	maps.Copy(tx.m.heads, tx.heads)
	defer tx.m.mu.Unlock()
	for _, n := range tx.m.nodes {
		if n != tx.m {
			n.grown(tx.heads)
		}
	}
	return nil
}
