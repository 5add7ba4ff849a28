package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wangge/store"
	"wangge/store/sqlite"
)

// letter is as long as a ticket and is found by as many pairs of letters.
type letter struct {
	store.Meta `store:",inline"`
	City       string    `store:"city"`
	Street     string    `store:"street"`
	State      string    `store:"state"`
	Created    time.Time `store:"created"`
	Text       string    `store:"text"`
	Pairs      []string  `store:"pairs,omitempty"`
}

const letterTerms = 51

// The same documents three ways: by a text index, by side tables of their pairs, and found by no text.
var (
	lettersText = store.Declare[letter](store.Declaration{Name: "letters", Schema: 1, Indexes: []string{"street: street, created", "state: street, state, created"}, Texts: []string{"text: city, street; created"}})
	lettersSide = store.Declare[letter](store.Declaration{Name: "letters", Schema: 1, Indexes: []string{"street: street, created", "state: street, state, created", "pairs: street, pairs, created", "pairs_city: city, pairs, created"}})
	lettersBare = store.Declare[letter](store.Declaration{Name: "letters", Schema: 1, Indexes: []string{"street: street, created", "state: street, state, created"}})
)

// pairs are as many as there are of a city's words: few common ones and many rare ones.
func pairs(r *rand.Rand) []string {
	out := make([]string, letterTerms)
	for i := range out {
		n := r.ExpFloat64() * 1500
		out[i] = string([]rune{rune(0x4e00 + int(n)%6000), rune(0x4e00 + int(n*7)%6000)})
	}
	return out
}

func openLetters(b *testing.B, declared store.Declared) (*store.Store, string) {
	dir := b.TempDir()
	engine, err := sqlite.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	st, err := store.Open(b.Context(), engine, store.Options{}, declared)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close(context.Background()) })
	return st, dir
}

func addLetters(ctx context.Context, st *store.Store, c *store.Collection[letter, *letter], first, count int, stored bool) error {
	r := rand.New(rand.NewPCG(uint64(first), 3))
	return st.Update(ctx, []string{"street"}, func(tx *store.Tx) error {
		for i := first; i < first+count; i++ {
			text := pairs(r)
			x := &letter{Meta: store.Meta{ID: fmt.Sprintf("%08x-0000-7000-8000-%012d", i*2654435761%(1<<32), i), Partition: "street"}, City: "city", Street: fmt.Sprint("street", i%100),
				State: "open", Created: time.UnixMilli(1_700_000_000_000 + int64(i)*977), Text: strings.Join(text, "") + strings.Repeat("x", 600)}
			if stored {
				x.Pairs = text
			}
			if err := c.Insert(tx, x, benchEntry); err != nil {
				return err
			}
		}
		return nil
	})
}

func pairsOf(x *letter) ([]string, error) {
	runes := []rune(x.Text)[:2*letterTerms]
	out := make([]string, letterTerms)
	for i := range out {
		out[i] = string(runes[2*i : 2*i+2])
	}
	return out, nil
}

// worked is the time that this process has had a processor.
func worked() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkInsertText measures what a document found by its text costs, by the size of the group it is committed in.
func BenchmarkInsertText(b *testing.B) {
	for _, way := range []struct {
		name   string
		c      *store.Collection[letter, *letter]
		opened store.Declared
		inside bool
	}{
		{"text", lettersText, store.Worded(lettersText, pairsOf), false},
		{"side", lettersSide, lettersSide, true},
		{"bare", lettersBare, lettersBare, false},
	} {
		for _, group := range []int{1, 16, 32} {
			b.Run(fmt.Sprintf("%s/group=%d", way.name, group), func(b *testing.B) {
				st, dir := openLetters(b, way.opened)
				n, began := 0, worked()
				for b.Loop() {
					if err := addLetters(b.Context(), st, way.c, n, group, way.inside); err != nil {
						b.Fatal(err)
					}
					n += group
				}
				b.ReportMetric(float64((worked()-began).Microseconds())/float64(n), "cpu-µs/doc")
				b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "docs/s")
				b.StopTimer()
				if err := st.Close(context.Background()); err != nil {
					b.Fatal(err)
				}
				info, err := os.Stat(filepath.Join(dir, "wangge.db"))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(info.Size())/float64(n), "bytes/doc")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkFindText measures pages of many documents found by a common pair, two, or a rare one.
func BenchmarkFindText(b *testing.B) {
	const docs = 200_000
	st, _ := openLetters(b, store.Worded(lettersText, pairsOf))
	for n := 0; n < docs; n += 1000 {
		if err := addLetters(b.Context(), st, lettersText, n, 1000, false); err != nil {
			b.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(uint64(0), 3))
	first := pairs(r)
	for name, where := range map[string][]store.Cond{
		"common in the city":       {store.Eq("city", "city"), store.Terms("text", first[0])},
		"common in a street":       {store.Eq("street", "street7"), store.Terms("text", first[0])},
		"two in the city":          {store.Eq("city", "city"), store.Terms("text", first[0], first[1])},
		"common in ninety streets": {store.In("street", streets(90)...), store.Terms("text", first[0])},
	} {
		b.Run(name, func(b *testing.B) {
			q := store.Query{Where: where, Order: []string{"-created"}, Limit: 20}
			began := worked()
			for b.Loop() {
				_, next, err := lettersText.Find(b.Context(), st, q)
				if err != nil {
					b.Fatal(err)
				}
				q.After = next
			}
			b.ReportMetric(float64((worked()-began).Microseconds())/float64(b.N), "cpu-µs/page")
		})
	}
}

func streets(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint("street", i))
	}
	return out
}
