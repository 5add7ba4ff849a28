package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

var errDamaged = errors.New("the document is damaged")

// pathError is an error at a path in a document.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return e.path + ": " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

// atKey returns an error of what lies at a key, or further in.
func atKey(key string, err error) error {
	if inner, ok := err.(*pathError); ok {
		return &pathError{key + "." + inner.path, inner.err}
	}
	return &pathError{key, err}
}

// shareTexts is the size up to which the texts of a document are parts of one
// string, in one allocation: who keeps one of them for long keeps them all.
const shareTexts = 8 << 10

// reader reads one document.
type reader struct {
	raw     bson.Raw
	text    string // the same bytes, when its texts are shared
	unknown bool   // it has fields that its type does not
}

// element is a value in the document: its type, and where its bytes are.
type element struct {
	kind     bsontype.Type
	from, to int
}

func (e element) null() bool { return e.kind == bson.TypeNull }

func (e element) cannot(be string) error { return fmt.Errorf("%s where %s belongs", e.kind, be) }

// open returns where the elements of a document or array begin, and where its last byte is.
func (r *reader) open(e element) (at, last int, err error) {
	last = e.to - 1
	if e.to-e.from < 5 || int(r.int32(e.from)) != e.to-e.from || r.raw[last] != 0 {
		return 0, 0, errDamaged
	}
	return e.from + 4, last, nil
}

// next reads the element at a place before the last byte of what holds it.
func (r *reader) next(at, last int) ([]byte, element, error) {
	name := at + 1
	n := bytes.IndexByte(r.raw[name:last], 0)
	if n < 0 {
		return nil, element{}, errDamaged
	}
	e := element{kind: bsontype.Type(r.raw[at]), from: name + n + 1}
	size, left := 0, last-e.from
	switch e.kind {
	case bson.TypeNull:
	case bson.TypeBoolean:
		size = 1
	case bson.TypeInt32:
		size = 4
	case bson.TypeInt64, bson.TypeDateTime, bson.TypeDouble:
		size = 8
	case bson.TypeString:
		if left >= 4 {
			size = 4 + int(r.int32(e.from))
		}
		if size <= 4 || size > left || r.raw[e.from+size-1] != 0 {
			return nil, e, errDamaged
		}
	default:
		value, _, ok := bsoncore.ReadValue(r.raw[e.from:last], e.kind)
		if !ok {
			return nil, e, errDamaged
		}
		size = len(value.Data)
	}
	e.to = e.from + size
	if size > left {
		return nil, e, errDamaged
	}
	return r.raw[name : name+n], e, nil
}

// share returns a part of the document as a string.
func (r *reader) share(from, to int) string {
	if r.text == "" {
		return string(r.raw[from:to])
	}
	return r.text[from:to]
}

func (r *reader) int32(at int) int32 { return int32(binary.LittleEndian.Uint32(r.raw[at:])) }
func (r *reader) int64(at int) int64 { return int64(binary.LittleEndian.Uint64(r.raw[at:])) }

func (d *document) read(r *reader, e element, to reflect.Value) error {
	if e.null() {
		to.SetZero()
		return nil
	}
	if e.kind != bson.TypeEmbeddedDocument {
		return e.cannot("a document")
	}
	at, last, err := r.open(e)
	if err != nil {
		return err
	}
	for place := 0; at < last; {
		name, e, err := r.next(at, last)
		if err != nil {
			return err
		}
		at = e.to
		var m *member
		if m, place = d.find(name, place); m == nil {
			r.unknown = true
		} else if err := m.read(r, e, m.in(to)); err != nil {
			return atKey(m.name, err)
		}
	}
	return nil
}

func pointerReader(t reflect.Type, elem form) func(*reader, element, reflect.Value) error {
	return func(r *reader, e element, to reflect.Value) error {
		if e.null() {
			to.SetZero()
			return nil
		}
		if to.IsNil() {
			to.Set(reflect.New(t.Elem()))
		}
		return elem.read(r, e, to.Elem())
	}
}

// each visits the elements of an array.
func (r *reader) each(e element, visit func(i int, e element) error) error {
	if e.kind != bson.TypeArray {
		return e.cannot("an array")
	}
	at, last, err := r.open(e)
	for i := 0; at < last && err == nil; i++ {
		var one element
		if _, one, err = r.next(at, last); err != nil {
			return err
		}
		at = one.to
		if err = visit(i, one); err != nil {
			return atKey(strconv.Itoa(i), err)
		}
	}
	return err
}

