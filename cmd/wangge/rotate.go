package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"wangge/domain/personal"
	"wangge/handlers/auth"
)

const (
	personalKeysFile = "personal-keys.json"
	tokenKeysFile    = "token-keys.json"
)

// rotate adds a key to one of the key files. Running nodes go on with the keys they have.
func rotate(_ context.Context, c *config, args []string, out io.Writer) error {
	if len(args) != 1 || (args[0] != "personal" && args[0] != "tokens") {
		return errors.New("usage: wangge rotate personal | tokens; see: wangge help rotate")
	}
	file := personalKeysFile
	var keys interface{ Rotate() error }
	var err error
	if args[0] == "personal" {
		keys, err = personal.LoadKeys(filepath.Join(c.data, file), c.personalKeys)
	} else {
		file = tokenKeysFile
		keys, err = auth.LoadKeys(filepath.Join(c.data, file), c.tokenKeys)
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
