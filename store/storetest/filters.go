package storetest

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"wangge/store"
)

func ranges(t *testing.T, b *bed) {
	s := b.one(t)
	for i := range 6 {
		x := newThing(name(i), here)
		x.Number, x.Due = int64(i), noon.Add(time.Duration(i)*time.Millisecond)
		if i%2 == 0 {
			x.Until, x.Levels, x.Place.Cell = x.Due, []int{i}, fmt.Sprint(i)
		}
		add(t, s, x)
	}
	in := func(field string, from, to any, order ...string) []string {
		return find(t, s, store.Query{Where: []store.Cond{store.Eq("partition", here), store.Between(field, from, to)}, Order: order})
	}
	at := func(i int) time.Time { return noon.Add(time.Duration(i) * time.Millisecond) }
	wantIDs(t, "half open", in("number", 1, 4), name(1), name(2), name(3))
	wantIDs(t, "other integers", in("number", int8(4), grade(9)), name(4), name(5))
	wantIDs(t, "open below", in("number", nil, 2), name(0), name(1))
	wantIDs(t, "open above", in("due", at(4), nil), name(4), name(5))
	wantIDs(t, "turned round", in("number", 4, 1))
	wantIDs(t, "empty", in("number", 2, 2))
	wantIDs(t, "absent values, below", in("until", nil, at(3)), name(0), name(2))
	wantIDs(t, "absent values, above", in("until", at(1), nil), name(2), name(4))
	wantIDs(t, "absent values, open", in("until", nil, nil), name(0), name(2), name(4))
	wantIDs(t, "absent values, filtered", in("until", nil, at(3), "number"), name(0), name(2))
	wantIDs(t, "absent values, filtered and open", in("place.cell", nil, nil, "number"), name(0), name(2), name(4))
	wantIDs(t, "absent values, backwards", in("until", nil, nil, "-until"), name(4), name(2), name(0))
	_, _, err := things.Find(t.Context(), s, store.Query{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"until"}})
	wantErr(t, "order by what may be absent", err, store.ErrNoIndex)
}

type grade int16 // any integer type serves a condition

func multiValued(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	for i, tags := range [][]string{{"a", "b"}, {"b", "b", "a"}, {}, nil, {""}, {"c"}} {
		x := newThing(name(i), here)
		x.Tags, x.Number = tags, int64(10-i)
		for j, tag := range tags {
			x.Lines = append(x.Lines, line{tag, j})
			x.Levels = append(x.Levels, len(tag)*(i+1))
		}
		add(t, s, x)
	}
	has := func(field string, v any, more ...store.Cond) []string {
		return find(t, s, store.Query{Where: append([]store.Cond{store.Eq("partition", here), store.Eq(field, v)}, more...)})
	}
	wantIDs(t, "by a tag", has("tags", "b"), name(1), name(0)) // the rest of the index orders: by number
	wantIDs(t, "by an empty tag", has("tags", ""), name(4))
	wantIDs(t, "by no tag of any", has("tags", "z"))
	wantIDs(t, "by a number", has("levels", 2), name(1))
	wantIDs(t, "by a field of a line", has("lines.sku", "a"), name(0), name(1))
	wantIDs(t, "by a tag, another filtered", has("tags", "b", store.Eq("lines.sku", "a"), store.In("levels", 1, 7)), name(0))
	wantIDs(t, "by a tag, without others", has("tags", "b", store.NoneOf("levels", 1, 7)), name(1))
	page := store.Query{Where: []store.Cond{store.Eq("partition", here), store.Eq("tags", "b")}, Order: []string{"-number"}}
	wantIDs(t, "by a tag, paged", pages(t, s, func() int { return 1 }, page), name(0), name(1))
	must(t, change(ctx, s, name(0), here, func(x *thing) { x.Tags = []string{"c", "d"} }))
	wantIDs(t, "after a change, the old value", has("tags", "b"), name(1))
	wantIDs(t, "after a change, the new value", has("tags", "c"), name(5), name(0))
	remove(t, s, name(5), here)
	wantIDs(t, "after a delete", has("tags", "c"), name(0))
}

