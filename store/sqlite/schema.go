package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"wangge/store"
)

// table is a collection's table and its side tables.
type table struct {
	spec   *store.Spec
	name   string        // quoted
	fields []store.Field // columns
	reader *store.FieldReader
	sides  []side
	texts  []texts
	order  *store.Field // what row numbers begin with, if a text index has an order
	others []other      // tables that are not declared any more, until Prune
	whole  atomic.Bool  // every document is in all of these: see Build

	packing      packing
	dictionaries *dictionaries

	insert, version, old string

	columns []string          // quoted, in order: of fields, the tombstone's, that of the words
	updates map[string]string // statements by the columns that they write, of whoever has the turn
}

// tombstone is the envelope's field of what was deleted.
var tombstone = store.Field{Path: "deleted", Parts: []string{"deleted"}, Kind: store.Bool}

// other is a table beside the documents that this program does not declare.
type other struct {
	name  string // quoted
	clear string // takes a document's rows away
}

// side is the table of an index with a multi-valued field: a row for each element.
type side struct {
	name   string // quoted
	of     string // the index it is for, or the path that it only serves to filter by
	fields []store.Field
	multi  int // which of fields

	create, insert, clear string
}

func quote(name string) string   { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func unquote(name string) string { return strings.ReplaceAll(strings.Trim(name, `"`), `""`, `"`) }

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
			t.addSide(ix.Name, ix.Name, ix.Fields, m)
		}
	}
	for _, f := range spec.Fields() {
		switch {
		case !f.Multi:
			t.fields = append(t.fields, f)
		case !covered[f.Path]:
			t.addSide("p_"+f.Path, f.Path, []store.Field{f}, 0)
		}
	}
	t.reader = store.NewFieldReader(t.fields)
	t.addTexts()
	for _, f := range t.fields {
		t.columns = append(t.columns, column(f))
	}
	t.columns = append(t.columns, tombstone.Path)
	words := "NULL"
	if len(t.texts) > 0 {
		words = wordsColumn
		t.columns = append(t.columns, words)
	}
	cols := append([]string{"id", "version", "doc"}, t.columns...)
	if len(t.texts) > 0 {
		cols = append(cols, "rowid")
	}
	t.updates = map[string]string{}
	t.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.name, strings.Join(cols, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(cols)), ", "))
	t.version = fmt.Sprintf("SELECT version FROM %s WHERE id = ?", t.name)
	t.old = fmt.Sprintf("SELECT rowid, doc, %s FROM %s WHERE id = ?", words, t.name)
	return t
}

// updatesMost is how many sets of columns have a statement of their own.
const updatesMost = 64

// update is the statement that writes these of the columns, with version and
// doc. It names no other: SQLite writes an entry of every index that a named
// column is in or that is conditioned on one. Beyond updatesMost sets it writes
// all columns.
func (t *table) update(changed []int) (text string, written []int) {
	key := make([]byte, len(changed))
	for i, c := range changed {
		key[i] = byte(c)
	}
	if text = t.updates[string(key)]; text != "" {
		return text, changed
	}
	if len(t.updates) >= updatesMost && len(changed) < len(t.columns) {
		all := make([]int, len(t.columns))
		for i := range all {
			all[i] = i
		}
		return t.update(all)
	}
	sets := "version = ?, doc = ?"
	for _, i := range changed {
		sets += ", " + t.columns[i] + " = ?"
	}
	text = fmt.Sprintf("UPDATE %s SET %s WHERE id = ? AND version = ?", t.name, sets)
	t.updates[string(key)] = text
	return text, changed
}

func (t *table) addSide(name, of string, fields []store.Field, multi int) {
	s := side{name: quote(sideName(t.spec, name)), of: of, fields: fields, multi: multi}
	cols := []string{"doc", "id"}
	for _, f := range fields {
		cols = append(cols, column(f))
	}
	s.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", s.name, strings.Join(cols, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(cols)), ", "))
	s.clear = fmt.Sprintf("DELETE FROM %s WHERE doc = ?", s.name)
	s.create = fmt.Sprintf("CREATE TABLE %s (rowid INTEGER PRIMARY KEY, doc INTEGER NOT NULL, id TEXT NOT NULL, %s)", s.name, strings.Join(cols[2:], ", "))
	t.sides = append(t.sides, s)
}

// definition is an index as SQLite knows it.
type definition struct{ name, create string }

// definition is what makes a declared index; of another name, none.
func (t *table) definition(index string) definition {
	i := slices.IndexFunc(t.spec.Indexes, func(ix store.Index) bool { return ix.Name == index })
	if i < 0 {
		return definition{}
	}
	ix := &t.spec.Indexes[i]
	var cols, present []string
	for _, f := range ix.Fields {
		cols = append(cols, column(f))
		if ix.Unique || f.Optional && !f.Multi {
			present = append(present, column(f)+" IS NOT NULL")
		}
	}
	name, on := indexName(t.spec, ix), t.name
	if ix.Unique {
		return definition{name, fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s) WHERE %s AND deleted = 0", name, on, strings.Join(cols, ", "), strings.Join(present, " AND "))}
	}
	if multiOf(ix.Fields) >= 0 {
		on = quote(sideName(t.spec, ix.Name))
	}
	create := fmt.Sprintf("CREATE INDEX %s ON %s (%s, id)", name, on, strings.Join(cols, ", "))
	if len(present) > 0 { // a document without a value is found by no query of the index
		create += " WHERE " + strings.Join(present, " AND ")
	}
	return definition{name, create}
}

// indexOf is the name of the declared index that is called so in the file, or "".
func (t *table) indexOf(name string) string {
	for i := range t.spec.Indexes {
		if unquote(indexName(t.spec, &t.spec.Indexes[i])) == name {
			return t.spec.Indexes[i].Name
		}
	}
	return ""
}

// rows defines the index that finds a document's rows.
func (s *side) rows() definition {
	name := quote("d_" + unquote(s.name))
	return definition{name, fmt.Sprintf("CREATE INDEX %s ON %s (doc, %s)", name, s.name, column(s.fields[s.multi]))}
}

func columnPart(f store.Field) string { return fmt.Sprintf("column %s kind %d", column(f), f.Kind) }

// part describes a side table: with the same description it holds the same.
func (s *side) part() string {
	var columns []string
	for _, f := range s.fields {
		columns = append(columns, columnPart(f))
	}
	return "side " + s.name + ": " + strings.Join(columns, ", ")
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
