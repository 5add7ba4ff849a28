package sqlite

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// The parts of a collection are its columns and side tables, described so
// that a part with the same description holds the same values. The table
// parts lists those that the last program which opened the file kept up: what
// another program finds missing there it fills from the documents, also when
// an older program wrote in between.
const (
	makeCounters = "CREATE TABLE IF NOT EXISTS counters (partition TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID"
	makeParts    = "CREATE TABLE IF NOT EXISTS parts (collection TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (collection, part)) WITHOUT ROWID"
)

func columnPart(f store.Field) string { return fmt.Sprintf("column %s kind %d", column(f), f.Kind) }

func (s *side) part() string {
	var columns []string
	for _, f := range s.fields {
		columns = append(columns, columnPart(f))
	}
	return "side " + s.name + ": " + strings.Join(columns, ", ")
}

// Setup makes what is missing, in one transaction: columns and side tables
// are filled from the documents, indexes whose definition changed are built
// anew, and those that are not declared any more go.
func (e *Engine) Setup(ctx context.Context, specs []*store.Spec) error {
	tx, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, text := range []string{makeCounters, makeParts} {
		if err := tx.exec(ctx, text); err != nil {
			return err
		}
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
	maps.Copy(e.tables, made)
	return nil
}

func (tx *tx) make(ctx context.Context, t *table) error {
	if err := tx.exec(ctx, "CREATE TABLE IF NOT EXISTS "+t.name+" (rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, deleted INTEGER NOT NULL, doc BLOB NOT NULL)"); err != nil {
		return err
	}
	kept, err := tx.names(ctx, "SELECT part FROM parts WHERE collection = ?", t.spec.Name)
	if err != nil {
		return err
	}
	fresh, err := tx.makeColumns(ctx, t, kept)
	if err != nil {
		return err
	}
	if fresh.sides, err = tx.makeSides(ctx, t, kept); err != nil {
		return err
	}
	if err := tx.makeTexts(ctx, t, kept); err != nil {
		return err
	}
	if len(fresh.fields) > 0 || len(fresh.sides) > 0 {
		if err := tx.fill(ctx, fresh); err != nil {
			return err
		}
	}
	if err := tx.makeIndexes(ctx, t.name, t.indexes()); err != nil {
		return err
	}
	for i := range t.sides {
		if err := tx.makeIndexes(ctx, t.sides[i].name, t.sides[i].indexes()); err != nil {
			return err
		}
	}
	return tx.keepParts(ctx, t, kept)
}

// makeColumns adds the columns that are missing and returns the table with
// only those that no program kept up.
func (tx *tx) makeColumns(ctx context.Context, t *table, kept []string) (*table, error) {
	fresh := &table{spec: t.spec, name: t.name}
	have, err := tx.names(ctx, "SELECT name FROM pragma_table_info(?)", unquote(t.name))
	if err != nil {
		return nil, err
	}
	for _, f := range t.fields {
		if !slices.Contains(have, unquote(column(f))) {
			if err := tx.exec(ctx, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.name, column(f))); err != nil {
				return nil, err
			}
		}
		if !slices.Contains(kept, columnPart(f)) {
			fresh.fields = append(fresh.fields, f)
		}
	}
	if len(t.texts) > 0 && !slices.Contains(have, wordsColumn) {
		return fresh, tx.exec(ctx, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.name, wordsColumn))
	}
	return fresh, nil
}

// makeTexts makes anew the text indexes that no program kept up, and drops those that nobody asks for.
func (tx *tx) makeTexts(ctx context.Context, t *table, kept []string) error {
	var own []string
	for i := range t.texts {
		x := &t.texts[i]
		own = append(own, x.name)
		if slices.Contains(kept, x.part()) {
			continue
		}
		for _, text := range x.create() {
			if err := tx.exec(ctx, text); err != nil {
				return err
			}
		}
	}
	return tx.dropParts(ctx, "text ", kept, own)
}

