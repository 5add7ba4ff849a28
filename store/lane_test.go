package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

var others = Declare[sample](Declaration{Name: "others", Schema: 1, Unjournaled: true})

// set describes a write set by words: r:a reads a, w:a writes it, q: asks
// for a list of samples, q:a of those named a, o:… the same of another collection.
func set(words string) *request {
	s := &Store{}
	tx := s.begin(words, []string{"p"})
	for _, word := range strings.Fields(words) {
		kind, id, _ := strings.Cut(word, ":")
		spec := samples.spec
		if k, ok := strings.CutPrefix(kind, "o"); ok {
			kind, spec = k, others.spec
		}
		switch kind {
		case "r":
			tx.note(ref{spec, id}, 1)
		case "w":
			tx.wrote[ref{spec, id}] = len(tx.writes)
			doc, _ := samples.Encode(&sample{Meta: Meta{ID: id, Partition: "p"}, Name: id})
			tx.writes = append(tx.writes, Write{Spec: spec, ID: id, Old: tx.read[ref{spec, id}], Doc: doc})
		case "q":
			plan := &Plan{}
			if id != "" {
				plan, _ = samples.spec.plan(Query{Where: []Cond{Eq("partition", "p"), Eq("name", id)}})
			}
			tx.asked = append(tx.asked, asked{spec: spec, plan: plan})
		}
	}
	return s.newRequest(tx)
}

