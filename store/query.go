package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// Op is how a condition compares.
type Op int

const (
	OpEq      Op = iota // equal to Values[0]
	OpIn                // equal to any of Values
	OpRange             // Values[0] <= x < Values[1]; nil leaves an end open
	OpHasAll            // a multi-valued field has every one of Values
	OpNoneOf            // is, or a multi-valued field has, none of Values
	OpTerms             // the terms of the text index Field have every one of Values
	OpAnyTerm           // they have at least one of Values
)

// Cond is a condition on a declared field. Absent fields match none but NoneOf.
type Cond struct {
	Field  string
	Op     Op
	Values []any
	filter bool // see Filter
}

// Eq: field = v (of a multi-valued field: has v).
func Eq(field string, v any) Cond { return Cond{Field: field, Op: OpEq, Values: []any{v}} }

// In: field is one of vs; none of them matches nothing. At a place of an index
// where an equality could stand, the index is read once for each value, in one order.
func In[V any](field string, vs ...V) Cond { return Cond{Field: field, Op: OpIn, Values: anys(vs)} }

// Between: from <= field < to; nil leaves an end open.
func Between(field string, from, to any) Cond {
	return Cond{Field: field, Op: OpRange, Values: []any{from, to}}
}

// Within: from <= field < to; a zero time leaves an end open.
func Within(field string, from, to time.Time) Cond {
	ends := []any{nil, nil}
	for i, t := range []time.Time{from, to} {
		if !t.IsZero() {
			ends[i] = t
		}
	}
	return Cond{Field: field, Op: OpRange, Values: ends}
}

// HasAll: the multi-valued field has every one of vs.
func HasAll[V any](field string, vs ...V) Cond {
	return Cond{Field: field, Op: OpHasAll, Values: anys(vs)}
}

// NoneOf: the field is none of vs (of a multi-valued field: has none of them),
// or absent. No index is chosen for it.
func NoneOf[V any](field string, vs ...V) Cond {
	return Cond{Field: field, Op: OpNoneOf, Values: anys(vs), filter: true}
}

// Terms: of a text index, the document has every one of the terms.
func Terms(text string, terms ...string) Cond {
	return Cond{Field: text, Op: OpTerms, Values: anys(terms)}
}

// AnyTerm: of a text index, the document has at least one of the terms.
func AnyTerm(text string, terms ...string) Cond {
	return Cond{Field: text, Op: OpAnyTerm, Values: anys(terms)}
}

// Filter is a condition that no index is chosen for: what the others find is
// looked through, within the cap. It leaves the choice to a more telling one.
func Filter(c Cond) Cond {
	c.filter = true
	return c
}

// Driven are conditions of which those on the fields named choose the index;
// by the others what it finds is filtered.
func Driven(conds []Cond, by ...string) []Cond {
	out := slices.Clone(conds)
	for i, c := range out {
		out[i].filter = c.filter || !slices.Contains(by, c.Field)
	}
	return out
}

func anys[V any](vs []V) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}

// Query asks for documents of one collection. An index must serve it:
// equalities (Eq or In) on the index's first fields, then at most one range or
// has-all, then the order; what is left over is filtered inside the engine, if
// declared, within the cap. Of the indexes that would do, the one is taken that
// serves most conditions, by the fewest ranges; of equals, the first declared.
type Query struct {
	Where   []Cond
	Order   []string // index fields, each with "-" for descending (all or none); the id comes last by itself
	Sorted  bool     // by Order, of declared fields, whatever order the index has that serves Where: MaxSorted matches, else ErrTooBroad; not in an update
	Limit   int      // documents in the page; 50 when 0
	Cap     int      // documents examined at most; 10,000 when 0
	After   string   // cursor from the page before
	Deleted bool     // tombstones as well
}

// get returns documents by id, those that are recalled under ctx as they were then.
func (s *Store) get(ctx context.Context, spec *Spec, ids []string) (map[string]bson.Raw, error) {
	r := readCacheIn(ctx, spec)
	if r == nil {
		return s.getNow(ctx, spec, ids)
	}
	known, others := r.known(spec, ids)
	found, err := s.getNow(ctx, spec, others)
	maps.Copy(known, found)
	return known, err
}

