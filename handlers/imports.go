package handlers

import (
	"bytes"
	"io"

	"wangge/domain/table"
	"wangge/handlers/web"
)

// findingOut is one thing an import or a redraw has to say about its input,
// in the one form of all of them: where it is about no row of a table, line is
// 0; where it is about no cell of GeoJSON, feature, neighbour and areaM2 are null.
type findingOut struct {
	Line      int      `json:"line"`
	Column    *string  `json:"column"`
	Pointer   string   `json:"pointer"`
	Kind      string   `json:"kind"`
	Severity  string   `json:"severity"`
	Detail    string   `json:"detail"`
	Feature   *int     `json:"feature"`
	Neighbour *string  `json:"neighbour"`
	AreaM2    *float64 `json:"areaM2"`
	Field     *string  `json:"field,omitempty"` // the column, as imports of areas called it
}

func findings(found []table.Finding, l web.Lang) []findingOut {
	out := make([]findingOut, len(found))
	for i, f := range found {
		out[i] = findingOut{Line: f.Line, Column: optional(f.Column), Pointer: f.Pointer, Kind: f.Kind, Severity: "error", Detail: l.Text(f.Detail),
			Neighbour: optional(f.Neighbour), AreaM2: optional(f.AreaM2)}
		if f.Warning {
			out[i].Severity = "warning"
		}
		if f.Feature >= 0 && f.Line == 0 {
			out[i].Feature = &f.Feature
		}
	}
	return out
}

// refusedFor gives an error of an import or a redraw all that was found in its input.
func refusedFor(err error, found []table.Finding, l web.Lang) error {
	if len(found) == 0 {
		return err
	}
	return &web.FindingsError{Err: err, Findings: findings(found, l)}
}

// tableOut is what the report of every table that comes in says.
type tableOut struct {
	DryRun   bool         `json:"dryRun"`
	Encoding string       `json:"encoding"`
	Rows     int          `json:"rows"`
	Refused  int          `json:"refused"`
	Findings []findingOut `json:"findings"`
}

func tableReport(r table.Report, l web.Lang) tableOut {
	return tableOut{r.DryRun, r.Encoding, r.Rows, r.Refused, findings(r.Findings, l)}
}

// tableQuery are the parameters that every table takes.
var tableQuery = []string{"dryRun", "sheet", "columns"}

// tables are the media types of a table.
var tables = []string{web.CSV, web.XLSX}

// table reads the parameters of a table, and gives its file.
func (r *apiRequest) table(d *table.Declaration) (file io.Reader, dry bool, opts table.Options, err error) {
	if dry, err = r.Flag("dryRun"); err != nil {
		return nil, false, opts, err
	}
	opts.Sheet = r.Query.Get("sheet")
	if text := r.Query.Get("columns"); text != "" {
		opts.Headings, err = d.ParseHeadings("columns", text)
	}
	return bytes.NewReader(r.Body), dry, opts, err
}
