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
	return slices.ContainsFunc(c.Values, is)
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
	q := store.Query{Where: where, Order: []string{by}, Deleted: r.IntN(4) == 0}
	desc := r.IntN(2) == 0
	if desc {
		q.Order[0] = "-" + by
	}
	var docs []*thing
	for _, x := range w.docs {
		docs = append(docs, x)
	}
	want := listed(docs, func(x *thing) bool {
		return (q.Deleted || !x.Deleted) && !slices.ContainsFunc(where, func(c store.Cond) bool { return !matches(x, c) })
	}, func(a, b *thing) int { return compare(values[by](a)[0], values[by](b)[0]) }, desc)
	got := pages(t, s, func() int { return 1 + r.IntN(20) }, q)
	wantIDs(t, fmt.Sprintf("%s: %+v by %v", at, where, q.Order), got, want...)
	n, err := things.Count(t.Context(), s, q, "")
	must(t, err)
	if n[""] != int64(len(want)) {
		t.Fatalf("%s: %+v counts %v, want %d", at, where, n, len(want))
	}
}

func randomWhere(r *rand.Rand) (where []store.Cond, by string) {
	text := func() string { return textOrder[r.IntN(len(textOrder))] }
	at := func() time.Time { return noon.Add(time.Duration(r.IntN(5)) * time.Millisecond) }
	number := func() int64 { return int64(r.IntN(7) - 3) }
	partition := store.Eq("partition", []string{here, there}[r.IntN(2)])
	base := [][]store.Cond{
		{partition},
		{partition, store.Between("number", number(), number())},
		{partition, store.Between("number", nil, number())},
		{partition, store.Eq("done", r.IntN(2) == 0)},
		{partition, store.HasAll("tags", "t0", "t1")},
		{partition, store.Eq("tags", "t2")},
		{store.Eq("place.street", "east")},
		{partition, store.Between("title", text(), text())},
		{partition, store.Between("until", at(), nil)},
		{partition},
	}
	orders := []string{"number", "number", "number", "number", "number", "number", "number", "title", "until", "due"}
	i := r.IntN(len(base))
	further := []store.Cond{
		store.In("place.cell", "c1", "c2"), store.Eq("levels", r.IntN(3)), store.Between("due", at(), at()), store.Eq("done", true),
		store.HasAll("tags", "t0"), store.Between("title", text(), nil), store.Between("until", nil, at()), store.In("number", 1, 2),
		store.HasAll("levels", 0, 1), store.In("title", text(), text()),
	}
	where = base[i]
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
	return where, orders[i]
}
