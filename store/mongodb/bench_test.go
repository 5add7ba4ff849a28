package mongodb_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/mongodb/mongotest"
)

// record is a document of about 1 KB with four indexes.
type record struct {
	store.Meta `store:",inline"`
	State      string    `store:"state"`
	Cell       string    `store:"cell"`
	Due        time.Time `store:"due"`
	Number     int64     `store:"number"`
	Text       string    `store:"text"`
}

var (
	indexes = []string{"state: partition, state, due", "cell: cell, due", "due: partition, due", "number: partition, number"}
	records = store.Declare[record](store.Declaration{Name: "records", Schema: 1, Indexes: indexes})
	beside  = store.Declare[record](store.Declaration{Name: "beside", Schema: 1, Indexes: indexes}) // the hand-written code's
)

const street = "320594001"

func recordID(w int) string { return fmt.Sprintf("0190b6f0-0000-7000-8000-%012d", w) }

func newRecord(w int) *record {
	return &record{
		Meta: store.Meta{ID: recordID(w), Partition: street}, State: "new", Cell: fmt.Sprint("32059400100", w%10),
		Due: time.UnixMilli(1714564800000).UTC(), Text: strings.Repeat("井盖松动", 65),
	}
}

func touched(actor string) store.Entry {
	return store.Entry{
		Actor: actor, From: "session:1", Action: "correct", At: time.UnixMilli(1714564800000).UTC(),
		Before: store.Facts{State: "new", Cell: "320594001001"}, After: store.Facts{State: "new", Cell: "320594001001"},
		Dims: map[string]string{"category": "manhole", "source": "app"},
	}
}

// increment is the update that is measured.
func increment(ctx context.Context, s *store.Store, w int) error {
	return s.Update(ctx, []string{street}, func(tx *store.Tx) error {
		r, err := records.Get(ctx, tx, recordID(w))
		if err != nil {
			return err
		}
		r.Number++
		return records.Put(tx, r, touched(fmt.Sprint("writer-", w)))
	})
}

// BenchmarkUpdate measures Store.Update and, in turns with it, driver code
// written by hand for the same work: the same reads, then one transaction of
// as many updates as there are writers, with counter, version check,
// replacements by version, and journal entries.
func BenchmarkUpdate(b *testing.B) {
	for _, writers := range []int{1, 32, 256} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			s, raw := benched(b, writers)
			const each = 16
			var ours, theirs time.Duration
			updates := 0
			for b.Loop() {
				began := time.Now()
				inParallel(b, writers, func(w int) error {
					for range each {
						if err := increment(b.Context(), s, w); err != nil {
							return err
						}
					}
					return nil
				})
				ours += time.Since(began)
				began = time.Now()
				for range each {
					if err := raw.round(b.Context(), writers); err != nil {
						b.Fatal(err)
					}
				}
				theirs += time.Since(began)
				updates += each * writers
			}
			b.ReportMetric(float64(updates)/ours.Seconds(), "wangge/s")
			b.ReportMetric(float64(updates)/theirs.Seconds(), "raw/s")
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func inParallel(b *testing.B, n int, call func(i int) error) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := call(i); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
}

func benched(b *testing.B, writers int) (*store.Store, *handwritten) {
	ctx, uri := b.Context(), mongotest.URI(b)
	s, err := store.Open(ctx, open(b, uri, 1)[0], store.Options{}, records, beside)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close(context.Background()) })
	err = s.Update(ctx, []string{street}, func(tx *store.Tx) error {
		for w := range writers {
			if err := records.Insert(tx, newRecord(w), touched("setup")); err != nil {
				return err
			}
			if err := beside.Insert(tx, newRecord(w), touched("setup")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s, newHandwritten(b, uri)
}
