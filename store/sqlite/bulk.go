package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// Bulk runs fill with commits that do not wait for the disk, and brings
// everything to it at the end. A program that is killed in between loses
// nothing; a machine that stops may lose what was committed last, and holds
// what was committed up to some moment.
func (e *Engine) Bulk(ctx context.Context, fill func() error) error {
	if err := e.pace(ctx, "NORMAL", 16_000); err != nil {
		return err
	}
	err := fill()
	return errors.Join(err, e.pace(uncancelled(ctx), syncing, logPages))
}

// pace says when commits reach the disk, and how long (in pages) the log grows
// before it is brought into the file; it is brought there now.
func (e *Engine) pace(ctx context.Context, synchronous string, pages int) error {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-e.turn }()
	for _, text := range []string{"PRAGMA synchronous = " + synchronous, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", pages)} {
		if _, err := e.conn.ExecContext(ctx, text); err != nil {
			return problem(err)
		}
	}
	var busy, log, done int
	return problem(e.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(FULL)").Scan(&busy, &log, &done))
}
