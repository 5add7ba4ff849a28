package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/store"
)

func addPaper(ctx context.Context, st *store.Store, p *paper) error {
	return st.Update(ctx, []string{"p"}, func(tx *store.Tx) error {
		return papers.Insert(tx, p, store.Entry{At: time.Now(), Actor: "a", Action: "x"})
	})
}

func openPapers(t testing.TB) (*Engine, *store.Store) {
	t.Helper()
	engine, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine, store.Options{}, wordedPapers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	return engine, st
}

// TestFullDisk: whoever writes is told at once, readers read on, and with
// room again everything works as before.
func TestFullDisk(t *testing.T) {
	engine, st := openPapers(t)
	ctx := t.Context()
	limit := func(pages int) {
		t.Helper()
		if _, err := engine.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	paperOf := func(id, state string) *paper {
		return &paper{Meta: store.Meta{ID: id, Partition: "p"}, Number: id, State: state}
	}
	if err := addPaper(ctx, st, paperOf("a", "")); err != nil {
		t.Fatal(err)
	}
	limit(1) // SQLite takes the pages there are
	began := time.Now()
	if err := addPaper(ctx, st, paperOf("b", strings.Repeat("x", 100_000))); !errors.Is(err, store.ErrUnavailable) || time.Since(began) > time.Minute {
		t.Fatalf("after %v: %v", time.Since(began), err)
	}
	if _, err := papers.Get(ctx, st, "a"); err != nil {
		t.Fatal(err)
	}
	limit(1 << 30)
	if err := addPaper(ctx, st, paperOf("b", "")); err != nil {
		t.Fatal(err)
	}
	if entries, err := st.Journal(ctx, "p", 0, 10); err != nil || len(entries) != 2 || entries[1].Number != 2 {
		t.Fatal(entries, err)
	}
}

func TestClosedEngineSaysSo(t *testing.T) {
	engine, st := openPapers(t)
	for range 2 {
		if err := engine.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := engine.Begin(t.Context(), nil, nil); err == nil {
		t.Error("a transaction of a closed engine")
	}
	if err := engine.Ping(t.Context()); err == nil {
		t.Error("a closed engine answers")
	}
	if _, err := papers.Get(t.Context(), st, "a"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a read of a closed engine: %v", err)
	}
}

// TestEndedReaders: a reader who gives up hears that, not something of the database's.
func TestEndedReaders(t *testing.T) {
	_, st := openPapers(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := papers.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("street", "s")}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := papers.Get(ctx, st, "a"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTextWithNUL(t *testing.T) {
	_, st := openPapers(t)
	ctx := t.Context()
	for _, state := range []string{"a", "a\x00", "a\x00b"} {
		if err := addPaper(ctx, st, &paper{Meta: store.Meta{ID: state, Partition: "p"}, Street: "s", State: state, Words: []string{state}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, state := range []string{"a", "a\x00", "a\x00b"} {
		for _, cond := range []store.Cond{store.Eq("state", state), store.In("state", state), store.Eq("words", state), store.In("words", state)} {
			found, _, err := papers.Find(ctx, st, store.Query{Where: []store.Cond{store.Eq("street", "s"), cond}})
			if err != nil || len(found) != 1 || found[0].State != state {
				t.Errorf("%q by %v: %d found, %v", state, cond, len(found), err)
			}
		}
	}
}

func TestBlobFiles(t *testing.T) {
	engine, _ := openPapers(t)
	ctx := t.Context()
	root := filepath.Join(engine.dir, "blobs")
	for _, id := range []string{"", "a", "..", "../x", "a/b", "a.b", "a\x00", strings.Repeat("x", 101)} {
		if _, err := engine.PutBlob(ctx, id, strings.NewReader("x")); err == nil {
			t.Errorf("%q was taken as an id", id)
		}
		if _, err := engine.OpenBlob(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	var want []string
	for i := range 30 {
		id := fmt.Sprintf("%02d-%02d", i, i*7%10)
		want = append(want, id)
		if n, err := engine.PutBlob(ctx, id, strings.NewReader(id)); err != nil || n != 5 {
			t.Fatal(n, err)
		}
	}
	half, broken := filepath.Join(root, "new-left"), errors.New("the upload broke off")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.PutBlob(ctx, "broken", io.MultiReader(strings.NewReader("x"), failing{broken})); !errors.Is(err, broken) {
		t.Error(err)
	}
	old := time.Now().Add(-time.Hour)
	for _, path := range []string{half, filepath.Join(root, folder(want[3]), want[3]), filepath.Join(root, folder(want[20]), want[20])} {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	list := func(before time.Time, limit int) (out []string) {
		for after := ""; ; {
			ids, err := engine.Blobs(ctx, before, after, limit)
			if err != nil || len(ids) > limit {
				t.Fatal(ids, err)
			}
			if len(ids) == 0 {
				return out
			}
			out, after = append(out, ids...), ids[len(ids)-1]
		}
	}
	if got := list(old.Add(time.Minute), 1); !slices.Equal(got, []string{want[3], want[20]}) {
		t.Errorf("old ones are %v", got)
	}
	if got := list(time.Now().Add(time.Minute), 7); !slices.Equal(got, want) {
		t.Errorf("all are %v", got)
	}
	if left, err := filepath.Glob(filepath.Join(root, "new-*")); err != nil || len(left) > 0 {
		t.Errorf("half-written files stay: %v", left)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
