package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/store"
	"wangge/store/sqlite"
)

// copied is a folder with copies of these files of another.
func copied(t *testing.T, dir string, names ...string) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func fill(t *testing.T, st *store.Store, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := insert(t.Context(), st, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func holds(t *testing.T, st *store.Store, n int) {
	t.Helper()
	for i := range n {
		if _, err := items.Get(t.Context(), st, fmt.Sprint(i)); err != nil {
			t.Fatalf("item %d of %d: %v", i, n, err)
		}
	}
	if entries, err := st.Journal(t.Context(), "street", 0, n+1); err != nil || len(entries) != n {
		t.Fatalf("%d entries, want %d (%v)", len(entries), n, err)
	}
}

// After a clean stop the one file holds everything.
func TestStoppedFileIsWhole(t *testing.T) {
	dir := t.TempDir()
	st := openItems(t, dir, items)
	fill(t, st, 0, 50)
	holds(t, st, 50) // so that every kind of connection has read
	if err := st.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if log, err := os.Stat(filepath.Join(dir, "wangge.db-wal")); err == nil && log.Size() > 0 {
		t.Errorf("%d bytes are left in the log", log.Size())
	}
	st = openItems(t, copied(t, dir, "wangge.db"), items)
	defer func() { _ = st.Close(context.Background()) }()
	holds(t, st, 50)
}

// A copy of a live folder is taken when file and log belong together, as also
// SQLite's own ways of copying give, and refused with advice when they do not.
func TestCopyOfALiveFolder(t *testing.T) {
	dir := t.TempDir()
	st := openItems(t, dir, items)
	defer func() { _ = st.Close(context.Background()) }()
	db, err := sql.Open("sqlite", filepath.Join(dir, "wangge.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	run := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	fill(t, st, 0, 40)
	early := copied(t, dir, "wangge.db") // the file, before what follows is brought into it
	run("PRAGMA wal_checkpoint(TRUNCATE)")
	fill(t, st, 40, 80)
	for _, name := range []string{"wangge.db-wal"} { // the log, after that
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(early, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if torn, err := sqlite.Open(early); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "VACUUM INTO") || !strings.Contains(err.Error(), early) {
		t.Errorf("a torn copy: %v", err)
		if err == nil {
			_ = torn.Close(context.Background())
		}
	}
	vacuumed := t.TempDir()
	run("VACUUM INTO ?", filepath.Join(vacuumed, "wangge.db"))
	for name, folder := range map[string]string{"file and log at one moment": copied(t, dir, "wangge.db", "wangge.db-wal"), "VACUUM INTO": vacuumed} {
		t.Run(name, func(t *testing.T) {
			st := openItems(t, folder, items)
			holds(t, st, 80)
			fill(t, st, 80, 90)
			if err := st.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			st = openItems(t, folder, items)
			holds(t, st, 90)
			if err := st.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// What is no database is refused at the start, by name; one that is spoilt
// while it is open is not ready from when that is met.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	st := openItems(t, dir, items)
	fill(t, st, 0, 300)
	if err := st.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	spoilt := copied(t, dir, "wangge.db")
	file, err := os.OpenFile(filepath.Join(spoilt, "wangge.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	st = openItems(t, spoilt, items)
	defer func() { _ = st.Close(context.Background()) }()
	if err := st.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(make([]byte, info.Size()-4096*20), 4096*20); err != nil {
		t.Fatal(err)
	}
	var met error
	for i := 0; i < 300 && met == nil; i++ {
		_, met = items.Get(t.Context(), st, fmt.Sprint(i))
	}
	if !errors.Is(met, store.ErrDamaged) || !errors.Is(met, store.ErrUnavailable) {
		t.Errorf("reading: %v", met)
	}
	if err := st.Ping(t.Context()); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "wangge.db is damaged: stop") {
		t.Errorf("ready: %v", err)
	}

	none := t.TempDir()
	if err := os.WriteFile(filepath.Join(none, "wangge.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(none); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), none) {
		t.Errorf("no database: %v", err)
	}
}
