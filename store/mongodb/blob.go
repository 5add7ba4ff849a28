package mongodb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wangge/store"
)

// Blobs lie in GridFS form (bucket "blobs"), as any MongoDB tool reads it.
// The driver's own GridFS code is not used: it knows no context, and takes
// 16 MB of memory for every upload.
const (
	chunkSize  = 255 << 10
	chunkBatch = 4 // chunks in one insert
	blobsByID  = "blobs"
)

type file struct {
	ID         string    `bson:"_id"`
	Length     int64     `bson:"length"`
	ChunkSize  int32     `bson:"chunkSize"`
	UploadDate time.Time `bson:"uploadDate"`
	Filename   string    `bson:"filename"`
}

type chunk struct {
	ID   primitive.ObjectID `bson:"_id"`
	File string             `bson:"files_id"`
	N    int32              `bson:"n"`
	Data []byte             `bson:"data"`
}

// PutBlob writes the chunks, then the file that makes them a blob.
func (e *Engine) PutBlob(ctx context.Context, id string, r io.Reader) (int64, error) {
	size, err := e.putChunks(ctx, id, r)
	if err == nil {
		_, err = e.files.InsertOne(ctx, file{id, size, chunkSize, time.Now().UTC(), id})
	}
	switch {
	case err == nil:
		return size, nil
	case mongo.IsDuplicateKeyError(err): // the chunks there are the first writer's
		return 0, &store.DuplicateError{Collection: "blobs", Index: "_id"}
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_ = e.DeleteBlob(clean, id)
	return 0, readErr(ctx, err)
}

func (e *Engine) putChunks(ctx context.Context, id string, r io.Reader) (size int64, err error) {
	buf := make([]byte, chunkBatch*chunkSize)
	for n := int32(0); ; {
		filled, err := io.ReadFull(r, buf)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return size, err
		}
		var batch []any
		for part := buf[:filled]; len(part) > 0; n++ {
			cut := min(len(part), chunkSize)
			batch = append(batch, chunk{primitive.NewObjectID(), id, n, part[:cut]})
			part = part[cut:]
		}
		if len(batch) > 0 {
			if _, err := e.chunks.InsertMany(ctx, batch); err != nil {
				return size, err
			}
		}
		if size += int64(filled); filled < len(buf) {
			return size, nil
		}
	}
}

// OpenBlob returns the content; ctx holds until it is closed.
func (e *Engine) OpenBlob(ctx context.Context, id string) (io.ReadCloser, error) {
	var f file
	err := e.files.FindOne(ctx, d("_id", id)).Decode(&f)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, readErr(ctx, err)
	}
	cur, err := e.chunks.Find(ctx, d("files_id", id),
		options.Find().SetSort(d("n", 1)).SetBatchSize(chunkBatch))
	if err != nil {
		return nil, readErr(ctx, err)
	}
	return &blobReader{ctx: ctx, cur: cur, left: f.Length}, nil
}

// blobReader reads the chunks one after the other.
type blobReader struct {
	ctx  context.Context
	cur  *mongo.Cursor
	left int64 // bytes not yet in part or read
	next int32
	part bytes.Reader
}

func (b *blobReader) Read(p []byte) (int, error) {
	for b.part.Len() == 0 {
		if b.left == 0 {
			return 0, io.EOF
		}
		if !b.cur.Next(b.ctx) {
			if err := b.cur.Err(); err != nil {
				return 0, readErr(b.ctx, err)
			}
			return 0, io.ErrUnexpectedEOF
		}
		var c chunk
		if err := bson.Unmarshal(b.cur.Current, &c); err != nil {
			return 0, err
		}
		if c.N != b.next || int64(len(c.Data)) > b.left {
			return 0, fmt.Errorf("store: chunk %d of blob %s is damaged", c.N, c.File)
		}
		b.next, b.left = b.next+1, b.left-int64(len(c.Data))
		b.part.Reset(c.Data)
	}
	return b.part.Read(p)
}

func (b *blobReader) Close() error {
	return b.cur.Close(context.WithoutCancel(b.ctx))
}

// DeleteBlob removes the file first, so that no reader sees half of it.
func (e *Engine) DeleteBlob(ctx context.Context, id string) error {
	if _, err := e.files.DeleteOne(ctx, d("_id", id)); err != nil {
		return readErr(ctx, err)
	}
	_, err := e.chunks.DeleteMany(ctx, d("files_id", id))
	return readErr(ctx, err)
}

// Blobs lists by id on an index that has the time too.
func (e *Engine) Blobs(ctx context.Context, before time.Time, after string, limit int) ([]string, error) {
	cur, err := e.files.Find(ctx,
		bson.D{{Key: "_id", Value: d("$gt", after)}, {Key: "uploadDate", Value: d("$lt", before)}},
		options.Find().SetHint(blobsByID).SetSort(d("_id", 1)).SetLimit(int64(limit)).SetProjection(d("_id", 1)))
	if err != nil {
		return nil, readErr(ctx, err)
	}
	raws, err := drain(ctx, cur)
	ids := make([]string, len(raws))
	for i, raw := range raws {
		ids[i] = stamp(raw).ID
	}
	return ids, readErr(ctx, err)
}
