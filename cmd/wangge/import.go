package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"wangge/domain"
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

func (w *world) importAreas(ctx context.Context, c *config, content []byte, out io.Writer) error {
	opts := area.AreaImport{DryRun: c.dryRun, Full: c.full}
	if c.validFrom != "" {
		day, err := time.Parse(time.DateOnly, c.validFrom)
		if err != nil {
			return fmt.Errorf("--valid-from: %q is not a day such as 2023-01-01", c.validFrom)
		}
		opts.Edition = day
	}
	report, err := w.areas.ImportAreas(ctx, program, time.Now().UTC(), bytes.NewReader(content), opts)
	return printReport(out, report, err)
}

func (w *world) importCells(ctx context.Context, c *config, content []byte, out io.Writer) error {
	d, ok := geo.ParseDatum(c.datum)
	if !ok {
		return fmt.Errorf("--datum: %q is not wgs84, cgcs2000, gcj02 or bd09", c.datum)
	}
	report, err := w.areas.ImportCells(ctx, program, time.Now().UTC(), content, area.CellImport{
		DryRun: c.dryRun, Datum: d, ToleranceM2: c.tolerance, Progress: printProgress(c.errout),
	})
	return printReport(out, report, err)
}

// printProgress says how far an import is, not more often than somebody who waits wants to read.
func printProgress(out io.Writer) func(area.Step, int, int) {
	began, last := time.Now(), time.Time{}
	return func(step area.Step, done, total int) {
		if done < total && time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		fmt.Fprintf(out, "%s: %d of %d cells, %.1f s\n", step, done, total, time.Since(began).Seconds())
	}
}

// printReport prints every finding and what was done.
func printReport(out io.Writer, report area.Report, err error) error {
	for _, f := range report.Findings {
		severity := "error"
		if f.Warning {
			severity = "warning"
		}
		fmt.Fprintf(out, "%s %s %s: %s\n", severity, f.Pointer, f.Code, f.Detail.EN)
	}
	var invalid *domain.InvalidError
	switch {
	case report.DryRun && report.Failed():
		return errors.New("nothing would be imported")
	case errors.As(err, &invalid) && len(report.Findings) > 0:
		return errors.New("nothing was imported")
	case err != nil:
		return err
	}
	verb := "imported"
	if report.DryRun {
		verb = "would import"
	}
	fmt.Fprintf(out, "%s: %d added, %d changed, %d ended, %d unchanged\n", verb, report.Added, report.Changed, report.Ended, report.Unchanged)
	return nil
}
