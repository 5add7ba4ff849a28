package store_test

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// Setup: an index of maps and loops is there as soon as it is said to be.
func (m *memory) Setup(_ context.Context, specs []*store.Spec) ([]store.Found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := make([]store.Found, len(specs))
	for i, spec := range specs {
		if found[i].Empty = len(m.docs[spec.Name]) == 0; found[i].Empty {
			m.indexes[spec.Name] = map[string]store.Index{}
			for _, ix := range spec.Indexes {
				m.indexes[spec.Name][ix.Name] = ix
			}
		}
		for _, ix := range spec.Indexes {
			if there, ok := m.indexes[spec.Name][ix.Name]; ok && slices.Equal(paths(there), paths(ix)) && there.Unique == ix.Unique {
				found[i].Indexes = append(found[i].Indexes, ix.Name)
			} else {
				delete(m.indexes[spec.Name], ix.Name)
			}
		}
		for _, text := range spec.Texts {
			found[i].Indexes = append(found[i].Indexes, text.Name)
		}
	}
	return found, nil
}

func paths(ix store.Index) (out []string) {
	for _, f := range ix.Fields {
		out = append(out, f.Path)
	}
	return out
}

func (m *memory) Parts(spec *store.Spec) (out []store.Part) {
	for _, text := range spec.Texts {
		out = append(out, store.Part{Of: text.Name, As: "terms"})
	}
	return out
}

func (m *memory) Shared() bool { return true }

func (m *memory) Build(_ context.Context, spec *store.Spec, indexes []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, ix := range spec.Indexes {
		if slices.Contains(indexes, ix.Name) {
			m.indexes[spec.Name][ix.Name] = ix
		}
	}
	return nil
}

func (m *memory) Prune(_ context.Context, spec *store.Spec) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.indexes[spec.Name], func(name string, _ store.Index) bool {
		return !slices.ContainsFunc(spec.Indexes, func(ix store.Index) bool { return ix.Name == name })
	})
	return nil
}

func (m *memory) Scan(_ context.Context, spec *store.Spec, after string, limit int) (out []bson.Raw, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.docs[spec.Name])) {
		if id > after && len(out) < limit {
			out = append(out, slices.Clone(m.docs[spec.Name][id]))
		}
	}
	return out, nil
}

func (m *memory) Rewrite(_ context.Context, spec *store.Spec, documents []store.Rewrite) error {
	m.tx.Lock()
	defer m.tx.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range documents {
		if !bytes.Equal(m.docs[spec.Name][w.ID], w.Was) {
			continue
		}
		if err := taken(m.docs[spec.Name], w.Write); err != nil {
			return err
		}
		m.docs[spec.Name][w.ID], m.terms[spec.Name+"/"+w.ID] = w.Doc, w.Terms
	}
	return nil
}

func (m *memory) Size(_ context.Context, spec *store.Spec) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.docs[spec.Name])), nil
}
