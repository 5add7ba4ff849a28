package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/table"
)

// importFile brings areas (CSV), cells (GeoJSON) or standard addresses (CSV) into the store and prints what it found.
func importFile(ctx context.Context, c *config, args []string, out io.Writer) error {
	if len(args) != 2 || !slices.Contains([]string{"areas", "cells", "addresses"}, args[0]) {
		return errors.New("usage: wangge import areas FILE.csv | cells FILE.geojson | addresses FILE.csv; see: wangge help import")
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
	switch args[0] {
	case "areas":
		return w.importAreas(ctx, c, content, out)
	case "addresses":
		return w.importAddresses(ctx, c, content, out)
	}
	return w.importCells(ctx, c, content, out)
}

func (w *world) importAddresses(ctx context.Context, c *config, content []byte, out io.Writer) error {
	var report *table.Report
	err := w.bulk(ctx, func() (err error) {
		report, err = w.addresses.Import(ctx, access.Program, time.Now().UTC(), bytes.NewReader(content), address.Import{
			Table: address.Whole(), Scheme: c.scheme, Datum: c.datum, DryRun: c.dryRun, Progress: printProgress(c.errout, "addresses"),
		})
		return err
	})
	if err != nil {
		return err
	}
	printFindings(out, report.Findings)
	verb := "imported"
	if report.DryRun {
		verb = "would import"
	}
	fmt.Fprintf(out, "%s: %d added, %d changed, %d unchanged, %d rows refused\n", verb, report.Added, report.Changed, report.Unchanged, report.Refused)
	return nil
}

func (w *world) importAreas(ctx context.Context, c *config, content []byte, out io.Writer) error {
	opts := area.AreaImport{DryRun: c.dryRun, Full: c.full, Edition: c.validFrom}
	report, err := w.areas.ImportAreas(ctx, access.Program, time.Now().UTC(), bytes.NewReader(content), opts)
	return printReport(out, report, err)
}

func (w *world) importCells(ctx context.Context, c *config, content []byte, out io.Writer) error {
	report, err := w.areas.ImportCells(ctx, access.Program, time.Now().UTC(), content, area.CellImport{
		DryRun: c.dryRun, Datum: c.datum, ToleranceM2: c.tolerance, Progress: printProgress(c.errout, "cells"),
	})
	return printReport(out, report, err)
}

// printProgress says how far an import is, not more often than somebody who waits wants to read.
func printProgress(out io.Writer, things string) func(table.Step, int, int) {
	began, last := time.Now(), time.Time{}
	return func(step table.Step, done, total int) {
		if done < total && time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		fmt.Fprintf(out, "%s: %d of %d %s, %.1f s\n", step, done, total, things, time.Since(began).Seconds())
	}
}

// printFindings prints a line for every kind of finding that a feature or line of the file has.
func printFindings(out io.Writer, findings []table.Finding) {
	type kind struct {
		line, feature int
		pointer, kind string // pointer: of what is about neither a line nor a feature
		warning       bool
	}
	of := func(f table.Finding) kind {
		k := kind{f.Line, f.Feature, "", f.Kind, f.Warning}
		if f.Line == 0 && f.Feature < 0 {
			k.pointer = f.Pointer
		}
		return k
	}
	more := map[kind][]table.Finding{}
	for _, f := range findings {
		more[of(f)] = append(more[of(f)], f)
	}
	for _, f := range findings {
		same := more[of(f)]
		if same == nil {
			continue
		}
		delete(more, of(f))
		severity, rest := "error", ""
		if f.Warning {
			severity = "warning"
		}
		if len(same) > 1 {
			var neighbours []string
			for _, g := range same[1:] {
				if g.Neighbour != "" && g.Neighbour != f.Neighbour && !slices.Contains(neighbours, g.Neighbour) {
					neighbours = append(neighbours, g.Neighbour)
				}
			}
			rest = fmt.Sprintf(" (and %d more", len(same)-1)
			if len(neighbours) > 0 {
				rest += ": cells " + strings.Join(neighbours, ", ")
			}
			rest += ")"
		}
		fmt.Fprintf(out, "%s %s %s: %s%s\n", severity, f.Pointer, f.Code, f.Detail.EN, rest)
	}
}

// printReport prints every finding and what was done.
func printReport(out io.Writer, report area.Report, err error) error {
	printFindings(out, report.Findings)
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
