package sqlite

import (
	"context"
	"testing"
	"time"
)

// The log is brought into the file beside the commits, and begins anew: it grows no longer than it is let, and no commit has to bring it.
func TestLogIsBroughtBesideCommits(t *testing.T) {
	e, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	commit := func(text string, args ...any) {
		t.Helper()
		tx, err := e.begin(t.Context())
		if err == nil {
			defer tx.Rollback()
			if err = tx.exec(t.Context(), text, args...); err == nil {
				err = tx.Commit(t.Context())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	commit("CREATE TABLE pages (content BLOB)")
	if _, err := e.conn.ExecContext(t.Context(), "PRAGMA wal_autocheckpoint = 0"); err != nil { // commits bring nothing
		t.Fatal(err)
	}
	fill := func() { commit("INSERT INTO pages VALUES (zeroblob(?))", 4096*(logPages+100)) }
	left := func() int {
		t.Helper()
		var busy, all, brought int
		if err := e.conn.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &all, &brought); err != nil {
			t.Fatal(err)
		}
		return all - brought
	}
	for range 3 {
		fill()
		for until := time.Now().Add(time.Minute); left() > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("%d pages of the log are not in the file", left())
			}
		}
	}
	commit("INSERT INTO pages VALUES (NULL)")
	if n := left(); n == 0 || n > 100 {
		t.Errorf("the log goes on with %d pages, and did not begin anew", n)
	}
	e.log.held.Store(true) // as while filling
	fill()
	e.log.look()
	if n := left(); n < logPages {
		t.Errorf("while it is held, %d pages are left", n)
	}
}
