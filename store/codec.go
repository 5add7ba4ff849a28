//lint:file-ignore SA1019 the driver is v1 by decision; its struct tag parser has no successor in it

package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsoncodec"
	"go.mongodb.org/mongo-driver/bson/bsonrw"
)

// MaxDocument is the largest document the store takes, in bytes.
const MaxDocument = 4 << 20

var (
	timeType = reflect.TypeFor[time.Time]()
	registry = newRegistry()

	errNotUTF8 = errors.New("store: text is not valid UTF-8")
)

// parseTag reads `store:"name,omitempty"`; a field without the tag is not stored.
func parseTag(sf reflect.StructField) (bsoncodec.StructTags, error) {
	tag, ok := sf.Tag.Lookup("store")
	if !ok || tag == "-" {
		return bsoncodec.StructTags{Skip: true}, nil
	}
	name, opts, _ := strings.Cut(tag, ",")
	st := bsoncodec.StructTags{Name: name}
	for _, o := range strings.Split(opts, ",") {
		switch o {
		case "omitempty":
			st.OmitEmpty = true
		case "inline":
			st.Inline = true
		case "":
		default:
			return st, fmt.Errorf("store: unknown option %q in tag of %s", o, sf.Name)
		}
	}
	return st, nil
}

func newRegistry() *bsoncodec.Registry {
	r := bson.NewRegistry()
	codec, err := bsoncodec.NewStructCodec(bsoncodec.StructTagParserFunc(parseTag))
	if err != nil {
		panic(err)
	}
	r.RegisterKindEncoder(reflect.Struct, codec)
	r.RegisterKindDecoder(reflect.Struct, codec)
	r.RegisterKindEncoder(reflect.String, bsoncodec.ValueEncoderFunc(encodeString))
	r.RegisterKindEncoder(reflect.Map, bsoncodec.ValueEncoderFunc(encodeMap))
	return r
}

// encodeMap writes the keys in order: the same document is always the same bytes.
func encodeMap(ec bsoncodec.EncodeContext, vw bsonrw.ValueWriter, v reflect.Value) error {
	if v.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("store: %s is not a map by strings", v.Type())
	}
	if v.IsNil() {
		return vw.WriteNull()
	}
	dw, err := vw.WriteDocument()
	if err != nil {
		return err
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if !utf8.ValidString(key.String()) {
			return errNotUTF8
		}
		ew, err := dw.WriteDocumentElement(key.String())
		if err != nil {
			return err
		}
		if err := encodeElement(ec, ew, v.MapIndex(key)); err != nil {
			return err
		}
	}
	return dw.WriteDocumentEnd()
}

func encodeElement(ec bsoncodec.EncodeContext, vw bsonrw.ValueWriter, v reflect.Value) error {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return vw.WriteNull()
	}
	enc, err := ec.LookupEncoder(v.Type())
	if err != nil {
		return err
	}
	return enc.EncodeValue(ec, vw, v)
}

func encodeString(_ bsoncodec.EncodeContext, vw bsonrw.ValueWriter, v reflect.Value) error {
	if s := v.String(); utf8.ValidString(s) {
		return vw.WriteString(s)
	}
	return errNotUTF8
}

// Encode returns the stored form of a document: what Decode reads, with the
// fields it was read with and this program does not know kept.
func (c *Collection[T, P]) Encode(doc P) (bson.Raw, error) {
	var buf bytes.Buffer
	w, err := bsonrw.NewBSONValueWriter(&buf)
	if err != nil {
		return nil, err
	}
	enc, err := bson.NewEncoder(w)
	if err != nil {
		return nil, err
	}
	if err := enc.SetRegistry(registry); err != nil {
		return nil, err
	}
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("store: encode %s: %w", c.spec.Name, err)
	}
	raw := bson.Raw(buf.Bytes())
	if old := doc.meta().raw; old != nil {
		raw = keepUnknown(raw, old, c.known)
	}
	if len(raw) > MaxDocument {
		return nil, fmt.Errorf("store: document of %d bytes in %s", len(raw), c.spec.Name)
	}
	return raw, nil
}

// Decode reads a stored document, through the upgrades when an earlier program wrote it.
func (c *Collection[T, P]) Decode(raw bson.Raw) (P, error) {
	raw, err := c.spec.upgraded(raw)
	if err != nil {
		return nil, err
	}
	doc := P(new(T))
	dec, err := bson.NewDecoder(bsonrw.NewBSONDocumentReader(raw))
	if err != nil {
		return nil, err
	}
	if err := dec.SetRegistry(registry); err != nil {
		return nil, err
	}
	if err := dec.Decode(doc); err != nil {
		return nil, fmt.Errorf("store: decode %s: %w", c.spec.Name, err)
	}
	doc.meta().raw = raw
	return doc, nil
}

// eachField visits the stored fields of a struct, inlined ones in place.
func eachField(t reflect.Type, visit func(name string, sf reflect.StructField, optional bool)) {
	for i := range t.NumField() {
		sf := t.Field(i)
		if !sf.IsExported() && !sf.Anonymous {
			continue
		}
		tags, err := parseTag(sf)
		if err != nil {
			panic(err)
		}
		switch {
		case tags.Skip:
		case tags.Inline:
			eachField(sf.Type, visit)
		default:
			visit(tags.Name, sf, tags.OmitEmpty)
		}
	}
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
		found := false
		eachField(t, func(name string, sf reflect.StructField, optional bool) {
			if name == part && !found {
				found, t = true, sf.Type
				f.Optional = f.Optional || optional
			}
		})
		if !found {
			return f, fmt.Errorf("no field %s", path)
		}
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
