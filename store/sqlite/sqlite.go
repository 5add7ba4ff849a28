// Package sqlite is the embedded engine of store: one SQLite file (WAL, full
// sync) with a table per collection, and a folder of blobs beside it. The
// documents are the same BSON as on MongoDB; the declared fields are columns
// next to them, which the declared indexes are on.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver

	"wangge/store"
)

// readers is how many connections answer queries at the same time. Each has a page cache
// of its own that a commit empties, so more of them than cores make reads slower.
var readers = max(4, runtime.NumCPU())

// syncing: a commit waits for the disk.
const syncing = "FULL"

// fileName is the database in the data folder.
const fileName = "wangge.db"

// Engine is a SQLite file and its blobs. It implements store.Engine.
type Engine struct {
	dir    string
	read   *sql.DB
	write  *sql.DB
	conn   *sql.Conn     // the one that writes
	turn   chan struct{} // who holds it writes
	mu     sync.Mutex
	tables map[*store.Spec]*table
	stmts  map[string]*sql.Stmt // of conn
	asks   sync.Map             // text → *sql.Stmt of read
	gets   gets
	log    *keeper

	refusesOlder atomic.Bool // see Build
	dictionaries dictionaries
}

var _ store.Engine = (*Engine)(nil)

// Open opens or makes the store in a folder.
func Open(dir string) (*Engine, error) {
	if err := os.MkdirAll(filepath.Join(dir, "blobs"), 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, fileName), os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	_ = file.Close()
	e := &Engine{dir: dir, turn: make(chan struct{}, 1), tables: map[*store.Spec]*table{}, stmts: map[string]*sql.Stmt{}}
	if e.write, err = e.open(1, "journal_mode(WAL)", "synchronous("+syncing+")", fmt.Sprintf("wal_autocheckpoint(%d)", logMost), "journal_size_limit(67108864)", "cache_size(-32000)"); err != nil {
		return nil, err
	}
	if e.conn, err = e.write.Conn(context.Background()); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", dir, problem(err)), e.write.Close())
	}
	if err := e.markOpen(context.Background()); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", dir, err), e.conn.Close(), e.write.Close())
	}
	if _, err := e.conn.ExecContext(context.Background(), makeCounters); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", dir, problem(err)), e.conn.Close(), e.write.Close())
	}
	if err := e.prepareDictionaries(context.Background()); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", dir, err), e.conn.Close(), e.write.Close())
	}
	if e.read, err = e.open(readers+getters, "query_only(1)", "cache_size(-8000)"); err == nil {
		err = e.gets.start(e.read)
	}
	if err == nil {
		e.log, err = e.keepLog()
	}
	if err != nil {
		return nil, errors.Join(err, e.conn.Close(), e.write.Close())
	}
	return e, nil
}

func (e *Engine) open(connections int, pragmas ...string) (*sql.DB, error) {
	q := url.Values{}
	for _, p := range append([]string{"busy_timeout(10000)", "temp_store(MEMORY)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.Join(e.dir, fileName)}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Lane: one writer, one queue.
func (e *Engine) Lane([]string) (string, bool) { return "all", true }

// Watch has nothing to report: all commits are this process's own.
func (e *Engine) Watch(ctx context.Context, _ func(map[string]int64)) { <-ctx.Done() }

// Heads returns the counters.
func (e *Engine) Heads(ctx context.Context) (map[string]int64, error) {
	rows, err := e.read.QueryContext(ctx, "SELECT partition, n FROM counters")
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var p string
		var n int64
		if err := rows.Scan(&p, &n); err != nil {
			return nil, problem(err)
		}
		out[p] = n
	}
	return out, problem(rows.Err())
}

// Clock: the file is on this machine.
func (e *Engine) Clock(context.Context) (time.Time, error) { return time.Time{}, nil }

// Ping reads from the file.
func (e *Engine) Ping(ctx context.Context) error {
	var n int
	return problem(e.read.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&n))
}

// Close waits for the writer and closes the file, which alone then holds everything.
func (e *Engine) Close(ctx context.Context) error {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-e.turn }() // whoever comes later is told that it is closed
	e.gets.stop()
	kept := e.log.stop()
	e.asks.Range(func(_, st any) bool { _ = st.(*sql.Stmt).Close(); return true })
	read := e.read.Close() // before the log is emptied: a reader would hold it
	whole := e.markClosed(uncancelled(ctx))
	_ = e.conn.Close()
	return problem(errors.Join(kept, read, whole, e.write.Close()))
}

// prepared returns a statement of the readers, made once.
func (e *Engine) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if st, ok := e.asks.Load(text); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := e.read.PrepareContext(ctx, text)
	if err != nil {
		return nil, problem(err)
	}
	if was, loaded := e.asks.LoadOrStore(text, st); loaded {
		_ = st.Close()
		return was.(*sql.Stmt), nil
	}
	return st, nil
}

func (e *Engine) table(spec *store.Spec) *table {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tables[spec]
}