func sliceReader(t reflect.Type, elem form) func(*reader, element, reflect.Value) error {
	none := reflect.MakeSlice(t, 0, 0)
	return func(r *reader, e element, to reflect.Value) error {
		to.SetZero()
		if e.null() {
			return nil
		}
		n := 0
		if err := r.each(e, func(int, element) error { n++; return nil }); err != nil {
			return err
		}
		if n == 0 {
			to.Set(none)
			return nil
		}
		to.Grow(n)
		to.SetLen(n)
		return r.each(e, func(i int, e element) error { return elem.read(r, e, to.Index(i)) })
	}
}

func arrayReader(elem form) func(*reader, element, reflect.Value) error {
	return func(r *reader, e element, to reflect.Value) error {
		if e.null() {
			to.SetZero()
			return nil
		}
		return r.each(e, func(i int, e element) error {
			if i == to.Len() {
				return fmt.Errorf("more than %d elements", i)
			}
			return elem.read(r, e, to.Index(i))
		})
	}
}

func mapReader(t reflect.Type, elem form) func(*reader, element, reflect.Value) error {
	return func(r *reader, e element, to reflect.Value) error {
		if e.null() {
			to.SetZero()
			return nil
		}
		if e.kind != bson.TypeEmbeddedDocument {
			return e.cannot("a document")
		}
		if to.IsNil() {
			to.Set(reflect.MakeMap(t))
		}
		at, last, err := r.open(e)
		if err != nil {
			return err
		}
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		for at < last {
			name, e, err := r.next(at, last)
			if err != nil {
				return err
			}
			at = e.to
			key.SetString(string(name))
			value.SetZero()
			if err := elem.read(r, e, value); err != nil {
				return atKey(string(name), err)
			}
			to.SetMapIndex(key, value)
		}
		return nil
	}
}

func readString(r *reader, e element, to reflect.Value) error {
	switch e.kind {
	case bson.TypeString:
		to.SetString(r.share(e.from+4, e.to-1))
	case bson.TypeNull:
		to.SetString("")
	default:
		return e.cannot("a text")
	}
	return nil
}

func readBool(r *reader, e element, to reflect.Value) error {
	switch {
	case e.null():
		to.SetBool(false)
	case e.kind == bson.TypeBoolean && r.raw[e.from] <= 1:
		to.SetBool(r.raw[e.from] == 1)
	default:
		return e.cannot("true or false")
	}
	return nil
}

// readInt takes a whole number of any numeric type, as long as it fits.
func readInt(r *reader, e element, to reflect.Value) error {
	var n int64
	switch e.kind {
	case bson.TypeInt32:
		n = int64(r.int32(e.from))
	case bson.TypeInt64:
		n = r.int64(e.from)
	case bson.TypeDouble:
		f := math.Float64frombits(uint64(r.int64(e.from)))
		if math.Trunc(f) != f || f < math.MinInt64 || f >= math.MaxInt64 {
			return e.cannot("a whole number")
		}
		n = int64(f)
	case bson.TypeNull:
	default:
		return e.cannot("a whole number")
	}
	if to.OverflowInt(n) {
		return fmt.Errorf("%d is too large", n)
	}
	to.SetInt(n)
	return nil
}

func readFloat(r *reader, e element, to reflect.Value) error {
	switch e.kind {
	case bson.TypeDouble:
		to.SetFloat(math.Float64frombits(uint64(r.int64(e.from))))
	case bson.TypeInt32:
		to.SetFloat(float64(r.int32(e.from)))
	case bson.TypeInt64:
		to.SetFloat(float64(r.int64(e.from)))
	case bson.TypeNull:
		to.SetFloat(0)
	default:
		return e.cannot("a number")
	}
	return nil
}

func readTime(r *reader, e element, to reflect.Value) error {
	at := to.Addr().Interface().(*time.Time)
	switch e.kind {
	case bson.TypeDateTime, bson.TypeInt64:
		*at = time.UnixMilli(r.int64(e.from)).UTC()
	case bson.TypeNull:
		*at = time.Time{}
	default:
		return e.cannot("a time")
	}
	return nil
}

func readBytes(r *reader, e element, to reflect.Value) error {
	switch e.kind {
	case bson.TypeNull:
		to.SetZero()
	case bson.TypeBinary:
		value := bsoncore.Value{Type: e.kind, Data: r.raw[e.from:e.to]}
		subtype, data, ok := value.BinaryOK()
		if !ok || subtype != bson.TypeBinaryGeneric {
			return errDamaged
		}
		to.SetBytes(append([]byte{}, data...))
	default:
		return e.cannot("bytes")
	}
	return nil
}