func hasAll(t *testing.T, b *bed) {
	s := b.one(t)
	for i := range 64 {
		x := newThing(name(i), here)
		x.Number = int64(i)
		for bit := range 6 {
			if i&(1<<bit) != 0 {
				x.Tags = append(x.Tags, fmt.Sprint("t", bit))
			}
		}
		add(t, s, x)
	}
	for _, bits := range [][]int{{0}, {5}, {0, 1}, {4, 2, 2}, {0, 1, 2, 3, 4, 5}} {
		var tags []string
		mask := 0
		for _, bit := range bits {
			tags, mask = append(tags, fmt.Sprint("t", bit)), mask|1<<bit
		}
		var want []string
		for i := range 64 {
			if i&mask == mask {
				want = append(want, name(i))
			}
		}
		q := store.Query{Where: []store.Cond{store.Eq("partition", here), store.HasAll("tags", tags...)}, Order: []string{"number"}}
		wantIDs(t, fmt.Sprint("has all of ", tags), pages(t, s, randomPage, q), want...)
		q = store.Query{Where: []store.Cond{store.Eq("partition", here), store.HasAll("tags", tags...)}, Order: []string{"title"}}
		wantIDs(t, fmt.Sprint("filtered by all of ", tags), pages(t, s, randomPage, q), want...)
	}
	wantIDs(t, "one that nobody has", find(t, s, store.Query{Where: []store.Cond{store.Eq("partition", here), store.HasAll("tags", "t0", "t9")}}))
}

func countByGroup(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	for i := range 30 {
		x := newThing(name(i), here)
		x.Done, x.Number, x.Place.Cell = i%3 == 0, int64(i%4-1), []string{"", "c1", "c2"}[i%3]
		x.Tags = [][]string{nil, {"a"}, {"a", "b", "a"}}[i%3]
		add(t, s, x)
	}
	remove(t, s, name(1), here)
	inHere := store.Eq("partition", here)
	for _, c := range []struct {
		by    string
		where []store.Cond
		want  map[string]int64
	}{
		{"", []store.Cond{inHere}, map[string]int64{"": 29}},
		{"", []store.Cond{inHere, store.Eq("done", true)}, map[string]int64{"": 10}},
		{"", []store.Cond{inHere, store.HasAll("tags", "a", "b")}, map[string]int64{"": 10}},
		{"done", []store.Cond{inHere}, map[string]int64{"true": 10, "false": 19}},
		{"number", []store.Cond{inHere, store.Between("number", -1, 1)}, map[string]int64{"-1": 8, "0": 7}},
		{"place.cell", []store.Cond{inHere}, map[string]int64{"": 10, "c1": 9, "c2": 10}},
		{"place.cell", []store.Cond{inHere, store.In("place.cell", "c1", "c2")}, map[string]int64{"c1": 9, "c2": 10}},
		{"title", []store.Cond{store.Eq("partition", there)}, map[string]int64{}},
	} {
		got, err := things.Count(ctx, s, store.Query{Where: c.where}, c.by)
		must(t, err)
		if !maps.Equal(got, c.want) {
			t.Errorf("%v by %q: %v, want %v", c.where, c.by, got, c.want)
		}
	}
	_, err := things.Count(ctx, s, store.Query{Where: []store.Cond{inHere}, Cap: 28}, "")
	wantErr(t, "count above the cap", err, store.ErrTooBroad)
	_, err = things.Count(ctx, s, store.Query{Where: []store.Cond{inHere}, Cap: 29}, "")
	must(t, err)
	for _, by := range []string{"data", "tags", "due"} { // not declared, many values, a time
		_, err = things.Count(ctx, s, store.Query{Where: []store.Cond{inHere}}, by)
		wantErr(t, "count by "+by, err, store.ErrNoIndex)
	}
}

func noIndex(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing("a", here))
	for _, q := range []store.Query{
		{},
		{Where: []store.Cond{store.Eq("title", "x")}},
		{Where: []store.Cond{store.Eq("labels", "x")}},
		{Where: []store.Cond{store.Eq("place.cell", "x")}},
		{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"place.cell"}},
		{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"done", "-number"}},
		{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"code"}},
		{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"tags"}},
		{Where: []store.Cond{store.Eq("partition", here), store.Eq("code", "K")}, Order: []string{"labels"}},
	} {
		_, _, err := things.Find(ctx, s, q)
		wantErr(t, fmt.Sprintf("%+v", q), err, store.ErrNoIndex)
		wantErr(t, fmt.Sprintf("%+v in an update", q), s.Update(ctx, nil, func(tx *store.Tx) error {
			_, _, err := things.Find(ctx, tx, q)
			return err
		}), store.ErrNoIndex)
	}
	for _, where := range []store.Cond{
		store.Eq("title", nil), store.Eq("title", 1), store.Eq("number", "1"), store.Between("number", "a", nil), store.HasAll[string]("tags"), store.NoneOf[string]("tags"),
		store.HasAll("title", "x"), store.Between("tags", "a", "b"), {Field: "title"}, {Field: "title", Op: store.OpRange, Values: []any{"a"}},
	} {
		if _, _, err := things.Find(ctx, s, store.Query{Where: []store.Cond{store.Eq("partition", here), where}}); err == nil {
			t.Errorf("condition %+v was taken", where)
		}
	}
}

