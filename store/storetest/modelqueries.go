package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// values of the fields that queries of the model ask for, none when absent.
var values = map[string]func(*thing) []any{
	"partition":    func(x *thing) []any { return []any{x.Partition} },
	"title":        func(x *thing) []any { return []any{x.Title} },
	"number":       func(x *thing) []any { return []any{x.Number} },
	"done":         func(x *thing) []any { return []any{x.Done} },
	"due":          func(x *thing) []any { return []any{x.Due} },
	"until":        func(x *thing) []any { return absent(x.Until.IsZero(), x.Until) },
	"place.cell":   func(x *thing) []any { return absent(x.Place.Cell == "", x.Place.Cell) },
	"place.street": func(x *thing) []any { return []any{x.Place.Street} },
	"tags":         func(x *thing) []any { return all(x.Tags, func(s string) any { return s }) },
	"levels":       func(x *thing) []any { return all(x.Levels, func(n int) any { return int64(n) }) },
}

func absent(is bool, v any) []any {
	if is {
		return nil
	}
	return []any{v}
}

func all[T any](xs []T, to func(T) any) []any {
	var out []any
	for _, x := range xs {
		out = append(out, to(x))
	}
	return out
}

func matches(x *thing, c store.Cond) bool {
	has := values[c.Field](x)
	is := func(v any) bool { return slices.ContainsFunc(has, func(h any) bool { return compare(h, v) == 0 }) }
	switch c.Op {
	case store.OpRange:
		return len(has) > 0 && (c.Values[0] == nil || compare(has[0], c.Values[0]) >= 0) && (c.Values[1] == nil || compare(has[0], c.Values[1]) < 0)
	case store.OpHasAll:
		return !slices.ContainsFunc(c.Values, func(v any) bool { return !is(v) })
	}
	return slices.ContainsFunc(c.Values, is) == (c.Op != store.OpNoneOf)
}

func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) // false before true
}

// compareQuery asks for a random list, reads it in random pages, and counts it.
func (w *world) compareQuery(t *testing.T, s *store.Store, r *rand.Rand, at string) {
	where, by := randomWhere(r)
	q := store.Query{Where: where, Deleted: r.IntN(4) == 0}
	desc := r.IntN(2) == 0
	for _, field := range by {
		if desc {
			field = "-" + field
		}
		q.Order = append(q.Order, field)
	}
	var docs []*thing
	for _, x := range w.docs {
		docs = append(docs, x)
	}
	want := listed(docs, func(x *thing) bool {
		return (q.Deleted || !x.Deleted) && !slices.ContainsFunc(where, func(c store.Cond) bool { return !matches(x, c) })
	}, func(a, b *thing) int {
		for _, field := range by {
			if c := compare(values[field](a)[0], values[field](b)[0]); c != 0 {
				return c
			}
		}
		return 0
	}, desc)
	got := pages(t, s, func() int { return 1 + r.IntN(20) }, q)
	wantIDs(t, fmt.Sprintf("%s: %+v by %v", at, where, q.Order), got, want...)
	n, err := things.Count(t.Context(), s, q, "")
	must(t, err)
	if n[""] != int64(len(want)) {
		t.Fatalf("%s: %+v counts %v, want %d", at, where, n, len(want))
	}
}

func randomWhere(r *rand.Rand) (where []store.Cond, by []string) {
	text := func() string { return textOrder[r.IntN(len(textOrder))] }
	at := func() time.Time { return noon.Add(time.Duration(r.IntN(5)) * time.Millisecond) }
	number := func() int64 { return int64(r.IntN(7) - 3) }
	partition := store.Eq("partition", []string{here, there}[r.IntN(2)])
	partitions := store.In("partition", some(r, here, there, "nowhere")...)
	streets, done := store.In("place.street", some(r, "east", "west", "", "north")...), store.In("done", some(r, false, true)...)
	numbers := store.In("number", some[int64](r, -3, -1, 0, 2, 3, 9)...)
	base := []struct {
		where []store.Cond
		order string
	}{
		{[]store.Cond{partition}, "number"},
		{[]store.Cond{partition, store.Between("number", number(), number())}, "number"},
		{[]store.Cond{partition, store.Between("number", nil, number())}, "number"},
		{[]store.Cond{partition, store.Eq("done", r.IntN(2) == 0)}, "number"},
		{[]store.Cond{partition, store.HasAll("tags", "t0", "t1")}, "number"},
		{[]store.Cond{partition, store.Eq("tags", "t2")}, "number"},
		{[]store.Cond{store.Eq("place.street", "east")}, "number"},
		{[]store.Cond{partition, store.Between("title", text(), text())}, "title"},
		{[]store.Cond{partition, store.Between("until", at(), nil)}, "until"},
		{[]store.Cond{partition}, "due"},
		{[]store.Cond{partitions}, "number"},
		{[]store.Cond{partitions}, "title"},
		{[]store.Cond{partitions, done, store.Between("number", number(), nil)}, "number"},
		{[]store.Cond{partitions, store.Between("until", nil, at())}, "until"},
		{[]store.Cond{partitions, store.HasAll("tags", "t0", "t1")}, "number"},
		{[]store.Cond{partitions, store.Eq("tags", "t2")}, "number"},
		{[]store.Cond{partition, store.In("title", text(), text(), text())}, "number"},
		{[]store.Cond{streets}, "number"},
		{[]store.Cond{streets, done}, "number due"},
		{[]store.Cond{streets, done, store.Between("number", number(), number())}, "number due"},
		{[]store.Cond{streets, done, numbers}, "due"},
		{[]store.Cond{streets, done, numbers, store.Between("due", at(), nil)}, "due"},
		{[]store.Cond{store.Eq("place.street", "west"), done, numbers}, "due"},
	}
	b := base[r.IntN(len(base))]
	further := []store.Cond{
		store.In("place.cell", "c1", "c2"), store.Eq("levels", r.IntN(3)), store.Between("due", at(), at()), store.Eq("done", true),
		store.HasAll("tags", "t0"), store.Between("title", text(), nil), store.Between("until", nil, at()), store.In("number", 1, 2),
		store.HasAll("levels", 0, 1), store.In("title", text(), text()), store.NoneOf("title", text(), text()), store.NoneOf("tags", "t0", "t1"),
		store.NoneOf("until", at()), store.NoneOf("number", 0, 2),
	}
	where = b.where
	for range r.IntN(3) {
		where = append(where, further[r.IntN(len(further))])
	}
	for _, c := range where { // the model compares what the port makes of the values
		for j, v := range c.Values {
			if n, ok := v.(int); ok {
				c.Values[j] = int64(n)
			}
		}
	}
	return where, strings.Fields(b.order)
}

// some of the values, in any order and some twice; seldom none.
func some[T any](r *rand.Rand, values ...T) (out []T) {
	for range r.IntN(2 * len(values)) {
		out = append(out, values[r.IntN(len(values))])
	}
	return out
}
