package sqlite

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

// paper has every shape of index there is.
type paper struct {
	store.Meta `store:",inline"`
	Number     string    `store:"number,omitempty"`
	Street     string    `store:"street"`
	State      string    `store:"state"`
	Words      []string  `store:"words"`
	Size       int       `store:"size"`
	Open       bool      `store:"open"`
	Due        time.Time `store:"due,omitempty"`
	Created    time.Time `store:"created"`
}

var papers = store.Declare[paper](store.Declaration{
	Name: "papers", Schema: 1,
	Indexes: []string{"number!: number", "street: street, created", "state: street, state, created", "words: street, words, created",
		"word: words", "due: due", "size: street, size"},
	Texts:      []string{"text: street, state; created", "sorted: street"},
	Predicates: []string{"open"},
})

var wordedPapers = store.Worded(papers, func(p *paper) ([]string, error) { return p.Words, nil })

// TestEveryQueryRunsOnItsIndex asks SQLite how it would run every statement
// that the queries made: along one index, in its order, nothing sorted, nothing scanned.
func TestEveryQueryRunsOnItsIndex(t *testing.T) {
	ctx := t.Context()
	engine, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, engine, store.Options{}, wordedPapers)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close(context.WithoutCancel(ctx)) }()
	now := time.Now()
	err = st.Update(ctx, []string{"p"}, func(tx *store.Tx) error {
		for i := range 40 {
			p := &paper{Meta: store.Meta{ID: fmt.Sprintf("%02d", i), Partition: "p"}, Number: fmt.Sprint(i), Street: "s", State: fmt.Sprint(i % 3),
				Words: []string{"a", fmt.Sprint("w", i%5)}, Size: i % 7, Open: i%2 == 0, Due: now, Created: now.Add(time.Duration(i/4) * time.Minute)}
			if err := papers.Insert(tx, p, store.Entry{At: now, Actor: "a", Action: "x"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	street, states := store.Eq("street", "s"), store.In("state", "0", "1", "2")
	streets := store.In("street", named(98)...)
	for _, q := range []store.Query{
		{Where: []store.Cond{store.Eq("number", "3")}},
		{Where: []store.Cond{street}, Order: []string{"created"}},
		{Where: []store.Cond{street}, Order: []string{"-created"}},
		{Where: []store.Cond{street, store.Eq("state", "1")}, Order: []string{"-created"}},
		{Where: []store.Cond{street, store.Eq("state", "1"), store.Between("created", now, nil), store.Eq("open", true)}, Order: []string{"created"}},
		{Where: []store.Cond{street, store.In("state", "1", "2"), store.Eq("words", "a")}, Order: []string{"-created"}},
		{Where: []store.Cond{street, store.HasAll("words", "a", "w1"), store.Eq("open", false)}, Order: []string{"created"}},
		{Where: []store.Cond{store.Eq("words", "w2")}},
		{Where: []store.Cond{store.Between("due", nil, now.Add(time.Hour))}, Order: []string{"due"}},
		{Where: []store.Cond{street, store.Terms("text", "a")}, Order: []string{"created"}},
		{Where: []store.Cond{store.In("state", "1", "2"), store.Terms("text", "a", "w1"), store.Eq("words", "w1")}, Order: []string{"-created"}},
		{Where: []store.Cond{street, store.Terms("text", "a"), store.Between("created", now, now.Add(5*time.Minute))}, Order: []string{"-created"}},
		{Where: []store.Cond{street, store.Terms("sorted", "a", "w1"), store.Eq("open", true)}, Order: []string{"-size"}},
		{Where: []store.Cond{street, store.Between("size", 2, 5)}, Order: []string{"-size"}, Deleted: true},
		{Where: []store.Cond{streets, states}, Order: []string{"-created"}},
		{Where: []store.Cond{streets, states, store.Between("created", now, nil), store.Eq("open", true)}, Order: []string{"created"}},
		{Where: []store.Cond{streets, store.HasAll("words", "a", "w1")}, Order: []string{"-created"}},
		{Where: []store.Cond{street, states}, Order: []string{"created"}, Deleted: true},
	} {
		for page, cursor := 0, ""; ; page++ {
			q.Limit, q.After = 3, cursor
			_, next, err := papers.Find(ctx, st, q)
			if err != nil {
				t.Fatalf("%+v: %v", q.Where, err)
			}
			if cursor = next; cursor == "" || page > 20 {
				break
			}
		}
		if _, err := papers.Count(ctx, st, q, "state"); err != nil {
			t.Fatal(err)
		}
	}
	statements := 0
	engine.asks.Range(func(text, _ any) bool {
		statements++
		explain(t, engine, text.(string))
		return true
	})
	if statements < 33 {
		t.Errorf("only %d statements seen", statements)
	}
}

// named are so many names of streets, the one that has papers among them.
func named(n int) []string {
	out := []string{"s"}
	for i := range n - 1 {
		out = append(out, fmt.Sprint("s", i))
	}
	return out
}

var onIndex = regexp.MustCompile(`USING (COVERING )?INDEX|USING INTEGER PRIMARY KEY|VIRTUAL TABLE|^SCAN w$`) // w: the queue of a join of ranges

func explain(t *testing.T, e *Engine, text string) {
	t.Helper()
	args := make([]any, strings.Count(text, "?"))
	for i := range args {
		args[i] = "x"
	}
	rows, err := e.read.Query("EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	joins := strings.Contains(text, "RECURSIVE")
	lazy, onward := !joins, !joins
	for rows.Next() {
		var a, b, c int
		var step string
		if err := rows.Scan(&a, &b, &c, &step); err != nil {
			t.Fatal(err)
		}
		reads := strings.HasPrefix(step, "SCAN ") || strings.HasPrefix(step, "SEARCH ")
		if strings.Contains(step, "TEMP B-TREE") || reads && !onIndex.MatchString(step) && !strings.Contains(step, "(subquery-") {
			t.Errorf("%s\n%s", step, text)
		}
		lazy = lazy || step == "CO-ROUTINE walk"
		onward = onward || strings.Contains(step, ",id)<(?,?") || strings.Contains(step, ",id)>(?,?")
	}
	if !onward {
		t.Errorf("the next row of a range is found by the first key only, through all that equal it:\n%s", text)
	}
	if !lazy {
		t.Errorf("all of the ranges are read before the first row is taken:\n%s", text)
	}
}
