package sqlite_test

import (
	"bufio"
	"context"
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
