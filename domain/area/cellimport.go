package area

import (
	"context"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/table"
	"wangge/geo"
)

// CellImport says how to take a file of cells.
type CellImport struct {
	DryRun      bool
	Datum       geo.Datum // of the file
	ToleranceM2 float64   // overlaps up to this much are let be; 1 when 0

	Progress table.Progress
}

// ImportCells takes a GeoJSON FeatureCollection of cells (see readCells). An
// existing code with another polygon gets a new boundary version, with the
// same one and the same properties it stays as it is; cells that the file
// leaves out stay. The report lists all findings; if one is an error, nothing
// is written and, unless it is a dry run, the error is the InvalidError of
// these. All cells of a file become visible together, however many.
// Errors: ErrForbidden, InvalidError, ErrBusy when others change the same streets all the time.
func (s *Areas) ImportCells(ctx context.Context, actor access.Actor, now time.Time, data []byte, opts CellImport) (Report, error) {
	if !access.ImportsCells(actor) {
		return Report{}, domain.ErrForbidden
	}
	if _, ok := geo.ParseDatum(string(opts.Datum)); !ok {
		return Report{}, domain.Invalid("?datum", domain.T("坐标系应为 wgs84、cgcs2000、gcj02 或 bd09", "the datum is wgs84, cgcs2000, gcj02 or bd09"))
	}
	if opts.ToleranceM2 <= 0 {
		opts.ToleranceM2 = 1
	}
	features, noticed, err := readCells(data, opts.Datum)
	if err != nil {
		return Report{}, err
	}
	opts.Progress.Tell(table.Reading, len(features), len(features))
	select { // two at once would only make each other begin anew
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	return retryOvertaken(ctx, func() (Report, error) {
		if err := s.Refresh(ctx); err != nil {
			return Report{}, err
		}
		plan := newCellPlan(s, actor, Imported)
		plan.features, plan.datum, plan.report = features, opts.Datum, Report{Report: table.Report{DryRun: opts.DryRun, Findings: slices.Clone(noticed)}}
		if err := plan.decide(opts.ToleranceM2); err != nil {
			return Report{}, err
		}
		opts.Progress.Tell(table.Checking, len(features), len(features))
		return s.carryOut(ctx, plan, now, opts.Progress)
	})
}
