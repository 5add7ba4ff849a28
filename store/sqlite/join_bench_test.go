package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/sqlite"
)

// BenchmarkJoin lists the newest 20 of 20,000 documents in some streets and
// states: as many ranges of one index as the name says, the first page and one far behind.
func BenchmarkJoin(b *testing.B) {
	ctx := b.Context()
	engine, err := sqlite.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	st, err := store.Open(ctx, engine, store.Options{}, items)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close(context.Background()) })
	for from := 0; from < 20_000; from += 1000 {
		err := st.Update(ctx, []string{"p"}, func(tx *store.Tx) error {
			for i := from; i < from+1000; i++ {
				doc := &item{Meta: store.Meta{ID: benchID(i), Partition: "p"}, Number: benchID(i), Street: fmt.Sprint("street-", i%98), State: fmt.Sprint("state-", i%5),
					Cell: fmt.Sprint(i % 1000), Created: time.UnixMilli(int64(i)), Text: strings.Repeat("x", 800)}
				if err := items.Insert(tx, doc, benchEntry); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	named := func(prefix string, n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprint(prefix, i)
		}
		return out
	}
	for _, c := range [][2]int{{1, 1}, {1, 3}, {10, 3}, {98, 1}, {98, 3}} {
		q := store.Query{Where: []store.Cond{store.In("street", named("street-", c[0])...), store.In("state", named("state-", c[1])...)}, Order: []string{"-created"}, Limit: 20}
		b.Run(fmt.Sprintf("%dx%d", c[0], c[1]), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := items.Find(ctx, st, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
