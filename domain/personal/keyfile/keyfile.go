// Package keyfile keeps small secret files: made on first start for their
// owner alone, refused when others may read them, and replaced as a whole or
// not at all. It does not know which keys the files hold.
package keyfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Load returns the content of the file at path. Where there is none, it
// writes what create returns: the file appears complete or not at all, with
// mode 0600, and of several processes that start at once one writes and all
// read the same. The folder must exist. A file that its group or others may
// read, write or run is refused.
func Load(path string, create func() ([]byte, error)) ([]byte, error) {
	content, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	if content, err = create(); err != nil {
		return nil, err
	}
	// A link, unlike a rename, fails where another process was first.
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return nil, fmt.Errorf("key file %s cannot be made: %w", path, err)
	}
	defer os.Remove(temp.Name())
	if err := fill(temp, content); err != nil {
		return nil, err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("key file %s cannot be made: %w", path, err)
	}
	if err := syncFolder(path); err != nil {
		return nil, err
	}
	return read(path)
}

// Update replaces the content of the file at path by what change makes of it,
// and returns that. Readers see the old content or the new. One update runs at
// a time, also across processes: path+".new", which exists meanwhile, is the
// lock, and one left behind by a crash has to be removed by hand.
func Update(path string, change func(old []byte) ([]byte, error)) ([]byte, error) {
	pending := path + ".new"
	file, err := os.OpenFile(pending, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("key file %s is being changed by another process; if none is running, remove %s", path, pending)
	}
	if err != nil {
		return nil, err
	}
	content, err := rewrite(path, file, change)
	if err != nil {
		file.Close() // may be closed already
		return nil, errors.Join(err, os.Remove(pending))
	}
	if err := os.Rename(pending, path); err != nil {
		return nil, errors.Join(err, os.Remove(pending))
	}
	return content, syncFolder(path)
}

// rewrite fills the pending file with the changed content of path.
func rewrite(path string, pending *os.File, change func(old []byte) ([]byte, error)) ([]byte, error) {
	old, err := read(path)
	if err != nil {
		return nil, err
	}
	content, err := change(old)
	if err != nil {
		return nil, err
	}
	return content, fill(pending, content)
}

// fill writes content, waits until it is on the disk, and closes the file.
func fill(file *os.File, content []byte) error {
	_, err := file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key file %s is not a regular file", path)
	}
	// Windows has no such modes and reports 0666 for every file.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("key file %s is open to others than its owner (mode %04o): run \"chmod 600 %s\"", path, mode, path)
	}
	return io.ReadAll(file)
}

// syncFolder makes a new name of the file at path survive a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && runtime.GOOS != "windows" {
		return err
	}
	return nil
}

// Decode reads the JSON of a key file strictly: a misspelt or unknown member
// or anything after the end is an error, and no error shows the content.
func Decode(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("not a key file: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("not a key file: more follows its end")
	}
	return nil
}
