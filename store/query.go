package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// Op is how a condition compares.
type Op int

const (
	OpEq     Op = iota // equal to Values[0]
	OpIn               // equal to any of Values (evaluated as a filter)
	OpRange            // Values[0] <= x < Values[1]; nil leaves an end open
	OpHasAll           // a multi-valued field has every one of Values
)

// Cond is a condition on a declared field. Absent fields match no condition.
type Cond struct {
	Field  string
	Op     Op
	Values []any
}

// Eq: field = v (of a multi-valued field: has v).
func Eq(field string, v any) Cond { return Cond{field, OpEq, []any{v}} }

// In: field is one of vs. It never drives an index; what it filters counts against the cap.
func In[V any](field string, vs ...V) Cond { return Cond{field, OpIn, anys(vs)} }

// Between: from <= field < to; nil leaves an end open.
func Between(field string, from, to any) Cond { return Cond{field, OpRange, []any{from, to}} }

// HasAll: the multi-valued field has every one of vs.
func HasAll[V any](field string, vs ...V) Cond { return Cond{field, OpHasAll, anys(vs)} }

func anys[V any](vs []V) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}

// Query asks for documents of one collection. An index must serve it:
// equalities on the index's first fields, then at most one range or has-all,
// then the order; what is left over is filtered inside the engine, if
// declared, within the cap.
type Query struct {
	Where   []Cond
	Order   []string // index fields, each with "-" for descending (all or none); the id comes last by itself
	Limit   int      // documents in the page; 50 when 0
	Cap     int      // documents examined at most; 10,000 when 0
	After   string   // cursor from the page before
	Deleted bool     // tombstones as well
}

// Plan is a query resolved against an index. Values are string, int64, bool or time.Time (UTC).
type Plan struct {
	Index    *Index
	Eq       []any // values of Index.Fields[:len(Eq)]
	From, To any   // range on the field after these, when Ranged
	Ranged   bool
	HasAll   []any  // values of the multi-valued field after these, when not nil
	Residual []Cond // further conditions, on declared fields
	Fields   map[string]Field
	Order    []Field // what follows in the index; the id is the last sort key
	Desc     bool
	After    []any // values of Order and the id, of the last document before this page
	Limit    int
	Cap      int
	Deleted  bool
}

