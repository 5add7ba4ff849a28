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
	case store.OpAnyTerm:
		return slices.ContainsFunc(c.Values, func(v any) bool { return slices.Contains(x.Words, v.(string)) })
	case store.OpRange:
		if from, ok := c.Values[0].(time.Time); ok {
			return !x.Made.Before(from) && x.Made.Before(c.Values[1].(time.Time))
		}
		return x.Size >= c.Values[0].(int) && x.Size < c.Values[1].(int)
	case store.OpHasAll:
		return !slices.ContainsFunc(c.Values, func(v any) bool { return !has(v) })
	}
	return slices.ContainsFunc(c.Values, has) == (c.Op != store.OpNoneOf)
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
	if r.IntN(3) == 0 {
		q.Where = append(q.Where, store.AnyTerm(text, terms...))
	} else {
		q.Where = append(q.Where, store.Terms(text, terms...))
	}
	if r.IntN(4) == 0 {
		q.Where = append(q.Where, store.In("place.street", "east", "west"))
	}
	more := []store.Cond{store.Eq("state", "s1"), store.In("state", "s0", "s2"), store.Between("size", 1, 4), store.HasAll("marks", "m0", "m1"), store.Eq("marks", "m2"), store.NoneOf("marks", "m1", "m2"),
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
