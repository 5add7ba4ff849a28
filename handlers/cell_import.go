package handlers

import "wangge/domain/area"

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

// cellsError is a refused import, with everything that was found.
type cellsError struct {
	error
	report area.Report
}

func (e *cellsError) Unwrap() error { return e.error }

func cellFindings(report area.Report, l lang) []cellFinding {
	out := []cellFinding{}
	for _, f := range report.Findings {
		finding := cellFinding{Pointer: f.Pointer, Kind: f.Kind, Severity: "error", Neighbour: optional(f.Neighbour), AreaM2: optional(f.AreaM2), Detail: l.text(f.Detail)}
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

func importCells(r *request) (*reply, error) {
	dry, err := r.flag("dryRun")
	if err != nil {
		return nil, err
	}
	d, err := r.datum()
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
	report, err := r.Areas.ImportCells(r.ctx, r.actor, r.now, r.body, area.CellImport{DryRun: dry, Datum: d, ToleranceM2: tolerance})
	if err != nil && len(report.Findings) > 0 {
		return nil, &cellsError{err, report}
	}
	if err != nil {
		return nil, err
	}
	return cellsImported(r, report), nil
}

func cellsImported(r *request, report area.Report) *reply {
	out := cellImportOut{report.DryRun, cellCounts{report.Added, report.Changed, report.Unchanged}, report.Moved, cellFindings(report, r.lang())}
	return &reply{status: 200, body: out, report: report}
}
