package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/sqlite"
)

func openItems(t *testing.T, dir string, collections ...store.Declared) *store.Store {
	t.Helper()
	engine, err := sqlite.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine, store.Options{}, collections...)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func insert(ctx context.Context, st *store.Store, id string) error {
	return st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
		doc := &item{Meta: store.Meta{ID: id, Partition: "street"}, Number: id, Street: "street", Created: time.Now()}
		return items.Insert(tx, doc, store.Entry{At: time.Now(), Actor: "a", Action: "item.add"})
	})
}

// TestKillLosesNothingAcknowledged kills a program that writes, again and
// again, and finds every write that it had been told was done.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	if dir := os.Getenv("SQLITE_WRITE_UNTIL_KILLED"); dir != "" {
		st := openItems(t, dir, items)
		for w := range 8 {
			go func() {
				for i := 0; ; i++ {
					id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
					if err := insert(context.Background(), st, id); err != nil {
						fmt.Println("error", err)
						return
					}
					fmt.Println("done", id)
				}
			}()
		}
		select {}
	}
	dir := t.TempDir()
	var done []string
	for round := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKillLosesNothingAcknowledged$")
		cmd.Env = append(os.Environ(), "SQLITE_WRITE_UNTIL_KILLED="+dir, "GOCOVERDIR="+t.TempDir())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if id, ok := strings.CutPrefix(lines.Text(), "done "); ok {
				done = append(done, id)
			} else {
				t.Fatal(lines.Text())
			}
			if n == 200+round*57 {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
	}
	st := openItems(t, dir, items)
	defer func() { _ = st.Close(context.Background()) }()
	for _, id := range done {
		if _, err := items.Get(t.Context(), st, id); err != nil {
			t.Errorf("%s was acknowledged: %v", id, err)
		}
	}
	head := st.Heads()["street"]
	entries, err := st.Journal(t.Context(), "street", 0, int(head)+10)
	if err != nil || int64(len(entries)) != head || len(entries) < len(done) {
		t.Fatalf("%d entries, head %d, %d acknowledged (%v)", len(entries), head, len(done), err)
	}
	for i, e := range entries {
		if e.Number != int64(i+1) {
			t.Fatalf("entry %d has number %d", i+1, e.Number)
		}
	}
}

// newer is item as a later program declares it: with a field, a multi-valued
// one and indexes over what older documents hold already.
type newer struct {
	store.Meta `store:",inline"`
	Number     string    `store:"number"`
	Street     string    `store:"street"`
	Cell       string    `store:"cell"`
	State      string    `store:"state"`
	Created    time.Time `store:"created"`
	Text       string    `store:"text"`
	Tags       []string  `store:"tags"`
}

func TestNewerProgramOpensAnOlderFile(t *testing.T) {
	newItems := store.Declare[newer](store.Declaration{Name: "items", Schema: 2,
		Indexes: []string{"number!: number", "text: text, created", "tags: tags"}, Predicates: []string{"state"}})
	dir, ctx := t.TempDir(), t.Context()
	older := openItems(t, dir, items)
	for i := range 700 {
		err := older.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
			id := fmt.Sprint(i)
			doc := &item{Meta: store.Meta{ID: id, Partition: "street"}, Number: id, Text: fmt.Sprint("t", i%7), State: fmt.Sprint(i % 2), Created: time.UnixMilli(int64(i))}
			return items.Insert(tx, doc, store.Entry{At: time.Now(), Actor: "a", Action: "item.add"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := older.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		st := openItems(t, dir, newItems)
		found, _, err := newItems.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("text", "t3"), store.Eq("state", "1")}, Order: []string{"created"}, Limit: 500})
		if err != nil || len(found) != 50 {
			t.Errorf("%d found by the new index (%v), want 50", len(found), err)
		}
		if err := st.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	st := openItems(t, dir, items) // and back
	defer func() { _ = st.Close(context.WithoutCancel(ctx)) }()
	if err := insert(ctx, st, "699"); err == nil {
		t.Error("a number was taken twice")
	} else if dup := (*store.DuplicateError)(nil); !errors.As(err, &dup) {
		t.Error(err)
	}
}
