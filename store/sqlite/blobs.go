package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wangge/store"
)

// path is the file of a blob: blobs/<last two characters>/<id>. Ids are plain words.
func (e *Engine) path(id string) (string, error) {
	plain := func(r rune) bool {
		return r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if len(id) < 2 || len(id) > 100 || strings.ContainsFunc(id, func(r rune) bool { return !plain(r) }) {
		return "", fmt.Errorf("sqlite: %q is not a blob id", id)
	}
	return filepath.Join(e.dir, "blobs", folder(id), id), nil
}

// folder of an id: its end, since ids made at about the same time begin alike.
func folder(id string) string { return id[len(id)-2:] }

// PutBlob writes beside, syncs, and links into place, so that a blob is there whole or not at all.
func (e *Engine) PutBlob(_ context.Context, id string, r io.Reader) (n int64, err error) {
	path, err := e.path(id)
	if err != nil {
		return 0, err
	}
	n, err = e.put(path, r)
	return n, onDisk(err)
}

func (e *Engine) put(path string, r io.Reader) (n int64, err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Join(e.dir, "blobs"), "new-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if n, err = io.Copy(f, r); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	if err := os.Link(f.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return 0, &store.DuplicateError{Collection: "blobs", Index: "_id"}
		}
		return 0, err
	}
	return n, errors.Join(syncDir(dir), syncDir(filepath.Join(e.dir, "blobs")))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// OpenBlob opens the file.
func (e *Engine) OpenBlob(_ context.Context, id string) (io.ReadCloser, error) {
	path, err := e.path(id)
	if err != nil {
		return nil, store.ErrNotFound
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, store.ErrNotFound
	}
	return f, onDisk(err)
}

// DeleteBlob removes the file.
func (e *Engine) DeleteBlob(_ context.Context, id string) error {
	path, err := e.path(id)
	if err != nil {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Blobs lists ids by the time of their files; what a crash left half-written goes on the way.
func (e *Engine) Blobs(ctx context.Context, before time.Time, after string, limit int) ([]string, error) {
	root := filepath.Join(e.dir, "blobs")
	var ids []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return errors.Join(err, ctx.Err())
		case filepath.Dir(path) != root:
			if d.Name() > after {
				ids = append(ids, d.Name())
			}
			return nil
		}
		if old, err := olderThan(path, before); err != nil || !old {
			return err
		}
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	var out []string
	for _, id := range ids {
		if len(out) == limit {
			break
		}
		old, err := olderThan(filepath.Join(root, folder(id), id), before)
		if err != nil {
			return nil, err
		}
		if old {
			out = append(out, id)
		}
	}
	return out, nil
}

// olderThan is false for a file that has gone meanwhile.
func olderThan(path string, t time.Time) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.ModTime().Before(t), err
}
