package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// textOfOneMoment is about equal values of the order, more than are read at a time.
func textOfOneMoment(t *testing.T, b *bed) {
	s := b.leaflets(t)
	var all []*leaflet
	for i := range store.MaxSorted + 300 {
		all = append(all, newLeaflet(i*7%1300, "a"))
	}
	before, after := newLeaflet(5000, "a"), newLeaflet(5001, "a")
	before.Made, after.Made = noon.Add(-time.Millisecond), noon.Add(time.Millisecond)
	addLeaflets(t, s, append(all, before, after)...)
	slices.SortFunc(all, func(a, b *leaflet) int { return cmp.Compare(a.ID, b.ID) })
	want := idsOf(slices.Concat([]*leaflet{before}, all, []*leaflet{after}))
	wantIDs(t, "up", allPages(t, s, store.Query{Where: inCity("found", "a"), Order: []string{"made"}, Limit: 400}), want...)
	slices.Reverse(want)
	wantIDs(t, "down", allPages(t, s, store.Query{Where: inCity("found", "a"), Order: []string{"-made"}, Limit: 400}), want...)
}

// textSorted is about how many are sorted.
func textSorted(t *testing.T, b *bed) {
	s := b.leaflets(t)
	var all []*leaflet
	for i := range store.MaxSorted + 1 {
		x := newLeaflet(i, "a")
		x.Size, x.State = i, fmt.Sprint("s", i%2)
		if i > 0 {
			x.Words = append(x.Words, "b")
		}
		all = append(all, x)
	}
	addLeaflets(t, s, all...)
	_, _, err := leaflets.Find(t.Context(), s, store.Query{Where: inCity("sorted", "a"), Order: []string{"-size"}})
	wantErr(t, "one too many", err, store.ErrTooBroad)
	wantIDs(t, "as many as are sorted", findLeaflets(t, s, store.Query{Where: inCity("sorted", "b"), Order: []string{"-size"}, Limit: 2}), name(1000), name(999))
	_, _, err = leaflets.Find(t.Context(), s, store.Query{Where: inCity("found", "a"), Order: []string{"-size"}})
	wantErr(t, "one too many in another order than the index's own", err, store.ErrTooBroad)
	half := append(inCity("sorted", "a"), store.Eq("state", "s0"))
	wantIDs(t, "half of them pass", findLeaflets(t, s, store.Query{Where: half, Order: []string{"-size"}, Limit: 2}), name(1000), name(998))
	_, _, err = leaflets.Find(t.Context(), s, store.Query{Where: half, Order: []string{"size"}, Cap: 1000})
	wantErr(t, "half of them pass, and one is beyond the cap", err, store.ErrTooBroad)
}

// textFilters is about the cap.
func textFilters(t *testing.T, b *bed) {
	s := b.leaflets(t)
	var all []*leaflet
	for i := range 40 {
		x := newLeaflet(i, "a", fmt.Sprint("n", i%2))
		x.Made, x.State = noon.Add(time.Duration(i)*time.Second), "s0"
		if i == 30 {
			x.State = "s1"
		}
		all = append(all, x)
	}
	addLeaflets(t, s, all...)
	q := func(limit int, conds ...store.Cond) store.Query {
		return store.Query{Where: conds, Order: []string{"made"}, Limit: 1, Cap: limit} // and one more, to tell of a next page
	}
	rare := store.Eq("state", "s1")
	wantIDs(t, "within the cap", findLeaflets(t, s, q(40, append(inCity("found", "a"), rare)...)), name(30))
	_, _, err := leaflets.Find(t.Context(), s, q(39, append(inCity("found", "a"), rare)...))
	wantErr(t, "beyond the cap", err, store.ErrTooBroad)
	wantIDs(t, "the index alone has no cap", findLeaflets(t, s, q(2, inCity("found", "n1")...)), name(1))
	wantIDs(t, "terms and scopes do not count", findLeaflets(t, s, q(20, append(inCity("found", "a", "n0"), rare)...)), name(30))
	wantIDs(t, "a range of the order does not either", findLeaflets(t, s, q(11, append(inCity("found", "a"), rare, store.Between("made", noon.Add(29*time.Second), nil))...)), name(30))
	counts, err := leaflets.Count(t.Context(), s, q(40, inCity("found", "a")...), "state")
	must(t, err)
	if fmt.Sprint(counts) != "map[s0:39 s1:1]" {
		t.Errorf("counts %v", counts)
	}
	_, err = leaflets.Count(t.Context(), s, q(39, inCity("sorted", "a")...), "")
	wantErr(t, "a count beyond the cap", err, store.ErrTooBroad)
}

