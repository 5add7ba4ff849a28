package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"wangge/store"
)

// The table holder holds the number (inode) of the file while a program has it
// open: a program that finds another number there looks at a copy that was
// made meanwhile, and copying takes file and log at different moments. Programs
// from before documents were packed held it in the table opened.
const (
	makeHolder = "CREATE TABLE IF NOT EXISTS holder (inode INTEGER NOT NULL)"
	makeOpened = "CREATE TABLE IF NOT EXISTS opened (inode INTEGER NOT NULL)"
)

// markOpen notes that the file is open, after a look at one that was copied while it was.
func (e *Engine) markOpen(ctx context.Context) error {
	info, err := os.Stat(filepath.Join(e.dir, fileName))
	if err != nil {
		return err
	}
	inode := int64(info.Sys().(*syscall.Stat_t).Ino)
	for _, text := range []string{makeHolder, makeOpened} {
		if _, err := e.conn.ExecContext(ctx, text); err != nil {
			return problem(err)
		}
	}
	var was int64
	err = e.conn.QueryRowContext(ctx, "SELECT inode FROM holder UNION ALL SELECT inode FROM opened").Scan(&was)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return problem(err)
	}
	noted := err == nil && was == inode // it did not come to close it
	if err == nil && !noted {
		if err := e.inspect(ctx); err != nil {
			return err
		}
	}
	note := fmt.Sprintf("BEGIN; DELETE FROM holder; INSERT INTO holder (inode) VALUES (%d); DELETE FROM opened; COMMIT", inode)
	if _, err := e.conn.ExecContext(ctx, note); err != nil || noted {
		return problem(err)
	}
	return e.checkpoint(ctx) // so that a copy without the log tells, too
}

// markClosed takes the note away and brings the log into the file.
func (e *Engine) markClosed(ctx context.Context) error {
	_, err := e.conn.ExecContext(ctx, "DELETE FROM holder")
	switch {
	case errors.Is(err, sql.ErrConnDone): // closed before
		return nil
	case err != nil:
		return problem(err)
	}
	return e.checkpoint(ctx)
}

func (e *Engine) checkpoint(ctx context.Context) error {
	var busy, log, done int
	err := e.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done)
	if err == nil && busy != 0 {
		return fmt.Errorf("sqlite: %s is in use by another program: what was written last is still in %s-wal", fileName, fileName)
	}
	return problem(err)
}

// inspect reads the whole of a copied file: the pages and indexes agree, and
// the journal has as many entries as numbers were given.
func (e *Engine) inspect(ctx context.Context) error {
	var found string
	if err := e.conn.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return torn(problem(err))
	}
	if found != "ok" {
		return torn(errors.New(found))
	}
	var tables int
	err := e.conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name IN ('c_journal', 'counters')").Scan(&tables)
	if err != nil || tables < 2 { // a store that was never used
		return problem(err)
	}
	var entries, numbers int64
	if err := e.conn.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM c_journal), (SELECT coalesce(sum(n), 0) FROM counters)").Scan(&entries, &numbers); err != nil {
		return torn(problem(err))
	}
	if entries != numbers {
		return torn(fmt.Errorf("%d entries in the journal, %d were written", entries, numbers))
	}
	return nil
}

func torn(err error) error {
	return fmt.Errorf("%w: %s was copied while wangge ran, and the copy is torn: copy it again with `sqlite3 %s \"VACUUM INTO 'copy.db'\"`, or while wangge is stopped (%v)", store.ErrDamaged, fileName, fileName, err)
}
