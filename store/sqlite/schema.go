package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// table is a collection's table and its side tables.
type table struct {
	spec   *store.Spec
	name   string        // quoted
	fields []store.Field // columns
	sides  []side

	insert, update, version, old string
}

// side is the table of an index with a multi-valued field: a row for each element.
type side struct {
	name   string // quoted
	index  string // quoted; "" when it only serves as a filter
	fields []store.Field
	multi  int // which of fields

	insert, clear string
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// column is the name of a field's column; the prefix keeps it apart from the envelope's.
func column(f store.Field) string { return quote("f." + f.Path) }

func indexName(spec *store.Spec, ix *store.Index) string {
	return quote("i_" + spec.Name + "_" + ix.Name)
}
func sideName(spec *store.Spec, name string) string { return "m_" + spec.Name + "_" + name }

func multiOf(fields []store.Field) int {
	return slices.IndexFunc(fields, func(f store.Field) bool { return f.Multi })
}

// newTable lays out a collection: its columns, side tables and statements.
func newTable(spec *store.Spec) *table {
	t := &table{spec: spec, name: quote("c_" + spec.Name)}
	covered := map[string]bool{}
	for i := range spec.Indexes {
		ix := &spec.Indexes[i]
		if m := multiOf(ix.Fields); m >= 0 {
			covered[ix.Fields[m].Path] = true
			t.addSide(ix.Name, indexName(spec, ix), ix.Fields, m)
		}
	}
	for _, f := range spec.Fields() {
		switch {
		case !f.Multi:
			t.fields = append(t.fields, f)
		case !covered[f.Path]:
			t.addSide("p_"+f.Path, "", []store.Field{f}, 0)
		}
	}
	var cols, sets []string
	for _, f := range t.fields {
		cols = append(cols, column(f))
		sets = append(sets, column(f)+" = ?")
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(cols)+4), ", ")
	t.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.name, strings.Join(append([]string{"id", "version", "deleted", "doc"}, cols...), ", "), marks)
	t.update = fmt.Sprintf("UPDATE %s SET %s WHERE id = ? AND version = ?", t.name, strings.Join(append([]string{"version = ?", "deleted = ?", "doc = ?"}, sets...), ", "))
	t.version = fmt.Sprintf("SELECT version FROM %s WHERE id = ?", t.name)
	t.old = fmt.Sprintf("SELECT rowid, doc FROM %s WHERE id = ?", t.name)
	return t
}

func (t *table) addSide(name, index string, fields []store.Field, multi int) {
	s := side{name: quote(sideName(t.spec, name)), index: index, fields: fields, multi: multi}
	cols := []string{"doc", "id"}
	for _, f := range fields {
		cols = append(cols, column(f))
	}
	s.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", s.name, strings.Join(cols, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(cols)), ", "))
	s.clear = fmt.Sprintf("DELETE FROM %s WHERE doc = ?", s.name)
	t.sides = append(t.sides, s)
}

// sideOf returns a side table that has the multi-valued field.
func (t *table) sideOf(path string) *side {
	for i := range t.sides {
		if t.sides[i].fields[t.sides[i].multi].Path == path {
			return &t.sides[i]
		}
	}
	return nil
}

