package handlers

import (
	"wangge/domain/area"
	"wangge/handlers/web"
)

// cellImportOut is the report of an import.
type cellImportOut struct {
	DryRun   bool           `json:"dryRun"`
	Cells    cellCounts     `json:"cells"`
	Moved    map[string]int `json:"moved,omitempty"` // what lay in the cells, by kind
	Findings []findingOut   `json:"findings"`
}

type cellCounts struct {
	Added     int `json:"added"`
	Redrawn   int `json:"redrawn"`
	Unchanged int `json:"unchanged"`
}

func importCells(r *apiRequest) (*web.Reply, error) {
	dry, err := r.Flag("dryRun")
	if err != nil {
		return nil, err
	}
	d, err := r.Datum()
	if err != nil {
		return nil, err
	}
	tolerance, err := r.tolerance()
	if err != nil {
		return nil, err
	}
	if err := r.checkDrawing("features"); err != nil {
		return nil, err
	}
	report, err := r.Areas.ImportCells(r.Ctx, r.Actor, r.Now, r.Body, area.CellImport{DryRun: dry, Datum: d, ToleranceM2: tolerance})
	if err != nil {
		return nil, refusedFor(err, report.Findings, r.Lang())
	}
	return cellsImported(r, report), nil
}

func cellsImported(r *apiRequest, report area.Report) *web.Reply {
	out := cellImportOut{report.DryRun, cellCounts{report.Added, report.Changed, report.Unchanged}, report.Moved, findings(report.Findings, r.Lang())}
	return &web.Reply{Status: 200, Body: out, Report: report}
}