func foreignCursor(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	tied(t, s, here, 10)
	q := store.Query{Where: []store.Cond{store.Eq("partition", here)}, Order: []string{"number"}, Limit: 3}
	_, next, err := things.Find(ctx, s, q)
	must(t, err)
	for what, change := range map[string]func(*store.Query){
		"another order":     func(q *store.Query) { q.Order = []string{"title"} },
		"another direction": func(q *store.Query) { q.Order = []string{"-number"} },
		"a cut cursor":      func(q *store.Query) { q.After = next[:len(next)-4] },
		"no cursor":         func(q *store.Query) { q.After = "x!" },
	} {
		q := q
		q.After = next
		change(&q)
		_, _, err := things.Find(ctx, s, q)
		wantErr(t, what, err, store.ErrCursor)
	}
}

func brokenText(t *testing.T, b *bed) {
	s := b.one(t)
	add(t, s, newThing("a", here))
	for _, broken := range []string{"\xff", "title\xc3", "\xed\xa0\x80"} {
		for _, where := range []store.Cond{
			store.Eq("title", broken), store.Eq("tags", broken), store.Eq("code", broken), store.In("place.cell", broken, "x"),
			store.HasAll("tags", "x", broken), store.Between("title", broken, nil),
		} {
			wantIDs(t, fmt.Sprintf("%+v", where), find(t, s, store.Query{Where: []store.Cond{store.Eq("partition", here), where}}))
		}
	}
}

func longLists(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	add(t, s, newThing(name(5), here), newThing(name(900), here))
	var many []string
	for i := range 40_000 {
		many = append(many, name(i))
	}
	found, err := things.GetMany(ctx, s, many)
	must(t, err)
	if len(found) != 2 {
		t.Fatalf("%d found, want 2", len(found))
	}
	wantIDs(t, "one of many", find(t, s, store.Query{
		Where: []store.Cond{store.Eq("partition", here), store.In("title", append(many, "title of "+name(900))...)}, Order: []string{"number"},
	}), name(900))
	must(t, s.Update(ctx, []string{here}, func(tx *store.Tx) error { // all of them are checked at commit
		found, err := things.GetMany(ctx, tx, many[:2000])
		if err != nil {
			return err
		}
		return things.Put(tx, found[name(5)], entry("change"))
	}))
}

func expire(t *testing.T, b *bed) {
	s, ctx := b.one(t), t.Context()
	const old, young = 1200, 5
	must(t, s.Update(ctx, nil, func(tx *store.Tx) error {
		for i := range old + young {
			n := &note{Meta: store.Meta{ID: name(i)}, Key: name(i), Expires: noon.Add(time.Duration(i) * time.Millisecond)}
			if err := notes.Insert(tx, n); err != nil {
				return err
			}
		}
		return nil
	}))
	gone, err := notes.Expire(ctx, s, "expires", noon.Add(old*time.Millisecond))
	must(t, err)
	found, _, err := notes.Find(ctx, s, store.Query{Order: []string{"expires"}})
	must(t, err)
	if gone != old || len(found) != young || found[0].ID != name(old) {
		t.Fatalf("%d expired, %d are left", gone, len(found))
	}
	addNote(t, s, &note{Meta: store.Meta{ID: name(0)}, Key: name(1), Expires: noon}) // id and key are free again
	if n := getNote(t, s, name(0)); n.Version != 1 {
		t.Fatalf("version %d of a new document", n.Version)
	}
	if _, err := notes.Expire(ctx, s, "owner", noon); err == nil {
		t.Error("expired by a text")
	}
	if _, err := things.Expire(ctx, s, "due", noon); err == nil {
		t.Error("expired journaled documents")
	}
}