// Setup makes what is missing; columns and side tables that a newer program
// declares are filled from the documents.
func (e *Engine) Setup(ctx context.Context, specs []*store.Spec) error {
	tx, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := tx.exec(ctx, "CREATE TABLE IF NOT EXISTS counters (partition TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID"); err != nil {
		return err
	}
	made := map[*store.Spec]*table{}
	for _, spec := range specs {
		t := newTable(spec)
		if err := tx.make(ctx, t); err != nil {
			return fmt.Errorf("sqlite: collection %s: %w", spec.Name, err)
		}
		made[spec] = t
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for spec, t := range made {
		e.tables[spec] = t
	}
	return nil
}

func (e *Engine) table(spec *store.Spec) *table {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tables[spec]
}

func (tx *tx) make(ctx context.Context, t *table) error {
	if err := tx.exec(ctx, "CREATE TABLE IF NOT EXISTS "+t.name+" (rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, deleted INTEGER NOT NULL, doc BLOB NOT NULL)"); err != nil {
		return err
	}
	have, err := tx.names(ctx, "SELECT name FROM pragma_table_info(?)", "c_"+t.spec.Name)
	if err != nil {
		return err
	}
	stale := false
	for _, f := range t.fields {
		if !slices.Contains(have, "f."+f.Path) {
			stale = true
			if err := tx.exec(ctx, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.name, column(f))); err != nil {
				return err
			}
		}
	}
	for _, s := range t.sides {
		fresh, err := tx.makeSide(ctx, s)
		if err != nil {
			return err
		}
		stale = stale || fresh
	}
	for i := range t.spec.Indexes {
		if ix := &t.spec.Indexes[i]; multiOf(ix.Fields) < 0 {
			if err := tx.makeIndex(ctx, t, ix); err != nil {
				return err
			}
		}
	}
	if !stale {
		return nil
	}
	return tx.refill(ctx, t)
}

func (tx *tx) makeSide(ctx context.Context, s side) (fresh bool, err error) {
	var cols []string
	for _, f := range s.fields {
		cols = append(cols, column(f))
	}
	was, err := tx.names(ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?", strings.Trim(s.name, `"`))
	if err != nil {
		return false, err
	}
	if err := tx.exec(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (rowid INTEGER PRIMARY KEY, doc INTEGER NOT NULL, id TEXT NOT NULL, %s)", s.name, strings.Join(cols, ", "))); err != nil {
		return false, err
	}
	value := column(s.fields[s.multi])
	if err := tx.exec(ctx, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (doc, %s)", quote("d_"+strings.Trim(s.name, `"`)), s.name, value)); err != nil {
		return false, err
	}
	if s.index != "" {
		err = tx.exec(ctx, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s, id)", s.index, s.name, strings.Join(cols, ", ")))
	}
	return len(was) == 0, err
}

func (tx *tx) makeIndex(ctx context.Context, t *table, ix *store.Index) error {
	var cols, present []string
	for _, f := range ix.Fields {
		cols = append(cols, column(f))
		present = append(present, column(f)+" IS NOT NULL")
	}
	if ix.Unique {
		return tx.exec(ctx, fmt.Sprintf("CREATE UNIQUE INDEX IF NOT EXISTS %s ON %s (%s) WHERE %s AND deleted = 0",
			indexName(t.spec, ix), t.name, strings.Join(cols, ", "), strings.Join(present, " AND ")))
	}
	return tx.exec(ctx, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s, id)", indexName(t.spec, ix), t.name, strings.Join(cols, ", ")))
}

// refill writes columns and side tables anew from every document.
func (tx *tx) refill(ctx context.Context, t *table) error {
	for after := int64(0); ; {
		rows, err := tx.e.conn.QueryContext(ctx, "SELECT rowid, doc FROM "+t.name+" WHERE rowid > ? ORDER BY rowid LIMIT 500", after)
		if err != nil {
			return problem(err)
		}
		type row struct {
			rowid int64
			doc   bson.Raw
		}
		var page []row
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.rowid, (*[]byte)(&r.doc)); err != nil {
				_ = rows.Close()
				return problem(err)
			}
			page = append(page, r)
		}
		if err := rows.Err(); err != nil || len(page) == 0 {
			return problem(err)
		}
		for _, r := range page {
			var sets []string
			var args []any
			for _, f := range t.fields {
				sets, args = append(sets, column(f)+" = ?"), append(args, scalar(f.Value(r.doc)))
			}
			if len(sets) > 0 {
				if err := tx.exec(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE rowid = ?", t.name, strings.Join(sets, ", ")), append(args, r.rowid)...); err != nil {
					return err
				}
			}
			if err := tx.writeSides(ctx, t, r.rowid, nil, r.doc); err != nil {
				return err
			}
			after = r.rowid
		}
	}
}
