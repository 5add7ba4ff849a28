package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What is filled in bulk waits for the disk once, at the end, whatever comes of it.
func TestBulk(t *testing.T) {
	e, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	pragma := func(name string) (n int) {
		t.Helper()
		if err := e.conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const normal, full = 1, 2
	failed := errors.New("no more")
	err = e.Bulk(t.Context(), func() error {
		if got := pragma("synchronous"); got != normal {
			t.Errorf("synchronous is %d while filling", got)
		}
		for _, text := range []string{"CREATE TABLE filled (n INTEGER)", "INSERT INTO filled VALUES (1)"} {
			if _, err := e.conn.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("what the filling came to: %v", err)
	}
	if got := pragma("synchronous"); got != full || e.log.held.Load() {
		t.Errorf("after it, synchronous is %d; the log is held: %t", got, e.log.held.Load())
	}
	copied := t.TempDir() // of the file without its log
	file, err := os.ReadFile(filepath.Join(e.dir, fileName))
	if err == nil {
		err = os.WriteFile(filepath.Join(copied, fileName), file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(copied)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(context.Background())
	var n int
	if err := other.conn.QueryRowContext(t.Context(), "SELECT n FROM filled").Scan(&n); err != nil || n != 1 {
		t.Errorf("the file alone: %d, %v", n, err)
	}
}