// dropParts drops the tables of the parts of a kind that are not of this program.
func (tx *tx) dropParts(ctx context.Context, kind string, kept, own []string) error {
	for _, part := range kept {
		name, _, _ := strings.Cut(strings.TrimPrefix(part, kind), ": ")
		if strings.HasPrefix(part, kind) && !slices.Contains(own, name) {
			if err := tx.exec(ctx, "DROP TABLE IF EXISTS "+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeSides makes anew the side tables that no program kept up, and drops those that nobody asks for.
func (tx *tx) makeSides(ctx context.Context, t *table, kept []string) (fresh []side, err error) {
	var own []string
	for _, s := range t.sides {
		own = append(own, s.name)
		if slices.Contains(kept, s.part()) {
			continue
		}
		fresh = append(fresh, s)
		if err := tx.exec(ctx, "DROP TABLE IF EXISTS "+s.name); err != nil {
			return nil, err
		}
		if err := tx.exec(ctx, s.create); err != nil {
			return nil, err
		}
	}
	return fresh, tx.dropParts(ctx, "side ", kept, own)
}

// makeIndexes brings the indexes of a table (quoted) to what is wanted.
func (tx *tx) makeIndexes(ctx context.Context, table string, wanted []definition) error {
	have, err := tx.names(ctx, "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name", unquote(table))
	if err != nil {
		return err
	}
	old, err := tx.names(ctx, "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name", unquote(table))
	if err != nil {
		return err
	}
	for i, name := range old {
		if !slices.Contains(wanted, definition{quote(name), have[i]}) {
			if err := tx.exec(ctx, "DROP INDEX "+quote(name)); err != nil {
				return err
			}
		}
	}
	for _, d := range wanted {
		if !slices.Contains(have, d.create) {
			if err := tx.exec(ctx, d.create); err != nil {
				return fmt.Errorf("index %s: %w", d.name, err)
			}
		}
	}
	return nil
}

func (tx *tx) keepParts(ctx context.Context, t *table, kept []string) error {
	var parts []string
	for _, f := range t.fields {
		parts = append(parts, columnPart(f))
	}
	for i := range t.sides {
		parts = append(parts, t.sides[i].part())
	}
	for i := range t.texts {
		parts = append(parts, t.texts[i].part())
	}
	slices.Sort(parts)
	if slices.Equal(parts, kept) { // of the primary key, so in order
		return nil
	}
	if err := tx.exec(ctx, "DELETE FROM parts WHERE collection = ?", t.spec.Name); err != nil {
		return err
	}
	for _, part := range parts {
		if err := tx.exec(ctx, "INSERT INTO parts (collection, part) VALUES (?, ?)", t.spec.Name, part); err != nil {
			return err
		}
	}
	return nil
}

const fillBytes = 8 << 20 // of documents in memory at a time

// fill writes the columns and side tables of t from every document.
func (tx *tx) fill(ctx context.Context, t *table) error {
	var sets []string
	for _, f := range t.fields {
		sets = append(sets, column(f)+" = ?")
	}
	update := fmt.Sprintf("UPDATE %s SET %s WHERE rowid = ?", t.name, strings.Join(sets, ", "))
	for after := int64(0); ; {
		rowids, docs, err := tx.documents(ctx, t, after)
		if err != nil || len(docs) == 0 {
			return err
		}
		for i, doc := range docs {
			after = rowids[i]
			if len(sets) > 0 {
				if err := tx.exec(ctx, update, append(t.columns(nil, doc), after)...); err != nil {
					return err
				}
			}
			if err := tx.writeSides(ctx, t, after, nil, doc); err != nil {
				return err
			}
		}
	}
}

// documents reads on after a row, a few megabytes at a time.
func (tx *tx) documents(ctx context.Context, t *table, after int64) (rowids []int64, docs []bson.Raw, err error) {
	rows, err := tx.e.conn.QueryContext(ctx, "SELECT rowid, doc FROM "+t.name+" WHERE rowid > ? ORDER BY rowid", after)
	if err != nil {
		return nil, nil, problem(err)
	}
	defer rows.Close()
	for size := 0; size < fillBytes && rows.Next(); {
		var rowid int64
		var doc []byte
		if err := rows.Scan(&rowid, &doc); err != nil {
			return nil, nil, problem(err)
		}
		rowids, docs, size = append(rowids, rowid), append(docs, doc), size+len(doc)
	}
	return rowids, docs, problem(rows.Err())
}
