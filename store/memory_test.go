package store_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
	"wangge/store/storetest"
)

// The contract on the plainest engine there can be: maps and loops, one
// transaction at a time, and a database that aborts some for no reason. It
// tells whether a broken promise is the port's or an engine's.
func TestContractInMemory(t *testing.T) {
	storetest.Test(t, func(t *testing.T, nodes int) []store.Engine {
		db := newMemory()
		engines := make([]store.Engine, nodes)
		for i := range engines {
			engines[i] = &node{memory: db}
		}
		return engines
	}, storetest.Caps{WatchAcrossNodes: true})
}

type memory struct {
	tx sync.Mutex // one transaction at a time

	mu      sync.Mutex
	docs    map[string]map[string]bson.Raw
	indexes map[string]map[string]store.Index // by collection and name
	terms   map[string][]string               // by collection/id
	heads   map[string]int64
	nodes   []*node // that watch
	blobs   map[string]blob
}

func newMemory() *memory {
	return &memory{docs: map[string]map[string]bson.Raw{}, terms: map[string][]string{}, indexes: map[string]map[string]store.Index{}, heads: map[string]int64{}, blobs: map[string]blob{}}
}

// node hears of what the others commit.
type node struct {
	*memory
	grown func(map[string]int64)
}

type blob struct {
	content []byte
	at      time.Time
}

func (m *memory) Ping(context.Context) error               { return nil }
func (m *memory) Clock(context.Context) (time.Time, error) { return time.Time{}, nil }
func (m *memory) Close(context.Context) error              { return nil }

func (m *memory) Lane(partitions []string) (string, bool) { return "all", len(partitions) > 0 }

func (m *memory) Get(_ context.Context, spec *store.Spec, ids []string) ([]bson.Raw, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []bson.Raw
	for _, id := range ids {
		if raw, ok := m.docs[spec.Name][id]; ok {
			out = append(out, slices.Clone(raw))
		}
	}
	return out, nil
}

func (m *memory) Find(_ context.Context, spec *store.Spec, p *store.Plan) ([]bson.Raw, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return find(spec, m.docs[spec.Name], m.terms, p)
}

func find(spec *store.Spec, docs map[string]bson.Raw, terms map[string][]string, p *store.Plan) ([]bson.Raw, error) {
	if p.Sorted {
		return sorted(spec, docs, terms, p)
	}
	keys := func(raw bson.Raw) (out []any) {
		for _, f := range p.Order {
			out = append(out, f.Value(raw))
		}
		return append(out, raw.Lookup("_id").StringValue())
	}
	order := func(a, b []any) int {
		c := slices.CompareFunc(a, b, compare)
		if p.Desc {
			return -c
		}
		return c
	}
	var scan []bson.Raw
	for id, raw := range docs {
		if served(p, raw, terms[spec.Name+"/"+id]) && (p.After == nil || order(keys(raw), p.After) > 0) {
			scan = append(scan, raw)
		}
	}
	slices.SortFunc(scan, func(a, b bson.Raw) int { return order(keys(a), keys(b)) })
	var out []bson.Raw
	for i, raw := range scan {
		if i == p.Cap {
			return nil, store.ErrTooBroad
		}
		if matches(p, raw) {
			if out = append(out, slices.Clone(raw)); len(out) == p.Limit {
				break
			}
		}
	}
	return out, nil
}

// sorted is find on a text index without an order.
func sorted(spec *store.Spec, docs map[string]bson.Raw, terms map[string][]string, p *store.Plan) ([]bson.Raw, error) {
	var passed []bson.Raw
	examined := 0
	for id, raw := range docs {
		if !served(p, raw, terms[spec.Name+"/"+id]) {
			continue
		}
		examined++
		if matches(p, raw) {
			passed = append(passed, slices.Clone(raw))
		}
	}
	if len(passed) > store.MaxSorted || len(p.Residual) > 0 && examined > p.Cap {
		return nil, store.ErrTooBroad
	}
	return p.Page(passed), nil
}