func (s *Spec) plan(q Query) (*Plan, error) {
	conds, err := s.normalise(q.Where)
	if err != nil {
		return nil, err
	}
	order, desc, err := s.order(q.Order)
	if err != nil {
		return nil, err
	}
	var best *Plan
	bestScore := -1
	for i := range s.Indexes {
		p, score := s.try(&s.Indexes[i], conds, order, desc, q)
		if p != nil && score > bestScore {
			best, bestScore = p, score
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%w: %s where %s order %v", ErrNoIndex, s.Name, describe(conds), q.Order)
	}
	best.Limit, best.Cap = q.Limit, q.Cap
	if best.Limit <= 0 {
		best.Limit = 50
	}
	if best.Cap <= 0 {
		best.Cap = 10_000
	}
	best.Deleted, best.Fields = q.Deleted, s.fields
	if q.After != "" {
		if best.After, err = parseCursor(q.After, best); err != nil {
			return nil, err
		}
	}
	return best, nil
}

// try fits the conditions to one index; nil when it cannot serve them.
func (s *Spec) try(ix *Index, conds []Cond, order []string, desc bool, q Query) (*Plan, int) {
	if ix.Unique && q.Deleted {
		return nil, 0 // unique indexes leave tombstones out
	}
	p := &Plan{Index: ix, Desc: desc}
	used := make([]bool, len(conds))
	at := func(f Field, ops ...Op) (int, bool) {
		for i, c := range conds {
			if !used[i] && c.Field == f.Path && slices.Contains(ops, c.Op) {
				return i, true
			}
		}
		return 0, false
	}
	i, score := 0, 0
	for ; i < len(ix.Fields) && !ix.Fields[i].Multi; i++ {
		c, ok := at(ix.Fields[i], OpEq)
		if !ok {
			break
		}
		used[c] = true
		p.Eq = append(p.Eq, conds[c].Values[0])
		score += 4
	}
	rest := ix.Fields[i:]
	ranged := ""
	if len(rest) > 0 {
		f := rest[0]
		if c, ok := at(f, OpEq, OpHasAll); f.Multi && ok {
			used[c], p.HasAll, rest = true, conds[c].Values, rest[1:]
			score += 3
		} else if c, ok := at(f, OpRange); !f.Multi && ok {
			used[c], p.Ranged, ranged = true, true, f.Path
			p.From, p.To = conds[c].Values[0], conds[c].Values[1]
			score += 2
		}
	}
	if ix.Unique && len(p.Eq) < len(ix.Fields) {
		return nil, 0 // absent values are not in it
	}
	for _, f := range rest {
		if f.Multi || f.Optional && f.Path != ranged {
			return nil, 0
		}
	}
	p.Order = rest
	if len(order) > 0 && !slices.EqualFunc(order, rest, func(o string, f Field) bool { return o == f.Path }) {
		return nil, 0
	}
	if score == 0 && len(order) == 0 {
		return nil, 0
	}
	for j, c := range conds {
		if !used[j] {
			p.Residual = append(p.Residual, c)
		}
	}
	return p, score
}

func (s *Spec) order(names []string) (paths []string, desc bool, err error) {
	for i, n := range names {
		path, d := strings.CutPrefix(n, "-")
		if i > 0 && d != desc {
			return nil, false, fmt.Errorf("%w: mixed directions in %v", ErrNoIndex, names)
		}
		desc = d
		paths = append(paths, path)
	}
	return paths, desc, nil
}

// normalise checks fields and brings values to the kinds engines know.
func (s *Spec) normalise(conds []Cond) ([]Cond, error) {
	out := make([]Cond, len(conds))
	for i, c := range conds {
		f, ok := s.fields[c.Field]
		if !ok {
			return nil, fmt.Errorf("%w: %s.%s is not declared", ErrNoIndex, s.Name, c.Field)
		}
		vs := make([]any, len(c.Values))
		for j, v := range c.Values {
			if v == nil && c.Op == OpRange {
				continue
			}
			if vs[j] = f.normal(v); vs[j] == nil {
				return nil, fmt.Errorf("store: condition on %s.%s with a %T", s.Name, c.Field, v)
			}
		}
		out[i] = Cond{c.Field, c.Op, vs}
	}
	return out, nil
}

func (f Field) normal(v any) any {
	if t, ok := v.(time.Time); ok && f.Kind == Time {
		return time.UnixMilli(t.UnixMilli()).UTC()
	}
	rv := reflect.ValueOf(v)
	switch {
	case f.Kind == String && rv.Kind() == reflect.String:
		return rv.String()
	case f.Kind == Int && rv.CanInt():
		return rv.Int()
	case f.Kind == Bool && rv.Kind() == reflect.Bool:
		return rv.Bool()
	}
	return nil
}

func describe(conds []Cond) string {
	parts := make([]string, len(conds))
	for i, c := range conds {
		parts[i] = c.Field + [...]string{"=", " in", " range", " has"}[c.Op]
	}
	return strings.Join(parts, ", ")
}

// cursor is what a page's cursor holds: the order it belongs to and the
// sort values of its last document, the id at the end.
type cursor struct {
	Order string `bson:"o"`
	Keys  bson.A `bson:"k"`
}

func (p *Plan) orderName() string {
	var b strings.Builder
	for _, f := range p.Order {
		b.WriteString(f.Path + ",")
	}
	return fmt.Sprint(b.String(), p.Desc)
}

// sortKey returns the values of Order and the id.
func (p *Plan) sortKey(doc bson.Raw) []any {
	keys := make([]any, 0, len(p.Order)+1)
	for _, f := range p.Order {
		keys = append(keys, f.Value(doc))
	}
	return append(keys, doc.Lookup("_id").StringValue())
}

func (p *Plan) cursorAfter(doc bson.Raw) string {
	b, err := bson.Marshal(cursor{p.orderName(), p.sortKey(doc)})
	if err != nil {
		panic(err) // only strings, numbers, times
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(text string, p *Plan) ([]any, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrCursor
	}
	var c cursor
	if bson.Raw(b).Validate() != nil || bson.Unmarshal(b, &c) != nil || c.Order != p.orderName() || len(c.Keys) != len(p.Order)+1 {
		return nil, ErrCursor
	}
	keys := make([]any, len(c.Keys))
	for i, k := range c.Keys {
		f := Field{Kind: String}
		if i < len(p.Order) {
			f = p.Order[i]
		}
		if d, ok := k.(interface{ Time() time.Time }); ok {
			k = d.Time()
		}
		if keys[i] = f.normal(k); keys[i] == nil {
			return nil, ErrCursor
		}
	}
	return keys, nil
}

func (s *Store) get(ctx context.Context, spec *Spec, ids []string) (map[string]bson.Raw, error) {
	raws, err := s.engine.Get(ctx, spec, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bson.Raw, len(raws))
	for _, raw := range raws {
		out[raw.Lookup("_id").StringValue()] = raw
	}
	return out, nil
}

// Expire deletes for good the documents of an unjournaled collection whose
// indexed time field is before the time given, and returns how many.
func (c *Collection[T, P]) Expire(ctx context.Context, s *Store, field string, before time.Time) (int, error) {
	if c.spec.Journaled {
		return 0, fmt.Errorf("store: %s is journaled, its documents are only marked deleted", c.spec.Name)
	}
	gone := 0
	for {
		raws, _, err := s.find(ctx, c.spec, []Query{{Where: []Cond{Between(field, nil, before)}, Limit: 500, Deleted: true}})
		if err != nil || len(raws) == 0 {
			return gone, err
		}
		if err := s.engine.Remove(ctx, c.spec, stampsOf(raws)); err != nil {
			return gone, err
		}
		gone += len(raws)
	}
}

func (s *Store) find(ctx context.Context, spec *Spec, queries []Query) ([]bson.Raw, string, error) {
	return merge(ctx, spec, queries, func(p *Plan) ([]bson.Raw, error) { return s.engine.Find(ctx, spec, p) })
}

// merge runs each query for one more document than its page and merges the
// results in their common order.
func merge(ctx context.Context, spec *Spec, queries []Query, run func(*Plan) ([]bson.Raw, error)) ([]bson.Raw, string, error) {
	if len(queries) == 0 {
		return nil, "", nil
	}
	type row struct {
		raw  bson.Raw
		keys []any
	}
	var rows []row
	var first *Plan
	seen := map[string]bool{}
	for _, q := range queries {
		p, err := spec.plan(q)
		if err != nil {
			return nil, "", err
		}
		if first == nil {
			first = p
		} else if p.orderName() != first.orderName() || p.Limit != first.Limit {
			return nil, "", fmt.Errorf("%w: merged queries of %s differ in order", ErrNoIndex, spec.Name)
		}
		p.Limit++
		raws, err := run(p)
		p.Limit--
		if err != nil {
			return nil, "", err
		}
		for _, raw := range raws {
			keys := p.sortKey(raw)
			if id := keys[len(keys)-1].(string); !seen[id] {
				seen[id] = true
				rows = append(rows, row{raw, keys})
			}
		}
	}
	if len(queries) > 1 {
		sort.Slice(rows, func(i, j int) bool { return (compareKeys(rows[i].keys, rows[j].keys) < 0) != first.Desc })
	}
	next := ""
	if len(rows) > first.Limit {
		rows = rows[:first.Limit]
		next = first.cursorAfter(rows[len(rows)-1].raw)
	}
	out := make([]bson.Raw, len(rows))
	for i, r := range rows {
		out[i] = r.raw
	}
	return out, next, nil
}

func compareKeys(a, b []any) int {
	for i := range a {
		var c int
		switch x := a[i].(type) {
		case string:
			c = strings.Compare(x, b[i].(string))
		case int64:
			c = int(min(max(x-b[i].(int64), -1), 1))
		case time.Time:
			c = x.Compare(b[i].(time.Time))
		case bool:
			c = bytes.Compare([]byte{b2i(x)}, []byte{b2i(b[i].(bool))})
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}
