package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// pages reads a list to its end and returns the ids.
func pages(t *testing.T, s *store.Store, limit func() int, queries ...store.Query) []string {
	t.Helper()
	var all []string
	cursor := ""
	for {
		n := limit()
		for i := range queries {
			queries[i].Limit, queries[i].After = n, cursor
		}
		found, next, err := things.Find(t.Context(), s, queries...)
		must(t, err)
		if len(found) > n {
			t.Fatalf("page of %d with limit %d", len(found), n)
		}
		if next != "" && len(found) < n {
			t.Fatalf("page of %d with limit %d has a next one", len(found), n)
		}
		all = append(all, ids(found)...)
		if next == "" {
			return all
		}
		cursor = next
	}
}

func randomPage() int { return 1 + rand.IntN(9) }

// tied fills a store with things whose sort values collide, and returns them.
func tied(t *testing.T, s *store.Store, partition string, n int) []*thing {
	all := make([]*thing, n)
	for i := range all {
		x := newThing(fmt.Sprintf("%s/%03d", partition, (i*37)%n), partition)
		x.Number, x.Done = int64(i%4-2), i%3 == 0
		x.Due, x.Title = noon.Add(time.Duration(i%5)*time.Millisecond), []string{"", "a", "a\x00", "ab", "b", "网"}[i%6]
		x.Place.Street = []string{"east", "west", "north"}[i%3]
		x.Tags = [][]string{nil, {"x"}, {"x", "y"}, {"y", "x", "x"}}[i%4]
		all[i] = x
	}
	add(t, s, all...)
	return all
}

