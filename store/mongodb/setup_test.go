package mongodb

import (
	"context"
	"maps"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"golang.org/x/sync/errgroup"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

func specOf(indexes ...string) *store.Spec {
	return store.Declare[sample](store.Declaration{Name: "samples", Schema: 1, Unjournaled: true, Indexes: indexes}).Spec()
}

// indexesOf returns the indexes the server has, each as extended JSON without its version.
func indexesOf(t *testing.T, e *Engine) map[string]string {
	t.Helper()
	cur, err := e.db.Collection("samples").Indexes().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raws, err := drain(t.Context(), cur)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, raw := range raws {
		var index struct {
			Name    string
			Key     bson.D
			Unique  bool
			Partial bson.D `bson:"partialFilterExpression"`
		}
		if err := bson.Unmarshal(raw, &index); err != nil {
			t.Fatal(err)
		}
		if index.Name == "_id_" {
			continue
		}
		text, err := bson.MarshalExtJSON(bson.D{{Key: "key", Value: index.Key}, {Key: "unique", Value: index.Unique}, {Key: "partial", Value: index.Partial}}, false, false)
		if err != nil {
			t.Fatal(err)
		}
		out[index.Name] = string(text)
	}
	return out
}

func TestSetupMakesAndChangesIndexes(t *testing.T) {
	uri, ctx := mongotest.URI(t), t.Context()
	nodes := make([]*Engine, 2)
	for i := range nodes {
		e, err := Open(ctx, uri)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close(context.Background()) })
		nodes[i] = e
	}
	const (
		byNumber = `{"key":{"partition":1,"number":1,"_id":1},"unique":false,"partial":null}`
		byDue    = `{"key":{"due":1,"_id":1},"unique":false,"partial":null}`
		byCode   = `{"key":{"partition":1,"code":1},"unique":true,"partial":{"partition":{"$exists":true},"code":{"$exists":true},"deleted":false}}`
		notCode  = `{"key":{"partition":1,"code":1,"_id":1},"unique":false,"partial":null}`
	)
	for _, step := range []struct {
		what    string
		indexes []string
		want    map[string]string
	}{
		{"a fresh database", []string{"a: partition, number", "b!: partition, code"}, map[string]string{"a": byNumber, "b": byCode}},
		{"the same again", []string{"a: partition, number", "b!: partition, code"}, map[string]string{"a": byNumber, "b": byCode}},
		{"another field", []string{"a: due", "b!: partition, code"}, map[string]string{"a": byDue, "b": byCode}},
		{"no longer unique", []string{"a: due", "b: partition, code"}, map[string]string{"a": byDue, "b": notCode}},
		{"unique again, and one more", []string{"a: due", "b!: partition, code", "c: partition, number"}, map[string]string{"a": byDue, "b": byCode, "c": byNumber}},
		{"another name", []string{"d: due"}, map[string]string{"d": byDue, "b": byCode, "c": byNumber}},
		{"names that change places", []string{"b: due", "d!: partition, code"}, map[string]string{"b": byDue, "d": byCode, "c": byNumber}},
	} {
		var both errgroup.Group
		for _, e := range nodes { // two nodes start at once
			both.Go(func() error {
				_, err := e.Setup(ctx, []*store.Spec{specOf(step.indexes...)})
				return err
			})
		}
		if err := both.Wait(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if got := indexesOf(t, nodes[0]); !maps.Equal(got, step.want) {
			t.Fatalf("%s:\n got %v\nwant %v", step.what, got, step.want)
		}
	}
}

func TestSetupMakesCollections(t *testing.T) {
	ctx := t.Context()
	e, err := Open(ctx, mongotest.URI(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	for range 2 {
		if _, err := e.Setup(ctx, []*store.Spec{specOf()}); err != nil {
			t.Fatal(err)
		}
	}
	names, err := e.db.ListCollectionNames(ctx, bson.D{})
	slices.Sort(names)
	if want := []string{"blobs.chunks", "blobs.files", "counters", "samples"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("collections %v, %v, want %v", names, err, want)
	}
	for _, taken := range []string{"counters", "blobs.files"} {
		spec := store.Declare[sample](store.Declaration{Name: taken, Schema: 1}).Spec()
		if _, err := e.Setup(ctx, []*store.Spec{spec}); err == nil {
			t.Errorf("a collection was declared by the engine's own name %s", taken)
		}
	}
}
