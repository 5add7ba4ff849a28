package demo

import (
	"bytes"
	"context"
	_ "embed"

	"wangge/domain/access"
	"wangge/domain/policy"
)

// catalogueCSV is a small table as cities publish theirs.
//
//go:embed data/catalogue.csv
var catalogueCSV []byte

// catalogue lies in the draft of Fengqiao, for its manager to put in force.
func (w *filling) catalogue(ctx context.Context) error {
	if w.size != Whole {
		return nil
	}
	_, err := w.Policies.Import(ctx, access.Program, w.now, fengqiao, bytes.NewReader(catalogueCSV), policy.Import{})
	return err
}
