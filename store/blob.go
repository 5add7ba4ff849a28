package store

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"time"
)

// blobID: ids of blobs are file names somewhere.
var blobID = regexp.MustCompile(`^[A-Za-z0-9_-]{2,100}$`)

// PutBlob stores the content under a fresh id, before the document that names it.
func (s *Store) PutBlob(ctx context.Context, id string, r io.Reader) (int64, error) {
	if !blobID.MatchString(id) {
		return 0, fmt.Errorf("store: blob id %q", id)
	}
	return s.engine.PutBlob(ctx, id, r)
}

// OpenBlob returns the content, or ErrNotFound. The caller closes it.
func (s *Store) OpenBlob(ctx context.Context, id string) (io.ReadCloser, error) {
	if !blobID.MatchString(id) {
		return nil, ErrNotFound
	}
	return s.engine.OpenBlob(ctx, id)
}

// SweepBlobs deletes the blobs stored before the time given that no document
// names, and returns how many. The time must leave a writer long enough to
// commit the document it stored the blob for, and the store must have been
// opened with every collection that names blobs.
func (s *Store) SweepBlobs(ctx context.Context, before time.Time) (int, error) {
	swept, after := 0, ""
	for {
		ids, err := s.engine.Blobs(ctx, before, after, 500)
		if err != nil || len(ids) == 0 {
			return swept, err
		}
		for _, id := range ids {
			named, err := s.named(ctx, id)
			if err != nil {
				return swept, err
			}
			if named {
				continue
			}
			if err := s.engine.DeleteBlob(ctx, id); err != nil {
				return swept, err
			}
			swept++
		}
		after = ids[len(ids)-1]
	}
}

func (s *Store) named(ctx context.Context, blob string) (bool, error) {
	for _, spec := range s.specs {
		if spec.Blobs == "" {
			continue
		}
		raws, _, err := s.find(ctx, spec, []Query{{Where: []Cond{Eq(spec.Blobs, blob)}, Limit: 1}})
		if err != nil || len(raws) > 0 {
			return len(raws) > 0, err
		}
	}
	return false, nil
}
