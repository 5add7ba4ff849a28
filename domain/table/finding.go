package table

import (
	"cmp"
	"fmt"
	"slices"

	"wangge/domain"
)

// Finding is one thing an import has to say about what it was given.
type Finding struct {
	Line    int    // of a table, as the file shows it, from 1; 0: about none
	Column  string // of a table; "": the row as a whole
	Pointer string // into the input: "/7/code", or "/features/3/geometry" of GeoJSON
	Feature int    // of GeoJSON, from 0; -1: about none
	Kind    string // a stable word, such as "duplicate"
	Warning bool   // it keeps nothing from being imported
	Detail  domain.Text

	// Of areas and cells, as far as known.
	Code      string
	Neighbour string // code of another cell
	AreaM2    float64
}

// Fault is a finding that keeps a row of a table out. Line 0 is about the file as a whole.
func Fault(line int, column, kind string, detail domain.Text) Finding {
	pointer := ""
	if line > 0 {
		pointer = fmt.Sprintf("/%d", line)
	}
	if column != "" {
		pointer += "/" + column
	}
	return Finding{Line: line, Column: column, Pointer: pointer, Feature: -1, Kind: kind, Detail: detail}
}

// Warning is a finding about a row that is imported all the same.
func Warning(line int, column, kind string, detail domain.Text) Finding {
	f := Fault(line, column, kind, detail)
	f.Warning = true
	return f
}

// Counts say what an import did with things.
type Counts struct {
	Added     int
	Changed   int
	Unchanged int
}

// Report says what an import found and did, or would do.
type Report struct {
	DryRun   bool
	Encoding string // of a table
	Rows     int    // of a table, good and bad
	Refused  int    // rows with a fault
	Counts
	Findings []Finding
}

// findingsMost is how many findings a report has; what is over it is counted.
const findingsMost = 1_000

// Failed reports whether the findings keep something from being imported.
func (r *Report) Failed() bool { return slices.ContainsFunc(r.Findings, isFault) }

func isFault(f Finding) bool { return !f.Warning }

// Settle puts the findings in the order of the input, those about the whole
// first, counts the refused rows, and bounds the findings: faults stay before
// warnings, and the last finding says how many are left out.
func (r *Report) Settle() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Feature, b.Feature))
	})
	last, faults := 0, 0
	r.Refused = 0
	for _, f := range r.Findings {
		if f.Warning {
			continue
		}
		if faults++; f.Line != last {
			r.Refused, last = r.Refused+1, f.Line
		}
	}
	over := len(r.Findings) - findingsMost
	if over <= 0 {
		return
	}
	warnings := max(findingsMost-faults, 0)
	kept := 0
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		if f.Warning {
			warnings--
		}
		drop := f.Warning && warnings < 0 || kept == findingsMost
		if !drop {
			kept++
		}
		return drop
	})
	r.Findings = append(r.Findings, Warning(0, "", "more", domain.Textf("另有%d条未列出", "%d more are not listed", over)))
}

// Conclude settles the report of an import that is done as a whole or not at
// all. With a fault nothing is done; unless it was a dry run, the InvalidError
// returned is all of them.
func (r *Report) Conclude() error {
	bad, failed := &domain.InvalidError{}, r.Failed()
	r.Settle()
	if !failed {
		return nil
	}
	r.Counts = Counts{}
	for _, f := range r.Findings {
		if isFault(f) && !r.DryRun {
			bad.Add(f.Pointer, f.Detail)
		}
	}
	return bad.Err()
}