// A group holds what does not depend on each other; the rest keeps its order.
func TestTake(t *testing.T) {
	for _, c := range []struct {
		queue []string
		want  []string // one group a line, sets joined by |
	}{
		{[]string{"w:a", "w:b", "r:c w:d"}, []string{"w:a|w:b|r:c w:d"}},
		{[]string{"w:a", "w:a", "w:a"}, []string{"w:a", "w:a", "w:a"}},
		{[]string{"w:a", "r:a w:b", "w:c"}, []string{"w:a|w:c", "r:a w:b"}},
		{[]string{"r:a w:b", "w:a"}, []string{"r:a w:b|w:a"}}, // the first is checked before the second is written
		{[]string{"w:a", "q: w:b", "oq: w:c"}, []string{"w:a|oq: w:c", "q: w:b"}},
		{[]string{"ow:a", "w:a", "or:a w:b"}, []string{"ow:a|w:a", "or:a w:b"}},
		{[]string{"q: r:x", "w:a"}, []string{"q: r:x|w:a"}},
		{[]string{"w:a", "q:b w:c", "q:a w:d", "q:c w:e"}, []string{"w:a|q:b w:c", "q:a w:d|q:c w:e"}}, // asked for what nobody writes
		{[]string{"w:a", "r:a w:b", "r:b w:c"}, []string{"w:a|r:b w:c", "r:a w:b"}},                    // the third read b as it was
	} {
		l := &lane{}
		for _, words := range c.queue {
			l.queue = append(l.queue, set(words))
		}
		var got []string
		for len(l.queue) > 0 {
			var names []string
			for _, req := range l.take() {
				names = append(names, req.tx.set)
			}
			got = append(got, strings.Join(names, "|"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: groups %q, want %q", c.queue, got, c.want)
		}
	}
}

// A document may be on a plan's pages when it meets the conditions that an
// index answers and those that it does not.
func TestMayHold(t *testing.T) {
	p := Eq("partition", "p")
	doc := &sample{Meta: Meta{ID: "x", Partition: "p"}, Name: "n", Number: 5, At: time.UnixMilli(50), Tags: []string{"a", "b"}, In: inner{Cell: "c"}}
	for _, c := range []struct {
		where []Cond
		want  bool
	}{
		{[]Cond{p}, true},
		{[]Cond{Eq("partition", "q")}, false},
		{[]Cond{In("partition", "q", "p"), Eq("name", "n")}, true},
		{[]Cond{p, In("name", "m", "o")}, false},
		{[]Cond{p, Between("at", time.UnixMilli(50), time.UnixMilli(51))}, true},
		{[]Cond{p, Between("at", time.UnixMilli(51), nil)}, false},
		{[]Cond{p, Between("at", nil, time.UnixMilli(50))}, false},
		{[]Cond{p, HasAll("tags", "a", "b")}, true},
		{[]Cond{p, HasAll("tags", "a", "c")}, false},
		{[]Cond{p, Eq("done", false), Filter(Between("number", 5, 6))}, true},
		{[]Cond{p, Eq("in.cell", "c")}, true},
		{[]Cond{p, Eq("in.cell", "d")}, false},
		{[]Cond{p, Eq("maybe", "m")}, false},
	} {
		plan, err := samples.spec.plan(Query{Where: c.where})
		if err != nil {
			t.Fatal(err)
		}
		for _, doc.Deleted = range []bool{false, true} {
			raw, err := samples.Encode(doc)
			if err != nil {
				t.Fatal(err)
			}
			if got := plan.mayHold()(raw); got != (c.want && !doc.Deleted) {
				t.Errorf("%v, deleted %v: %v", c.where, doc.Deleted, got)
			}
			asked := *plan
			if asked.Deleted = true; asked.mayHold()(raw) != c.want {
				t.Errorf("%v, deleted %v, where tombstones are asked for", c.where, doc.Deleted)
			}
		}
	}
}

// What a text index answers is compared by its scopes and its range.
func TestMayHoldOfAText(t *testing.T) {
	texts := Declare[sample](Declaration{Name: "texts", Schema: 1, Texts: []string{"text: partition; at"}})
	raw, err := texts.Encode(&sample{Meta: Meta{ID: "x", Partition: "p"}, At: time.UnixMilli(50)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		partition string
		from, to  int64
		want      bool
	}{{"p", 50, 51, true}, {"q", 50, 51, false}, {"p", 51, 60, false}, {"p", 40, 50, false}} {
		plan, err := texts.spec.plan(Query{Where: []Cond{Terms("text", "word"), Eq("partition", c.partition), Between("at", time.UnixMilli(c.from), time.UnixMilli(c.to))}})
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.mayHold()(raw); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestTakeLimits(t *testing.T) {
	sizes := func(n, size int) (groups []int) {
		l := &lane{}
		for i := range n {
			req := set(fmt.Sprint("w:", i))
			req.tx.writes[0].Doc = make(bson.Raw, size)
			l.queue = append(l.queue, req)
		}
		for len(l.queue) > 0 {
			groups = append(groups, len(l.take()))
		}
		return groups
	}
	for _, c := range []struct {
		n, size int
		want    []int
	}{
		{groupMost + 3, 10, []int{groupMost, 3}},
		{5, MaxDocument, []int{4, 1}},
		{2, groupBytes + 1, []int{1, 1}},
	} {
		if got := sizes(c.n, c.size); !slices.Equal(got, c.want) {
			t.Errorf("%d of %d bytes: %v, want %v", c.n, c.size, got, c.want)
		}
	}
}

// Entries are numbered in the order of the sets, each partition for itself;
// numbering again, for another attempt, leaves no trace of the first.
func TestNumber(t *testing.T) {
	at := time.UnixMilli(1)
	s := &Store{specs: map[string]*Spec{"samples": samples.spec}}
	build := func(name string, ps ...string) *request {
		tx := s.begin(name, ps)
		for _, p := range ps {
			doc := &sample{Meta: Meta{ID: name + p, Partition: p}}
			if err := samples.Insert(tx, doc, Entry{Action: "one", Actor: "x", At: at}, Entry{Action: "two", Actor: "x", At: at}); err != nil {
				t.Fatal(err)
			}
		}
		return s.newRequest(tx)
	}
	group := []*request{build("a", "p", "网格/q"), build("b", "p")}
	partitions, counts := reserve(group, 1)
	if !slices.Equal(partitions, []string{"p", "网格/q"}) || !slices.Equal(counts, []int64{4, 2}) {
		t.Fatalf("reserved %v of %v", counts, partitions)
	}
	for _, starts := range [][]int64{{9_999_999, 0}, {6, 41}} {
		writes, used := number(group, partitions, starts)
		if !slices.Equal(used, counts) {
			t.Fatalf("used %v", used)
		}
		var got []string
		for _, w := range writes {
			if err := w.Doc.Validate(); err != nil {
				t.Fatal(err)
			}
			field := "seq"
			if w.Spec == journal.spec {
				field = "n"
			}
			if id := w.Doc.Lookup("_id").StringValue(); id != w.ID {
				t.Errorf("document %q is written as %q", id, w.ID)
			}
			got = append(got, fmt.Sprint(w.ID, " ", w.Doc.Lookup(field).Int64()))
		}
		a, q := starts[0], starts[1]
		want := []string{
			fmt.Sprint("ap ", a+2), fmt.Sprint("a网格/q ", q+2),
			fmt.Sprint(entryID("p", a+1), " ", a+1), fmt.Sprint(entryID("p", a+2), " ", a+2),
			fmt.Sprint(entryID("网格/q", q+1), " ", q+1), fmt.Sprint(entryID("网格/q", q+2), " ", q+2),
			fmt.Sprint("bp ", a+4), fmt.Sprint(entryID("p", a+3), " ", a+3), fmt.Sprint(entryID("p", a+4), " ", a+4),
		}
		if !slices.Equal(got, want) {
			t.Errorf("from %v:\n got %q\nwant %q", starts, got, want)
		}
	}
}

// Heads only grow, and wake nobody for nothing.
func TestHeads(t *testing.T) {
	s := &Store{}
	s.heads.init()
	s.heads.grow(map[string]int64{"p": 5, "q": 1})
	s.heads.grow(map[string]int64{"p": 3, "r": 0})
	if got := s.Heads(); got["p"] != 5 || got["q"] != 1 || got["r"] != 0 {
		t.Fatalf("heads %v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if now, err := s.Wait(ctx, map[string]int64{"p": 5, "q": 1}); err != context.DeadlineExceeded {
		t.Fatalf("woken by %v, %v", now, err)
	}
	for what, seen := range map[string]map[string]int64{"nothing seen": nil, "one missing": {"p": 5}, "one behind": {"p": 4, "q": 1}, "another ahead": {"p": 9, "q": 0}} {
		if now, err := s.Wait(t.Context(), seen); err != nil || now["p"] != 5 || now["q"] != 1 {
			t.Errorf("%s: %v, %v", what, now, err)
		}
	}
	now := s.Heads()
	now["p"] = 100 // a copy
	if s.Heads()["p"] != 5 {
		t.Error("the heads are shared with their reader")
	}
}

func TestJudge(t *testing.T) {
	a, b := ref{samples.spec, "a"}, ref{samples.spec, "b"}
	for _, c := range []struct {
		set    string
		now    map[ref]int64
		stated bool
		want   string
	}{
		{"r:a w:a", map[ref]int64{a: 1}, false, ""},
		{"r:a w:a", map[ref]int64{a: 2}, false, errStale.Error()},
		{"r:a w:a", map[ref]int64{}, false, errStale.Error()},
		{"r:a r:b", map[ref]int64{a: 2, b: 1}, true, "stated"},
		{"r:a r:b", map[ref]int64{a: 2, b: 2}, true, errStale.Error()}, // fn may know what b has to do with it
		{"r:a r:b", map[ref]int64{a: 1, b: 2}, true, errStale.Error()},
		{"w:b", map[ref]int64{b: 1}, false, (&DuplicateError{"samples", "_id"}).Error()},
		{"r:a w:b", map[ref]int64{a: 2, b: 1}, false, errStale.Error()}, // what was read comes first: the duplicate may be of its making
	} {
		tx := set(c.set).tx
		tx.stated[a] = c.stated
		got := ""
		if err := tx.compareReads(c.now); err != nil {
			got = err.Error()
			if _, ok := err.(statedError); ok {
				got = "stated"
			}
		}
		if got != c.want {
			t.Errorf("%s with %v: %q, want %q", c.set, c.now, got, c.want)
		}
	}
}
