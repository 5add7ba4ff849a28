package sqlite

import (
	"context"
	"errors"
)

// Bulk runs fill with commits that do not wait for the disk, and brings
// everything to it at the end. A program that is killed in between loses
// nothing; a machine that stops may lose what was committed last, and holds
// what was committed up to some moment.
func (e *Engine) Bulk(ctx context.Context, fill func() error) error {
	e.log.held.Store(true)
	defer e.log.held.Store(false)
	if err := e.pace(ctx, "NORMAL"); err != nil {
		return err
	}
	err := fill()
	return errors.Join(err, e.pace(uncancelled(ctx), syncing))
}

// pace says when commits reach the disk; what is in the log is brought into the file now.
func (e *Engine) pace(ctx context.Context, synchronous string) error {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-e.turn }()
	if _, err := e.conn.ExecContext(ctx, "PRAGMA synchronous = "+synchronous); err != nil {
		return problem(err)
	}
	var busy, log, done int
	return problem(e.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(FULL)").Scan(&busy, &log, &done))
}
