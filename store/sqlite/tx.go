package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"wangge/store"
)

// tx is the one writing transaction there is at a time.
type tx struct {
	e          *Engine
	partitions []string
	starts     []int64
	learned    []learned
	newest     newest
	over       bool
}

// uncancelled is the context of single statements: they are short, and one
// that can end costs the driver a goroutine for each.
func uncancelled(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (e *Engine) begin(ctx context.Context) (*tx, error) {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	t := &tx{e: e}
	if err := t.exec(uncancelled(ctx), "BEGIN IMMEDIATE"); err != nil {
		t.over = true
		<-e.turn
		return nil, err
	}
	return t, nil
}

// Begin opens the transaction and reads the counters.
func (e *Engine) Begin(ctx context.Context, partitions []string, _ []int64) (store.EngineTx, error) {
	t, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	ctx = uncancelled(ctx)
	t.partitions = partitions
	for _, p := range partitions {
		n, err := t.number(ctx, "SELECT n FROM counters WHERE partition = ?", p)
		if err != nil {
			t.Rollback()
			return nil, err
		}
		t.starts = append(t.starts, n)
	}
	return t, nil
}

// prepared returns a statement of the writing connection, made once.
func (tx *tx) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if st := tx.e.stmts[text]; st != nil {
		return st, nil
	}
	st, err := tx.e.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, problem(err)
	}
	tx.e.stmts[text] = st
	return st, nil
}

func (tx *tx) exec(ctx context.Context, text string, args ...any) error {
	if len(args) == 0 {
		_, err := tx.e.conn.ExecContext(ctx, text)
		return problem(err)
	}
	_, err := tx.change(ctx, text, args)
	return err
}

func (tx *tx) change(ctx context.Context, text string, args []any) (int64, error) {
	st, err := tx.prepared(ctx, text)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, problem(err)
	}
	return res.RowsAffected()
}

func (tx *tx) ask(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	st, err := tx.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// number reads one integer, 0 when there is no row.
func (tx *tx) number(ctx context.Context, text string, args ...any) (int64, error) {
	st, err := tx.prepared(ctx, text)
	if err != nil {
		return 0, err
	}
	var n int64
	if err := st.QueryRowContext(ctx, args...).Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, problem(err)
	}
	return n, nil
}

func (tx *tx) names(ctx context.Context, text string, args ...any) ([]string, error) {
	rows, err := tx.e.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, problem(err)
		}
		out = append(out, s)
	}
	return out, problem(rows.Err())
}

// Starts returns the counters as Begin found them.
func (tx *tx) Starts() []int64 { return tx.starts }

// Versions reads the versions of the ids that exist: that is quicker than to be
// wrong, but for new documents, of which next to none turns out to be there.
func (tx *tx) Versions(ctx context.Context, spec *store.Spec, ids []string, own map[string]int64) (map[string]int64, error) {
	ctx = uncancelled(ctx)
	text := tx.e.table(spec).version
	out := make(map[string]int64, len(ids))
	for _, id := range ids {
		if old, believed := own[id]; believed && old == 0 {
			continue
		}
		v, err := tx.number(ctx, text, id)
		if err != nil {
			return nil, err
		}
		if v != 0 {
			out[id] = v
		}
	}
	return out, nil
}

// Stamps runs a plan inside the transaction.
func (tx *tx) Stamps(ctx context.Context, spec *store.Spec, p *store.Plan) ([]store.Stamp, error) {
	ctx = uncancelled(ctx)
	if p.Text != nil {
		raws, err := tx.e.table(spec).page(ctx, p, tx.ask)
		return store.StampsOf(raws), err
	}
	var out []store.Stamp
	err := tx.e.table(spec).list(ctx, p, "c.id", ", c.version", tx.ask, func(rows *sql.Rows) (bool, error) {
		var id sql.NullString
		var v int64
		err := rows.Scan(&id, &v)
		if id.Valid {
			out = append(out, store.Stamp{ID: id.String, Version: v})
		}
		return id.Valid, err
	})
	return out, err
}

// Commit makes it durable.
func (tx *tx) Commit(ctx context.Context) error {
	if err := tx.exec(uncancelled(ctx), "COMMIT"); err != nil {
		return err
	}
	tx.over = true
	<-tx.e.turn
	tx.e.log.commits()
	return nil
}

// Rollback undoes what was not committed.
func (tx *tx) Rollback() {
	if tx.over {
		return
	}
	tx.over = true
	tx.forget()
	_ = tx.exec(context.Background(), "ROLLBACK")
	<-tx.e.turn
}
