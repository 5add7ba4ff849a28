package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// leaflet is found by its words, which other collections would not store.
type leaflet struct {
	store.Meta `store:",inline"`
	Words      []string  `store:"words"`
	City       string    `store:"city"`
	Place      place     `store:"place"`
	State      string    `store:"state"`
	Size       int       `store:"size"`
	Marks      []string  `store:"marks"`
	Code       string    `store:"code,omitempty"`
	Made       time.Time `store:"made"`
}

var leaflets = store.Declare[leaflet](store.Declaration{
	Name: "leaflets", Schema: 1,
	Indexes:    []string{"code!: code"},
	Texts:      []string{"found: city, place.street, place.cell; made", "sorted: city, place.street, place.cell"},
	Predicates: []string{"state", "size", "marks"},
})

var wordedLeaflets = store.Worded(leaflets, func(l *leaflet) ([]string, error) { return l.Words, nil })

// words are pairs of letters, numbers, keyed names, and what might confuse a tokenizer.
var words = []string{
	"垃圾", "圾堆", "张伟", "𠮷野", "=301", "=30", "301", "name:ab12", "name:ab1", "a", "A", "Ab", "é", "E\u0301", "zoe",
	"_", "__", "_5f", "__place", "a b", "a  b", " ", "\t", "\"", "*", "a*", "'", "NOT", "OR", "(a)", "a OR b", "{words}: a", "^a", "-a", "+", "NEAR(a b)",
	"\x00", "\x00city\x00sz", "\x00\x00", "\u200b", "😀", "%", "$a", "{\"$ne\":1}", strings.Repeat("长", 21) + "1", strings.Repeat("_", store.MaxTerm),
}

func (b *bed) leaflets(t *testing.T) *store.Store {
	return start(t, b.open(t, 1)[0], wordedLeaflets, notes)
}

func newLeaflet(i int, words ...string) *leaflet {
	return &leaflet{Meta: store.Meta{ID: name(i), Partition: here}, Words: words, City: "sz", Place: place{Street: "east"}, Made: noon}
}

func addLeaflets(t *testing.T, s *store.Store, all ...*leaflet) {
	t.Helper()
	must(t, s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		for _, x := range all {
			x := *x
			if err := leaflets.Insert(tx, &x, entry("add")); err != nil {
				return err
			}
		}
		return nil
	}))
}

func inCity(text string, terms ...string) []store.Cond {
	return []store.Cond{store.Terms(text, terms...), store.Eq("city", "sz")}
}

func findLeaflets(t *testing.T, s *store.Store, q store.Query) []string {
	t.Helper()
	found, _, err := leaflets.Find(t.Context(), s, q)
	must(t, err)
	var out []string
	for _, x := range found {
		out = append(out, x.ID)
	}
	return out
}

// shelf is every leaflet there is: what a text query answers is compared with a look at all of them.
type shelf map[string]*leaflet

