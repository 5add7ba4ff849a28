//lint:file-ignore SA1019 the driver is v1 by decision; its struct tag parser has no successor in it

package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsoncodec"
	"go.mongodb.org/mongo-driver/bson/bsonrw"

	"wangge/store"
)

var driver = driverRegistry()

// driverRegistry is the driver's own codec, set to read the tags of stored
// types and to write maps in order: what the store's own is held to.
func driverRegistry() *bsoncodec.Registry {
	r := bson.NewRegistry()
	codec, err := bsoncodec.NewStructCodec(bsoncodec.StructTagParserFunc(func(sf reflect.StructField) (bsoncodec.StructTags, error) {
		name, option, _ := strings.Cut(sf.Tag.Get("store"), ",")
		skip := name == "-" || name+option == ""
		return bsoncodec.StructTags{Name: name, Inline: option == "inline", OmitEmpty: option == "omitempty", Skip: skip}, nil
	}))
	if err != nil {
		panic(err)
	}
	r.RegisterKindEncoder(reflect.Struct, codec)
	r.RegisterKindDecoder(reflect.Struct, codec)
	r.RegisterKindEncoder(reflect.Map, bsoncodec.ValueEncoderFunc(func(ec bsoncodec.EncodeContext, w bsonrw.ValueWriter, v reflect.Value) error {
		if v.IsNil() {
			return w.WriteNull()
		}
		dw, err := w.WriteDocument()
		if err != nil {
			return err
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			value := v.MapIndex(key)
			enc, err := ec.LookupEncoder(value.Type())
			if err != nil {
				return err
			}
			ew, err := dw.WriteDocumentElement(key.String())
			if err != nil {
				return err
			}
			if err := enc.EncodeValue(ec, ew, value); err != nil {
				return err
			}
		}
		return dw.WriteDocumentEnd()
	}))
	return r
}

// likeTheDriver holds the codec of a collection to the driver's: for random
// documents both write the same bytes and read the same from them, and of a
// damaged one the collection's reads nothing else than the driver's, or nothing.
func likeTheDriver[T any, P store.Doc[T]](t *testing.T, c *store.Collection[T, P]) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 11))
	for range 15 {
		doc := P(new(T))
		fill(rng, reflect.ValueOf(doc).Elem())
		metaOf(doc).Schema = c.Spec().Schema
		raw, err := c.Encode(doc)
		want, err2 := bson.MarshalWithRegistry(driver, doc)
		if err != nil || err2 != nil || !bytes.Equal(raw, want) {
			t.Fatalf("%s: wrote\n%s (%v), the driver\n%s (%v)", c.Spec().Name, raw, err, bson.Raw(want), err2)
		}
		got, err := c.Decode(raw)
		theirs := P(new(T))
		if err2 := bson.UnmarshalWithRegistry(driver, raw, theirs); err != nil || err2 != nil {
			t.Fatalf("%s: %v, %v of\n%s", c.Spec().Name, err, err2, raw)
		}
		forget(got)
		if !reflect.DeepEqual(got, theirs) {
			t.Fatalf("%s: read\n%+v, the driver\n%+v", c.Spec().Name, got, theirs)
		}
		for range 10 {
			damaged := bytes.Clone(raw)
			damaged[rng.IntN(len(raw))] = []byte{0, 1, 2, 10, 127, 128, 255}[rng.IntN(7)]
			damaged = damaged[:len(raw)-rng.IntN(2)*rng.IntN(len(raw))]
			got, err := c.Decode(damaged)
			if err != nil || !bson.Raw(damaged).Lookup("schema").Equal(bson.Raw(raw).Lookup("schema")) {
				continue // of another schema it was upgraded first
			}
			theirs := P(new(T))
			if err := bson.UnmarshalWithRegistry(driver, damaged, theirs); err != nil {
				t.Fatalf("%s: read what the driver does not (%v): %x", c.Spec().Name, err, damaged)
			}
			forget(got)
			a, err := bson.MarshalWithRegistry(driver, got)
			b, err2 := bson.MarshalWithRegistry(driver, theirs)
			if fmt.Sprint(err) != fmt.Sprint(err2) || !bytes.Equal(a, b) {
				t.Fatalf("%s: read\n%s\nthe driver\n%s\nof %x", c.Spec().Name, bson.Raw(a), bson.Raw(b), damaged)
			}
		}
	}
}

// forget leaves of the envelope what is stored.
func forget(doc any) {
	m := metaOf(doc)
	*m = store.Meta{ID: m.ID, Partition: m.Partition, Version: m.Version, Seq: m.Seq, Schema: m.Schema, Deleted: m.Deleted, Audience: m.Audience}
}

func metaOf(doc any) *store.Meta {
	return reflect.ValueOf(doc).Elem().FieldByName("Meta").Addr().Interface().(*store.Meta)
}

// fill sets what a stored type stores to something random, often to nothing.
func fill(rng *rand.Rand, v reflect.Value) {
	switch n := rng.IntN(4); {
	case v.Type() == reflect.TypeFor[time.Time]():
		at := time.UnixMilli(rng.Int64N(1<<43) - 1<<42).Add(time.Duration(n) * 300 * time.Microsecond).In(time.FixedZone("", n*3600))
		if n > 0 {
			v.Set(reflect.ValueOf(at))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if tag := v.Type().Field(i).Tag.Get("store"); tag != "" && tag != "-" {
				fill(rng, v.Field(i))
			}
		}
	case v.Kind() == reflect.Pointer && n > 0:
		v.Set(reflect.New(v.Type().Elem()))
		fill(rng, v.Elem())
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			fill(rng, v.Index(i))
		}
	case v.Kind() == reflect.Slice && n > 0:
		v.Set(reflect.MakeSlice(v.Type(), n*n-1, n*n-1))
		for i := range v.Len() {
			fill(rng, v.Index(i))
		}
	case v.Kind() == reflect.Map && n > 0:
		v.Set(reflect.MakeMap(v.Type()))
		for range n * n {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(rng, key)
			fill(rng, value)
			v.SetMapIndex(key, value)
		}
	case v.Kind() == reflect.String:
		v.SetString([]string{"", "a", "大儒巷8号", strings.Repeat("长𠮷", 50)}[n])
	case v.Kind() == reflect.Bool:
		v.SetBool(n > 1)
	case v.CanInt():
		v.SetInt([]int64{0, 1, -1, 1<<31 - 1, -1 << 31, 1 << 31, 1<<63 - 1, -1 << 63}[rng.IntN(8)] >> (64 - v.Type().Bits()))
	case v.CanUint():
		v.SetUint(uint64(n))
	case v.CanFloat():
		v.SetFloat([]float64{0, 1.5, -120.6, 1e300}[n])
	}
}
