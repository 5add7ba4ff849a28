package store

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

var (
	errNotUTF8 = errors.New("text is not valid UTF-8")
	errNUL     = errors.New("a key contains a null byte")
)

// header begins an element whose type is known, and set, when its value is written.
func header(dst []byte, name string) []byte {
	dst = append(append(dst, 0), name...)
	return append(dst, 0)
}

func (d *document) write(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	start, dst := bsoncore.AppendDocumentStart(dst)
	for i := range d.fields {
		m := &d.fields[i]
		fv := m.in(v)
		if m.omit != nil && m.omit(fv) {
			continue
		}
		at := len(dst)
		out, kind, err := m.write(header(dst, m.name), fv)
		if err != nil {
			return dst, 0, atKey(m.name, err)
		}
		out[at], dst = byte(kind), out
	}
	dst, err := bsoncore.AppendDocumentEnd(dst, start)
	return dst, bson.TypeEmbeddedDocument, err
}

func pointerWriter(elem form) func([]byte, reflect.Value) ([]byte, bsontype.Type, error) {
	return func(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
		if v.IsNil() {
			return dst, bson.TypeNull, nil
		}
		return elem.write(dst, v.Elem())
	}
}

// listWriter writes slices and arrays.
func listWriter(elem form) func([]byte, reflect.Value) ([]byte, bsontype.Type, error) {
	return func(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
		if v.Kind() == reflect.Slice && v.IsNil() {
			return dst, bson.TypeNull, nil
		}
		start, dst := bsoncore.AppendArrayStart(dst)
		for i := range v.Len() {
			at := len(dst)
			dst = append(strconv.AppendInt(append(dst, 0), int64(i), 10), 0)
			out, kind, err := elem.write(dst, v.Index(i))
			if err != nil {
				return dst, 0, atKey(strconv.Itoa(i), err)
			}
			out[at], dst = byte(kind), out
		}
		dst, err := bsoncore.AppendArrayEnd(dst, start)
		return dst, bson.TypeArray, err
	}
}

// mapWriter writes the keys in order: the same document is always the same bytes.
func mapWriter(elem form) func([]byte, reflect.Value) ([]byte, bsontype.Type, error) {
	return func(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
		if v.IsNil() {
			return dst, bson.TypeNull, nil
		}
		start, dst := bsoncore.AppendDocumentStart(dst)
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		value := reflect.New(v.Type().Elem()).Elem()
		for _, k := range keys {
			key := k.String()
			switch {
			case !utf8.ValidString(key):
				return dst, 0, errNotUTF8
			case strings.IndexByte(key, 0) >= 0:
				return dst, 0, errNUL
			}
			value.Set(v.MapIndex(k))
			at := len(dst)
			out, kind, err := elem.write(header(dst, key), value)
			if err != nil {
				return dst, 0, atKey(key, err)
			}
			out[at], dst = byte(kind), out
		}
		dst, err := bsoncore.AppendDocumentEnd(dst, start)
		return dst, bson.TypeEmbeddedDocument, err
	}
}

func writeString(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	s := v.String()
	if !utf8.ValidString(s) {
		return dst, 0, errNotUTF8
	}
	return bsoncore.AppendString(dst, s), bson.TypeString, nil
}

func writeBool(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	return bsoncore.AppendBoolean(dst, v.Bool()), bson.TypeBoolean, nil
}

// writeInt writes four bytes where they suffice: an int is a number of things.
func writeInt(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	if n := v.Int(); n < math.MinInt32 || n > math.MaxInt32 {
		return writeInt64(dst, v)
	}
	return writeInt32(dst, v)
}

func writeInt32(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	return bsoncore.AppendInt32(dst, int32(v.Int())), bson.TypeInt32, nil
}

func writeInt64(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	return bsoncore.AppendInt64(dst, v.Int()), bson.TypeInt64, nil
}

func writeFloat(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	return bsoncore.AppendDouble(dst, v.Float()), bson.TypeDouble, nil
}

func writeTime(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	return bsoncore.AppendDateTime(dst, v.Addr().Interface().(*time.Time).UnixMilli()), bson.TypeDateTime, nil
}

func writeBytes(dst []byte, v reflect.Value) ([]byte, bsontype.Type, error) {
	if v.IsNil() {
		return dst, bson.TypeNull, nil
	}
	return bsoncore.AppendBinary(dst, bson.TypeBinaryGeneric, v.Bytes()), bson.TypeBinary, nil
}
