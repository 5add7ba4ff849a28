package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"wangge/store"
)

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
