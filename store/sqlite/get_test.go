package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"wangge/store"
)

// TestGetsSeeWhatWasCommitted: many read at the same time, short and long
// lists, and nobody sees less than was committed before asking, nor another's documents.
func TestGetsSeeWhatWasCommitted(t *testing.T) {
	engine, st := openPapers(t)
	ctx := t.Context()
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			var own []string
			for i := range 25 {
				id := fmt.Sprintf("%d-%d", w, i)
				if err := addPaper(ctx, st, &paper{Meta: store.Meta{ID: id, Partition: "p"}, Number: id, State: id}); err != nil {
					t.Error(err)
					return
				}
				own = append(own, id)
				if x, err := papers.Get(ctx, st, id); err != nil || x.State != id {
					t.Errorf("%s: %v", id, err)
				}
				if _, err := papers.Get(ctx, st, id+"x"); !errors.Is(err, store.ErrNotFound) {
					t.Error(err)
				}
				if rand.IntN(4) == 0 {
					raws, err := engine.Get(ctx, papers.Spec(), append(own, "none"))
					if err != nil || len(raws) != len(own) {
						t.Errorf("%d of %d documents: %v", len(raws), len(own), err)
					}
				}
			}
		})
	}
	all.Wait()
}
