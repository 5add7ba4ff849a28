package sqlite

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wangge/store"
)

// The table parts is what programs before schema 2 kept: descriptions of the
// columns and side tables that they wrote. It is read once, and its triggers
// refuse those programs, which would write to a file of today's without
// knowing it.
const (
	makeCounters = "CREATE TABLE IF NOT EXISTS counters (partition TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID"
	makeParts    = "CREATE TABLE IF NOT EXISTS parts (collection TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (collection, part)) WITHOUT ROWID"
	refuseOlder  = "CREATE TRIGGER IF NOT EXISTS parts_%[1]s BEFORE %[1]s ON parts BEGIN SELECT RAISE(ABORT, 'a newer wangge has upgraded this store: run that version, or put back the backup from before'); END"
	beyondOlder  = "a newer wangge" // a row of parts that none of theirs is equal to

	// Programs after them, from before documents were packed, note that they have the file open.
	refusePlain = "CREATE TRIGGER IF NOT EXISTS opened_INSERT BEFORE INSERT ON opened BEGIN SELECT RAISE(ABORT, 'a newer wangge has upgraded this store: run that version, or put back the backup from before'); END"
)

// Parts are the columns and side tables.
func (e *Engine) Parts(spec *store.Spec) []store.Part {
	t := newTable(spec)
	var out []store.Part
	for _, f := range t.fields {
		out = append(out, store.Part{Of: f.Path, As: columnPart(f)})
	}
	for i := range t.sides {
		s := &t.sides[i]
		out = append(out, store.Part{Of: s.of, As: s.part()})
		if t.sideOf(s.fields[s.multi].Path) == s { // the one that conditions are looked up in
			out = append(out, store.Part{Of: s.fields[s.multi].Path, As: s.part()})
		}
	}
	for i := range t.texts {
		out = append(out, store.Part{Of: t.texts[i].text.Name, As: t.texts[i].part()})
	}
	return out
}

