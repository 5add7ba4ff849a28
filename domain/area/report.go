package area

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"wangge/domain"
	"wangge/domain/table"
)

// Report says what an import or a redraw found and did, or would do.
type Report struct {
	table.Report
	Ended   int
	Moved   Moved    // with the cells
	Redraws []string // ids of what was made of it, one a street; of an import and a dry run none
}

// conclude settles the report; with a fault nothing is done, and unless it was
// a dry run, the error returned is all of them.
func (r *Report) conclude() error {
	err := r.Conclude()
	if r.Failed() {
		r.Ended = 0
	}
	return err
}

const importTries = 6

// retryOvertaken plans and writes an import until nobody changes meanwhile what the
// plan was made on; ErrBusy after a few times. The pauses keep two imports
// from undoing each other's preparations for ever.
func retryOvertaken(ctx context.Context, try func() (Report, error)) (Report, error) {
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
