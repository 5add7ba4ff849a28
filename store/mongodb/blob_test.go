package mongodb

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo/gridfs"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wangge/store/mongodb/mongotest"
)

func blobEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := Open(t.Context(), mongotest.URI(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	if _, err := e.Setup(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return e
}

// Tools that know GridFS read what was put.
func TestBlobsAreGridFS(t *testing.T) {
	e := blobEngine(t)
	bucket, err := gridfs.NewBucket(e.db, options.GridFSBucket().SetName("blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, chunkSize, chunkSize + 1, chunkBatch * chunkSize, chunkBatch*chunkSize + 1} {
		content := bytes.Repeat([]byte{byte(size), 7}, size/2+1)[:size]
		id := strings.Repeat("x", size%7+1) + time.Now().Format("150405.000000000")
		if n, err := e.PutBlob(t.Context(), id, bytes.NewReader(content)); err != nil || n != int64(size) {
			t.Fatalf("%d bytes: %d, %v", size, n, err)
		}
		var got bytes.Buffer
		if _, err := bucket.DownloadToStream(id, &got); err != nil || !bytes.Equal(got.Bytes(), content) {
			t.Errorf("%d bytes, read as GridFS: %d, %v", size, got.Len(), err)
		}
	}
}

func TestBlobGivenUpLeavesNothing(t *testing.T) {
	e := blobEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	endless := readerFunc(func(p []byte) (int, error) {
		if n, _ := e.chunks.CountDocuments(t.Context(), bson.D{}); n > 0 {
			cancel()
		}
		return len(p), nil
	})
	if _, err := e.PutBlob(ctx, "given-up", endless); err != context.Canceled {
		t.Errorf("put: %v", err)
	}
	for _, c := range []interface {
		CountDocuments(context.Context, any, ...*options.CountOptions) (int64, error)
	}{e.files, e.chunks} {
		if n, err := c.CountDocuments(t.Context(), bson.D{}); n != 0 || err != nil {
			t.Errorf("%d documents are left, %v", n, err)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestBlobCutShortIsNoticed(t *testing.T) {
	e := blobEngine(t)
	if _, err := e.PutBlob(t.Context(), "b", bytes.NewReader(make([]byte, 3*chunkSize))); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{2: "unexpected EOF", 0: "damaged"} {
		if _, err := e.chunks.DeleteOne(t.Context(), bson.D{{Key: "files_id", Value: "b"}, {Key: "n", Value: n}}); err != nil {
			t.Fatal(err)
		}
		r, err := e.OpenBlob(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r); err == nil {
			t.Errorf("without chunk %d it was read to the end, want %s", n, want)
		}
		_ = r.Close()
	}
}

func TestBlobsListsInPages(t *testing.T) {
	e := blobEngine(t)
	var want []string
	for _, id := range []string{"a", "b", "B", "c"} {
		if _, err := e.PutBlob(t.Context(), id, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		want = append(want, id)
	}
	slices.Sort(want)
	if _, err := e.files.UpdateByID(t.Context(), "b", d("$set", d("uploadDate", time.Now().Add(time.Hour)))); err != nil {
		t.Fatal(err)
	}
	want = slices.DeleteFunc(want, func(id string) bool { return id == "b" })
	var got []string
	for after := ""; ; after = got[len(got)-1] {
		page, err := e.Blobs(t.Context(), time.Now().Add(time.Minute), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, page...); len(page) < 2 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}