// textLimits is about what a term may be.
func textLimits(t *testing.T, b *bed) {
	s := b.leaflets(t)
	many := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint("t", i))
		}
		return out
	}
	addLeaflets(t, s, newLeaflet(1, append(many(store.MaxTerms), many(store.MaxTerms)...)...), newLeaflet(2, words...), newLeaflet(3, words[1:]...))
	for i, bad := range [][]string{{""}, {strings.Repeat("x", store.MaxTerm+1)}, {"\xff"}, many(store.MaxTerms + 1)} {
		err := s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
			return leaflets.Insert(tx, newLeaflet(10+i, bad...), entry("add"))
		})
		if err == nil {
			t.Errorf("written with terms %d %q", len(bad), bad[0])
		}
	}
	wantIDs(t, "as many as there may be", findLeaflets(t, s, store.Query{Where: inCity("found", many(store.MaxAsked)...)}), name(1))
	wantIDs(t, "any of as many as there may be", findLeaflets(t, s, store.Query{Where: []store.Cond{store.AnyTerm("found", many(store.MaxAsked)...), store.Eq("city", "sz")}}), name(1))
	wantIDs(t, "all of many that differ", findLeaflets(t, s, store.Query{Where: inCity("found", words...)}), name(2))
	wantIDs(t, "one twice", findLeaflets(t, s, store.Query{Where: inCity("found", "t1", "t1")}), name(1))
	wantIDs(t, "one that no document can have", findLeaflets(t, s, store.Query{Where: inCity("found", strings.Repeat("x", store.MaxTerm+1))}))
	for _, bad := range [][]string{nil, {""}, {"a", ""}, many(store.MaxAsked + 1)} {
		if _, _, err := leaflets.Find(t.Context(), s, store.Query{Where: inCity("found", bad...)}); err == nil {
			t.Errorf("asked for %q", bad)
		}
		if _, _, err := leaflets.Find(t.Context(), s, store.Query{Where: []store.Cond{store.AnyTerm("found", bad...), store.Eq("city", "sz")}}); err == nil {
			t.Errorf("asked for any of %q", bad)
		}
	}
}

// textRefused is about queries that the declaration does not have.
func textRefused(t *testing.T, b *bed) {
	s := b.leaflets(t)
	for what, q := range map[string]store.Query{
		"no such index":                {Where: inCity("lost", "a")},
		"no scope":                     {Where: []store.Cond{store.Terms("found", "a"), store.Eq("state", "s1")}},
		"a range of the scope":         {Where: []store.Cond{store.Terms("found", "a"), store.Between("city", "a", "z")}},
		"terms twice":                  {Where: append(inCity("found", "a"), store.Terms("found", "b"))},
		"any term without a scope":     {Where: []store.Cond{store.AnyTerm("found", "a"), store.Eq("state", "s1")}},
		"any term and terms":           {Where: append(inCity("found", "a"), store.AnyTerm("found", "b"))},
		"tombstones":                   {Where: inCity("found", "a"), Deleted: true},
		"a filter not declared":        {Where: append(inCity("found", "a"), store.Eq("words", "b"))},
		"sorted by many values":        {Where: inCity("sorted", "a"), Order: []string{"marks"}},
		"sorted by what may be absent": {Where: inCity("sorted", "a"), Order: []string{"place.cell"}},
		"sorted both ways":             {Where: inCity("sorted", "a"), Order: []string{"size", "-state"}},
	} {
		_, _, err := leaflets.Find(t.Context(), s, q)
		wantErr(t, what, err, store.ErrNoIndex)
	}
	_, _, err := leaflets.Find(t.Context(), s, store.Query{Where: inCity("found", "a"), After: "x"})
	wantErr(t, "a cursor of another query", err, store.ErrCursor)
}

