package area

import (
	"cmp"
	"slices"

	"wangge/domain"
)

// Finding is one thing an import has to say about its input.
type Finding struct {
	Pointer   string // "/7/code": line 7, column code; "/features/3/geometry": a feature, counted from 0
	Line      int    // of a CSV file, from 1; else 0
	Feature   int    // of a FeatureCollection, from 0; -1 where it is about none
	Code      string // of the area or cell it is about, as far as known
	Neighbour string // code of the other cell
	AreaM2    float64
	Kind      string // a stable word, such as "duplicate"
	Warning   bool   // does not keep the import from happening
	Detail    domain.Text
}

// Report says what an import found and did, or would do.
type Report struct {
	DryRun    bool
	Added     int
	Changed   int // renamed, redrawn
	Ended     int
	Unchanged int
	Findings  []Finding
}

// Failed reports whether the findings keep the input from being imported.
func (r *Report) Failed() bool {
	for _, f := range r.Findings {
		if !f.Warning {
			return true
		}
	}
	return false
}

// refusal is the error of an import that was not a dry run and found errors;
// it lists every one of them.
func (r *Report) refusal() error {
	var bad domain.InvalidError
	for _, f := range r.Findings {
		if !f.Warning {
			bad.Add(f.Pointer, f.Detail)
		}
	}
	return bad.Err()
}

// sortFindings orders findings by where they are in the input, those about the whole first.
func sortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Feature, b.Feature))
	})
}
