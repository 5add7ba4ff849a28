package store

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

func TestEncodeIsOneForm(t *testing.T) {
	type labelled struct {
		Meta   `store:",inline"`
		Labels map[string]map[string]int `store:"labels"`
	}
	c := Declare[labelled](Declaration{Name: "labelled", Schema: 1})
	labels := map[string]map[string]int{"z": {}, "a": nil, "m": {"q": 3}, "c": {"y": 1, "x": 2}, "": {"": 4}}
	want, err := c.Encode(&labelled{Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		got, err := c.Encode(&labelled{Labels: labels})
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v, then %v (%v)", want, got, err)
		}
	}
	if text := want.String(); !strings.Contains(text, `"labels": {"": {"": {"$numberInt":"4"}},"a": null,"c": {"x"`) {
		t.Errorf("keys out of order: %s", text)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for what, doc := range map[string]*sample{
		"large":       {Tags: []string{strings.Repeat("x", MaxDocument)}},
		"broken text": {Name: "a\xffb"},
		"broken tag":  {Tags: []string{"\xc3"}},
		"broken id":   {Meta: Meta{ID: "\xff"}},
	} {
		if _, err := samples.Encode(doc); err == nil {
			t.Errorf("%s was encoded", what)
		}
	}
	type mapped struct {
		Meta   `store:",inline"`
		Labels map[string]inner `store:"labels"`
	}
	maps := Declare[mapped](Declaration{Name: "mapped", Schema: 1})
	for key, path := range map[string]string{"a\xffb": "labels: ", "a\x00b": "labels: ", "a": "labels.a.cell: "} {
		_, err := maps.Encode(&mapped{Labels: map[string]inner{key: {Cell: "\xff"}}})
		if err == nil || !strings.HasPrefix(err.Error(), "store: encode mapped: "+path) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// What could not be stored is noticed when it is declared.
func TestDeclareRefusesForms(t *testing.T) {
	type numbers struct {
		Meta `store:",inline"`
		By   map[int]string `store:"by"`
	}
	type anything struct {
		Meta `store:",inline"`
		In   []struct {
			Any any `store:"any"`
		} `store:"in"`
	}
	type twice struct {
		Meta `store:",inline"`
		One  string `store:"one"`
		Two  string `store:"one"`
	}
	type misspelt struct {
		Meta `store:",inline"`
		One  string `store:"one,omitempt"`
	}
	type hiding struct {
		Meta   `store:",inline"`
		Schema string `store:"schema"`
	}
	for want, declare := range map[string]func(){
		"two fields are called schema":                       func() { Declare[hiding](Declaration{Name: "x", Schema: 1}) },
		"field by: map[int]string is not a map by strings":   func() { Declare[numbers](Declaration{Name: "x", Schema: 1}) },
		"field in: field any: interface {} cannot be stored": func() { Declare[anything](Declaration{Name: "x", Schema: 1}) },
		"two fields are called one":                          func() { Declare[twice](Declaration{Name: "x", Schema: 1}) },
		`unknown option "omitempt" in the tag of One`:        func() { Declare[misspelt](Declaration{Name: "x", Schema: 1}) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasSuffix(got, want) {
					t.Errorf("%s, want %s", got, want)
				}
			}()
			declare()
		}()
	}
}

// A stored document of another form is an error that says where.
func TestDecodeRefuses(t *testing.T) {
	whole := bson.Raw(must(samples.Encode(&sample{Meta: Meta{ID: "x"}, Many: []inner{{Cell: "c", Count: 1}}})))
	for path, doc := range map[string]bson.D{
		"name":         {{Key: "name", Value: 1}},
		"number":       {{Key: "number", Value: 1.5}},
		"done":         {{Key: "done", Value: "yes"}},
		"at":           {{Key: "at", Value: "2024-05-01T00:00:00Z"}},
		"tags":         {{Key: "tags", Value: "a"}},
		"tags.1":       {{Key: "tags", Value: bson.A{"a", true}}},
		"in":           {{Key: "in", Value: bson.A{}}},
		"many.2.count": {{Key: "many", Value: bson.A{bson.D{}, nil, bson.D{{Key: "count", Value: int64(1) << 31}}}}},
	} {
		_, err := samples.Decode(must(bson.Marshal(doc)))
		if err == nil || !strings.HasPrefix(err.Error(), "store: decode samples: "+path+": ") {
			t.Errorf("%s: %v", path, err)
		}
	}
	for n := range whole {
		if _, err := samples.Decode(whole[:n]); !errors.Is(err, errDamaged) {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
}

func TestFieldValue(t *testing.T) {
	raw, err := samples.Encode(&sample{
		Meta: Meta{ID: "x", Partition: "p"}, Number: 7, At: time.UnixMilli(5).In(time.FixedZone("", 3600)),
		Tags: []string{"a", "", "a"}, In: inner{Count: 3}, Many: []inner{{Count: 1}, {Count: 2, Cell: "c"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"partition": "p", "name": "", "maybe": nil, "number": int64(7), "done": false, "at": time.UnixMilli(5).UTC(),
		"in.cell": nil, "in.count": int64(3), "far.count": nil, "tags": []any{"a", "", "a"}, "many.count": []any{int64(1), int64(2)},
		"many.cell": []any{"c"}, "audience": nil, "version": int64(0),
	} {
		f, err := fieldOf(reflect.TypeFor[sample](), path)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Value(raw); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", path, got, want)
		}
	}
	odd := bson.Raw(must(bson.Marshal(bson.D{{Key: "name", Value: 1}, {Key: "tags", Value: "a"}, {Key: "many", Value: bson.D{{Key: "count", Value: 4}}}})))
	for path, want := range map[string]any{"name": nil, "tags": []any{"a"}, "many.count": []any{int64(4)}, "at": nil} {
		f, _ := fieldOf(reflect.TypeFor[sample](), path)
		if got := f.Value(odd); !reflect.DeepEqual(got, want) {
			t.Errorf("of another form, %s: %#v, want %#v", path, got, want)
		}
	}
}

func TestUnknownFields(t *testing.T) {
	old := must(bson.Marshal(bson.D{
		{Key: "_id", Value: "x"}, {Key: "new", Value: 1}, {Key: "name", Value: "before"}, {Key: "maybe", Value: "dropped"},
		{Key: "in", Value: bson.D{{Key: "new", Value: bson.D{{Key: "deep", Value: 2}}}, {Key: "cell", Value: "c"}, {Key: "count", Value: int32(1)}}},
		{Key: "many", Value: bson.A{
			bson.D{{Key: "count", Value: int32(1)}, {Key: "new", Value: "one"}},
			bson.D{{Key: "new", Value: "two"}, {Key: "count", Value: int32(2)}},
			bson.D{{Key: "count", Value: int32(3)}},
		}},
	}))
	doc, err := samples.Decode(old)
	if err != nil {
		t.Fatal(err)
	}
	doc.Name, doc.Maybe, doc.In.Cell = "after", "", ""
	doc.Many = []inner{{Count: 3}, {Count: 2}, {Count: 9}}
	raw, err := samples.Encode(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Validate(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"new": `{"$numberInt":"1"}`, "name": `"after"`, "in.new.deep": `{"$numberInt":"2"}`,
		"many": `[{"count": {"$numberInt":"3"}},{"new": "two","count": {"$numberInt":"2"}},{"count": {"$numberInt":"9"}}]`,
	} {
		if got := raw.Lookup(strings.Split(path, ".")...).String(); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for _, path := range []string{"maybe", "in.cell"} {
		if v, err := raw.LookupErr(strings.Split(path, ".")...); err == nil {
			t.Errorf("%s came back: %s", path, v)
		}
	}
	again, err := samples.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := samples.Encode(again); err != nil || !bytes.Equal(same, raw) {
		t.Errorf("rewritten unchanged it differs: %s", same)
	}
}

// No stored document makes the port panic, and what it reads it can write.
func FuzzDecode(f *testing.F) {
	f.Add(`{"_id":"x","many":[{"cell":"c"}],"tags":["a"],"in":{"cell":"c"}}`)
	f.Add(`{"many":[{"new":1,"count":2},3],"in":[{"new":1}],"at":{"$date":"2024-05-01T00:00:00Z"},"far":null}`)
	f.Add(`{"many":{"count":[1,[2]]},"new":{"name":1},"number":1.5,"audience":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		var d bson.D
		if bson.UnmarshalExtJSON([]byte(text), false, &d) != nil {
			return
		}
		stored, err := bson.Marshal(d)
		if err != nil {
			return
		}
		for _, field := range samples.spec.Fields() {
			field.Value(stored)
		}
		doc, err := samples.Decode(stored)
		if err != nil {
			return
		}
		raw, err := samples.Encode(doc)
		if errors.Is(err, errNotUTF8) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Validate(); err != nil {
			t.Fatalf("%s became %x: %v", text, []byte(raw), err)
		}
		within := func(name string) *document { in, _ := samples.form.within(name); return in }
		for _, e := range d {
			if _, err := raw.LookupErr(e.Key); err != nil && within(e.Key) == nil && e.Key != "maybe" && e.Key != "audience" {
				t.Fatalf("%s lost %s: %s", text, e.Key, raw)
			}
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
