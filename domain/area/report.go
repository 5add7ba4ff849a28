package area

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

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
	Moved     Moved    // with the cells
	Redraws   []string // ids of what was made of it, one a street; of an import and a dry run none
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

// conclude puts the findings in the order of the input, those about the whole
// first. With an error among them nothing is done; unless it was a dry run, the
// error returned is all of these.
func (r *Report) conclude() error {
	if r.Failed() {
		r.Added, r.Changed, r.Ended = 0, 0, 0
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Feature, b.Feature))
	})
	var bad domain.InvalidError
	for _, f := range r.Findings {
		if !f.Warning && !r.DryRun {
			bad.Add(f.Pointer, f.Detail)
		}
	}
	return bad.Err()
}

const importTries = 6

// attempts plans and writes an import until nobody changes meanwhile what the
// plan was made on; ErrBusy after a few times. The pauses keep two imports
// from undoing each other's preparations for ever.
func attempts(ctx context.Context, try func() (Report, error)) (Report, error) {
	for n := range importTries {
		report, err := try()
		if !errors.Is(err, ErrOvertaken) {
			return report, err
		}
		select {
		case <-ctx.Done():
			return Report{}, ctx.Err()
		case <-time.After(rand.N(time.Duration(n+1) * 200 * time.Millisecond)):
		}
	}
	return Report{}, domain.ErrBusy
}
