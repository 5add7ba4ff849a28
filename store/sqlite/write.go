package sqlite

import (
	"bytes"
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
	if err := tx.learn(ctx, t); err != nil {
		return err
	}
	words, hash := t.words(w)
	if w.Old == 0 {
		return tx.add(ctx, t, w, words, hash)
	}
	rowid, old, was := int64(0), bson.Raw(nil), any(nil)
	if len(t.fields) > 1 || len(t.sides) > 0 || len(t.texts) > 0 { // else what lies there takes longer to read than one column to write
		var err error
		if rowid, old, was, err = tx.stored(ctx, t, w.ID); err != nil {
			return err
		}
	}
	differs := t.differs(old, w.Doc)
	text, args := t.change(w, differs, was, hash)
	n, err := tx.change(ctx, text, args)
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
		differs, was = nil, nil
	}
	if err := tx.writeSides(ctx, t, rowid, w.Doc, differs); err != nil {
		return err
	}
	if was == hash {
		if in, err := tx.inTexts(ctx, t, rowid); err != nil || in || hash == nil {
			return err
		}
	}
	return tx.writeTexts(ctx, t, rowid, words, false)
}

// stored is what lies in the row of a document: its number, the document, and
// the hash of its words. Nothing, when there is none.
func (tx *tx) stored(ctx context.Context, t *table, id string) (rowid int64, doc bson.Raw, words any, err error) {
	st, err := tx.prepared(ctx, t.old)
	if err != nil {
		return 0, nil, nil, err
	}
	var row document
	err = st.QueryRowContext(ctx, id).Scan(&rowid, &row, &words)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil, nil
	}
	if err != nil {
		return 0, nil, nil, problem(err)
	}
	doc, err = t.dictionaries.unpack(row)
	return rowid, doc, words, err
}

// differs tells of which fields the document has other values than the old one:
// of all, until what is kept beside the old one is known to be its values.
func (t *table) differs(old, doc bson.Raw) func(store.Field) bool {
	outer, err := differing(old, doc)
	if old == nil || err != nil || !t.whole.Load() {
		return func(store.Field) bool { return true }
	}
	return func(f store.Field) bool {
		return slices.Contains(outer, f.Parts[0]) && !reflect.DeepEqual(f.Value(old), f.Value(doc))
	}
}

// differing names every outermost field whose value is not the same in both
// documents, and may name others when the fields are in another order.
func differing(a, b bson.Raw) (names []string, err error) {
	as, err := a.Elements()
	if err != nil {
		return nil, err
	}
	bs, err := b.Elements()
	if err != nil {
		return nil, err
	}
	for len(as) > 0 && len(bs) > 0 {
		if bytes.Equal(as[0], bs[0]) {
			as, bs = as[1:], bs[1:]
			continue
		}
		key := bs[0].Key()
		switch i := slices.IndexFunc(as, func(e bson.RawElement) bool { return e.Key() == key }); i {
		case 0:
			as, bs = as[1:], bs[1:]
		case -1:
			bs = bs[1:]
		default:
			key, as = as[0].Key(), as[1:]
		}
		names = append(names, key)
	}
	for _, e := range append(as, bs...) {
		names = append(names, e.Key())
	}
	return names, nil
}

// change is the statement that writes a document over the one that is stored,
// and what it takes. was is the hash of the words that is stored.
func (t *table) change(w *store.Write, differs func(store.Field) bool, was, hash any) (text string, args []any) {
	columns := make([]int, 0, len(t.columns))
	for i, f := range t.fields {
		if differs(f) {
			columns = append(columns, i)
		}
	}
	if differs(tombstone) {
		columns = append(columns, len(t.fields))
	}
	if was != hash {
		columns = append(columns, len(t.fields)+1)
	}
	text, columns = t.update(columns)
	args = append(make([]any, 0, len(columns)+4), versionOf(w.Doc), t.pack(w.Doc))
	for _, i := range columns {
		args = append(args, t.value(i, w.Doc, hash))
	}
	return text, append(args, w.ID, w.Old)
}

// add writes a new document.
func (tx *tx) add(ctx context.Context, t *table, w *store.Write, words []string, hash any) (err error) {
	args := append(make([]any, 0, len(t.columns)+4), w.ID, versionOf(w.Doc), t.pack(w.Doc))
	for _, v := range t.reader.Values(w.Doc) {
		args = append(args, scalar(v))
	}
	for i := len(t.fields); i < len(t.columns); i++ {
		args = append(args, t.value(i, w.Doc, hash))
	}
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
	if err := tx.writeSides(ctx, t, rowid, w.Doc, nil); err != nil {
		return err
	}
	return tx.writeTexts(ctx, t, rowid, words, true)
}

// value is what the column in this place of t.columns holds; hash is that of the words.
func (t *table) value(column int, doc bson.Raw, hash any) any {
	switch {
	case column < len(t.fields):
		return scalar(t.fields[column].Value(doc))
	case column == len(t.fields):
		deleted, _ := doc.Lookup("deleted").BooleanOK()
		return scalar(deleted)
	}
	return hash
}

func versionOf(doc bson.Raw) int64 {
	n, _ := doc.Lookup("version").AsInt64OK()
	return n
}

// writeSides writes the rows of the side tables; over those of an old document
// when it is told of which fields the values differ.
func (tx *tx) writeSides(ctx context.Context, t *table, rowid int64, doc bson.Raw, differs func(store.Field) bool) error {
	for _, s := range t.sides {
		if differs != nil {
			if !slices.ContainsFunc(s.fields, differs) {
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