// listed is what a query over things should give: filtered, ordered by less and the id.
func listed(all []*thing, keep func(*thing) bool, compare func(a, b *thing) int, desc bool) []string {
	var kept []*thing
	for _, x := range all {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	slices.SortFunc(kept, func(a, b *thing) int {
		c := compare(a, b)
		if c == 0 {
			c = strings.Compare(a.ID, b.ID)
		}
		if desc {
			return -c
		}
		return c
	})
	return ids(kept)
}

func paging(t *testing.T, b *bed) {
	s := b.one(t)
	all := tied(t, s, here, 60)
	inHere := store.Eq("partition", here)
	every := func(*thing) bool { return true }
	for _, c := range []struct {
		by      string
		where   []store.Cond
		keep    func(*thing) bool
		compare func(a, b *thing) int
	}{
		{"number", []store.Cond{inHere}, every, byNumber},
		{"number", []store.Cond{inHere, store.Between("number", -1, 1)}, func(x *thing) bool { return x.Number >= -1 && x.Number < 1 }, byNumber},
		{"number", []store.Cond{inHere, store.Eq("done", true)}, func(x *thing) bool { return x.Done }, byNumber},
		{"number", []store.Cond{inHere, store.HasAll("tags", "x", "y")}, func(x *thing) bool { return len(x.Tags) > 1 }, byNumber},
		{"number", []store.Cond{store.Eq("place.street", "west")}, func(x *thing) bool { return x.Place.Street == "west" }, byNumber},
		{"due", []store.Cond{inHere}, every, func(a, b *thing) int { return a.Due.Compare(b.Due) }},
		{"title", []store.Cond{inHere}, every, func(a, b *thing) int { return strings.Compare(a.Title, b.Title) }},
	} {
		for _, desc := range []bool{false, true} {
			order := c.by
			if desc {
				order = "-" + order
			}
			want := listed(all, c.keep, c.compare, desc)
			for range 3 {
				wantIDs(t, fmt.Sprintf("%v by %s", c.where, order), pages(t, s, randomPage, store.Query{Where: c.where, Order: []string{order}}), want...)
			}
		}
	}
	for _, limit := range []int{59, 60, 61} { // the last page may be exactly full
		if got := pages(t, s, func() int { return limit }, store.Query{Where: []store.Cond{inHere}, Order: []string{"number"}}); len(got) != 60 {
			t.Fatalf("%d of 60 with pages of %d", len(got), limit)
		}
	}
}

func byNumber(a, b *thing) int { return int(a.Number - b.Number) }

func mergedScopes(t *testing.T, b *bed) {
	s := b.one(t)
	all := slices.Concat(tied(t, s, here, 40), tied(t, s, there, 40))
	scopes := []store.Cond{ // the third holds things of the first two
		store.Eq("place.street", "east"), store.Eq("place.street", "west"), store.Eq("partition", here),
	}
	keep := func(x *thing) bool { return x.Place.Street != "north" || x.Partition == here }
	for _, order := range []string{"number", "-number"} {
		want := listed(all, keep, byNumber, order != "number")
		for range 3 {
			var queries []store.Query
			for _, scope := range scopes {
				queries = append(queries, store.Query{Where: []store.Cond{scope}, Order: []string{order}})
			}
			wantIDs(t, "merged by "+order, pages(t, s, randomPage, queries...), want...)
		}
	}
	_, _, err := things.Find(t.Context(), s,
		store.Query{Where: []store.Cond{scopes[0]}, Order: []string{"number"}},
		store.Query{Where: []store.Cond{scopes[1]}, Order: []string{"-number"}})
	wantErr(t, "queries of two orders", err, store.ErrNoIndex)
	found, next, err := things.Find(t.Context(), s)
	if len(found) != 0 || next != "" || err != nil {
		t.Fatalf("no scope: %v, %q, %v", found, next, err)
	}
}

func sortedPages(t *testing.T, b *bed) {
	s := b.one(t)
	all := tied(t, s, here, 60)
	west := store.Eq("place.street", "west")
	for _, order := range []string{"due", "-due"} {
		want := listed(all, func(x *thing) bool { return x.Place.Street == "west" || x.Done }, func(a, b *thing) int { return a.Due.Compare(b.Due) }, order == "-due")
		query := func(where ...store.Cond) store.Query {
			return store.Query{Where: where, Order: []string{order}, Sorted: true}
		}
		for range 3 {
			wantIDs(t, "sorted by "+order, pages(t, s, randomPage, query(west), query(store.Eq("partition", here), store.Eq("done", true))), want...)
		}
	}
	_, _, err := things.Find(t.Context(), s, store.Query{Where: []store.Cond{west}, Order: []string{"until"}, Sorted: true})
	wantErr(t, "by what is absent from some", err, store.ErrNoIndex)
	_, _, err = things.Find(t.Context(), s, store.Query{Where: []store.Cond{store.Eq("number", 1)}, Order: []string{"due"}, Sorted: true})
	wantErr(t, "where no index finds them", err, store.ErrNoIndex)
	many := make([]*thing, store.MaxSorted)
	for i := range many {
		many[i] = newThing(fmt.Sprintf("x%04d", i), there)
		many[i].Place.Street, many[i].Number = "south", int64(i%7)
	}
	add(t, s, many...)
	south := store.Query{Where: []store.Cond{store.Eq("place.street", "south")}, Order: []string{"title"}, Sorted: true, Limit: 1}
	if found, next, err := things.Find(t.Context(), s, south); err != nil || len(found) != 1 || next == "" {
		t.Fatalf("as many as are sorted: %v, %q, %v", found, next, err)
	}
	more := newThing("y", there)
	more.Place.Street = "south"
	add(t, s, more)
	_, _, err = things.Find(t.Context(), s, south)
	wantErr(t, "one too many", err, store.ErrTooBroad)
	err = s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		_, _, err := things.Find(t.Context(), tx, store.Query{Where: []store.Cond{west}, Order: []string{"due"}, Sorted: true})
		return err
	})
	if err == nil {
		t.Fatal("a sorted query in an update")
	}
}