// Setup makes what is missing, in one transaction.
func (e *Engine) Setup(ctx context.Context, specs []*store.Spec) ([]store.Found, error) {
	tx, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if err := tx.exec(ctx, makeParts); err != nil {
		return nil, err
	}
	if err := e.dictionaries.grow(ctx, e.conn); err != nil {
		return nil, err
	}
	have, err := tx.objects(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := tx.parts(ctx)
	if err != nil {
		return nil, err
	}
	found := make([]store.Found, len(specs))
	made := map[*store.Spec]*table{}
	for i, spec := range specs {
		t := newTable(spec)
		t.dictionaries = &e.dictionaries
		if found[i], err = tx.make(ctx, t, have); err != nil {
			return nil, fmt.Errorf("sqlite: collection %s: %w", spec.Name, err)
		}
		found[i].Kept = kept[spec.Name]
		made[spec] = t
	}
	if err := tx.Commit(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.Copy(e.tables, made)
	return found, nil
}

// refuseOlder makes the file one that earlier programs do not open: each of
// them notes that it has, or compares its collections' parts, and writes those that differ.
func (tx *tx) refuseOlder(ctx context.Context) error {
	if err := tx.exec(ctx, refusePlain); err != nil {
		return err
	}
	there, err := tx.number(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'parts'")
	if err != nil || there > 0 {
		return err
	}
	if err := tx.exec(ctx, "INSERT INTO parts (collection, part) SELECT DISTINCT collection, ? FROM parts UNION SELECT 'journal', ?", beyondOlder, beyondOlder); err != nil {
		return err
	}
	for _, on := range []string{"INSERT", "DELETE"} {
		if err := tx.exec(ctx, fmt.Sprintf(refuseOlder, on)); err != nil {
			return err
		}
	}
	return nil
}

// make makes the table of a collection, its columns and side tables, and, as
// long as it holds no documents, its indexes. What goes is taken out of have.
func (tx *tx) make(ctx context.Context, t *table, have objects) (found store.Found, err error) {
	if have[t.name].create == "" {
		found.Empty = true
		err = tx.exec(ctx, "CREATE TABLE "+t.name+" (rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, deleted INTEGER NOT NULL, "+
			strings.Join(append([]string{"doc BLOB NOT NULL"}, t.beside()...), ", ")+")")
	} else {
		found.Empty, err = tx.adopt(ctx, t)
	}
	if err != nil {
		return found, err
	}
	if err := tx.makeSides(ctx, t, have); err != nil {
		return found, err
	}
	for i := range t.texts {
		if x := &t.texts[i]; have[x.name].create == "" {
			if err := tx.exec(ctx, x.create); err != nil {
				return found, err
			}
		}
	}
	if err := tx.dropUnique(ctx, t, have); err != nil {
		return found, err
	}
	indexes, others := t.undeclared(have)
	if t.others = others; found.Empty {
		t.others = nil
		if err := tx.drop(ctx, indexes, others...); err != nil {
			return found, err
		}
	}
	for _, ix := range t.spec.Indexes {
		if d := t.definition(ix.Name); have[d.name].create != d.create && found.Empty {
			if err := tx.makeIndex(ctx, d, have); err != nil {
				return found, err
			}
		} else if have[d.name].create != d.create {
			continue
		}
		found.Indexes = append(found.Indexes, ix.Name)
	}
	for i := range t.texts {
		found.Indexes = append(found.Indexes, t.texts[i].text.Name)
	}
	return found, nil
}

// adopt takes over the table that is there.
func (tx *tx) adopt(ctx context.Context, t *table) (empty bool, err error) {
	if err := tx.makePacking(ctx, t); err != nil {
		return false, err
	}
	if err := tx.makeColumns(ctx, t); err != nil {
		return false, err
	}
	some, err := tx.number(ctx, "SELECT EXISTS (SELECT 1 FROM "+t.name+")")
	return some == 0, err
}

func (tx *tx) makeColumns(ctx context.Context, t *table) error {
	have, err := tx.names(ctx, "SELECT name FROM pragma_table_info(?)", unquote(t.name))
	if err != nil {
		return err
	}
	for _, name := range t.beside() {
		if slices.Contains(have, unquote(name)) {
			continue
		}
		if err := tx.exec(ctx, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.name, name)); err != nil {
			return err
		}
	}
	return nil
}

// beside are the columns next to the document.
func (t *table) beside() (out []string) {
	for _, f := range t.fields {
		out = append(out, column(f))
	}
	if len(t.texts) > 0 {
		out = append(out, wordsColumn)
	}
	return out
}

// makeSides makes the side tables that are missing, and what finds a
// document's rows in them. One of other columns was another program's: it goes.
func (tx *tx) makeSides(ctx context.Context, t *table, have objects) error {
	for i := range t.sides {
		s := &t.sides[i]
		if have[s.name].create == s.create {
			continue
		}
		if have[s.name].create != "" {
			if err := tx.exec(ctx, "DROP TABLE "+s.name); err != nil {
				return err
			}
			maps.DeleteFunc(have, func(_ string, o object) bool { return o.on == s.name }) // they go with it
		}
		if err := tx.exec(ctx, s.create); err != nil {
			return err
		}
		if err := tx.makeIndex(ctx, s.rows(), have); err != nil {
			return err
		}
	}
	return nil
}

// dropUnique drops the unique indexes that are not declared so: they would refuse what may be written.
func (tx *tx) dropUnique(ctx context.Context, t *table, have objects) error {
	for _, name := range have.names(func(_ string, o object) bool {
		return o.on == t.name && strings.HasPrefix(o.create, "CREATE UNIQUE INDEX ")
	}) {
		if d := t.definition(t.indexOf(unquote(name))); d.create != have[name].create {
			if err := tx.exec(ctx, "DROP INDEX "+name); err != nil {
				return err
			}
			delete(have, name)
		}
	}
	return nil
}

func (tx *tx) drop(ctx context.Context, indexes []string, tables ...other) error {
	for _, name := range indexes {
		if err := tx.exec(ctx, "DROP INDEX IF EXISTS "+name); err != nil {
			return err
		}
	}
	for _, o := range tables {
		if err := tx.exec(ctx, "DROP TABLE IF EXISTS "+o.name); err != nil {
			return err
		}
	}
	return nil
}

// object is a table, or an index on one (its name quoted), and the text that made it.
type object struct{ on, create string }

// objects are the tables and indexes that there are, by name (quoted).
type objects map[string]object

func (tx *tx) objects(ctx context.Context) (objects, error) {
	rows, err := tx.e.conn.QueryContext(ctx, "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL")
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	out := objects{}
	for rows.Next() {
		var name, on, create string
		if err := rows.Scan(&name, &on, &create); err != nil {
			return nil, problem(err)
		}
		out[quote(name)] = object{quote(on), create}
	}
	return out, problem(rows.Err())
}

// names are those of some, in order.
func (have objects) names(which func(name string, o object) bool) (out []string) {
	for name, o := range have {
		if which(name, o) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// parts are those that programs before schema 2 kept, by collection.
func (tx *tx) parts(ctx context.Context) (map[string][]string, error) {
	rows, err := tx.e.conn.QueryContext(ctx, "SELECT collection, part FROM parts ORDER BY collection, part")
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	out := map[string][]string{}
	for rows.Next() {
		var collection, part string
		if err := rows.Scan(&collection, &part); err != nil {
			return nil, problem(err)
		}
		out[collection] = append(out[collection], part)
	}
	return out, problem(rows.Err())
}

// makeIndex makes an index, in the place of another of its name.
func (tx *tx) makeIndex(ctx context.Context, d definition, have objects) error {
	if have[d.name].create != "" {
		if err := tx.exec(ctx, "DROP INDEX IF EXISTS "+d.name); err != nil {
			return err
		}
	}
	if err := tx.exec(ctx, d.create); err != nil {
		return fmt.Errorf("index %s: %w", d.name, err)
	}
	return nil
}
