package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"go.mongodb.org/mongo-driver/bson"
)

// MaxDocument is the largest document the store takes, in bytes.
const MaxDocument = 4 << 20

// written keeps the memory that documents are written in, before they are copied out.
var written = sync.Pool{New: func() any { return new([]byte) }}

// Encode returns the stored form of a document: what Decode reads, with the
// fields it was read with and this program does not know kept.
func (c *Collection[T, P]) Encode(doc P) (bson.Raw, error) {
	buf := written.Get().(*[]byte)
	defer written.Put(buf)
	out, _, err := c.form.write((*buf)[:0], reflect.ValueOf(doc).Elem())
	*buf = out
	if err != nil {
		return nil, fmt.Errorf("store: encode %s: %w", c.spec.Name, err)
	}
	raw := bson.Raw(bytes.Clone(out))
	if old := doc.meta().raw; old != nil {
		raw = keepUnknown(raw, old, c.form)
	}
	if len(raw) > MaxDocument {
		return nil, fmt.Errorf("store: document of %d bytes in %s", len(raw), c.spec.Name)
	}
	return raw, nil
}

// Decode reads a stored document, through the upgrades when an earlier program wrote it.
func (c *Collection[T, P]) Decode(raw bson.Raw) (P, error) {
	raw, err := c.spec.Upgraded(raw)
	if err != nil {
		return nil, err
	}
	doc, r := P(new(T)), reader{raw: raw}
	if len(raw) <= shareTexts {
		r.text = unsafe.String(unsafe.SliceData(raw), len(raw)) // which nobody changes any more
	}
	if err := c.form.read(&r, element{bson.TypeEmbeddedDocument, 0, len(raw)}, reflect.ValueOf(doc).Elem()); err != nil {
		return nil, fmt.Errorf("store: decode %s: %w", c.spec.Name, err)
	}
	m := doc.meta()
	m.read, m.from = true, m.Partition
	if r.unknown {
		m.raw = raw
	}
	return doc, nil
}

// setInt64 overwrites an int64 element in place.
func setInt64(doc bson.Raw, key string, n int64) {
	binary.LittleEndian.PutUint64(doc.Lookup(key).Value, uint64(n))
}

// fieldOf resolves a path of store tags in a struct type.
func fieldOf(t reflect.Type, path string) (Field, error) {
	f := Field{Path: path, Parts: strings.Split(path, ".")}
	for i, part := range f.Parts {
		if t.Kind() == reflect.Pointer {
			t, f.Optional = t.Elem(), true
		}
		if t.Kind() == reflect.Slice {
			t, f.Multi = t.Elem(), true
		}
		if t.Kind() != reflect.Struct || t == timeType {
			return f, fmt.Errorf("no field %s: %s is no document", path, strings.Join(f.Parts[:i], "."))
		}
		fields, err := storedFields(t)
		if err != nil {
			return f, err
		}
		at := slices.IndexFunc(fields, func(sf storedField) bool { return sf.name == part })
		if at < 0 {
			return f, fmt.Errorf("no field %s", path)
		}
		t, f.Optional = fields[at].Type, f.Optional || fields[at].optional
	}
	if t.Kind() == reflect.Slice {
		t, f.Multi = t.Elem(), true
	}
	switch {
	case t == timeType:
		f.Kind = Time
	case t.Kind() == reflect.String:
		f.Kind = String
	case t.Kind() == reflect.Bool:
		f.Kind = Bool
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		f.Kind = Int
	default:
		return f, fmt.Errorf("field %s of type %s cannot be indexed", path, t)
	}
	return f, nil
}