// textStale is about a query inside an update.
func textStale(t *testing.T, b *bed) {
	s := b.leaflets(t)
	addLeaflets(t, s, newLeaflet(1, "a"))
	for _, text := range []string{"found", "sorted"} {
		runs := 0
		var seen []string
		must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
			found, _, err := leaflets.Find(t.Context(), tx, store.Query{Where: inCity(text, "a")})
			if err != nil {
				return err
			}
			seen = idsOf(found)
			if runs++; runs == 2 { // of the first attempt, which is rehearsed
				addLeaflets(t, s, newLeaflet(map[string]int{"found": 2, "sorted": 3}[text], "a"))
			}
			return leaflets.Insert(tx, newLeaflet(1000+len(text), "b"), entry("add"))
		}))
		want := []string{name(1), name(2)}
		if text == "sorted" {
			want = append(want, name(3))
		}
		wantIDs(t, text, seen, want...)
	}
}

// textGone is about documents that are removed for good.
func textGone(t *testing.T, b *bed) {
	s := start(t, b.open(t, 1)[0], store.Worded(slips, func(x *slip) ([]string, error) { return []string{x.Word}, nil }))
	put := func(id, word string) {
		t.Helper()
		must(t, s.Update(t.Context(), nil, func(tx *store.Tx) error {
			return slips.Insert(tx, &slip{Meta: store.Meta{ID: id}, Word: word, Owner: "o", At: noon})
		}))
	}
	find := func(word string) int {
		t.Helper()
		found, _, err := slips.Find(t.Context(), s, store.Query{Where: []store.Cond{store.Terms("text", word), store.Eq("owner", "o")}})
		must(t, err)
		return len(found)
	}
	put("1", "a")
	put("2", "b")
	n, err := slips.Expire(t.Context(), s, "at", noon.Add(time.Hour))
	must(t, err)
	put("3", "c") // may take the place of one that is gone
	if n != 2 || find("a") != 0 || find("b") != 0 || find("c") != 1 {
		t.Errorf("%d expired; %d, %d, %d are found", n, find("a"), find("b"), find("c"))
	}
}

// slip is a document without a journal that is found by one word.
type slip struct {
	store.Meta `store:",inline"`
	Owner      string    `store:"owner"`
	Word       string    `store:"word"`
	At         time.Time `store:"at"`
}

var slips = store.Declare[slip](store.Declaration{
	Name: "slips", Schema: 1, Unjournaled: true, Indexes: []string{"at: at"}, Texts: []string{"text: owner; at"},
})

// unworded is about how such collections are opened.
func unworded(t *testing.T, b *bed) {
	for what, c := range map[string]store.Declared{
		"without its terms": leaflets, "with terms it has no index for": store.Worded(notes, func(*note) ([]string, error) { return nil, nil }),
	} {
		e := b.open(t, 1)[0]
		if s, err := store.Open(t.Context(), e, store.Options{}, c); err == nil {
			_ = s.Close(t.Context())
			t.Errorf("opened %s", what)
		}
		_ = e.Close(t.Context())
	}
}

// plainLeaflets are leaflets of a program that does not find them by text.
var plainLeaflets = store.Declare[leaflet](store.Declaration{Name: "leaflets", Schema: 1, Indexes: []string{"code!: code"}})

// textDeclaredLater is about documents that are older than the text index.
func textDeclaredLater(t *testing.T, b *bed) {
	engines, all := b.open(t, 2), shelf{}
	old := start(t, engines[0], plainLeaflets)
	r := rand.New(rand.NewPCG(1, 4))
	for i := range 300 {
		x := randomLeaflet(r)
		x.ID, x.Deleted = name(i), i%50 == 0
		all[x.ID] = &x
	}
	must(t, old.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(all)) {
			stored := *all[id]
			if err := plainLeaflets.Insert(tx, &stored, entry("add")); err != nil {
				return err
			}
		}
		return nil
	}))
	s := startWith(t, engines[1], behind, wordedLeaflets)
	q := store.Query{Where: inCity("found", words[0]), Order: []string{"-made"}, Limit: 7}
	_, _, err := leaflets.Find(t.Context(), s, q)
	wantErr(t, "before it is filled", err, store.ErrBuilding)
	must(t, s.Upgrade(t.Context(), lead(t, s)))
	for range 60 {
		q := randomTextQuery(r)
		wantIDs(t, fmt.Sprintf("%+v", q), allPages(t, s, q), idsOf(all.matching(q))...)
	}
}
