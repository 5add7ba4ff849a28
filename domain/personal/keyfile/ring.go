package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
)

// ErrEnvironment: keys given by the environment cannot be rotated here.
var ErrEnvironment = errors.New("the keys come from the environment and have to be rotated there: add the new key beside the old one, restart every node, then name it as \"current\"")

// ErrMissing: there is no key file, and none was to be made.
var ErrMissing = errors.New("there is no key file")

// Ring is what a key file, or the environment, holds, parsed. Load gives it;
// it may be used by many goroutines at once.
type Ring[R any] struct {
	atomic.Pointer[R]
	path  string // empty when the keys came from the environment
	parse func([]byte) (*R, error)
}

// OpenRing reads the keys from env, the content of an environment variable,
// or, where that is empty, from the file at path, which it makes with fresh
// keys on first start (see Load), or, without fresh, requires: ErrMissing.
func OpenRing[R any](path, env string, fresh func() ([]byte, error), parse func([]byte) (*R, error)) (*Ring[R], error) {
	k, source, content := &Ring[R]{path: path, parse: parse}, "key file "+path, []byte(env)
	if strings.TrimSpace(env) != "" {
		k.path, source = "", "keys in the environment"
	} else {
		var err error
		if fresh == nil {
			content, err = read(path)
		} else {
			content, err = Load(path, fresh)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %s", ErrMissing, path)
		}
		if err != nil {
			return nil, err
		}
	}
	r, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	k.Store(r)
	return k, nil
}

// Rotate replaces the file by what next makes of it, and uses that. Other
// processes see it when they open the file again. ErrEnvironment when there is no file.
func (k *Ring[R]) Rotate(next func(*R) ([]byte, error)) error {
	if k.path == "" {
		return ErrEnvironment
	}
	content, err := Update(k.path, func(old []byte) ([]byte, error) {
		r, err := k.parse(old)
		if err != nil {
			return nil, fmt.Errorf("key file %s: %w", k.path, err)
		}
		return next(r)
	})
	if err != nil {
		return err
	}
	r, err := k.parse(content)
	if err != nil {
		return err
	}
	k.Store(r)
	return nil
}