func residual(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	var all []*thing
	for i := range 100 {
		x := newThing(name(i), here)
		x.Number, x.Place.Cell = int64(i), fmt.Sprint("cell-", i%10)
		all = append(all, x)
	}
	all[7].Place.Cell, all[17].Place.Cell = "", "" // absent
	all[50].Other = &place{Street: "o"}
	add(t, s, all...)
	inHere := store.Eq("partition", here)
	q := store.Query{Where: []store.Cond{inHere, store.In("place.cell", "cell-7", "cell-8")}, Order: []string{"number"}, Limit: 4}
	wantIDs(t, "filtered before the limit", find(t, s, q), name(8), name(18), name(27), name(28))
	q = store.Query{Where: []store.Cond{inHere, store.Eq("other.street", "o")}, Order: []string{"number"}, Cap: 100}
	wantIDs(t, "cap that is just enough", find(t, s, q), name(50))
	q.Cap = 99
	_, _, err := things.Find(ctx, s, q)
	wantErr(t, "cap that is too small", err, store.ErrTooBroad)
	q.Order = []string{"-number"}
	_, _, err = things.Find(ctx, s, q)
	wantErr(t, "cap that is too small, backwards", err, store.ErrTooBroad)
	wantIDs(t, "page filled within the cap", find(t, s, store.Query{
		Where: []store.Cond{inHere, store.In("place.cell", "cell-0")}, Order: []string{"number"}, Limit: 2, Cap: 30,
	}), name(0), name(10))
	wantIDs(t, "cap below the page", find(t, s, store.Query{Where: []store.Cond{inHere}, Order: []string{"number"}, Limit: 3, Cap: 1}),
		name(0), name(1), name(2))
	wantIDs(t, "no value at all", find(t, s, store.Query{Where: []store.Cond{inHere, store.In[string]("place.cell")}, Order: []string{"number"}}))
	wantIDs(t, "two filters and a range", find(t, s, store.Query{Where: []store.Cond{
		inHere, store.Between("number", 10, 60), store.Eq("place.cell", "cell-5"), store.Between("title", "title of thing-02", "title of thing-05"),
	}}), name(25), name(35), name(45))
}

func tombstonesAndCap(t *testing.T, b *bed) {
	s := b.one(t)
	var all []*thing
	for i := range 40 {
		x := newThing(name(i), here)
		x.Number, x.Place.Cell = int64(i), "c"
		all = append(all, x)
	}
	add(t, s, all...)
	must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		for i := range 30 {
			x, err := things.Get(t.Context(), tx, name(i))
			must(t, err)
			must(t, things.Delete(tx, x, entry("delete")))
		}
		return nil
	}))
	q := store.Query{Where: []store.Cond{store.Eq("partition", here), store.Eq("place.cell", "c")}, Order: []string{"number"}, Limit: 10, Cap: 11}
	if got := find(t, s, q); len(got) != 10 || got[0] != name(30) {
		t.Fatalf("behind tombstones: %q", got)
	}
}

var textOrder = []string{
	"", "\x00", "\x00a", " ", "0", "10", "2", "A", "B", "Z", "a", "a\x00", "a\x00b", "a ", "aa", "ab", "b", "z", "~",
	"é", "中", "中国", "国", "\ue000", "ｱ", "\uffff", "😀", "😀a", "\U0010ffff",
}

func collation(t *testing.T, b *bed) {
	s := b.one(t)
	var all []*thing
	for _, i := range rand.Perm(len(textOrder)) {
		x := newThing(name(i), here)
		x.Title, x.Tags = textOrder[i], []string{textOrder[i]}
		all = append(all, x)
	}
	add(t, s, all...)
	var want []string
	for i := range textOrder {
		want = append(want, name(i))
	}
	inHere := store.Eq("partition", here)
	wantIDs(t, "ascending", pages(t, s, randomPage, store.Query{Where: []store.Cond{inHere}, Order: []string{"title"}}), want...)
	for i, text := range textOrder {
		wantIDs(t, fmt.Sprintf("equal to %q", text), find(t, s, store.Query{Where: []store.Cond{inHere, store.Eq("title", text)}}), name(i))
		wantIDs(t, fmt.Sprintf("has %q", text), find(t, s, store.Query{Where: []store.Cond{inHere, store.Eq("tags", text)}}), name(i))
		wantIDs(t, fmt.Sprintf("from %q", text), find(t, s, store.Query{Where: []store.Cond{inHere, store.Between("title", text, nil)}}), want[i:]...)
		wantIDs(t, fmt.Sprintf("below %q, filtered", text), find(t, s, store.Query{
			Where: []store.Cond{inHere, store.Between("title", nil, text)}, Order: []string{"number"},
		}), want[:i]...)
	}
	slices.Reverse(want)
	wantIDs(t, "descending", pages(t, s, randomPage, store.Query{Where: []store.Cond{inHere}, Order: []string{"-title"}}), want...)

	// ids have the same order
	add(t, s, newThing("B", there), newThing("a", there), newThing("中", there), newThing("b", there), newThing("😀", there), newThing("\uffff", there))
	q := store.Query{Where: []store.Cond{store.Eq("partition", there)}, Order: []string{"number"}}
	wantIDs(t, "ids", pages(t, s, randomPage, q), "B", "a", "b", "中", "\uffff", "😀")
}
