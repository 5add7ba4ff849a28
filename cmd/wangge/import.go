package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"wangge/domain/area"
	"wangge/geo"
)

// importFile brings areas (CSV) or cells (GeoJSON) into the store and prints what it found.
func importFile(ctx context.Context, c *config, args []string, out io.Writer) error {
	if len(args) != 2 || (args[0] != "areas" && args[0] != "cells") {
		return fmt.Errorf("usage: wangge import areas FILE.csv | cells FILE.geojson")
	}
	content, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	w, err := open(ctx, c, c.logger())
	if err != nil {
		return err
	}
	defer func() { _ = w.close(context.Background()) }()
	if args[0] == "areas" {
		return w.importAreas(ctx, c, content, out)
	}
	return w.importCells(ctx, c, content, out)
}
