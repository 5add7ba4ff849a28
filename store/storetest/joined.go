package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/store"
)

// spread fills a store with things of many streets, of which every third has
// none, with equal values in others; and returns them and the streets.
func spread(t *testing.T, s *store.Store) (all []*thing, streets []string) {
	for i := range 250 {
		streets = append(streets, fmt.Sprintf("street %03d", i))
		for j := range i % 3 * 2 {
			x := newThing(fmt.Sprintf("%d of %03d", j, i), here)
			x.Place = place{streets[i], fmt.Sprint("c", i/3%4)}
			x.Done, x.Number, x.Due = j%2 == 0, int64(i/7%5), noon.Add(time.Duration(i%4)*time.Millisecond)
			all = append(all, x)
		}
	}
	add(t, s, all...)
	return all, streets
}

func byNumberAndDue(a, b *thing) int {
	if c := byNumber(a, b); c != 0 {
		return c
	}
	return a.Due.Compare(b.Due)
}

func joinedValues(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	docs, streets := spread(t, s)
	done := store.In("done", true, false)
	for _, n := range []int{2, 98, 250} { // the most are more ranges than an engine may join at once
		among := store.In("place.street", slices.Concat(streets[:n], streets[:n/2])...) // some twice
		kept := func(x *thing) bool { return slices.Contains(streets[:n], x.Place.Street) }
		for _, c := range []struct {
			more []store.Cond
			keep func(*thing) bool
		}{
			{nil, kept},
			{[]store.Cond{store.Between("number", 1, 3)}, func(x *thing) bool { return kept(x) && x.Number >= 1 && x.Number < 3 }},
			{[]store.Cond{store.In("place.cell", "c1", "c3")}, func(x *thing) bool { return kept(x) && (x.Place.Cell == "c1" || x.Place.Cell == "c3") }},
		} {
			where := append([]store.Cond{among, done}, c.more...)
			for _, down := range []string{"", "-"} {
				q := store.Query{Where: where, Order: []string{down + "number", down + "due"}}
				wantIDs(t, fmt.Sprintf("%d streets, %v, by %v", n, c.more, q.Order), pages(t, s, func() int { return 37 }, q), listed(docs, c.keep, byNumberAndDue, down != "")...)
			}
			counts, err := things.Count(ctx, s, store.Query{Where: where}, "done")
			must(t, err)
			if want := int64(len(listed(docs, c.keep, byNumber, false)) / 2); counts["true"] != want || counts["false"] != want {
				t.Fatalf("%d streets, %v: counts %v, want %d of each", n, c.more, counts, want)
			}
		}
	}
	for what, where := range map[string][]store.Cond{
		"no value":            {store.In[string]("place.street"), done},
		"no value of another": {store.In("place.street", streets...), store.In[bool]("done")},
		"values nobody has":   {store.In("place.street", "x", "y"), done},
	} {
		q := store.Query{Where: where, Order: []string{"number", "due"}}
		wantIDs(t, what, find(t, s, q))
		if n, err := things.Count(ctx, s, q, ""); err != nil || n[""] != 0 {
			t.Fatalf("%s: counts %v, %v", what, n, err)
		}
	}
	saw := meanwhile(t, s, func(tx *store.Tx) string {
		found, _, err := things.Find(ctx, tx, store.Query{Where: []store.Cond{store.In("place.street", streets...), done}, Order: []string{"number", "due"}, Limit: 300})
		must(t, err)
		return found[0].ID
	}, func() { must(t, change(ctx, s, "3 of 248", here, func(x *thing) { x.Number = -1 })) })
	if saw != "3 of 248" {
		t.Fatalf("committed after finding %q first", saw)
	}
}

func joinedCap(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	_, streets := spread(t, s)
	for _, n := range []int{3, 60, 250} {
		for _, done := range []store.Cond{store.Eq("done", true), store.In("done", true, false)} {
			where := []store.Cond{store.In("place.street", streets[:n]...), done}
			total, err := things.Count(ctx, s, store.Query{Where: where}, "")
			must(t, err)
			all := int(total[""])
			q := store.Query{Where: append(where, store.Eq("place.cell", "nobody's")), Order: []string{"number", "due"}, Limit: 1, Cap: all}
			wantIDs(t, "a cap that is just enough", find(t, s, q))
			q.Cap = all - 1
			_, _, err = things.Find(ctx, s, q)
			wantErr(t, fmt.Sprintf("%d streets, a cap of one less than %d", n, all), err, store.ErrTooBroad)
			_, err = things.Count(ctx, s, q, "")
			wantErr(t, "count above the cap", err, store.ErrTooBroad)
			q.Where, q.Cap = where, 3 // what is not filtered is not examined in vain
			if got := find(t, s, q); len(got) != 1 {
				t.Fatalf("%d found of a page of 1", len(got))
			}
		}
	}
}
