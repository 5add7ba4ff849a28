package table

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"wangge/domain"
)

// A chunk whose plan is overtaken is planned anew, a few times; what others
// wrote before stays, and counts are of what is in.
func TestApply(t *testing.T) {
	numbers := []int{1, 2, 3, 4, 5}
	for name, c := range map[string]struct {
		dry   bool
		fails map[int]error // of the n-th write
		want  string
	}{
		"all":                       {false, nil, "[1 2] [3 4] [5] looked 0: 5 added, 3 findings <nil>"},
		"dry":                       {true, nil, "looked 0: 5 added, 3 findings <nil>"},
		"overtaken":                 {false, map[int]error{2: ErrOvertaken, 3: domain.ErrBusy}, "[1 2] [3 4] [5] looked 2: 5 added, 3 findings <nil>"},
		"overtaken all the time":    {false, map[int]error{2: ErrOvertaken, 3: ErrOvertaken, 4: ErrOvertaken, 5: ErrOvertaken}, "[1 2] looked 3: 0 added, 1 findings " + domain.ErrBusy.Error()},
		"broken":                    {false, map[int]error{2: errors.ErrUnsupported}, "[1 2] looked 0: 0 added, 1 findings " + errors.ErrUnsupported.Error()},
		"busy all the time at last": {false, map[int]error{3: domain.ErrBusy, 4: domain.ErrBusy, 5: domain.ErrBusy, 6: domain.ErrBusy}, "[1 2] [3 4] looked 3: 0 added, 2 findings " + domain.ErrBusy.Error()},
	} {
		r, writes, looked, got, written := &Report{DryRun: c.dry}, 0, 0, "", 0
		err := Apply(t.Context(), r, numbers, 2, func(context.Context) error { looked++; return nil }, func(_ context.Context, chunk []int) (*Plan, error) {
			return &Plan{
				Counts:   Counts{Added: len(chunk)},
				Findings: []Finding{Warning(chunk[0], "", "seen", domain.T("见", "seen"))},
				Write: func(context.Context) error {
					if writes++; c.fails[writes] != nil {
						return c.fails[writes]
					}
					got += fmt.Sprint(chunk, " ")
					return nil
				},
				Written: func() { written++ },
			}, nil
		})
		if got += fmt.Sprintf("looked %d: %d added, %d findings %v", looked, r.Added, len(r.Findings), err); got != c.want || written != len(r.Findings) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}