func (all shelf) matching(q store.Query) []*leaflet {
	var out []*leaflet
	for _, x := range all {
		if !x.Deleted && !slices.ContainsFunc(q.Where, func(c store.Cond) bool { return !x.holds(c) }) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *leaflet) int {
		for _, o := range append(slices.Clone(q.Order), "id") {
			path, desc := strings.CutPrefix(o, "-")
			if path == "id" && len(q.Order) > 0 {
				desc = strings.HasPrefix(q.Order[0], "-")
			}
			c := map[string]int{"made": a.Made.Compare(b.Made), "size": cmp.Compare(a.Size, b.Size), "state": cmp.Compare(a.State, b.State), "id": cmp.Compare(a.ID, b.ID)}[path]
			if c != 0 && desc {
				return -c
			} else if c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}

func (x *leaflet) holds(c store.Cond) bool {
	values := map[string][]any{
		"city": {x.City}, "place.street": {x.Place.Street}, "place.cell": {x.Place.Cell}, "state": {x.State}, "size": {x.Size}, "marks": {},
	}
	for _, m := range x.Marks {
		values["marks"] = append(values["marks"], m)
	}
	if x.Place.Cell == "" { // absent
		values["place.cell"] = nil
	}
	has := func(v any) bool { return slices.Contains(values[c.Field], v) }
	switch c.Op {
	case store.OpTerms:
		return !slices.ContainsFunc(c.Values, func(v any) bool { return !slices.Contains(x.Words, v.(string)) })
	case store.OpRange:
		if from, ok := c.Values[0].(time.Time); ok {
			return !x.Made.Before(from) && x.Made.Before(c.Values[1].(time.Time))
		}
		return x.Size >= c.Values[0].(int) && x.Size < c.Values[1].(int)
	case store.OpHasAll:
		return !slices.ContainsFunc(c.Values, func(v any) bool { return !has(v) })
	}
	return slices.ContainsFunc(c.Values, has)
}

// textLikeALook lets random writes and queries run against the store and
// against the shelf, and compares every page and every count.
func textLikeALook(t *testing.T, b *bed) {
	s, all := b.leaflets(t), shelf{}
	addLeaflets(t, s, &leaflet{Meta: store.Meta{ID: "first", Partition: here}, Code: "taken"})
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 2))
	t.Logf("seed %d", seed)
	for step := range 120 {
		all.write(t, s, r)
		for range 3 {
			q := randomTextQuery(r)
			what := fmt.Sprintf("seed %d, step %d, %+v", seed, step, q)
			want := all.matching(q)
			wantIDs(t, what, allPages(t, s, q), idsOf(want)...)
			counts, err := leaflets.Count(t.Context(), s, q, "state")
			must(t, err)
			for _, x := range want {
				counts[x.State]--
			}
			for state, n := range counts {
				if n != 0 {
					t.Fatalf("%s: %d too many of state %q", what, n, state)
				}
			}
		}
	}
}

func idsOf(found []*leaflet) (out []string) {
	for _, x := range found {
		out = append(out, x.ID)
	}
	return out
}

func allPages(t *testing.T, s *store.Store, q store.Query) (out []string) {
	t.Helper()
	for {
		found, next, err := leaflets.Find(t.Context(), s, q)
		must(t, err)
		out = append(out, idsOf(found)...)
		if q.After = next; next == "" {
			return out
		}
	}
}

// write makes one update of a few leaflets, of which some fail as a whole.
func (all shelf) write(t *testing.T, s *store.Store, r *rand.Rand) {
	made := map[string]leaflet{}
	for range 1 + r.IntN(5) {
		x := randomLeaflet(r)
		if old := all[x.ID]; old != nil && r.IntN(2) == 0 { // another state, the same text
			x = *old
			x.State, x.Deleted = fmt.Sprint("s", r.IntN(3)), false
		}
		if all[x.ID] != nil && r.IntN(4) == 0 {
			x.Deleted = true
		}
		made[x.ID] = x
	}
	fails := r.IntN(5) == 0
	err := s.Update(t.Context(), []string{here}, func(tx *store.Tx) error {
		old, err := leaflets.GetManyEver(t.Context(), tx, slices.Collect(maps.Keys(made)))
		for _, id := range slices.Sorted(maps.Keys(made)) {
			x := made[id]
			if was := old[id]; was != nil {
				was.Deleted = x.Deleted
				x.Meta = was.Meta
				err = errors.Join(err, leaflets.Put(tx, &x, entry("change")))
			} else {
				err = errors.Join(err, leaflets.Insert(tx, &x, entry("add")))
			}
		}
		if fails { // in the database, when all others are written
			err = errors.Join(err, leaflets.Insert(tx, &leaflet{Meta: store.Meta{ID: "other", Partition: here}, Code: "taken"}, entry("add")))
		}
		return err
	})
	if fails {
		wantDuplicate(t, "a code twice", err, "leaflets", "code")
		return
	}
	must(t, err)
	for id, x := range made {
		all[id] = &x
	}
}