// served: the part of the plan that the index answers.
func served(p *store.Plan, raw bson.Raw, terms []string) bool {
	if deleted, _ := raw.Lookup("deleted").BooleanOK(); deleted && !p.Deleted {
		return false
	}
	if p.Text != nil {
		if p.Ranged && !holds(store.Cond{Op: store.OpRange, Values: []any{p.From, p.To}}, p.Text.Order.Value(raw)) {
			return false
		}
		has := 0
		for _, term := range p.Terms {
			if slices.Contains(terms, term) {
				has++
			}
		}
		return (has == len(p.Terms) || p.AnyTerm && has > 0) &&
			!slices.ContainsFunc(p.Scopes, func(c store.Cond) bool { return !holds(c, p.Fields[c.Field].Value(raw)) })
	}
	for i, set := range p.Eq {
		if !holds(store.Cond{Op: store.OpIn, Values: set}, p.Index.Fields[i].Value(raw)) {
			return false
		}
	}
	if p.Ranged && !holds(store.Cond{Op: store.OpRange, Values: []any{p.From, p.To}}, p.Index.Fields[len(p.Eq)].Value(raw)) {
		return false
	}
	return p.HasAll == nil || holds(store.Cond{Op: store.OpHasAll, Values: p.HasAll}, p.Index.Fields[len(p.Eq)].Value(raw))
}

func matches(p *store.Plan, raw bson.Raw) bool {
	return !slices.ContainsFunc(p.Residual, func(c store.Cond) bool { return !holds(c, p.Fields[c.Field].Value(raw)) })
}

func holds(c store.Cond, value any) bool {
	has, multi := value.([]any)
	if !multi && value != nil {
		has = []any{value}
	}
	is := func(v any) bool { return slices.ContainsFunc(has, func(h any) bool { return compare(h, v) == 0 }) }
	switch c.Op {
	case store.OpRange:
		return len(has) > 0 && (c.Values[0] == nil || compare(has[0], c.Values[0]) >= 0) && (c.Values[1] == nil || compare(has[0], c.Values[1]) < 0)
	case store.OpHasAll:
		return !slices.ContainsFunc(c.Values, func(v any) bool { return !is(v) })
	}
	return slices.ContainsFunc(c.Values, is) == (c.Op != store.OpNoneOf)
}

// compare puts absent values first.
func compare(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(fmt.Sprint(a != nil), fmt.Sprint(b != nil))
	}
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func (m *memory) Count(_ context.Context, spec *store.Spec, p *store.Plan, by string) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts, examined := map[string]int64{}, 0
	for id, raw := range m.docs[spec.Name] {
		if !served(p, raw, m.terms[spec.Name+"/"+id]) {
			continue
		}
		if examined++; examined > p.Cap {
			return nil, store.ErrTooBroad
		}
		if matches(p, raw) {
			key := ""
			if v := p.Fields[by].Value(raw); by != "" && v != nil {
				key = fmt.Sprint(v)
			}
			counts[key]++
		}
	}
	return counts, nil
}

func (m *memory) Remove(_ context.Context, spec *store.Spec, stamps []store.Stamp) error {
	m.tx.Lock()
	defer m.tx.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range stamps {
		if versionOf(m.docs[spec.Name][s.ID]) == s.Version {
			delete(m.docs[spec.Name], s.ID)
		}
	}
	return nil
}

func versionOf(raw bson.Raw) int64 {
	v, _ := raw.Lookup("version").AsInt64OK()
	return v
}

func (m *memory) Heads(context.Context) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.heads), nil
}

func (n *node) Watch(ctx context.Context, grown func(map[string]int64)) {
	n.mu.Lock()
	n.grown = grown
	n.nodes = append(n.nodes, n)
	grown(n.heads) // what came since Open looked
	n.mu.Unlock()
	<-ctx.Done()
}

func (m *memory) PutBlob(_ context.Context, id string, r io.Reader) (int64, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.blobs[id]; ok {
		return 0, fmt.Errorf("blob %s is there", id)
	}
	m.blobs[id] = blob{content, time.Now()}
	return int64(len(content)), nil
}

func (m *memory) OpenBlob(_ context.Context, id string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[id]
	if !ok {
		return nil, store.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(b.content)), nil
}

func (m *memory) DeleteBlob(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, id)
	return nil
}

func (m *memory) Blobs(_ context.Context, before time.Time, after string, limit int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for id, b := range m.blobs {
		if id > after && b.at.Before(before) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids[:min(len(ids), limit)], nil
}
