package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// Meta is the envelope of every document. A domain type embeds it as
//
//	store.Meta `store:",inline"`
//
// and sets ID, Partition and Audience; the rest is the store's.
type Meta struct {
	ID        string   `store:"_id"`
	Partition string   `store:"partition"`
	Version   int64    `store:"version"` // 1 when inserted, one more each write
	Seq       int64    `store:"seq"`     // number of the last journal entry about it; as of the last read
	Schema    int32    `store:"schema"`
	Deleted   bool     `store:"deleted"`
	Audience  []string `store:"audience,omitempty"` // keys of the offline readers who get it

	read bool     // from the store
	from string   // the partition it was in then
	raw  bson.Raw // as read, when it has fields this program does not know: they are kept
}

func (m *Meta) meta() *Meta { return m }

// Doc is a pointer to a type that embeds Meta.
type Doc[T any] interface {
	*T
	meta() *Meta
}

// VersionOf is the version of a document.
func VersionOf[T any, P Doc[T]](doc P) int64 { return doc.meta().Version }

// Kind is the type of an indexed field.
type Kind int

const (
	String Kind = iota // any Go string type; compared byte by byte
	Int                // any Go integer type
	Time               // time.Time, milliseconds
	Bool
)

// Field is a path into a document, such as "place.street".
type Field struct {
	Path     string
	Parts    []string
	Kind     Kind
	Multi    bool // a slice: the index has an entry for each element
	Optional bool // may be absent (omitempty)
}

// Index of a collection. The id is implied as the last field of every index that is not unique.
type Index struct {
	Name   string
	Fields []Field
	Unique bool
}

// Spec is a declared collection as engines see it.
type Spec struct {
	Name       string
	Schema     int32
	Journaled  bool
	Indexes    []Index
	Texts      []Text
	Predicates []Field // further fields that queries may filter by
	Blobs      string  // path of a field of blob ids, or ""
	fields     map[string]Field
	upgrades   []Upgrade
}

// Fields returns every declared field once, in order of declaration.
func (s *Spec) Fields() []Field {
	seen := map[string]bool{}
	var out []Field
	add := func(f Field) {
		if !seen[f.Path] {
			seen[f.Path] = true
			out = append(out, f)
		}
	}
	for _, ix := range s.Indexes {
		for _, f := range ix.Fields {
			add(f)
		}
	}
	for _, t := range s.Texts {
		for _, f := range t.Scopes {
			add(f)
		}
		if t.Order != nil {
			add(*t.Order)
		}
	}
	for _, f := range s.Predicates {
		add(f)
	}
	return out
}

// Value reads a declared field from a document: string, int64, bool,
// time.Time, a []any of these for a multi-valued one, nil when absent.
func (f Field) Value(doc bson.Raw) any {
	found := f.values(doc)
	switch {
	case f.Multi && found == nil:
		return nil
	case f.Multi:
		return found
	case len(found) == 0:
		return nil
	}
	return found[0]
}

// values are those of a field: of one that is not multi-valued one, or none.
func (f Field) values(doc bson.Raw) []any {
	return f.collect(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}, f.Parts, nil)
}

// collect walks the path, through arrays, as MongoDB's indexes do.
func (f Field) collect(v bson.RawValue, parts []string, out []any) []any {
	switch v.Type {
	case bson.TypeArray:
		array, _ := v.ArrayOK() // none of a damaged document
		elems, err := array.Values()
		if err != nil {
			return out
		}
		for _, e := range elems {
			out = f.collect(e, parts, out)
		}
		return out
	case bson.TypeEmbeddedDocument:
		if len(parts) == 0 {
			return out
		}
		doc, _ := v.DocumentOK()
		next, err := doc.LookupErr(parts[0])
		if err != nil {
			return out
		}
		return f.collect(next, parts[1:], out)
	}
	if x := f.scalar(v); x != nil && len(parts) == 0 {
		out = append(out, x)
	}
	return out
}

func (f Field) scalar(v bson.RawValue) any {
	switch f.Kind {
	case String:
		if s, ok := v.StringValueOK(); ok {
			return s
		}
	case Int:
		if n, ok := v.AsInt64OK(); ok {
			return n
		}
	case Bool:
		if b, ok := v.BooleanOK(); ok {
			return b
		}
	case Time:
		if ms, ok := v.DateTimeOK(); ok {
			return time.UnixMilli(ms).UTC()
		}
	}
	return nil
}

// Declaration says what a collection is. Index and predicate fields are
// paths of store tags; a path that the type does not have is a panic at start.
type Declaration struct {
	Name        string
	Schema      int32
	Unjournaled bool     // sessions, inboxes, caches: compare-and-set without a journal
	Indexes     []string // "name: field, field, …"; "name!: …" is unique (absent values ignored)
	Texts       []string // "name: scope, scope, …; order", see Text; such a collection is opened by Worded
	Predicates  []string
	Blobs       string // a []string field of blob ids; needs an index of its own
	// Upgrades[i] brings a document of schema i+1 to i+2. Schema, which new
	// documents get, is one more than there are.
	Upgrades []Upgrade
}

// Collection reads and writes documents of type T.
type Collection[T any, P Doc[T]] struct {
	spec *Spec
	form *document
}

// Declare makes a collection; called once per collection, in a package variable.
func Declare[T any, P Doc[T]](d Declaration) *Collection[T, P] {
	if int(d.Schema) != len(d.Upgrades)+1 {
		panic(fmt.Sprintf("store: collection %s: schema %d with %d upgrades", d.Name, d.Schema, len(d.Upgrades)))
	}
	t := reflect.TypeFor[T]()
	spec := &Spec{Name: d.Name, Schema: d.Schema, Journaled: !d.Unjournaled, Blobs: d.Blobs, fields: map[string]Field{}, upgrades: d.Upgrades}
	form, err := documentOf(t)
	if err != nil {
		panic(fmt.Sprintf("store: collection %s: %v", d.Name, err))
	}
	field := func(path string) Field {
		f, err := fieldOf(t, strings.TrimSpace(path))
		if err != nil {
			panic(fmt.Sprintf("store: collection %s: %v", d.Name, err))
		}
		spec.fields[f.Path] = f
		return f
	}
	for _, decl := range d.Indexes {
		name, list, ok := strings.Cut(decl, ":")
		if !ok {
			panic("store: index without a name: " + decl)
		}
		ix := Index{Name: strings.TrimSuffix(name, "!"), Unique: strings.HasSuffix(name, "!")}
		multi := 0
		for _, path := range strings.Split(list, ",") {
			f := field(path)
			if f.Multi {
				multi++
			}
			ix.Fields = append(ix.Fields, f)
		}
		if multi > 1 || (multi > 0 && ix.Unique) {
			panic("store: at most one multi-valued field, and none in a unique index: " + decl)
		}
		if slices.ContainsFunc(spec.Indexes, func(other Index) bool { return other.Name == ix.Name }) {
			panic("store: two indexes of one name: " + decl)
		}
		spec.Indexes = append(spec.Indexes, ix)
	}
	for _, decl := range d.Texts {
		spec.addText(textOf(decl, field))
	}
	for _, path := range d.Predicates {
		spec.Predicates = append(spec.Predicates, field(path))
	}
	if d.Blobs != "" {
		if _, err := spec.plan(Query{Where: []Cond{Eq(d.Blobs, "")}}); err != nil {
			panic(fmt.Sprintf("store: the sweep of blobs asks for an index: %v", err))
		}
	}
	return &Collection[T, P]{spec: spec, form: form}
}

// Spec returns the declaration as engines see it.
func (c *Collection[T, P]) Spec() *Spec { return c.spec }
