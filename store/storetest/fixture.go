package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/store"
)

type place struct {
	Street string `store:"street"`
	Cell   string `store:"cell,omitempty"`
}

type line struct {
	SKU   string `store:"sku"`
	Count int    `store:"count"`
}

// thing has a field of every kind that the port knows.
type thing struct {
	store.Meta `store:",inline"`
	Title      string            `store:"title"`
	Code       string            `store:"code,omitempty"` // unique in its partition, often absent
	Number     int64             `store:"number"`
	Due        time.Time         `store:"due"`
	Until      time.Time         `store:"until,omitempty"`
	Done       bool              `store:"done"`
	Tags       []string          `store:"tags"`
	Levels     []int             `store:"levels,omitempty"`
	Place      place             `store:"place"`
	Other      *place            `store:"other"`
	Lines      []line            `store:"lines"`
	Labels     map[string]string `store:"labels"`
	Data       []byte            `store:"data"`
	Photos     []string          `store:"photos,omitempty"`
}

var things = store.Declare[thing](store.Declaration{
	Name: "things", Schema: 3,
	Indexes: []string{
		"title: partition, title", "number: partition, number", "due: partition, due",
		"until: partition, until", "done: partition, done, number", "tags: partition, tags, number",
		"levels: partition, levels", "skus: partition, lines.sku", "code!: partition, code",
		"street: place.street, number", "photos: photos", "spread: place.street, done, number, due",
	},
	Predicates: []string{"place.cell", "other.street"},
	Blobs:      "photos",
	Upgrades:   []store.Upgrade{titled, placed},
})

// note is a document without a journal.
type note struct {
	store.Meta `store:",inline"`
	Owner      string    `store:"owner"`
	Key        string    `store:"key,omitempty"`
	Count      int64     `store:"count"`
	Expires    time.Time `store:"expires"`
}

var notes = store.Declare[note](store.Declaration{
	Name: "notes", Schema: 1, Unjournaled: true,
	Indexes: []string{"owner: owner, count", "key!: key", "expires: expires"},
})

// twin is a thing of another collection, whose ids may be those of things.
type twin struct {
	store.Meta `store:",inline"`
}

var twins = store.Declare[twin](store.Declaration{Name: "twins", Schema: 1})

const here, there = "street-1", "street-2" // two partitions

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

func entry(action string) store.Entry {
	return store.Entry{Action: action, Actor: "tester", At: noon}
}

func newThing(id, partition string) *thing {
	return &thing{Meta: store.Meta{ID: id, Partition: partition}, Title: "title of " + id, Due: noon}
}

// add writes the things, each as given, in one update.
func add(t *testing.T, s *store.Store, all ...*thing) {
	t.Helper()
	var partitions []string
	for _, x := range all {
		partitions = append(partitions, x.Partition)
	}
	must(t, s.Update(t.Context(), partitions, func(tx *store.Tx) error {
		for _, x := range all {
			if err := things.Insert(tx, x, entry("add")); err != nil {
				return err
			}
		}
		return nil
	}))
}

func addNote(t *testing.T, s *store.Store, n *note) {
	t.Helper()
	must(t, s.Update(t.Context(), nil, func(tx *store.Tx) error { return notes.Insert(tx, n) }))
}

// change applies a change to a thing of a partition by a plain update.
func change(ctx context.Context, s *store.Store, id, partition string, how func(*thing)) error {
	return s.Update(ctx, []string{partition}, func(tx *store.Tx) error {
		x, err := things.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		how(x)
		return things.Put(tx, x, entry("change"))
	})
}

func remove(t *testing.T, s *store.Store, id, partition string) {
	t.Helper()
	must(t, s.Update(t.Context(), []string{partition}, func(tx *store.Tx) error {
		x, err := things.Get(t.Context(), tx, id)
		if err != nil {
			return err
		}
		return things.Delete(tx, x, entry("delete"))
	}))
}

func get(t *testing.T, s *store.Store, id string) *thing {
	t.Helper()
	x, err := things.Get(t.Context(), s, id)
	must(t, err)
	return x
}

func getNote(t *testing.T, s *store.Store, id string) *note {
	t.Helper()
	n, err := notes.Get(t.Context(), s, id)
	must(t, err)
	return n
}

// find returns the ids of one page.
func find(t *testing.T, s *store.Store, queries ...store.Query) []string {
	t.Helper()
	found, _, err := things.Find(t.Context(), s, queries...)
	must(t, err)
	return ids(found)
}

// readJournal returns every entry of a partition and fails on a gap.
func readJournal(t *testing.T, s *store.Store, partition string) []*store.Entry {
	t.Helper()
	var all []*store.Entry
	for {
		page, err := s.Journal(t.Context(), partition, int64(len(all)), 500)
		must(t, err)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		for i, e := range all {
			if e.Number != int64(i+1) {
				t.Fatalf("journal of %s: entry %d has number %d", partition, i+1, e.Number)
			}
		}
	}
}

func ids(found []*thing) []string {
	out := make([]string, len(found))
	for i, x := range found {
		out[i] = x.ID
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: got %v, want %v", what, err, want)
	}
}

func wantDuplicate(t *testing.T, what string, err error, collection, index string) {
	t.Helper()
	var dup *store.DuplicateError
	if !errors.As(err, &dup) || *dup != (store.DuplicateError{Collection: collection, Index: index}) {
		t.Fatalf("%s: got %v, want a duplicate in %s by %s", what, err, collection, index)
	}
}

func wantIDs(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// race runs n calls at once and returns their errors.
func race(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 30_000 { // five minutes
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never happened: %s", what)
}

func name(i int) string { return fmt.Sprintf("thing-%03d", i) }
