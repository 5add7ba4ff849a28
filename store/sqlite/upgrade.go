package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// Shared: one process has the file.
func (e *Engine) Shared() bool { return false }

// Size counts the documents.
func (e *Engine) Size(ctx context.Context, spec *store.Spec) (n int64, err error) {
	return n, problem(e.read.QueryRowContext(ctx, "SELECT count(*) FROM "+e.table(spec).name).Scan(&n))
}

// Scan reads in the order of ids: row numbers may change while documents are rewritten.
func (e *Engine) Scan(ctx context.Context, spec *store.Spec, after string, limit int) ([]bson.Raw, error) {
	t := e.table(spec)
	if t == nil { // not set up yet
		t = newTable(spec)
		var there bool
		err := e.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?)", unquote(t.name)).Scan(&there)
		if err != nil || !there {
			return nil, problem(err)
		}
	}
	rows, err := e.ask(ctx, "SELECT id, doc FROM "+t.name+" WHERE id > ? ORDER BY id LIMIT ?", []any{after, limit})
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	var out []bson.Raw
	for rows.Next() {
		var id string
		var doc document
		if err := rows.Scan(&id, &doc); err != nil {
			return nil, problem(err)
		}
		raw, err := e.dictionaries.unpack(doc)
		if errors.Is(err, errSpoilt) {
			raw, err = spoilt(id), nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, problem(rows.Err())
}

// Rewrite is one transaction.
func (e *Engine) Rewrite(ctx context.Context, spec *store.Spec, documents []store.Rewrite) error {
	tx, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	t := e.table(spec)
	for i := range documents {
		w := &documents[i].Write
		_, now, _, err := tx.stored(ctx, t, w.ID)
		if err != nil {
			return err
		}
		if !bytes.Equal(now, documents[i].Was) {
			continue
		}
		if err := tx.put(ctx, w); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// Build makes each index in a transaction of its own. Earlier programs, which
// would not keep what is relied on from here on, are refused.
func (e *Engine) Build(ctx context.Context, spec *store.Spec, indexes []string) error {
	t := e.table(spec)
	if !e.refusesOlder.Load() {
		if err := e.step(ctx, func(tx *tx) error { return tx.refuseOlder(ctx) }); err != nil {
			return err
		}
		e.refusesOlder.Store(true)
	}
	for _, name := range indexes {
		d := t.definition(name)
		err := e.step(ctx, func(tx *tx) error {
			have, err := tx.objects(ctx)
			if err != nil || have[d.name].create == d.create {
				return err
			}
			return tx.makeIndex(ctx, d, have)
		})
		if err != nil {
			return t.duplicate(err)
		}
	}
	t.whole.Store(true)
	return nil
}

// step is a transaction of the engine's own.
func (e *Engine) step(ctx context.Context, what func(*tx) error) error {
	tx, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := what(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

const pruneRows = 2_000 // of a side table that goes, in one step

// Prune drops indexes, then the rows of side tables a few at a time, then these tables.
func (e *Engine) Prune(ctx context.Context, spec *store.Spec) error {
	t := e.table(spec)
	var indexes []string
	var others []other
	err := e.step(ctx, func(tx *tx) (err error) {
		have, err := tx.objects(ctx)
		indexes, others = t.undeclared(have)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range indexes {
		if err := e.step(ctx, func(tx *tx) error { return tx.drop(ctx, []string{name}) }); err != nil {
			return err
		}
	}
	for _, o := range others {
		for left := int64(1); left > 0 && o.side(); {
			err := e.step(ctx, func(tx *tx) (err error) {
				left, err = tx.change(ctx, fmt.Sprintf("DELETE FROM %s WHERE rowid IN (SELECT rowid FROM %s LIMIT ?)", o.name, o.name), []any{pruneRows})
				return err
			})
			if err != nil {
				return err
			}
		}
		err := e.step(ctx, func(tx *tx) error {
			t.others = slices.DeleteFunc(t.others, func(left other) bool { return left == o })
			return tx.drop(ctx, nil, o)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// side reports whether the table is one of indexes with a multi-valued field, not of a text index.
func (o other) side() bool { return strings.HasPrefix(unquote(o.name), "m_") }

// undeclared are the indexes of a collection's tables (names quoted), and the
// tables beside it, that are not among what is declared.
func (t *table) undeclared(have objects) (indexes []string, others []other) {
	declared := map[string]bool{}
	for i := range t.spec.Indexes {
		declared[indexName(t.spec, &t.spec.Indexes[i])] = true
	}
	for i := range t.sides {
		declared[t.sides[i].name], declared[t.sides[i].rows().name] = true, true
	}
	for i := range t.texts {
		declared[t.texts[i].name] = true
	}
	of := func(prefix, kind string) []string {
		return have.names(func(name string, o object) bool {
			return strings.HasPrefix(unquote(name), prefix) && strings.HasPrefix(o.create, kind)
		})
	}
	sides, texts := of(sideName(t.spec, ""), "CREATE TABLE "), of(textPrefix(t.spec), "CREATE VIRTUAL TABLE ")
	indexes = have.names(func(name string, o object) bool {
		return !declared[name] && name != o.on && (o.on == t.name || slices.Contains(sides, o.on))
	})
	for _, name := range sides {
		others = append(others, other{name, "DELETE FROM " + name + " WHERE doc = ?"})
	}
	for _, name := range texts {
		others = append(others, other{name, "DELETE FROM " + name + " WHERE rowid = ?"})
	}
	return indexes, slices.DeleteFunc(others, func(o other) bool { return declared[o.name] })
}
