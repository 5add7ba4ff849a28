package store

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

type inner struct {
	Cell  string `store:"cell,omitempty"`
	Count int32  `store:"count"`
}

type sample struct {
	Meta   `store:",inline"`
	Name   string    `store:"name"`
	Maybe  string    `store:"maybe,omitempty"`
	Number int       `store:"number"`
	Done   bool      `store:"done"`
	At     time.Time `store:"at"`
	Tags   []string  `store:"tags"`
	In     inner     `store:"in"`
	Far    *inner    `store:"far"`
	Many   []inner   `store:"many"`
	Unkept string
}

var samples = Declare[sample](Declaration{
	Name: "samples", Schema: 1,
	Indexes: []string{
		"name: partition, name", "number: partition, done, number", "at: partition, at", "maybe: partition, maybe",
		"tags: partition, tags, at", "key!: partition, maybe", "only!: name", "many: many.count",
	},
	Predicates: []string{"in.cell", "far.count"},
})

// The planner chooses the index that answers most, and says what is left to filter.
func TestPlan(t *testing.T) {
	p, name := Eq("partition", "p"), Eq("name", "n")
	for _, c := range []struct {
		where []Cond
		order []string
		want  string
	}{
		{[]Cond{p}, nil, "name 1 eq, by [name]"},
		{[]Cond{p}, []string{"at"}, "at 1 eq, by [at]"},
		{[]Cond{p}, []string{"-at"}, "at 1 eq, by [at] down"},
		{[]Cond{name, p}, nil, "name 2 eq, by []"},
		{[]Cond{name}, nil, "only 1 eq, by []"},
		{[]Cond{p, name}, []string{"at"}, "at 1 eq, by [at], filter name="},
		{[]Cond{p, Eq("done", true)}, nil, "number 2 eq, by [number]"},
		{[]Cond{p, Eq("done", true)}, []string{"done", "number"}, "no index"},
		{[]Cond{p}, []string{"done", "number"}, "number 1 eq, by [done number]"},
		{[]Cond{p, Between("at", time.Unix(0, 0), nil)}, nil, "at 1 eq, range, by [at]"},
		{[]Cond{p, Between("at", nil, nil), Between("at", nil, time.Unix(9, 0))}, nil, "at 1 eq, range, by [at], filter at range"},
		{[]Cond{p, Between("maybe", nil, "x")}, nil, "maybe 1 eq, range, by [maybe]"},
		{[]Cond{p}, []string{"maybe"}, "no index"},
		{[]Cond{p, Eq("maybe", "k")}, nil, "maybe 2 eq, by []"},
		{[]Cond{p, HasAll("tags", "a", "b")}, nil, "tags 1 eq, has 2, by [at]"},
		{[]Cond{p, Eq("tags", "a"), Eq("tags", "b")}, nil, "tags 1 eq, has 1, by [at], filter tags="},
		{[]Cond{p, HasAll("tags", "a")}, []string{"name"}, "name 1 eq, by [name], filter tags has"},
		{[]Cond{p}, []string{"tags", "at"}, "no index"},
		{[]Cond{Eq("many.count", 3)}, nil, "many 0 eq, has 1, by []"},
		{[]Cond{p, In("in.cell", "c"), Eq("far.count", int64(1))}, nil, "name 1 eq, by [name], filter in.cell in, far.count="},
		{[]Cond{In("partition", "p", "q", "p")}, []string{"at"}, "at 1 eq in 2 scans, by [at]"},
		{[]Cond{In("partition", "p", "q"), In("done", true, false)}, []string{"-number"}, "number 2 eq in 4 scans, by [number] down"},
		{[]Cond{In("partition", "p", "q"), In("done", true)}, []string{"number"}, "number 2 eq in 2 scans, by [number]"},
		{[]Cond{p, In("done", true, false), Between("number", 1, 2)}, nil, "number 2 eq in 2 scans, range, by [number]"},
		{[]Cond{In("partition", "p", "q"), HasAll("tags", "a", "b")}, []string{"at"}, "tags 1 eq in 2 scans, has 2, by [at]"},
		{[]Cond{p, In("done", true, false), In("number", 1, 2)}, []string{"number"}, "number 2 eq in 2 scans, by [number], filter number in"},
		{[]Cond{p, In("number", many(2000)...), Eq("done", true)}, nil, "number 3 eq in 2000 scans, by []"},
		{[]Cond{p, In("number", many(2001)...), Eq("done", true)}, nil, "number 2 eq, by [number], filter number in"},
		{[]Cond{p, In("name", "x", "y"), In("tags", "a")}, []string{"name"}, "name 1 eq, by [name], filter name in, tags in"},
		{[]Cond{p, Eq("tags", "a"), NoneOf("tags", "b"), NoneOf("name", "x")}, []string{"at"}, "tags 1 eq, has 1, by [at], filter tags none of, name none of"},
		{[]Cond{In("name", "n")}, nil, "only 1 eq, by []"},
		{[]Cond{In("name", "n", "m")}, nil, "no index"},
		{[]Cond{p, In("name", "n"), In("maybe", "k", "m")}, nil, "name 2 eq, by [], filter maybe in"},
		{[]Cond{In[string]("partition")}, []string{"at"}, "nothing"},
		{[]Cond{p, Filter(Eq("done", true))}, []string{"number"}, "no index"},
		{[]Cond{p, Filter(In("name", "x", "y")), Eq("done", true)}, []string{"number"}, "number 2 eq, by [number], filter name in"},
		{[]Cond{Eq("in.cell", "c")}, nil, "no index"},
		{nil, nil, "no index"},
		{nil, []string{"partition", "name"}, "name 0 eq, by [partition name]"},
		{nil, []string{"many.count"}, "no index"},
	} {
		plan, err := samples.spec.plan(Query{Where: c.where, Order: c.order})
		got := "no index"
		if err == nil {
			got = planned(plan)
		} else if !errors.Is(err, ErrNoIndex) {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s by %v: %s, want %s", describe(c.where), c.order, got, c.want)
		}
	}
	if plan, err := samples.spec.plan(Query{Where: []Cond{name}, Deleted: true}); err == nil {
		t.Errorf("tombstones by a unique index: %s", planned(plan))
	}
}

