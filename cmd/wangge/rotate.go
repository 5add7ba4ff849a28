package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"wangge/domain/personal"
	"wangge/domain/personal/keyfile"
	"wangge/handlers/auth"
)

const (
	personalKeysFile = "personal-keys.json"
	tokenKeysFile    = "token-keys.json"
)

// rotate adds a key to one of the key files, which must be there. Running nodes go on with the keys they have.
func rotate(_ context.Context, c *config, args []string, out io.Writer) error {
	if len(args) != 1 || (args[0] != "personal" && args[0] != "tokens") {
		return errors.New("usage: wangge rotate personal | tokens; see: wangge help rotate")
	}
	file := personalKeysFile
	var keys interface{ Rotate() error }
	var err error
	if args[0] == "personal" {
		keys, err = personal.OpenKeys(filepath.Join(c.data, file), c.personalKeys)
	} else {
		file = tokenKeysFile
		keys, err = auth.OpenKeys(filepath.Join(c.data, file), c.tokenKeys)
	}
	if errors.Is(err, keyfile.ErrMissing) {
		return fmt.Errorf("%w: nothing to rotate; give --data, restore the file from the backup or, for a new store, start wangge serve once", err)
	}
	if err != nil {
		return err
	}
	if err := keys.Rotate(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s has a new current key; restart every node\n", filepath.Join(c.data, file))
	return nil
}
