package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Plan is a query resolved against an index. Values are string, int64, bool or time.Time (UTC).
type Plan struct {
	Index    *Index
	Text     *Text    // the text index that serves it, in place of Index
	Terms    []string // of Text, that a match has all of, or with AnyTerm at least one of
	AnyTerm  bool
	Scopes   []Cond  // Eq and In on scope fields of Text: a match has a value of each
	Sorted   bool    // Order is not that of Text: the matches are sorted
	Eq       [][]any // the values that Index.Fields[:len(Eq)] may each have; see Scans
	None     bool    // nothing can match
	From, To any     // range on the field after these, when Ranged
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
	found    *Plan // what is to be sorted, when the index has another order
}

// Scans is how many ranges of the index the plan joins in its order: one for
// each combination of the values in Eq.
func (p *Plan) Scans() int {
	n := 1
	for _, set := range p.Eq {
		n *= len(set)
	}
	return n
}

// mostScans is how many ranges of an index a plan joins at most. A list of values that would make more is a filter.
const mostScans = 2000

func (s *Spec) plan(q Query) (*Plan, error) {
	if at := slices.IndexFunc(q.Where, func(c Cond) bool { return c.terms() }); at >= 0 {
		return s.planText(q, at)
	}
	if q.Sorted {
		return s.planSorted(q)
	}
	conds, err := s.normalise(q.Where)
	if err != nil {
		return nil, err
	}
	order, desc, err := s.order(q.Order)
	if err != nil {
		return nil, err
	}
	best, p, used := new(Plan), new(Plan), make([]bool, len(conds))
	bestScore := -1
	for i := range s.Indexes {
		clear(used)
		*p = Plan{Index: &s.Indexes[i], Desc: desc, Eq: p.Eq[:0], Residual: p.Residual[:0]}
		score, ok := s.try(p, conds, used, order, q)
		if ok && (score > bestScore || score == bestScore && p.Scans() < best.Scans()) {
			best, p, bestScore = p, best, score
		}
	}
	if bestScore < 0 {
		return nil, fmt.Errorf("%w: %s where %s order %v", ErrNoIndex, s.Name, describe(conds), q.Order)
	}
	return s.paged(best, q)
}

// planSorted resolves a query whose matches are sorted, since no index has the order.
func (s *Spec) planSorted(q Query) (*Plan, error) {
	all := q
	all.Sorted, all.Order, all.After, all.Limit = false, nil, "", MaxSorted+1
	found, err := s.plan(all)
	if err != nil {
		return nil, err
	}
	p := *found
	p.found, p.Order = found, nil
	order, desc, err := s.order(q.Order)
	if err != nil {
		return nil, err
	}
	p.Desc = desc
	if err := s.sortBy(&p, order); err != nil {
		return nil, err
	}
	return s.paged(&p, q)
}

// sortBy has what the plan finds sorted by fields that all of it has.
func (s *Spec) sortBy(p *Plan, order []string) error {
	for _, path := range order {
		f, ok := s.fields[path]
		there := slices.ContainsFunc(p.Residual, func(c Cond) bool { return c.Field == path && c.Op != OpNoneOf }) // what matches has it
		if !ok || f.Multi || f.Optional && !there {
			return fmt.Errorf("%w: %s sorted by %v", ErrNoIndex, s.Name, order)
		}
		p.Order = append(p.Order, f)
	}
	return nil
}

// paged adds which page of what it finds the query asks for.
func (s *Spec) paged(p *Plan, q Query) (_ *Plan, err error) {
	p.Limit, p.Cap = q.Limit, q.Cap
	if p.Limit <= 0 {
		p.Limit = 50
	}
	if p.Cap <= 0 {
		p.Cap = 10_000
	}
	p.Cap = max(p.Cap, p.Limit+1) // the page and the one document that tells of a next page
	p.Deleted, p.Fields = q.Deleted, s.fields
	p.None = slices.ContainsFunc(q.Where, func(c Cond) bool { return c.Op == OpIn && len(c.Values) == 0 })
	if q.After != "" {
		if p.After, err = parseCursor(q.After, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// try fits the conditions to the plan's index, noting those that are used; not ok when it cannot serve them.
func (s *Spec) try(p *Plan, conds []Cond, used []bool, order []string, q Query) (score int, ok bool) {
	ix := p.Index
	if ix.Unique && q.Deleted {
		return 0, false // unique indexes leave tombstones out
	}
	at := func(f Field, ops ...Op) (int, bool) {
		for i, c := range conds {
			if !used[i] && !c.filter && c.Field == f.Path && slices.Contains(ops, c.Op) {
				return i, true
			}
		}
		return 0, false
	}
	i := 0
	for ; i < len(ix.Fields) && !ix.Fields[i].Multi; i++ {
		c, ok := at(ix.Fields[i], OpEq, OpIn)
		if !ok || conds[c].Op == OpIn && !joins(p, conds[c], order) {
			break
		}
		used[c] = true
		p.Eq = append(p.Eq, conds[c].Values)
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
		return 0, false // absent values are not in it
	}
	for _, f := range rest {
		if f.Multi || f.Optional && f.Path != ranged {
			return 0, false
		}
	}
	p.Order = rest
	if len(order) > 0 && !slices.EqualFunc(order, rest, func(o string, f Field) bool { return o == f.Path }) {
		return 0, false
	}
	if score == 0 && len(order) == 0 {
		return 0, false
	}
	for j, c := range conds {
		if !used[j] {
			p.Residual = append(p.Residual, c)
		}
	}
	return score, true
}

// joins reports whether the plan's index may be read once for each value of
// the next field; else they are a filter, as where the order is by that field.
func joins(p *Plan, c Cond, order []string) bool {
	n := len(c.Values)
	return !slices.Contains(order, c.Field) && (n <= 1 || !p.Index.Unique && p.Scans()*n <= mostScans)
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
		if err := f.takes(c); err != nil {
			return nil, fmt.Errorf("store: condition on %s.%s: %w", s.Name, c.Field, err)
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
		out[i] = Cond{c.Field, c.Op, vs, c.filter}
		if c.Op == OpIn {
			slices.SortFunc(vs, compareValues)
			out[i].Values = slices.Compact(vs)
		}
	}
	return out, nil
}

// takes refuses conditions that the databases would not all read the same way.
func (f Field) takes(c Cond) error {
	switch n := len(c.Values); {
	case c.Op == OpEq && n != 1, c.Op == OpRange && n != 2, (c.Op == OpHasAll || c.Op == OpNoneOf) && n == 0:
		return fmt.Errorf("%d values", n)
	case c.Op == OpHasAll && !f.Multi:
		return errors.New("has-all of a field with one value")
	case c.Op == OpRange && f.Multi:
		return errors.New("range of a multi-valued field")
	}
	return nil
}

func (f Field) normal(v any) any {
	if t, ok := v.(time.Time); ok && f.Kind == Time {
		return time.UnixMilli(t.UnixMilli()).UTC()
	}
	rv := reflect.ValueOf(v)
	switch {
	case f.Kind == String && rv.Kind() == reflect.String:
		return strings.ToValidUTF8(rv.String(), "\ufffd") // what is stored is valid
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
		parts[i] = c.Field + [...]string{"=", " in", " range", " has", " none of", " terms", " any term"}[c.Op]
	}
	return strings.Join(parts, ", ")
}
