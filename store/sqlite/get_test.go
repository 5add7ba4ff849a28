package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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
					var got []string
					for _, raw := range raws {
						got = append(got, raw.Lookup("_id").StringValue())
					}
					if err != nil || !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(own))) {
						t.Errorf("%v of %v: %v", got, own, err)
					}
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkGet reads documents by id, one and as many as a page speaks of.
func BenchmarkGet(b *testing.B) {
	engine, st := openPapers(b)
	ids := make([]string, 2000)
	for i := range ids {
		ids[i] = fmt.Sprint("paper-", i)
		if err := addPaper(b.Context(), st, &paper{Meta: store.Meta{ID: ids[i], Partition: "p"}, Number: ids[i], State: strings.Repeat("x", 1000)}); err != nil {
			b.Fatal(err)
		}
	}
	for _, n := range []int{1, 3, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := 0; b.Loop(); i = (i + n) % (len(ids) - n) {
				if docs, err := engine.Get(b.Context(), papers.Spec(), ids[i:i+n]); err != nil || len(docs) != n {
					b.Fatal(len(docs), err)
				}
			}
		})
	}
}