// Values come in any type of the field's kind and go to engines in one.
func TestPlanValues(t *testing.T) {
	type state string
	type level uint8
	for _, c := range []struct {
		field string
		v     any
		want  any
	}{
		{"name", "x", "x"}, {"name", state("x"), "x"}, {"name", "a\xff", "a\ufffd"}, {"name", 1, nil}, {"name", nil, nil},
		{"number", int8(3), int64(3)}, {"number", time.Duration(3), int64(3)}, {"number", level(3), nil}, {"number", 3.0, nil}, {"number", true, nil},
		{"done", true, true}, {"done", 1, nil}, {"at", int64(1), nil}, {"at", &time.Time{}, nil},
		{"at", time.Unix(0, 1_999_999).In(time.FixedZone("", 3600)), time.UnixMilli(1).UTC()},
	} {
		conds, err := samples.spec.normalise([]Cond{In(c.field, c.v)})
		var got any
		if err == nil {
			got = conds[0].Values[0]
		}
		if got != c.want {
			t.Errorf("%s with %#v: %#v, want %#v (%v)", c.field, c.v, got, c.want, err)
		}
	}
}

// many are so many numbers.
func many(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func planned(p *Plan) string {
	if p.None {
		return "nothing"
	}
	s := fmt.Sprintf("%s %d eq", p.Index.Name, len(p.Eq))
	if n := p.Scans(); n > 1 {
		s += fmt.Sprintf(" in %d scans", n)
	}
	if p.Ranged {
		s += ", range"
	}
	if p.HasAll != nil {
		s += fmt.Sprintf(", has %d", len(p.HasAll))
	}
	var by []string
	for _, f := range p.Order {
		by = append(by, f.Path)
	}
	s += fmt.Sprintf(", by %v", by)
	if p.Desc {
		s += " down"
	}
	if len(p.Residual) > 0 {
		s += ", filter " + describe(p.Residual)
	}
	return s
}

func TestPlanLimits(t *testing.T) {
	for _, c := range []struct{ limit, cap, wantLimit, wantCap int }{
		{0, 0, 50, 10_000}, {-1, -1, 50, 10_000}, {10, 5, 10, 11}, {20_000, 0, 20_000, 20_001}, {10, 500, 10, 500},
	} {
		p, err := samples.spec.plan(Query{Where: []Cond{Eq("partition", "p")}, Limit: c.limit, Cap: c.cap})
		if err != nil || p.Limit != c.wantLimit || p.Cap != c.wantCap {
			t.Errorf("limit %d, cap %d: %v, %v", c.limit, c.cap, p, err)
		}
	}
}

// A declaration that cannot work stops the program at its start.
func TestDeclareRefuses(t *testing.T) {
	for _, d := range []Declaration{
		{Indexes: []string{"partition, name"}},
		{Indexes: []string{"x: nothing"}},
		{Indexes: []string{"x: in"}},
		{Indexes: []string{"x: in.nothing"}},
		{Indexes: []string{"x: name.first"}},
		{Indexes: []string{"x: at.year"}},
		{Indexes: []string{"x: Unkept"}},
		{Indexes: []string{"x: tags, many.count"}},
		{Indexes: []string{"x!: tags"}},
		{Indexes: []string{"x: name", "x: at"}},
		{Predicates: []string{"far"}},
		{Blobs: "tags"},
		{Indexes: []string{"x: partition, tags"}, Blobs: "tags"},
		{Blobs: "nothing"},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was taken", d)
				}
			}()
			d.Schema = 1
			Declare[sample](d)
		}()
	}
}

