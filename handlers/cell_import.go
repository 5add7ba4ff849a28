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
	Findings []cellFinding  `json:"findings"`
}

type cellCounts struct {
	Added     int `json:"added"`
	Redrawn   int `json:"redrawn"`
	Unchanged int `json:"unchanged"`
}

type cellFinding struct {
	Feature   *int     `json:"feature"`
	Pointer   string   `json:"pointer"`
	Kind      string   `json:"kind"`
	Severity  string   `json:"severity"`
	Neighbour *string  `json:"neighbour"`
	AreaM2    *float64 `json:"areaM2"`
	Detail    string   `json:"detail"`
}

func cellFindings(report area.Report, l web.Lang) []cellFinding {
	out := []cellFinding{}
	for _, f := range report.Findings {
		finding := cellFinding{Pointer: f.Pointer, Kind: f.Kind, Severity: "error", Neighbour: optional(f.Neighbour), AreaM2: optional(f.AreaM2), Detail: l.Text(f.Detail)}
		if f.Warning {
			finding.Severity = "warning"
		}
		if f.Feature >= 0 {
			finding.Feature = &f.Feature
		}
		out = append(out, finding)
	}
	return out
}

func importCells(r *request) (*web.Reply, error) {
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
	if err != nil && len(report.Findings) > 0 {
		return nil, &web.FindingsError{Err: err, Findings: cellFindings(report, r.Lang())}
	}
	if err != nil {
		return nil, err
	}
	return cellsImported(r, report), nil
}

func cellsImported(r *request, report area.Report) *web.Reply {
	out := cellImportOut{report.DryRun, cellCounts{report.Added, report.Changed, report.Unchanged}, report.Moved, cellFindings(report, r.Lang())}
	return &web.Reply{Status: 200, Body: out, Report: report}
}
