package store

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// TestFieldReaderReadsAsFieldsDo: whatever a document holds, one look finds what
// is found field by field, of paths that begin alike or go through lists too.
func TestFieldReaderReadsAsFieldsDo(t *testing.T) {
	names := []string{"a", "b", "c"}
	var fields []Field
	for i, path := range [][]string{{"a"}, {"a", "b"}, {"a", "c", "b"}, {"b"}, {"b", "a"}, {"c", "a"}, {"c", "b"}, {"d"}} {
		fields = append(fields, Field{Path: path[0], Parts: path, Kind: Kind(i % 4)})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var value func(depth int) any
	document := func(depth int) bson.D {
		d := bson.D{}
		for _, i := range rng.Perm(len(names))[:rng.IntN(len(names)+1)] {
			d = append(d, bson.E{Key: names[i], Value: value(depth)})
		}
		return d
	}
	value = func(depth int) any {
		switch n := rng.IntN(9); {
		case n < 3 && depth > 0:
			return document(depth - 1)
		case n == 3 && depth > 0:
			list := bson.A{}
			for range rng.IntN(3) {
				list = append(list, value(depth-1))
			}
			return list
		default:
			return []any{"text", int32(7), int64(8), true, time.UnixMilli(9), nil}[rng.IntN(6)]
		}
	}
	found := 0
	for range 20_000 {
		raw, err := bson.Marshal(document(3))
		if err != nil {
			t.Fatal(err)
		}
		var want []any
		for _, f := range fields {
			want = append(want, f.Value(raw))
		}
		if got := NewFieldReader(fields).Values(raw); !reflect.DeepEqual(got, want) {
			t.Fatalf("%v: %v, field by field %v", bson.Raw(raw), got, want)
		}
		if slices.ContainsFunc(want, func(v any) bool { return v != nil }) {
			found++
		}
	}
	if found < 1000 {
		t.Errorf("%d documents had any value", found)
	}
}
