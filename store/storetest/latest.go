package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// everything keeps every entry.
func everything(entries []*store.Entry) ([]*store.Entry, error) { return entries, nil }

// happen puts a thing on the journal of a partition for each time, in minutes after noon.
func happen(t *testing.T, s *store.Store, partition string, minutes ...int) {
	t.Helper()
	for _, m := range minutes {
		must(t, s.Update(t.Context(), []string{partition}, func(tx *store.Tx) error {
			e := entry("add")
			e.At = noon.Add(time.Duration(m) * time.Minute)
			return things.Insert(tx, newThing(partition+"-"+name(m), partition), e)
		}))
	}
}

func docs(entries []*store.Entry) string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Doc)
	}
	return strings.Join(out, " ")
}

// latest: numbers do not follow times, nor do partitions come one after the other.
func latest(t *testing.T, b *bed) {
	s := b.one(t)
	happen(t, s, here, 5, 1, 3)
	happen(t, s, there, 4, 2)
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	h, th := func(m int) string { return here + "-" + name(m) }, func(m int) string { return there + "-" + name(m) }
	for _, row := range []struct {
		name       string
		partitions []string
		from, to   time.Time
		want       []string
	}{
		{"both", []string{here, there}, time.Time{}, time.Time{}, []string{h(5), th(4), h(3), th(2), h(1)}},
		{"one", []string{here}, time.Time{}, time.Time{}, []string{h(5), h(3), h(1)}},
		{"none", nil, time.Time{}, time.Time{}, nil},
		{"nothing there", []string{"nowhere"}, time.Time{}, time.Time{}, nil},
		{"from", []string{here, there}, at(3), time.Time{}, []string{h(5), th(4), h(3)}},
		{"to", []string{here, there}, time.Time{}, at(3), []string{th(2), h(1)}},
		{"between", []string{here, there}, at(2), at(4), []string{h(3), th(2)}},
	} {
		var got []*store.Entry
		for cursor := ""; ; {
			page, next, err := s.Latest(t.Context(), row.partitions, row.from, row.to, 2, cursor, everything)
			must(t, err)
			if len(page) > 2 || next != "" && len(page) < 2 {
				t.Errorf("%s: a page of %d, and then %q", row.name, len(page), next)
			}
			got = append(got, page...)
			if cursor = next; next == "" {
				break
			}
		}
		if want := strings.Join(row.want, " "); docs(got) != want {
			t.Errorf("%s: %s, want %s", row.name, docs(got), want)
		}
	}
	numbered, err := s.Numbered(t.Context(), here, []int64{3, 1, 9})
	must(t, err)
	if len(numbered) != 2 || numbered[1].Doc != h(5) || numbered[3].Doc != h(3) {
		t.Errorf("numbers 1 and 3: %v", numbered)
	}
}

// latestKept: what is not for the reader takes no place and leaves no trace in cursors.
func latestKept(t *testing.T, b *bed) {
	s := b.one(t)
	for i := range 300 { // more than are read at once
		happen(t, s, here, i)
	}
	tens := func(entries []*store.Entry) ([]*store.Entry, error) {
		return slices.DeleteFunc(slices.Clone(entries), func(e *store.Entry) bool { return e.At.Sub(noon)%(10*time.Minute) != 0 }), nil
	}
	pages, found := 0, 0
	for cursor := ""; ; pages++ {
		page, next, err := s.Latest(t.Context(), []string{here}, time.Time{}, time.Time{}, 10, cursor, tens)
		must(t, err)
		found += len(page)
		if cursor = next; next == "" {
			break
		}
	}
	if pages != 2 || found != 30 {
		t.Errorf("%d more pages with %d entries, want 2 with 30", pages, found)
	}
	none := func([]*store.Entry) ([]*store.Entry, error) { return nil, nil }
	if page, next, err := s.Latest(t.Context(), []string{here}, time.Time{}, time.Time{}, 10, "", none); err != nil || len(page) > 0 || next != "" {
		t.Errorf("nothing for the reader: %d, %q, %v", len(page), next, err)
	}
	_, _, err := s.Latest(t.Context(), []string{here}, time.Time{}, time.Time{}, 10, "nonsense", everything)
	wantErr(t, "a cursor of nothing", err, store.ErrCursor)

	id := here + "-" + name(0)
	for range 2 {
		must(t, change(t.Context(), s, id, here, func(*thing) {}))
	}
	first, next, err := s.LatestOf(t.Context(), "things", id, 2, "", everything)
	must(t, err)
	rest, over, err := s.LatestOf(t.Context(), "things", id, 2, next, everything)
	must(t, err)
	if len(first) != 2 || first[0].DocVersion != 3 || len(rest) != 1 || rest[0].DocVersion != 1 || over != "" {
		t.Errorf("of one thing: %v, then %v, then %q", first, rest, over)
	}
}

func standings(t *testing.T, b *bed) {
	s := b.one(t)
	for _, id := range []string{"stays", "moves", "goes"} {
		add(t, s, newThing(id, here))
	}
	must(t, s.Update(t.Context(), []string{here, there}, func(tx *store.Tx) error {
		x, err := things.Get(t.Context(), tx, "moves")
		if err != nil {
			return err
		}
		x.Partition = there
		return things.Put(tx, x, entry("move"))
	}))
	must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		x, err := things.Get(t.Context(), tx, "goes")
		if err != nil {
			return err
		}
		return things.Delete(tx, x, entry("delete"))
	}))
	got, err := s.Standings(t.Context(), "things", []string{"stays", "moves", "goes", "never"})
	must(t, err)
	if len(got) != 3 || got["stays"] != (store.Standing{Partition: here}) || got["moves"] != (store.Standing{Partition: there}) || got["goes"] != (store.Standing{Partition: here, Deleted: true}) {
		t.Errorf("standings: %v", got)
	}
	if got, err := s.Standings(t.Context(), "no such collection", []string{"stays"}); err != nil || len(got) > 0 {
		t.Errorf("of no collection: %v, %v", got, err)
	}
}
