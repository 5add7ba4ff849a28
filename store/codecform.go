package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson/bsontype"
)

// form is how the values of a type are stored. It is made once, when a
// collection is declared; a type that has none cannot be declared.
type form struct {
	write func(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error)
	read  func(r *reader, e element, to reflect.Value) error // to is settable
	doc   *document                                          // of a struct, behind pointers and slices too
}

// document is how a struct is stored.
type document struct {
	fields []member
	index  map[string]int // into fields, by name
}

// member is a stored field of a struct.
type member struct {
	name string
	path []int                    // of the Go field; longer than one for an inlined struct's
	omit func(reflect.Value) bool // nil: it is always there
	form
}

// in returns the field in a struct.
func (m *member) in(v reflect.Value) reflect.Value {
	for _, i := range m.path {
		v = v.Field(i)
	}
	return v
}

// find returns the field of a name; nil when there is none. Most documents
// have the fields in the order of the type: next is where it is then.
func (d *document) find(name []byte, next int) (*member, int) {
	if next < len(d.fields) && d.fields[next].name == string(name) {
		return &d.fields[next], next + 1
	}
	if i, ok := d.index[string(name)]; ok {
		return &d.fields[i], i + 1
	}
	return nil, next
}

// within tells whether the type has a field of a name, and the struct in it, if any.
func (d *document) within(name string) (*document, bool) {
	i, ok := d.index[name]
	if !ok {
		return nil, false
	}
	return d.fields[i].doc, true
}

var (
	timeType = reflect.TypeFor[time.Time]()
	byteType = reflect.TypeFor[byte]()
	zeroType = reflect.TypeFor[interface{ IsZero() bool }]()
	scalars  = map[reflect.Kind]form{
		reflect.String:  {write: writeString, read: readString},
		reflect.Bool:    {write: writeBool, read: readBool},
		reflect.Int:     {write: writeInt, read: readInt},
		reflect.Int32:   {write: writeInt32, read: readInt},
		reflect.Int64:   {write: writeInt64, read: readInt},
		reflect.Float64: {write: writeFloat, read: readFloat},
	}
)

// formOf returns the form of a type.
func formOf(t reflect.Type) (form, error) {
	if f, ok := scalars[t.Kind()]; ok {
		return f, nil
	}
	switch {
	case t == timeType:
		return form{write: writeTime, read: readTime}, nil
	case t.Kind() == reflect.Slice && t.Elem() == byteType:
		return form{write: writeBytes, read: readBytes}, nil
	case t.Kind() == reflect.Struct:
		doc, err := documentOf(t)
		if err != nil {
			return form{}, err
		}
		return form{doc.write, doc.read, doc}, nil
	case t.Kind() == reflect.Map && t.Key().Kind() != reflect.String:
		return form{}, fmt.Errorf("%s is not a map by strings", t)
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
	default:
		return form{}, fmt.Errorf("%s cannot be stored", t)
	}
	elem, err := formOf(t.Elem())
	if err != nil {
		return form{}, err
	}
	switch t.Kind() {
	case reflect.Pointer:
		return form{pointerWriter(elem), pointerReader(t, elem), elem.doc}, nil
	case reflect.Slice:
		return form{listWriter(elem), sliceReader(t, elem), elem.doc}, nil
	case reflect.Array:
		return form{listWriter(elem), arrayReader(elem), nil}, nil
	}
	return form{mapWriter(elem), mapReader(t, elem), nil}, nil
}

func documentOf(t reflect.Type) (*document, error) {
	fields, err := storedFields(t)
	if err != nil {
		return nil, err
	}
	d := &document{index: map[string]int{}}
	for i, sf := range fields {
		f, err := formOf(sf.Type)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", sf.name, err)
		}
		m := member{name: sf.name, path: sf.Index, form: f}
		if sf.optional {
			m.omit = omitOf(sf.Type)
		}
		d.index[m.name] = i
		d.fields = append(d.fields, m)
	}
	return d, nil
}

// storedField is one with a tag: `store:"name"` or `store:"name,omitempty"`.
type storedField struct {
	reflect.StructField // its Index is the path from the outermost struct
	name                string
	optional            bool
}

// storedFields returns what a struct stores, in order, the fields of inlined
// structs in place. No two have one name: what the envelope says would be lost.
func storedFields(t reflect.Type) ([]storedField, error) {
	var all []storedField
	for i := range t.NumField() {
		sf := storedField{StructField: t.Field(i)}
		text := sf.Tag.Get("store")
		if text == "" || text == "-" || !sf.IsExported() {
			continue
		}
		name, option, _ := strings.Cut(text, ",")
		sf.name, sf.optional = name, option == "omitempty"
		switch option {
		case "", "omitempty":
			all = append(all, sf)
		case "inline":
			inner, err := storedFields(sf.Type)
			if err != nil {
				return nil, err
			}
			for _, in := range inner {
				in.Index = append([]int{i}, in.Index...)
				all = append(all, in)
			}
		default:
			return nil, fmt.Errorf("unknown option %q in the tag of %s", option, sf.Name)
		}
	}
	names := map[string]bool{}
	for _, sf := range all {
		if names[sf.name] {
			return nil, fmt.Errorf("two fields are called %s", sf.name)
		}
		names[sf.name] = true
	}
	return all, nil
}

// omitOf says which values of a type an optional field leaves out: those of no
// length, nil, and zero ones, of a struct only when it says itself what zero is.
func omitOf(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t.Implements(zeroType) && t.Kind() != reflect.Pointer:
		return func(v reflect.Value) bool { return v.Addr().Interface().(interface{ IsZero() bool }).IsZero() }
	case t.Kind() == reflect.Struct:
		return nil
	case t.Kind() == reflect.Array, t.Kind() == reflect.Map, t.Kind() == reflect.Slice:
		return func(v reflect.Value) bool { return v.Len() == 0 }
	}
	return reflect.Value.IsZero
}