func TestCompareKeys(t *testing.T) {
	at := time.UnixMilli(5)
	ordered := [][]any{
		{nil, "a"}, {nil, "b"}, {false, "z"}, {true, "a"}, {int64(-1 << 63), "x"}, {int64(-1), "x"}, {int64(1<<63 - 1), "x"},
		{"", "x"}, {"a", "x"}, {"a", "y"}, {"中", "a"}, {at, "a"}, {at.Add(time.Millisecond), "a"},
	}
	for i := range ordered {
		for j := range ordered {
			a, b := ordered[i], ordered[j]
			if a[0] != nil && b[0] != nil && fmt.Sprintf("%T", a[0]) != fmt.Sprintf("%T", b[0]) {
				continue
			}
			if got := compareKeys(a, b); got < 0 != (i < j) || got == 0 != (i == j) {
				t.Errorf("%v with %v: %d", a, b, got)
			}
		}
	}
}

func TestCursor(t *testing.T) {
	doc, err := samples.Encode(&sample{Meta: Meta{ID: "中", Partition: "p"}, Name: "n\x00", Number: -7, Done: true, At: time.UnixMilli(-3)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := samples.spec.plan(Query{Order: []string{"partition", "done", "number"}})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := parseCursor(p.cursorAfter(doc), p)
	if want := []any{"p", true, int64(-7), "中"}; err != nil || !slices.Equal(keys, want) {
		t.Errorf("keys %v, want %v (%v)", keys, want, err)
	}
	at, err := samples.spec.plan(Query{Where: []Cond{Eq("partition", "p")}, Order: []string{"-at"}})
	if err != nil {
		t.Fatal(err)
	}
	keys, err = parseCursor(at.cursorAfter(doc), at)
	if want := []any{time.UnixMilli(-3).UTC(), "中"}; err != nil || !slices.Equal(keys, want) {
		t.Errorf("keys %v, want %v (%v)", keys, want, err)
	}
	if _, err := parseCursor(p.cursorAfter(doc), at); err != ErrCursor {
		t.Errorf("another query's cursor: %v", err)
	}
}

// Whatever a client sends as a cursor is refused or gives keys of the right kinds.
func FuzzParseCursor(f *testing.F) {
	p, err := samples.spec.plan(Query{Where: []Cond{Eq("partition", "p")}, Order: []string{"at"}})
	if err != nil {
		f.Fatal(err)
	}
	seal := func(keys string) string {
		return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"o":%q,"k":%s}`, p.orderName(), keys))
	}
	for _, keys := range []string{`[1,"x"]`, `["1","x"]`, `[1.5,"x"]`, `[null,"x"]`, `[1]`, `[[],{}]`, `[1,"\xff"]`, `[1,"\u0000"]`, `[99999999999999999999,""]`} {
		f.Add(seal(keys))
	}
	f.Add("")
	f.Add("!")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseCursor(text, p)
		if err != nil {
			if err != ErrCursor {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		_, isTime := keys[0].(time.Time)
		_, isText := keys[1].(string)
		if len(keys) != 2 || !isTime || !isText {
			t.Fatalf("%q: %v", text, keys)
		}
		again, err := parseCursor(seal(fmt.Sprintf("[%d,%s]", keys[0].(time.Time).UnixMilli(), must(json.Marshal(keys[1])))), p)
		if err != nil || !slices.Equal(again, keys) {
			t.Fatalf("%v again: %v, %v", keys, again, err)
		}
	})
}
