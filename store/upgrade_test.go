package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/quick"

	"go.mongodb.org/mongo-driver/bson"
)

// grown has had three forms: n was a text of another name, then a number.
type grown struct {
	Meta  `store:",inline"`
	N     int64  `store:"n"`
	Label string `store:"label"`
}

func with(doc bson.D, key string, value any) bson.D {
	if i := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == key }); i >= 0 {
		doc[i].Value = value
		return doc
	}
	return append(doc, bson.E{Key: key, Value: value})
}

func without(doc bson.D, key string) (bson.D, any) {
	i := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == key })
	if i < 0 {
		return doc, nil
	}
	value := doc[i].Value
	return slices.Delete(doc, i, i+1), value
}

var grownUp = []Upgrade{
	func(doc bson.D) (bson.D, error) {
		doc, text := without(doc, "count")
		var n int64
		if _, err := fmt.Sscan(text.(string), &n); err != nil {
			return nil, err
		}
		return with(doc, "n", n), nil
	},
	func(doc bson.D) (bson.D, error) { return with(doc, "label", "none"), nil },
}

var growns = Declare[grown](Declaration{Name: "growns", Schema: 3, Upgrades: grownUp, Indexes: []string{"n: n"}})

func stored(t testing.TB, doc bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func envelope(schema int32, more ...bson.E) bson.D {
	return append(bson.D{{Key: "_id", Value: "x"}, {Key: "partition", Value: "p"}, {Key: "version", Value: int64(4)},
		{Key: "seq", Value: int64(9)}, {Key: "schema", Value: schema}, {Key: "deleted", Value: true}}, more...)
}

// TestUpgradesFromAnySchema: each schema reads as today's, keeps its envelope
// and what the program does not know, and is written in today's.
func TestUpgradesFromAnySchema(t *testing.T) {
	for _, c := range []struct {
		schema int32
		fields []bson.E
		label  string
	}{
		{1, []bson.E{{Key: "count", Value: "7"}}, "none"},
		{2, []bson.E{{Key: "n", Value: int64(7)}}, "none"},
		{3, []bson.E{{Key: "n", Value: int64(7)}, {Key: "label", Value: "own"}}, "own"},
	} {
		doc, err := growns.Decode(stored(t, envelope(c.schema, append(c.fields, bson.E{Key: "other", Value: bson.D{{Key: "deep", Value: int32(1)}}})...)))
		if err != nil {
			t.Fatal(err)
		}
		want := Meta{ID: "x", Partition: "p", Version: 4, Seq: 9, Schema: 3, Deleted: true, read: true, from: "p", raw: doc.raw}
		if doc.N != 7 || doc.Label != c.label || !reflect.DeepEqual(doc.Meta, want) {
			t.Errorf("schema %d: %+v", c.schema, *doc)
		}
		raw, err := growns.Encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.LookupErr("count"); err == nil || raw.Lookup("other", "deep").AsInt64() != 1 || schemaOf(raw) != 3 {
			t.Errorf("schema %d is written as %v", c.schema, raw)
		}
	}
}

// TestUpgradeIsEqualToWritingAnew: whatever the values, the first form read
// through the chain is encoded as a document of today's form is.
func TestUpgradeIsEqualToWritingAnew(t *testing.T) {
	same := func(n, version, seq int64, id, partition string, audience []string) bool {
		m := Meta{ID: id, Partition: partition, Version: version, Seq: seq, Audience: audience}
		type first struct {
			Meta  `store:",inline"`
			Count string `store:"count"`
		}
		firsts := Declare[first](Declaration{Name: "growns", Schema: 1})
		m.Schema = 1
		old, err := firsts.Encode(&first{Meta: m, Count: fmt.Sprint(n)})
		if err != nil {
			return errors.Is(err, errNotUTF8)
		}
		doc, err := growns.Decode(old)
		if err != nil {
			t.Fatal(err)
		}
		got, err := growns.Encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		m.Schema = 3
		want, err := growns.Encode(&grown{Meta: m, N: n, Label: "none"})
		if err != nil {
			t.Fatal(err)
		}
		return reflect.DeepEqual(got, want)
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}

func TestUpgradesThatFail(t *testing.T) {
	change := func(key string, value any) []Upgrade {
		return []Upgrade{func(doc bson.D) (bson.D, error) { return with(doc, key, value), nil }}
	}
	broken := errors.New("broken")
	old := stored(t, envelope(1, bson.E{Key: "n", Value: int64(1)}))
	for what, chain := range map[string][]Upgrade{
		"an error":        {func(bson.D) (bson.D, error) { return nil, broken }},
		"another id":      change("_id", "y"),
		"another version": change("version", int64(5)),
		"another number":  change("seq", int64(5)),
		"another place":   change("partition", "q"),
		"alive again":     change("deleted", false),
		"no schema":       {func(doc bson.D) (bson.D, error) { doc, _ = without(doc, "schema"); return doc, nil }},
	} {
		c := Declare[grown](Declaration{Name: "growns", Schema: 2, Upgrades: chain})
		if doc, err := c.Decode(old); err == nil {
			t.Errorf("%s was read as %+v", what, *doc)
		} else if what == "an error" && !errors.Is(err, broken) {
			t.Errorf("the cause is lost: %v", err)
		}
	}
	if _, err := growns.Decode(stored(t, envelope(4))); !errors.Is(err, ErrNewer) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("a newer document: %v", err)
	}
	type hiding struct {
		Meta   `store:",inline"`
		Schema string `store:"schema"`
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("upgrades of a type that hides the schema were taken")
			}
		}()
		Declare[hiding](Declaration{Name: "hiding", Schema: 3, Upgrades: grownUp})
	}()
	for _, schema := range []int32{0, 2, 4} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("schema %d with two upgrades was taken", schema)
				}
			}()
			Declare[grown](Declaration{Name: "growns", Schema: schema, Upgrades: grownUp})
		}()
	}
}