// getNow returns documents as they are now.
func (s *Store) getNow(ctx context.Context, spec *Spec, ids []string) (map[string]bson.Raw, error) {
	if err := s.knows(spec); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	raws, err := s.engine.Get(ctx, spec, ids)
	if err != nil {
		return nil, s.health.notice(err)
	}
	r := readCacheIn(ctx, spec)
	out := make(map[string]bson.Raw, len(raws))
	for _, raw := range raws {
		id := idOf(raw)
		if out[id] = raw; r != nil {
			r.keep(spec, id, raw)
		}
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
		whole := slices.DeleteFunc(raws, func(raw bson.Raw) bool { return !sound(raw) }) // others could not be told from one another
		if len(whole) == 0 {
			return gone, fmt.Errorf("store: what expires in %s: %w", c.spec.Name, errDamaged)
		}
		if err := s.engine.Remove(ctx, c.spec, StampsOf(whole)); err != nil {
			return gone, err
		}
		gone += len(whole)
	}
}

func (s *Store) find(ctx context.Context, spec *Spec, queries []Query) ([]bson.Raw, string, error) {
	return s.merge(spec, queries, func(p *Plan) ([]bson.Raw, error) { return s.ask(ctx, spec, p) })
}

func (s *Store) ask(ctx context.Context, spec *Spec, p *Plan) ([]bson.Raw, error) {
	if err := s.knows(spec); err != nil {
		return nil, err
	}
	raws, err := s.fetch(ctx, spec, p)
	return raws, s.health.notice(err)
}

// fetch has the engine run the plan, and sorts what it finds on an index of another order.
func (s *Store) fetch(ctx context.Context, spec *Spec, p *Plan) ([]bson.Raw, error) {
	if p.found == nil {
		return s.engine.Find(ctx, spec, p)
	}
	raws, err := s.engine.Find(ctx, spec, p.found)
	if err != nil {
		return nil, err
	}
	if len(raws) > MaxSorted {
		return nil, ErrTooBroad
	}
	return p.Page(raws), nil
}

// merge runs each query for one more document than its page and merges the
// results in their common order.
func (s *Store) merge(spec *Spec, queries []Query, run func(*Plan) ([]bson.Raw, error)) ([]bson.Raw, string, error) {
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
		p, err := s.plan(spec, q)
		if err != nil {
			return nil, "", err
		}
		if first == nil {
			first = p
		} else if p.orderName() != first.orderName() || p.Limit != first.Limit {
			return nil, "", fmt.Errorf("%w: merged queries of %s differ in order", ErrNoIndex, spec.Name)
		}
		if p.None {
			continue
		}
		p.Limit++
		raws, err := run(p)
		p.Limit--
		if err != nil {
			return nil, "", err
		}
		for _, raw := range raws {
			id := idOf(raw)
			if seen[id] && id != "" {
				continue
			}
			seen[id] = true
			r := row{raw: raw}
			if len(queries) > 1 {
				r.keys = p.sortKey(raw)
			}
			rows = append(rows, r)
		}
	}
	if len(queries) > 1 {
		slices.SortFunc(rows, func(a, b row) int {
			if first.Desc {
				a, b = b, a
			}
			return compareKeys(a.keys, b.keys)
		})
	}
	next := ""
	if len(rows) > first.Limit {
		rows = rows[:first.Limit]
		last := lastSound(rows, func(r row) bson.Raw { return r.raw })
		if last < 0 {
			return nil, "", fmt.Errorf("store: a whole page of %s: %w", spec.Name, errDamaged)
		}
		next = first.cursorAfter(rows[last].raw) // damaged ones after it come again on the next page: their place cannot be told
	}
	out := make([]bson.Raw, len(rows))
	for i, r := range rows {
		out[i] = r.raw
	}
	return out, next, nil
}
