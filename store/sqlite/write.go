package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"slices"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

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
	rowid, old, was := int64(0), bson.Raw(nil), any(nil)
	if w.Old > 0 && len(t.sides)+len(t.texts) > 0 {
		st, err := tx.prepared(ctx, t.old)
		if err != nil {
			return err
		}
		if err := st.QueryRowContext(ctx, w.ID).Scan(&rowid, (*[]byte)(&old), &was); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return problem(err)
		}
	}
	words, hash := t.words(w)
	version, _ := w.Doc.Lookup("version").AsInt64OK()
	deleted, _ := w.Doc.Lookup("deleted").BooleanOK()
	args := make([]any, 0, len(t.fields)+5)
	if w.Old == 0 {
		args = append(args, w.ID, version, deleted, []byte(w.Doc))
	} else {
		args = append(args, version, deleted, []byte(w.Doc))
	}
	args = t.columns(args, w.Doc)
	if len(t.texts) > 0 {
		args = append(args, hash)
	}
	if w.Old == 0 {
		return tx.add(ctx, t, w, args, words)
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
	if t.order != nil && rowid>>sameBits != orderKey(t.order.Value(w.Doc)) {
		if rowid, err = tx.move(ctx, t, rowid, orderKey(t.order.Value(w.Doc))); err != nil {
			return err
		}
		old, was = nil, nil
	}
	if err := tx.writeSides(ctx, t, rowid, old, w.Doc); err != nil {
		return err
	}
	if was == hash {
		if in, err := tx.inTexts(ctx, t, rowid); err != nil || in || hash == nil {
			return err
		}
	}
	return tx.writeTexts(ctx, t, rowid, words, false)
}

// add writes a new document; the columns of its row end in the hash of its words where it has any.
func (tx *tx) add(ctx context.Context, t *table, w *store.Write, args []any, words []string) (err error) {
	if t.order != nil {
		var number int64
		if number, err = tx.free(ctx, t, orderKey(t.order.Value(w.Doc))); err != nil {
			return err
		}
		args = append(args, number)
	} else if len(t.texts) > 0 {
		args = append(args, nil) // the next one
	}
	st, err := tx.prepared(ctx, t.insert)
	if err != nil {
		return err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return t.duplicate(err)
	}
	rowid, err := res.LastInsertId()
	if err != nil {
		return problem(err)
	}
	if err := tx.writeSides(ctx, t, rowid, nil, w.Doc); err != nil {
		return err
	}
	return tx.writeTexts(ctx, t, rowid, words, true)
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
			if t.whole.Load() && s.same(old, doc) {
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

// same reports whether two documents have the same rows.
func (s *side) same(old, doc bson.Raw) bool {
	return !slices.ContainsFunc(s.fields, func(f store.Field) bool { return !reflect.DeepEqual(f.Value(old), f.Value(doc)) })
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
		if err := tx.clear(ctx, t, rowid); err != nil {
			return err
		}
		if err := tx.exec(ctx, "DELETE FROM "+t.name+" WHERE rowid = ?", rowid); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}
