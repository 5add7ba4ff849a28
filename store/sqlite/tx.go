package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// tx is the one writing transaction there is at a time.
type tx struct {
	e          *Engine
	partitions []string
	starts     []int64
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

// Versions reads the versions of the ids that exist.
func (tx *tx) Versions(ctx context.Context, spec *store.Spec, ids []string) (map[string]int64, error) {
	ctx = uncancelled(ctx)
	text := tx.e.table(spec).version
	out := make(map[string]int64, len(ids))
	for _, id := range ids {
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
	var out []store.Stamp
	err := tx.e.table(spec).walk(ctx, p, p.Limit, "c.id", ", c.version", tx.ask, func(rows *sql.Rows) (bool, error) {
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

// Write applies the writes in order and the counters.
func (tx *tx) Write(ctx context.Context, writes []store.Write, used []int64) error {
	ctx = uncancelled(ctx)
	for i := range writes {
		if err := tx.put(ctx, &writes[i]); err != nil {
			return err
		}
	}
	for i, p := range tx.partitions {
		if used[i] == 0 {
			continue
		}
		if err := tx.exec(ctx, "INSERT INTO counters (partition, n) VALUES (?, ?) ON CONFLICT (partition) DO UPDATE SET n = excluded.n", p, tx.starts[i]+used[i]); err != nil {
			return err
		}
	}
	return nil
}

func (tx *tx) put(ctx context.Context, w *store.Write) error {
	t := tx.e.table(w.Spec)
	rowid, old := int64(0), bson.Raw(nil)
	if w.Old > 0 && len(t.sides) > 0 {
		st, err := tx.prepared(ctx, t.old)
		if err != nil {
			return err
		}
		if err := st.QueryRowContext(ctx, w.ID).Scan(&rowid, (*[]byte)(&old)); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return problem(err)
		}
	}
	version, _ := w.Doc.Lookup("version").AsInt64OK()
	deleted, _ := w.Doc.Lookup("deleted").BooleanOK()
	args := make([]any, 0, len(t.fields)+5)
	if w.Old == 0 {
		args = append(args, w.ID, version, deleted, []byte(w.Doc))
	} else {
		args = append(args, version, deleted, []byte(w.Doc))
	}
	args = t.columns(args, w.Doc)
	if w.Old == 0 {
		st, err := tx.prepared(ctx, t.insert)
		if err != nil {
			return err
		}
		res, err := st.ExecContext(ctx, args...)
		if err != nil {
			return t.duplicate(err)
		}
		if rowid, err = res.LastInsertId(); err != nil {
			return problem(err)
		}
		return tx.writeSides(ctx, t, rowid, nil, w.Doc)
	}
	n, err := tx.change(ctx, t.update, append(args, w.ID, w.Old))
	if err != nil {
		return t.duplicate(err)
	}
	if n == 0 {
		if len(tx.partitions) == 0 {
			return store.ErrRaced
		}
		return store.ErrTransient
	}
	return tx.writeSides(ctx, t, rowid, old, w.Doc)
}

// columns appends the values of the fields.
func (t *table) columns(args []any, doc bson.Raw) []any {
	for _, f := range t.fields {
		args = append(args, scalar(f.Value(doc)))
	}
	return args
}

// writeSides writes the rows of the side tables; with an old document, those that differ from its own.
func (tx *tx) writeSides(ctx context.Context, t *table, rowid int64, old, doc bson.Raw) error {
	for _, s := range t.sides {
		if old != nil {
			if s.same(old, doc) {
				continue
			}
			if err := tx.exec(ctx, s.clear, rowid); err != nil {
				return err
			}
		}
		values, _ := s.fields[s.multi].Value(doc).([]any)
		seen := make(map[any]bool, len(values))
		for _, v := range values {
			if v = scalar(v); seen[v] {
				continue
			}
			seen[v] = true
			args := []any{rowid, doc.Lookup("_id").StringValue()}
			for i, f := range s.fields {
				if i == s.multi {
					args = append(args, v)
				} else {
					args = append(args, scalar(f.Value(doc)))
				}
			}
			if err := tx.exec(ctx, s.insert, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *side) same(old, doc bson.Raw) bool {
	for _, f := range s.fields {
		a, aerr := old.LookupErr(f.Parts[0])
		b, berr := doc.LookupErr(f.Parts[0])
		if (aerr == nil) != (berr == nil) || a.Type != b.Type || !bytes.Equal(a.Value, b.Value) {
			return false
		}
	}
	return true
}

// Commit makes it durable.
func (tx *tx) Commit(ctx context.Context) error {
	if err := tx.exec(uncancelled(ctx), "COMMIT"); err != nil {
		return err
	}
	tx.over = true
	<-tx.e.turn
	return nil
}

// Rollback undoes what was not committed.
func (tx *tx) Rollback() {
	if tx.over {
		return
	}
	tx.over = true
	_ = tx.exec(context.Background(), "ROLLBACK")
	<-tx.e.turn
}

// Remove deletes documents for good.
func (e *Engine) Remove(ctx context.Context, spec *store.Spec, stamps []store.Stamp) error {
	tx, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	t := e.table(spec)
	for _, st := range stamps {
		rowid, err := tx.number(ctx, "SELECT rowid FROM "+t.name+" WHERE id = ? AND version = ?", st.ID, st.Version)
		if err != nil {
			return err
		}
		if rowid == 0 {
			continue
		}
		for _, s := range t.sides {
			if err := tx.exec(ctx, s.clear, rowid); err != nil {
				return err
			}
		}
		if err := tx.exec(ctx, "DELETE FROM "+t.name+" WHERE rowid = ?", rowid); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}
