package enginetest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

// before is a document with grams in it and an index on them; after has them in a text index.
type before struct {
	store.Meta `store:",inline"`
	Street     string    `store:"street"`
	State      string    `store:"state"`
	Title      string    `store:"title"`
	Created    time.Time `store:"created"`
	Grams      []string  `store:"grams"`
}

type after struct {
	store.Meta `store:",inline"`
	Street     string    `store:"street"`
	State      string    `store:"state"`
	Title      string    `store:"title"`
	Created    time.Time `store:"created"`
	Written    int       `store:"written"`
}

var (
	befores = store.Declare[before](store.Declaration{Name: "reports", Schema: 1, Indexes: []string{"grams: street, grams, created", "street: street, created"}})
	afters  = store.Declare[after](store.Declaration{
		Name: "reports", Schema: 2, Indexes: []string{"street: street, created", "state: street, state, created", "created: created"},
		Texts: []string{"text: street; created"}, Upgrades: []store.Upgrade{withoutGrams},
	})
)

func withoutGrams(doc bson.D) (bson.D, error) {
	return slices.DeleteFunc(doc, func(e bson.E) bool { return e.Key == "grams" }), nil
}

func grams(title string) (out []string) {
	for i := range len(title) - 2 {
		out = append(out, title[i:i+2])
	}
	return out
}

// BenchmarkUpgrade rewrites and re-indexes documents while one client writes
// others: how long 100,000 take, and what the client waits for a write.
func BenchmarkUpgrade(b *testing.B) {
	const documents = 10_000
	entry := store.Entry{At: time.UnixMilli(1_700_000_000_000), Actor: "bench", Action: "report"}
	for _, engine := range []string{"sqlite", "mongodb"} {
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				ctx, p := b.Context(), Places[engine](b)
				quiet := store.Options{AtOnce: 1, Log: slog.New(slog.DiscardHandler)}
				old, err := store.Open(ctx, p.Open(b), quiet, befores)
				must(b, err)
				for from := 0; from < documents; from += 500 {
					must(b, old.Update(ctx, []string{"s"}, func(tx *store.Tx) error {
						for i := from; i < from+500; i++ {
							title := strings.Repeat(fmt.Sprintf("%05d", i*7919%100_000), 10)
							x := &before{Meta: store.Meta{ID: fmt.Sprintf("%08d", i), Partition: "s"}, Street: fmt.Sprint(i % 20), State: fmt.Sprint(i % 6), Title: title,
								Created: entry.At.Add(time.Duration(i) * time.Second), Grams: grams(title)}
							if err := befores.Insert(tx, x, entry); err != nil {
								return err
							}
						}
						return nil
					}))
				}
				must(b, old.Close(ctx))
				st, err := store.Open(ctx, p.Open(b), quiet, store.Worded(afters, func(x *after) ([]string, error) { return grams(x.Title), nil }))
				must(b, err)
				lease, err := st.Acquire(ctx, "upgrade", "bench", time.Hour)
				must(b, err)
				writing, stop := context.WithCancel(ctx)
				waits := make(chan []time.Duration)
				go func() { waits <- write(writing, st, entry) }()
				b.StartTimer()
				began := time.Now()
				must(b, st.Upgrade(ctx, lease))
				took := time.Since(began)
				b.StopTimer()
				stop()
				all := <-waits
				slices.Sort(all)
				b.ReportMetric(took.Seconds()*100_000/documents, "s/100,000")
				b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms/write")
				b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms/write")
				must(b, st.Close(context.WithoutCancel(ctx)))
				b.StartTimer()
			}
		})
	}
}

// write changes one document after the other, and tells how long each took.
func write(ctx context.Context, st *store.Store, entry store.Entry) (waits []time.Duration) {
	for i := 0; ctx.Err() == nil; i += 37 {
		began := time.Now()
		err := st.Update(ctx, []string{"s"}, func(tx *store.Tx) error {
			x, err := afters.Get(ctx, tx, fmt.Sprintf("%08d", i%10_000))
			if err != nil {
				return err
			}
			x.Written++
			return afters.Put(tx, x, entry)
		})
		if err == nil {
			waits = append(waits, time.Since(began))
		}
		time.Sleep(5 * time.Millisecond)
	}
	return waits
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
