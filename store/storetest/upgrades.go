package storetest

import (
	"errors"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// firstThing is a thing of schema 1, whose title was called name, and which
// lay in a street and nothing else.
type firstThing struct {
	store.Meta `store:",inline"`
	Name       string `store:"name"`
	Street     string `store:"street"`
	Grams      []int  `store:"grams"`
	Extra      string `store:"extra"`
	Code       string `store:"code,omitempty"`
}

var firstThings = store.Declare[firstThing](store.Declaration{Name: "things", Schema: 1, Indexes: []string{"code!: partition, code"}})

// titled is schema 1 to 2: the name is the title, the grams go.
func titled(doc bson.D) (bson.D, error) {
	doc = slices.DeleteFunc(doc, func(e bson.E) bool { return e.Key == "grams" })
	for i := range doc {
		if doc[i].Key == "name" {
			doc[i].Key = "title"
		}
	}
	return doc, nil
}

// placed is schema 2 to 3: the street is in a place.
func placed(doc bson.D) (bson.D, error) {
	for i := range doc {
		if doc[i].Key == "street" {
			doc[i] = bson.E{Key: "place", Value: bson.D{{Key: "street", Value: doc[i].Value}}}
		}
	}
	return doc, nil
}

// earlierForm: what an earlier program wrote is read and changed as if this
// one had; what neither knows stays, what was taken away does not come back;
// and the earlier program, still running, does not touch what is newer.
func earlierForm(t *testing.T, b *bed) {
	engines, ctx := b.open(t, 2), t.Context()
	older := start(t, engines[0], firstThings)
	must(t, older.Update(ctx, []string{here}, func(tx *store.Tx) error {
		return firstThings.Insert(tx, &firstThing{Meta: store.Meta{ID: "a", Partition: here}, Name: "first", Street: "s", Grams: []int{1}, Extra: "kept"}, entry("add"))
	}))
	newer := start(t, engines[1], declared...)
	if x := get(t, newer, "a"); x.Title != "first" || x.Place.Street != "s" || x.Schema != 3 || x.Version != 1 {
		t.Fatalf("read as %+v", *x)
	}
	must(t, change(ctx, newer, "a", here, func(x *thing) { x.Number = 7 }))
	if x := get(t, newer, "a"); x.Title != "first" || x.Place.Street != "s" || x.Number != 7 || x.Schema != 3 || x.Version != 2 {
		t.Fatalf("changed to %+v", *x)
	}
	raws, err := engines[1].Get(ctx, things.Spec(), []string{"a"})
	must(t, err)
	if raws[0].Lookup("extra").StringValue() != "kept" {
		t.Fatal("a field that the program does not know was lost")
	}
	if _, err := raws[0].LookupErr("grams"); err == nil {
		t.Fatal("a field that the upgrade takes away came back")
	}
	_, err = firstThings.Get(ctx, older, "a")
	wantErr(t, "a newer document read by the earlier program", err, store.ErrNewer)
	err = older.Update(ctx, []string{here}, func(tx *store.Tx) error {
		x, err := firstThings.Get(ctx, tx, "a")
		if err != nil {
			return err
		}
		return firstThings.Put(tx, x, entry("overwrite"))
	})
	if !errors.Is(err, store.ErrNewer) || !errors.Is(err, store.ErrUnavailable) || get(t, newer, "a").Version != 2 {
		t.Fatalf("the earlier program changed a newer document: %v", err)
	}
}