func randomLeaflet(r *rand.Rand) leaflet {
	x := *newLeaflet(r.IntN(60))
	for range r.IntN(8) {
		x.Words = append(x.Words, words[r.IntN(len(words))])
	}
	x.Words = append(x.Words, words[r.IntN(4)], words[r.IntN(4)])
	x.City, x.Place = []string{"sz", "wx"}[r.IntN(2)], place{[]string{"east", "west", ""}[r.IntN(3)], []string{"", "c1", "c2"}[r.IntN(3)]}
	x.State, x.Size, x.Made = fmt.Sprint("s", r.IntN(3)), r.IntN(5), noon.Add(time.Duration(r.IntN(5)-2)*time.Millisecond)
	if r.IntN(10) == 0 { // values that are no milliseconds of our time
		x.Made = []time.Time{{}, time.UnixMilli(-1).UTC(), time.UnixMilli(0).UTC(), time.Date(3024, 1, 1, 0, 0, 0, r.IntN(2)*1e6, time.UTC)}[r.IntN(4)]
	}
	for range r.IntN(3) {
		x.Marks = append(x.Marks, fmt.Sprint("m", r.IntN(3)))
	}
	return x
}

func randomTextQuery(r *rand.Rand) store.Query {
	q := store.Query{Limit: 1 + r.IntN(7)}
	var terms []string
	for range 1 + r.IntN(3)*r.IntN(2) {
		n := len(words)
		if r.IntN(2) == 0 {
			n = 4
		}
		terms = append(terms, words[r.IntN(n)])
	}
	scope := []store.Cond{
		store.Eq("city", "sz"), store.In("city", "sz", "wx", "nj"), store.Eq("place.street", "east"), store.In("place.street", "west", ""),
		store.Eq("place.cell", "c1"), store.In("place.cell", "c2", "c1"), store.In[string]("city"),
	}
	q.Where = append(q.Where, scope[r.IntN(len(scope))])
	text := []string{"found", "sorted"}[r.IntN(2)]
	q.Where = append(q.Where, store.Terms(text, terms...))
	if r.IntN(4) == 0 {
		q.Where = append(q.Where, store.In("place.street", "east", "west"))
	}
	more := []store.Cond{store.Eq("state", "s1"), store.In("state", "s0", "s2"), store.Between("size", 1, 4), store.HasAll("marks", "m0", "m1"), store.Eq("marks", "m2"),
		store.Between("made", noon.Add(-time.Millisecond), noon.Add(time.Millisecond)), store.Between("made", time.Time{}.Add(time.Millisecond), noon)}
	for _, c := range more {
		if r.IntN(5) == 0 {
			q.Where = append(q.Where, c)
		}
	}
	q.Order = [][]string{{"made"}, {"-made"}, {"-size"}, {"state", "made"}}[r.IntN(4)]
	if text == "sorted" {
		q.Order = [][]string{{"size"}, {"-size"}, {"state", "size"}, {"-made", "-state"}, nil}[r.IntN(5)]
	}
	return q
}

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
	wantIDs(t, "all of many that differ", findLeaflets(t, s, store.Query{Where: inCity("found", words...)}), name(2))
	wantIDs(t, "one twice", findLeaflets(t, s, store.Query{Where: inCity("found", "t1", "t1")}), name(1))
	wantIDs(t, "one that no document can have", findLeaflets(t, s, store.Query{Where: inCity("found", strings.Repeat("x", store.MaxTerm+1))}))
	for _, bad := range [][]string{nil, {""}, {"a", ""}, many(store.MaxAsked + 1)} {
		if _, _, err := leaflets.Find(t.Context(), s, store.Query{Where: inCity("found", bad...)}); err == nil {
			t.Errorf("asked for %q", bad)
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
