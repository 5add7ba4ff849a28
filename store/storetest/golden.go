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
func Golden[T any, P store.Doc[T]](t *testing.T, c *store.Collection[T, P], doc P, path string) {
	t.Helper()
	raw, err := c.Encode(doc)
	if err != nil {
		t.Fatalf("%s: %v", c.Spec().Name, err)
	}
	for _, f := range c.Spec().Fields() {
		if f.Value(raw) == nil {
			t.Errorf("%s: the document leaves %s empty", c.Spec().Name, f.Path)
		}
	}
	got, err := bson.MarshalExtJSON(raw, true, false)
	if err != nil {
		t.Fatalf("%s: %v", c.Spec().Name, err)
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
		t.Errorf("stored form of %s differs from %s (-update rewrites it):\n%s", c.Spec().Name, path, indented.Bytes())
	}
}
