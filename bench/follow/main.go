//go:build ignore

// Command follow is the raw store beside which bench measures how soon people
// are told. It is built in the program's module, so that the versions of its
// database are those of the program and not of the other peers. It writes
// documents of 1 KB at a steady rate, each an Update with an entry, reads on in
// the journal as it grows and has each entry posted to an address; it prints how
// long each took, as JSON. Nobody is looked for, nothing is decided, no notice
// is written, and nothing is sent again.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"wangge/store"
	"wangge/store/mongodb"
	"wangge/store/sqlite"
)

type thing struct {
	store.Meta `store:",inline"`
	Text       string `store:"text"`
}

var things = store.Declare[thing](store.Declaration{Name: "things", Schema: 1})

const partition = "street"

// times are how long after an update each of its steps was done.
type times struct {
	mu                      sync.Mutex
	Write, Heard, HandedOff []time.Duration
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	data, uri := flag.String("data", "", "folder of SQLite"), flag.String("store", "", "address of MongoDB")
	rate, length, to := flag.Int("rate", 200, "writes a second"), flag.Duration("length", time.Second, "how long"), flag.String("to", "", "address to post to")
	flag.Parse()
	var engine store.Engine
	err := os.MkdirAll(*data, 0o700)
	if err == nil && *uri == "" {
		engine, err = sqlite.Open(*data)
	} else if err == nil {
		engine, err = mongodb.Open(ctx, *uri)
	}
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, engine, store.Options{}, things)
	if err != nil {
		return err
	}
	n := int(length.Seconds() * float64(*rate))
	var out times
	var written sync.Map // when, by id
	following := make(chan error, 1)
	go func() { following <- out.follow(ctx, st, *to, n, &written) }()
	var writing sync.WaitGroup
	failed := make([]error, n)
	tick := time.NewTicker(time.Second / time.Duration(*rate))
	for i := range n {
		<-tick.C
		writing.Go(func() {
			id, began := fmt.Sprintf("thing-%d", i), time.Now()
			failed[i] = st.Update(ctx, []string{partition}, func(tx *store.Tx) error {
				return things.Insert(tx, &thing{Meta: store.Meta{ID: id, Partition: partition}, Text: strings.Repeat("x", 1024)}, store.Entry{At: began, Actor: "bench", Action: "thing.add"})
			})
			now := time.Now()
			written.Store(id, now)
			out.add(&out.Write, now.Sub(began))
		})
	}
	writing.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	if err := <-following; err != nil {
		return err
	}
	if err := st.Close(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(&out)
}

func (t *times) add(to *[]time.Duration, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*to = append(*to, max(d, 0))
}

// follow reads n entries and has each posted, eight at once.
func (t *times) follow(ctx context.Context, st *store.Store, to string, n int, written *sync.Map) error {
	slots, client := make(chan struct{}, 8), &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	var posting sync.WaitGroup
	seen := map[string]int64{}
	for after := int64(0); after < int64(n); {
		heads, err := st.Wait(ctx, seen)
		if err != nil {
			return err
		}
		seen = heads
		entries, err := st.JournalTo(ctx, partition, after, heads[partition], 500)
		if err != nil {
			return err
		}
		for _, e := range entries {
			after = e.Number
			heard := time.Now()
			posting.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				if res, err := client.Post(to, "application/json", bytes.NewReader([]byte(`{"id":"`+e.Doc+`"}`))); err == nil {
					_ = res.Body.Close()
				}
				posted := time.Now()
				at, there := written.Load(e.Doc)
				for ; !there; at, there = written.Load(e.Doc) { // it was read before its writer knew
					time.Sleep(time.Millisecond)
				}
				t.add(&t.Heard, heard.Sub(at.(time.Time)))
				t.add(&t.HandedOff, posted.Sub(at.(time.Time)))
			})
		}
	}
	posting.Wait()
	return nil
}
