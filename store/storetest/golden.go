package storetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
)

// Update is the flag -update; a test package that has other golden files too shares it.
var Update = flag.Bool("update", false, "rewrite golden files")

// Golden compares the stored form of a document, as canonical extended JSON,
// with a file, so that renaming a Go field cannot silently change what lies
// on disk. The document must have every declared field set, and should have
// every other. -update writes the file.
// It also holds the codec of the collection to the driver's.
func Golden[T any, P store.Doc[T]](t *testing.T, c *store.Collection[T, P], doc P, path string) {
	t.Helper()
	likeTheDriver(t, c)
	raw, err := c.Encode(doc)
	if err != nil {
		t.Fatalf("%s: %v", c.Spec().Name, err)
	}
	for _, f := range c.Spec().Fields() {
		if f.Value(raw) == nil {
			t.Errorf("%s: the document leaves %s empty", c.Spec().Name, f.Path)
		}
	}
	sameFile(t, c.Spec().Name, raw, path)
}

// GoldenOf is Golden of a document that a program of an earlier schema wrote,
// as the file from says: read through the upgrades and encoded, it is as in
// the file path. The file from was written by Golden then, and stays.
func GoldenOf[T any, P store.Doc[T]](t *testing.T, c *store.Collection[T, P], from, path string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var old bson.Raw
	if err := bson.UnmarshalExtJSON(text, true, &old); err != nil {
		t.Fatalf("%s: %v", from, err)
	}
	doc, err := c.Decode(old)
	if err != nil {
		t.Fatalf("%s: %v", from, err)
	}
	raw, err := c.Encode(doc)
	if err != nil {
		t.Fatalf("%s: %v", from, err)
	}
	sameFile(t, c.Spec().Name, raw, path)
}

// sameFile compares a stored form with a file, or writes it there.
func sameFile(t *testing.T, name string, raw bson.Raw, path string) {
	t.Helper()
	got, err := bson.MarshalExtJSON(raw, true, false)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, got, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	if *Update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if !bytes.Equal(indented.Bytes(), want) {
		t.Errorf("stored form of %s differs from %s (-update rewrites it):\n%s", name, path, indented.Bytes())
	}
}
